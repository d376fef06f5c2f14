"""The rows pages show of comments and ideas, and the statements that fetch them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Participant
from participate.contributions.models import Comment, Contribution, Idea
from participate.contributions.queries.readers import owned_by, touched_by_others, visible_to
from participate.db import Words
from participate.files.models import StoredFile
from participate.people.models import Association, Person
from participate.plans.models import Axis
from participate.rules.outcomes import (
    READABLE_STATES,
    CommentKind,
    ParticipantKind,
    PublishState,
    Section,
    Stance,
)
from participate.rules.policy import Actor
from participate.rules.text import word_diff


@dataclass(frozen=True)
class Author:
    """Whose voice it is. A person is named by the name they chose, or not at all."""

    kind: str  # citizen, association, staff, slip, imported
    name: str | None = None
    association: Words | None = None
    association_id: int | None = None
    association_ref: str | None = None


@dataclass(frozen=True)
class CommentRow:
    """A comment as one reader may see it: without the words when `readable` is False."""

    id: int
    collectivity_id: int
    ref: str
    state: PublishState
    readable: bool
    own: bool
    touched: bool
    author: Author
    kind: CommentKind
    stance: Stance
    section: Section
    body: str
    amend_from: str
    amend_to: str
    amend: tuple[tuple[str, str], ...] | None
    lang: str
    at: datetime
    due_at: datetime
    edited: bool
    late: bool
    reply_count: int
    consultation_id: int
    statement_id: int | None
    project_id: int | None
    idea_id: int | None
    parent_id: int | None
    merged_into: int | None
    receipt_code: str | None
    row_version: int
    replies: tuple[CommentRow, ...] = ()

    @property
    def public(self) -> bool:
        """Whether everybody reads it."""
        return self.state in READABLE_STATES


@dataclass(frozen=True)
class IdeaRow:
    """An idea as one reader may see it: without the words when `readable` is False."""

    id: int
    collectivity_id: int
    ref: str
    state: PublishState
    readable: bool
    own: bool
    author: Author
    title: str
    problem: str
    proposal: str
    axis_id: int
    axis: Words
    axis_slug: str
    place: str
    file: FileRow | None
    lang: str
    at: datetime
    due_at: datetime
    edited: bool
    late: bool
    reply_count: int
    cosigner_count: int
    consultation_id: int
    statement_id: int | None
    merged_into: int | None
    receipt_code: str | None
    row_version: int

    @property
    def public(self) -> bool:
        """Whether everybody reads it."""
        return self.state in READABLE_STATES


@dataclass(frozen=True)
class FileRow:
    """An attachment as shown beside an idea."""

    id: int
    ref: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True)
class CommentPage:
    """Some comments and the cursor of the next ones."""

    rows: tuple[CommentRow, ...]
    after: str | None


@dataclass(frozen=True)
class IdeaPage:
    """Some ideas and the cursor of the next ones."""

    rows: tuple[IdeaRow, ...]
    after: str | None


@dataclass(frozen=True)
class TextCounts:
    """How many published top-level texts a project has: counts of texts, never of support."""

    total: int = 0
    by_stance: Mapping[Stance, int] = field(default_factory=dict)
    by_kind: Mapping[CommentKind, int] = field(default_factory=dict)
    by_section: Mapping[Section, int] = field(default_factory=dict)
    associations: int = 0


AUTHOR_COLUMNS = (
    Participant.kind,
    Participant.association_id,
    Person.display_name,
    Association.name,
    Association.ref,
)


def author_from(row: Any, *, by_staff: bool) -> Author:
    """Return who wrote a text from the columns `AUTHOR_COLUMNS`."""
    kind, association_id, name, association, association_ref = row
    if kind is ParticipantKind.ASSOCIATION:
        return Author("association", None, association, association_id, association_ref)
    if kind is ParticipantKind.CITIZEN:
        return Author("staff" if by_staff else "citizen", name)
    return Author(kind.value)


def same_collectivity(one: Any, two: Any) -> sa.ColumnElement[bool]:
    """Return the condition that two rows belong to the same collectivity."""
    found: sa.ColumnElement[bool] = one.collectivity_id == two.collectivity_id
    return found


def with_author(statement: Any) -> Any:
    """Join what `AUTHOR_COLUMNS` selects to a statement over contributions."""
    return (
        statement.join(
            Participant,
            sa.and_(
                same_collectivity(Participant, Contribution), Participant.id == Contribution.participant_id
            ),
        )
        .outerjoin(Person, Person.id == Participant.person_id)
        .outerjoin(
            Association,
            sa.and_(
                same_collectivity(Association, Participant), Association.id == Participant.association_id
            ),
        )
    )


def comments_for(actor: Actor) -> Any:
    """Return the statement that fetches comments as `actor` may read them; see `comment_row_of`."""
    return with_author(
        sa.select(
            Contribution,
            Comment,
            visible_to(actor).label("readable"),
            owned_by(actor).label("own"),
            sa.and_(owned_by(actor), touched_by_others()).label("touched"),
            *AUTHOR_COLUMNS,
        ).join(Comment, sa.and_(same_collectivity(Comment, Contribution), Comment.id == Contribution.id))
    ).execution_options(populate_existing=True)


def ideas_for(actor: Actor) -> Any:
    """Return the statement that fetches ideas as `actor` may read them; see `idea_row_of`."""
    return (
        with_author(
            sa.select(
                Contribution,
                Idea,
                visible_to(actor).label("readable"),
                owned_by(actor).label("own"),
                Axis.title,
                Axis.slug,
                StoredFile.id,
                StoredFile.ref,
                StoredFile.name,
                StoredFile.media_type,
                StoredFile.size,
                *AUTHOR_COLUMNS,
            ).join(Idea, sa.and_(same_collectivity(Idea, Contribution), Idea.id == Contribution.id))
        )
        .join(Axis, sa.and_(same_collectivity(Axis, Idea), Axis.id == Idea.axis_id))
        .outerjoin(StoredFile, sa.and_(same_collectivity(StoredFile, Idea), StoredFile.id == Idea.file_id))
        .execution_options(populate_existing=True)
    )


def shown(words: Comment | Idea, state: PublishState, name: str) -> str:
    """Return a field as the public reads it: redacted where a moderator redacted it."""
    if state is PublishState.REDACTED and words.redacted and name in words.redacted:
        return str(words.redacted[name] or "")
    return getattr(words, name) or ""


def comment_row_of(row: Any) -> CommentRow:
    """Return the row of a comment from what `comments_for` fetched."""
    base, words, readable, own, others = row[:5]
    readable, own = bool(readable), bool(own)
    text = {
        name: shown(words, base.state, name) if readable else ""
        for name in ("body", "amend_from", "amend_to")
    }
    amended = readable and words.kind is CommentKind.AMENDMENT
    return CommentRow(
        id=base.id,
        collectivity_id=base.collectivity_id,
        ref=base.ref,
        state=base.state,
        readable=readable,
        own=own,
        touched=bool(others),
        author=author_from(row[5:], by_staff=base.by_staff) if readable else Author("citizen"),
        kind=words.kind,
        stance=words.stance,
        section=words.section,
        body=text["body"],
        amend_from=text["amend_from"],
        amend_to=text["amend_to"],
        amend=tuple((c.op.value, c.text) for c in word_diff(text["amend_from"], text["amend_to"]))
        if amended
        else None,
        lang=base.lang,
        at=base.published_at or base.submitted_at,
        due_at=base.due_at,
        edited=base.edited_at is not None,
        late=base.state is PublishState.PUBLISHED_LATE,
        reply_count=base.reply_count,
        consultation_id=base.consultation_id,
        statement_id=base.statement_id,
        project_id=words.project_id,
        idea_id=words.idea_id,
        parent_id=words.parent_id,
        merged_into=base.merged_into,
        receipt_code=base.receipt_code if own else None,
        row_version=base.row_version,
    )


def idea_row_of(row: Any) -> IdeaRow:
    """Return the row of an idea from what `ideas_for` fetched."""
    base, words, readable, own, axis, axis_slug, file_id, file_ref, file_name, media_type, size = row[:11]
    readable, own = bool(readable), bool(own)
    text = {
        name: shown(words, base.state, name) if readable else ""
        for name in ("title", "problem", "proposal", "place")
    }
    return IdeaRow(
        id=base.id,
        collectivity_id=base.collectivity_id,
        ref=base.ref,
        state=base.state,
        readable=readable,
        own=own,
        author=author_from(row[11:], by_staff=base.by_staff) if readable else Author("citizen"),
        axis_id=words.axis_id,
        axis=axis,
        axis_slug=axis_slug,
        file=FileRow(file_id, file_ref, file_name, media_type, size) if readable and file_ref else None,
        lang=base.lang,
        at=base.published_at or base.submitted_at,
        due_at=base.due_at,
        edited=base.edited_at is not None,
        late=base.state is PublishState.PUBLISHED_LATE,
        reply_count=base.reply_count,
        cosigner_count=words.cosigner_count,
        consultation_id=base.consultation_id,
        statement_id=base.statement_id,
        merged_into=base.merged_into,
        receipt_code=base.receipt_code if own else None,
        row_version=base.row_version,
        **text,
    )
