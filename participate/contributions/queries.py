"""Reading contributions. `visible_to` is the one condition that decides who reads a text."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from participate.consultations.models import Consultation, Participant
from participate.contributions.models import (
    Comment,
    Contribution,
    ContributionEdit,
    CoSignature,
    Idea,
    Opinion,
)
from participate.db import Words, clock, db
from participate.files.models import StoredFile
from participate.network.models import Collectivity
from participate.people.models import AdvisoryBody, Association, Person
from participate.plans.models import ActionPlan, Axis, Project, ProjectRevision, VersionProject
from participate.positions.models import Position
from participate.rules import moderation, references
from participate.rules.moderation import QueueKey, Risk, Signal, SignalKind
from participate.rules.outcomes import (
    READABLE_STATES,
    STUB_STATES,
    Accepts,
    CommentKind,
    ContributionKind,
    Fate,
    ParticipantKind,
    PublishState,
    Section,
    Stance,
)
from participate.rules.policy import ANYBODY, Actor, Place, Role
from participate.rules.text import normalise_for_matching, word_diff
from participate.rules.windows import PROMISE

BODY_CHARS = 4000
"""Longest body of a comment or an idea, in characters."""
TITLE_CHARS = 150
PLACE_CHARS = 120
OPINION_CHARS = 20_000
PAGE_ROWS = 20
QUEUE_ROWS = 500
SETTLED_STATES = frozenset(
    {PublishState.WITHDRAWN, PublishState.REMOVED, PublishState.MERGED, PublishState.HIDDEN}
)
"""States in which the author can no longer change the text (an appeal is another road)."""
_READABLE = sorted(READABLE_STATES)
_STUBS = sorted(STUB_STATES)
_SIMILAR_FROM = 0.35
_SIMILAR_POOL = 500
_NEAR_POOL = 60
_NEAR_CHARS = 600


# --- What later rooms add ------------------------------------------------------------------------


@dataclass(frozen=True)
class FateView:
    """What became of an idea, as shown under it."""

    fate: Fate
    reason: Words | None
    decided_at: datetime
    project_number: int | None = None
    merged_ref: str | None = None


@dataclass(frozen=True)
class ReasonView:
    """Why a moderator did something to a text, as told to its author, and where their appeal stands.

    `outcome` and `answer` are what the other moderator decided and wrote; empty while it waits.
    """

    label: str
    facts: str
    at: datetime
    until: datetime | None = None
    appeal_url: str | None = None
    appealed: bool = False
    outcome: str = ""
    answer: str = ""


def _none_for_any(_collectivity_id: int, _ids: Sequence[int]) -> Mapping[int, Any]:
    return {}


def _no_reason(_actor: Actor, _collectivity_id: int, _contribution_id: int) -> ReasonView | None:
    return None


@dataclass
class Later:
    """Questions that rooms above this one answer; their `init_app` puts the functions here.

    `fate_of(collectivity_id, idea ids)` → FateView by id; `ids_with_fate(collectivity_id, fate)` → a
    SELECT of idea ids; `response_of(collectivity_id, ids)` → the published answer by id, in the shape
    of `ui.response`; `reason_of(actor, collectivity_id, id)` → the latest decision's reason, for the
    author; `report_url(slug, ref)`.
    """

    fate_of: Callable[[int, Sequence[int]], Mapping[int, FateView]] = _none_for_any
    ids_with_fate: Callable[[int, Fate], sa.Select[Any]] | None = None
    response_of: Callable[[int, Sequence[int]], Mapping[int, Any]] = _none_for_any
    reason_of: Callable[[Actor, int, int], ReasonView | None] = _no_reason
    report_url: Callable[[str, str], str | None] = field(default=lambda _slug, _ref: None)


later = Later()


# --- Who reads what ------------------------------------------------------------------------------


def owned_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition: the actor wrote it, or holds a mandate of the association that did.

    The statement must join Participant.
    """
    if actor.person_id is None:
        return sa.false()
    found: list[sa.ColumnElement[bool]] = [Participant.person_id == actor.person_id]
    found.extend(
        sa.and_(Participant.collectivity_id == where, Participant.association_id == association)
        for where, association in sorted(actor.mandates)
    )
    return sa.or_(*found)


def visible_to(actor: Actor = ANYBODY) -> sa.ColumnElement[bool]:
    """Return THE condition under which a contribution's text is read: the statement must join Participant.

    Everybody reads what is published; authors always read their own; moderators read what is held in
    their collectivity, but not what its author withdrew.
    """
    conditions = [Contribution.state.in_(_READABLE), owned_by(actor)]
    moderated = sorted(where for where, role in actor.roles if role is Role.MODERATOR)
    if moderated and not actor.suspended:
        conditions.append(
            sa.and_(Contribution.collectivity_id.in_(moderated), Contribution.state != PublishState.WITHDRAWN)
        )
    return sa.or_(*conditions)


def listed_for(actor: Actor = ANYBODY) -> sa.ColumnElement[bool]:
    """Return which rows a list shows: public texts, one's own that wait, and stubs that hold replies.

    Whether the text of a row is shown is still decided by `visible_to`.
    """
    return sa.or_(
        Contribution.state.in_(_READABLE),
        sa.and_(owned_by(actor), Contribution.state.in_([PublishState.WAITING, PublishState.RETURNED])),
        sa.and_(Contribution.state.in_(_STUBS), Contribution.reply_count > 0),
    )


def touched_by_others() -> sa.ColumnElement[bool]:
    """Return the condition: another voice replied to the row of `Contribution`, took a position on it or signed it.

    From then on its author withdraws it or leaves it as it was.
    """
    reply, words = aliased(Contribution), aliased(Comment)
    answered = sa.select(sa.literal(1)).where(
        words.collectivity_id == Contribution.collectivity_id,
        sa.or_(words.parent_id == Contribution.id, words.idea_id == Contribution.id),
        reply.collectivity_id == words.collectivity_id,
        reply.id == words.id,
        reply.participant_id != Contribution.participant_id,
    )
    judged = sa.select(sa.literal(1)).where(
        Position.collectivity_id == Contribution.collectivity_id,
        Position.statement_id == Contribution.statement_id,
        Position.participant_id != Contribution.participant_id,
    )
    signed = sa.select(sa.literal(1)).where(
        CoSignature.collectivity_id == Contribution.collectivity_id,
        CoSignature.contribution_id == Contribution.id,
    )
    return sa.or_(*(one.correlate(Contribution).exists() for one in (answered, judged, signed)))


# --- Rows ----------------------------------------------------------------------------------------


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


_AUTHOR = (
    Participant.kind,
    Participant.association_id,
    Person.display_name,
    Association.name,
    Association.ref,
)


def _author(row: Any, *, by_staff: bool) -> Author:
    kind, association_id, name, association, association_ref = row
    if kind is ParticipantKind.ASSOCIATION:
        return Author("association", None, association, association_id, association_ref)
    if kind is ParticipantKind.CITIZEN:
        return Author("staff" if by_staff else "citizen", name)
    return Author(kind.value)


def _same(one: Any, two: Any) -> sa.ColumnElement[bool]:
    """Return the condition that two rows belong to the same collectivity."""
    found: sa.ColumnElement[bool] = one.collectivity_id == two.collectivity_id
    return found


def _with_author(statement: Any) -> Any:
    return (
        statement.join(
            Participant,
            sa.and_(_same(Participant, Contribution), Participant.id == Contribution.participant_id),
        )
        .outerjoin(Person, Person.id == Participant.person_id)
        .outerjoin(
            Association,
            sa.and_(_same(Association, Participant), Association.id == Participant.association_id),
        )
    )


def _comments(actor: Actor) -> Any:
    return _with_author(
        sa.select(
            Contribution,
            Comment,
            visible_to(actor).label("readable"),
            owned_by(actor).label("own"),
            sa.and_(owned_by(actor), touched_by_others()).label("touched"),
            *_AUTHOR,
        ).join(Comment, sa.and_(_same(Comment, Contribution), Comment.id == Contribution.id))
    ).execution_options(populate_existing=True)


def _ideas(actor: Actor) -> Any:
    return (
        _with_author(
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
                *_AUTHOR,
            ).join(Idea, sa.and_(_same(Idea, Contribution), Idea.id == Contribution.id))
        )
        .join(Axis, sa.and_(_same(Axis, Idea), Axis.id == Idea.axis_id))
        .outerjoin(StoredFile, sa.and_(_same(StoredFile, Idea), StoredFile.id == Idea.file_id))
        .execution_options(populate_existing=True)
    )


def shown(words: Comment | Idea, state: PublishState, name: str) -> str:
    """Return a field as the public reads it: redacted where a moderator redacted it."""
    if state is PublishState.REDACTED and words.redacted and name in words.redacted:
        return str(words.redacted[name] or "")
    return getattr(words, name) or ""


def _comment_row(row: Any) -> CommentRow:
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
        author=_author(row[5:], by_staff=base.by_staff) if readable else Author("citizen"),
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


def _idea_row(row: Any) -> IdeaRow:
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
        author=_author(row[11:], by_staff=base.by_staff) if readable else Author("citizen"),
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


# --- Cursors -------------------------------------------------------------------------------------

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cursor_of(at: datetime, row_id: int) -> str:
    """Return the opaque cursor that stands after a row."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{micros}.{row_id}".encode()).decode().rstrip("=")


def _after(cursor: str | None) -> sa.ColumnElement[bool]:
    """Return the condition "older than the cursor"; an unreadable cursor starts at the beginning."""
    if not cursor or len(cursor) > 100:
        return sa.true()
    try:
        micros, row_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(".")
        at, last = _EPOCH + timedelta(microseconds=int(micros)), int(row_id)
    except (ValueError, OverflowError, binascii.Error):
        return sa.true()
    if not 0 <= last < 2**63:
        return sa.true()
    return sa.or_(
        Contribution.submitted_at < at, sa.and_(Contribution.submitted_at == at, Contribution.id < last)
    )


def _newest_first(statement: Any, cursor: str | None, limit: int) -> tuple[list[Any], str | None]:
    rows = db.session.execute(
        statement.where(_after(cursor))
        .order_by(Contribution.submitted_at.desc(), Contribution.id.desc())
        .limit(limit + 1)
    ).all()
    if len(rows) <= limit:
        return list(rows), None
    last = rows[limit - 1][0]
    return list(rows[:limit]), cursor_of(last.submitted_at, last.id)


# --- Comments ------------------------------------------------------------------------------------


def comments_of_project(
    collectivity_id: int,
    project_id: int,
    *,
    actor: Actor = ANYBODY,
    section: Section | None = None,
    stance: Stance | None = None,
    kind: CommentKind | None = None,
    associations: bool = False,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> CommentPage:
    """Return a page of a project's comments, newest first, each with its replies. Two statements."""
    conditions = [Comment.project_id == project_id]
    if section is not None:
        conditions.append(Comment.section == section)
    if stance is not None:
        conditions.append(Comment.stance == stance)
    if kind is not None:
        conditions.append(Comment.kind == kind)
    if associations:
        conditions.append(Participant.kind == ParticipantKind.ASSOCIATION)
    return _comment_page(collectivity_id, actor, conditions, after, limit)


def comments_of_idea(
    collectivity_id: int,
    idea_id: int,
    *,
    actor: Actor = ANYBODY,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> CommentPage:
    """Return a page of the comments on an idea, newest first, each with its replies."""
    return _comment_page(collectivity_id, actor, [Comment.idea_id == idea_id], after, limit)


def comments_of_plan(
    collectivity_id: int,
    plan_id: int,
    *,
    actor: Actor = ANYBODY,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> CommentPage:
    """Return a page of the comments on the plan as a whole, newest first, each with its replies."""
    of_plan = sa.select(Consultation.id).where(
        Consultation.collectivity_id == collectivity_id, Consultation.plan_id == plan_id
    )
    conditions = [
        Contribution.consultation_id.in_(of_plan), Comment.project_id.is_(None), Comment.idea_id.is_(None)
    ]  # fmt: skip
    return _comment_page(collectivity_id, actor, conditions, after, limit)


def comments_of_association(
    collectivity_id: int,
    association_id: int,
    *,
    actor: Actor = ANYBODY,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> CommentPage:
    """Return a page of what an association commented, replies of its own aside, newest first. Two statements."""
    return _comment_page(collectivity_id, actor, [Participant.association_id == association_id], after, limit)


def _comment_page(
    collectivity_id: int, actor: Actor, conditions: Sequence[Any], after: str | None, limit: int
) -> CommentPage:
    statement = _comments(actor).where(
        Contribution.collectivity_id == collectivity_id,
        Comment.parent_id.is_(None),
        listed_for(actor),
        *conditions,
    )
    found, cursor = _newest_first(statement, after, limit)
    rows = [_comment_row(row) for row in found]
    return CommentPage(with_replies(collectivity_id, rows, actor), cursor)


def with_replies(collectivity_id: int, rows: Sequence[CommentRow], actor: Actor) -> tuple[CommentRow, ...]:
    """Return comments with their replies, oldest first. One statement."""
    if not rows:
        return ()
    found = db.session.execute(
        _comments(actor)
        .where(
            Contribution.collectivity_id == collectivity_id,
            Comment.parent_id.in_([row.id for row in rows]),
            listed_for(actor),
        )
        .order_by(Contribution.submitted_at, Contribution.id)
        .limit(PAGE_ROWS * 20)
    )
    replies: dict[int, list[CommentRow]] = {}
    for one_row in found:
        reply = _comment_row(one_row)
        replies.setdefault(reply.parent_id or 0, []).append(reply)
    return tuple(replace(row, replies=tuple(replies.get(row.id, ()))) for row in rows)


def counts_of_project(collectivity_id: int, project_id: int) -> TextCounts:
    """Count a project's published top-level texts by stance, kind, section and association. One statement."""
    return counts_of_projects(collectivity_id, [project_id]).get(project_id, TextCounts())


def counts_of_projects(collectivity_id: int, project_ids: Sequence[int]) -> dict[int, TextCounts]:
    """Count the published top-level texts of several projects. One statement."""
    rows = db.session.execute(
        sa.select(
            Comment.project_id,
            Comment.stance,
            Comment.kind,
            Comment.section,
            Participant.kind,
            sa.func.count(),
        )
        .join(Contribution, sa.and_(_same(Contribution, Comment), Contribution.id == Comment.id))
        .join(
            Participant,
            sa.and_(_same(Participant, Contribution), Participant.id == Contribution.participant_id),
        )
        .where(
            Comment.collectivity_id == collectivity_id,
            Comment.project_id.in_(list(project_ids)),
            Comment.parent_id.is_(None),
            visible_to(ANYBODY),
        )
        .group_by(Comment.project_id, Comment.stance, Comment.kind, Comment.section, Participant.kind)
    ).all()
    found: dict[int, TextCounts] = {}
    for project_id in project_ids:
        mine_rows = [row for row in rows if row[0] == project_id]
        found[project_id] = TextCounts(
            total=sum(row[5] for row in mine_rows),
            by_stance={
                one_stance: sum(r[5] for r in mine_rows if r[1] is one_stance) for one_stance in Stance
            },
            by_kind={one_kind: sum(r[5] for r in mine_rows if r[2] is one_kind) for one_kind in CommentKind},
            by_section={part: sum(r[5] for r in mine_rows if r[3] is part) for part in Section},
            associations=sum(row[5] for row in mine_rows if row[4] is ParticipantKind.ASSOCIATION),
        )
    return found


# --- Ideas ---------------------------------------------------------------------------------------


def ideas_of(
    collectivity_id: int,
    plan_id: int,
    *,
    actor: Actor = ANYBODY,
    consultation_id: int | None = None,
    axis_id: int | None = None,
    fate: Fate | None = None,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> IdeaPage:
    """Return a page of a plan's ideas, newest first, by axis or by what became of them. One statement."""
    statement = _ideas(actor).where(
        Contribution.collectivity_id == collectivity_id,
        Contribution.kind == ContributionKind.IDEA,
        listed_for(actor),
    )
    if consultation_id is not None:
        statement = statement.where(Contribution.consultation_id == consultation_id)
    else:
        statement = statement.where(
            Contribution.consultation_id.in_(
                sa.select(Consultation.id).where(
                    Consultation.collectivity_id == collectivity_id, Consultation.plan_id == plan_id
                )
            )
        )
    if axis_id is not None:
        statement = statement.where(Idea.axis_id == axis_id)
    if fate is not None and later.ids_with_fate is not None:
        statement = statement.where(Idea.id.in_(later.ids_with_fate(collectivity_id, fate)))
    found, cursor = _newest_first(statement, after, limit)
    return IdeaPage(tuple(_idea_row(row) for row in found), cursor)


def ideas_of_association(
    collectivity_id: int,
    association_id: int,
    *,
    actor: Actor = ANYBODY,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> IdeaPage:
    """Return a page of an association's ideas, newest first. One statement."""
    statement = _ideas(actor).where(
        Contribution.collectivity_id == collectivity_id,
        Participant.association_id == association_id,
        listed_for(actor),
    )
    found, cursor = _newest_first(statement, after, limit)
    return IdeaPage(tuple(_idea_row(row) for row in found), cursor)


@lru_cache(maxsize=4096)
def _grams(text: str) -> frozenset[str]:
    folded = f" {normalise_for_matching(text)} "
    return frozenset(folded[start : start + 4] for start in range(len(folded) - 3))


def likeness(one: str, two: str) -> float:
    """Return how much of the shorter text's character 4-grams the other holds, 0 to 1."""
    short, long = sorted((_grams(one), _grams(two)), key=len)
    return len(short & long) / len(short) if short else 0.0


def similar_ideas(collectivity_id: int, plan_id: int, text: str, limit: int = 3) -> tuple[IdeaRow, ...]:
    """Return the public ideas of the plan that resemble what somebody is writing, most alike first."""
    typed = text.strip()[:300]
    if len(typed) < 8:
        return ()
    pool = ideas_of(collectivity_id, plan_id, limit=_SIMILAR_POOL).rows
    scored = [(likeness(typed, f"{idea.title} {idea.problem[:200]}"), idea) for idea in pool if idea.public]
    near = sorted((pair for pair in scored if pair[0] >= _SIMILAR_FROM), key=lambda pair: -pair[0])
    return tuple(idea for _score, idea in near[:limit])


def has_cosigned(collectivity_id: int, idea_id: int, person_id: int | None) -> bool:
    """Whether a person has put their own name under an idea."""
    if person_id is None:
        return False
    found = db.session.scalar(
        sa.select(CoSignature.at)
        .join(
            Participant,
            sa.and_(_same(Participant, CoSignature), Participant.id == CoSignature.participant_id),
        )
        .where(
            CoSignature.collectivity_id == collectivity_id,
            CoSignature.contribution_id == idea_id,
            Participant.person_id == person_id,
        )
    )
    return found is not None


# --- One -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Address:
    """Where a contribution stands: what its page and its links need."""

    collectivity_id: int
    slug: str
    plan_id: int
    cycle: str
    consultation_id: int
    kind: ContributionKind
    project_number: int | None
    project_title: Words | None
    idea_ref: str | None
    idea_title: str | None
    parent_ref: str | None
    merged_ref: str | None


def typed_ref(typed: str) -> str:
    """Return a reference in its written form, however it was typed: 7q4k2rxf → 7Q4K-2RXF."""
    try:
        return references.grouped(references.parse_reference(typed))
    except references.NotAReferenceError:
        return typed


def one(collectivity_id: int, ref: str, actor: Actor = ANYBODY) -> CommentRow | IdeaRow | None:
    """Return a contribution by its reference as the actor may see it; None when there is none."""
    base = by_ref(collectivity_id, ref)
    return None if base is None else seen(base, actor)


def seen(base: Contribution, actor: Actor) -> CommentRow | IdeaRow:
    """Return a contribution as the actor may see it; a comment comes with its replies."""
    if base.kind is ContributionKind.IDEA:
        return _idea_row(
            db.session.execute(
                _ideas(actor).where(
                    Contribution.collectivity_id == base.collectivity_id, Contribution.id == base.id
                )
            ).one()
        )
    found = _comment_row(
        db.session.execute(
            _comments(actor).where(
                Contribution.collectivity_id == base.collectivity_id, Contribution.id == base.id
            )
        ).one()
    )
    return with_replies(base.collectivity_id, [found], actor)[0]


def by_ref(collectivity_id: int, ref: str) -> Contribution | None:
    """Return the row of a contribution by its reference."""
    return db.session.scalar(
        sa.select(Contribution).where(
            Contribution.collectivity_id == collectivity_id, Contribution.ref == typed_ref(ref)
        )
    )


def words_of(contribution: Contribution) -> Comment | Idea:
    """Return the words of a contribution."""
    model: type[Comment | Idea] = Idea if contribution.kind is ContributionKind.IDEA else Comment
    found = db.session.get(model, (contribution.collectivity_id, contribution.id))
    assert isinstance(found, Comment | Idea)
    return found


def address_of(collectivity_id: int, contribution_id: int) -> Address:
    """Return where a contribution stands. One statement."""
    upper, parent, target = (aliased(Contribution) for _ in range(3))
    idea_words = aliased(Idea)
    row = db.session.execute(
        sa.select(
            Collectivity.slug,
            ActionPlan.id,
            ActionPlan.cycle,
            Contribution.consultation_id,
            Contribution.kind,
            Project.number,
            ProjectRevision.title,
            upper.ref,
            sa.case((upper.state.in_(_READABLE), idea_words.title), else_=None),
            parent.ref,
            target.ref,
            upper.state,
            idea_words.redacted,
        )
        .join(Collectivity, Collectivity.id == Contribution.collectivity_id)
        .join(
            Consultation,
            sa.and_(_same(Consultation, Contribution), Consultation.id == Contribution.consultation_id),
        )
        .join(ActionPlan, sa.and_(_same(ActionPlan, Consultation), ActionPlan.id == Consultation.plan_id))
        .outerjoin(Comment, sa.and_(_same(Comment, Contribution), Comment.id == Contribution.id))
        .outerjoin(Project, sa.and_(_same(Project, Comment), Project.id == Comment.project_id))
        .outerjoin(
            ProjectRevision,
            sa.and_(_same(ProjectRevision, Comment), ProjectRevision.id == Comment.revision_id),
        )
        .outerjoin(upper, sa.and_(_same(upper, Comment), upper.id == Comment.idea_id))
        .outerjoin(idea_words, sa.and_(_same(idea_words, upper), idea_words.id == upper.id))
        .outerjoin(parent, sa.and_(_same(parent, Comment), parent.id == Comment.parent_id))
        .outerjoin(target, sa.and_(_same(target, Contribution), target.id == Contribution.merged_into))
        .where(Contribution.collectivity_id == collectivity_id, Contribution.id == contribution_id)
    ).one()
    title = row[8]
    if row[11] is PublishState.REDACTED and row[12] and "title" in row[12]:
        title = str(row[12]["title"])
    return Address(
        collectivity_id,
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        title,
        row[9],
        row[10],
    )


def touched(contribution: Contribution) -> bool:
    """Whether another voice has replied to it, taken a position on it or signed it."""
    return bool(
        db.session.scalar(
            sa.select(touched_by_others()).where(
                Contribution.collectivity_id == contribution.collectivity_id,
                Contribution.id == contribution.id,
            )
        )
    )


def place_of(slug: str, ref: str) -> Place:
    """Return the place of a contribution, for guards. Raises NotFound for an unknown reference."""
    row = db.session.execute(
        sa.select(Contribution, Consultation, ActionPlan, Participant, Collectivity.slug)
        .join(Collectivity, Collectivity.id == Contribution.collectivity_id)
        .join(
            Consultation,
            sa.and_(_same(Consultation, Contribution), Consultation.id == Contribution.consultation_id),
        )
        .join(ActionPlan, sa.and_(_same(ActionPlan, Consultation), ActionPlan.id == Consultation.plan_id))
        .join(
            Participant,
            sa.and_(_same(Participant, Contribution), Participant.id == Contribution.participant_id),
        )
        .where(Collectivity.slug == slug, Collectivity.hosted, Contribution.ref == typed_ref(ref))
    ).one_or_none()
    if row is None:
        raise NotFound
    return _place(*row)


def place_of_contribution(collectivity_id: int, contribution_id: int) -> Place:
    """Return the place of a contribution by its id. Raises NotFound for an unknown one."""
    row = db.session.execute(
        sa.select(Contribution.ref, Collectivity.slug)
        .join(Collectivity, Collectivity.id == Contribution.collectivity_id)
        .where(Contribution.collectivity_id == collectivity_id, Contribution.id == contribution_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return place_of(row.slug, row.ref)


def _place(
    contribution: Contribution, consultation: Consultation, plan: ActionPlan, voice: Participant, slug: str
) -> Place:
    now = clock()
    return Place(
        collectivity_id=contribution.collectivity_id,
        plan_id=plan.id,
        stage=plan.stage,
        consultation_id=consultation.id,
        consultation_state=consultation.state,
        window_open=consultation.opens_at <= now < consultation.closes_at,
        accepts=frozenset(Accepts(value) for value in consultation.accepts),
        min_level=consultation.min_level,
        votable=contribution.statement_id is not None and contribution.state in READABLE_STATES,
        readable=contribution.state in READABLE_STATES,
        owner_person_id=voice.person_id,
        owner_association_id=voice.association_id,
        untouched=not touched(contribution),
        settled=contribution.state in SETTLED_STATES,
        ids={"contribution": contribution.id, "plan": plan.id, "consultation": consultation.id},
        slug=slug,
        cycle=plan.cycle,
    )


@dataclass(frozen=True)
class EditRow:
    """What a text said before its author changed it."""

    at: datetime
    before: dict[str, Any]


def edits_of(collectivity_id: int, contribution_id: int) -> tuple[EditRow, ...]:
    """Return the earlier wordings of a contribution, newest first; show them only with the text itself."""
    rows = db.session.scalars(
        sa.select(ContributionEdit)
        .where(
            ContributionEdit.collectivity_id == collectivity_id,
            ContributionEdit.contribution_id == contribution_id,
        )
        .order_by(ContributionEdit.at.desc(), ContributionEdit.id.desc())
    )
    return tuple(EditRow(row.at, row.before) for row in rows)


# --- Screening's material ------------------------------------------------------------------------


def earlier_texts(
    collectivity_id: int, consultation_id: int, text: str, besides: int | None = None
) -> list[str]:
    """Return recent texts of the consultation of about the same length, to find near copies.

    Capped at 60 texts of 600 characters, so that screening stays far below a tenth of a second
    inside the transaction.
    """
    body = sa.func.coalesce(Comment.body, Idea.title + sa.literal("\n") + Idea.problem)
    size = min(len(text), _NEAR_CHARS)
    rows = db.session.scalars(
        sa.select(sa.func.substr(body, 1, _NEAR_CHARS))
        .select_from(Contribution)
        .outerjoin(Comment, sa.and_(_same(Comment, Contribution), Comment.id == Contribution.id))
        .outerjoin(Idea, sa.and_(_same(Idea, Contribution), Idea.id == Contribution.id))
        .where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.consultation_id == consultation_id,
            Contribution.id != (besides or 0),
            sa.func.length(body) >= int(size * 0.7),
            sa.func.length(body) <= int(size * 1.4) if size < _NEAR_CHARS else sa.true(),
        )
        .order_by(Contribution.submitted_at.desc(), Contribution.id.desc())
        .limit(_NEAR_POOL)
    )
    return list(rows)


def published_before(person_id: int, besides: int | None = None) -> int:
    """Return how many public texts a person has written, counted up to the number that matters."""
    found = db.session.scalars(
        sa.select(Contribution.id)
        .where(
            Contribution.acting_person_id == person_id,
            Contribution.state.in_(_READABLE),
            Contribution.id != (besides or 0),
        )
        .limit(moderation.FIRST_POSTS)
    )
    return len(found.all())


# --- For moderation ------------------------------------------------------------------------------


@dataclass(frozen=True)
class QueueRow:
    """A text that waits for a human, with everything needed to decide."""

    key: QueueKey
    id: int
    ref: str
    contribution_kind: ContributionKind
    state: PublishState
    author: Author
    own: bool
    comment_kind: CommentKind | None
    stance: Stance
    section: Section | None
    title: str | None
    text: str
    amend: tuple[tuple[str, str], ...] | None
    lang: str
    signals: tuple[SignalKind, ...]
    reports: int
    risk: Risk
    received_at: datetime
    due_at: datetime
    late: bool
    consultation_id: int
    cycle: str
    project_number: int | None
    project_title: Words | None
    idea_id: int | None
    row_version: int


def queue(
    collectivity_id: int, actor: Actor, now: datetime | None = None, limit: int = QUEUE_ROWS
) -> tuple[QueueRow, ...]:
    """Return what waits for a moderator and what readers reported: oldest risk first. One statement."""
    now = now or clock()
    waits = sa.or_(
        Contribution.state == PublishState.WAITING,
        sa.and_(Contribution.state.in_(_READABLE), Contribution.reports > 0),
    )
    rows = _queue_rows(collectivity_id, actor, now, waits, limit)
    return tuple(sorted(rows, key=lambda row: row.key))


def case(
    collectivity_id: int, contribution_id: int, actor: Actor, now: datetime | None = None
) -> QueueRow | None:
    """Return one text as moderators read it, in whatever state; None when unknown or unreadable."""
    rows = _queue_rows(collectivity_id, actor, now or clock(), Contribution.id == contribution_id, 1)
    return rows[0] if rows else None


def _queue_rows(
    collectivity_id: int, actor: Actor, now: datetime, condition: sa.ColumnElement[bool], limit: int
) -> list[QueueRow]:
    statement = (
        _with_author(
            sa.select(
                Contribution,
                Comment,
                Idea,
                owned_by(actor).label("own"),
                ActionPlan.cycle,
                Project.number,
                ProjectRevision.title,
                *_AUTHOR,
            )
            .outerjoin(Comment, sa.and_(_same(Comment, Contribution), Comment.id == Contribution.id))
            .outerjoin(Idea, sa.and_(_same(Idea, Contribution), Idea.id == Contribution.id))
        )
        .join(
            Consultation,
            sa.and_(_same(Consultation, Contribution), Consultation.id == Contribution.consultation_id),
        )
        .join(ActionPlan, sa.and_(_same(ActionPlan, Consultation), ActionPlan.id == Consultation.plan_id))
        .outerjoin(Project, sa.and_(_same(Project, Comment), Project.id == Comment.project_id))
        .outerjoin(
            ProjectRevision,
            sa.and_(_same(ProjectRevision, Comment), ProjectRevision.id == Comment.revision_id),
        )
        .where(Contribution.collectivity_id == collectivity_id, visible_to(actor), condition)
        .order_by(Contribution.submitted_at, Contribution.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [_queue_row(row, now) for row in db.session.execute(statement)]


def _queue_row(row: Any, now: datetime) -> QueueRow:
    base, comment, idea, own, cycle, number, title = row[:7]
    seen_signals = tuple(SignalKind(value) for value in base.signals)
    weight = moderation.risk([Signal(kind) for kind in seen_signals], base.reports)
    # A text sent again after rewriting is promised anew: its age runs from there.
    received = base.due_at - PROMISE if base.state is PublishState.WAITING else base.submitted_at
    amended = comment is not None and comment.kind is CommentKind.AMENDMENT
    return QueueRow(
        key=moderation.queue_key(weight, received, base.ref),
        id=base.id,
        ref=base.ref,
        contribution_kind=base.kind,
        state=base.state,
        author=_author(row[7:], by_staff=base.by_staff),
        own=bool(own),
        comment_kind=comment.kind if comment else None,
        stance=comment.stance if comment else Stance.NONE,
        section=comment.section if comment else None,
        title=idea.title if idea else None,
        text=comment.body if comment else f"{idea.problem}\n\n{idea.proposal}",
        amend=tuple((c.op.value, c.text) for c in word_diff(comment.amend_from or "", comment.amend_to or ""))
        if amended
        else None,
        lang=base.lang,
        signals=seen_signals,
        reports=base.reports,
        risk=weight,
        received_at=received,
        due_at=base.due_at,
        late=base.state is PublishState.WAITING and now > base.due_at,
        consultation_id=base.consultation_id,
        cycle=cycle,
        project_number=number,
        project_title=title,
        idea_id=comment.idea_id if comment else None,
        row_version=base.row_version,
    )


def pending_count(collectivity_id: int) -> int:
    """Return how many texts wait for a moderator, for the desk's menu."""
    return int(
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(Contribution)
            .where(
                Contribution.collectivity_id == collectivity_id, Contribution.state == PublishState.WAITING
            )
        )
        or 0
    )


# --- For oneself ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class MineRow:
    """One of my texts, wherever it is, with its state."""

    id: int
    collectivity_id: int
    slug: str
    cycle: str
    ref: str
    kind: ContributionKind
    comment_kind: CommentKind | None
    stance: Stance
    state: PublishState
    title: str | None
    text: str
    lang: str
    project_number: int | None
    project_title: Words | None
    association: Words | None
    submitted_at: datetime
    due_at: datetime
    receipt_code: str | None
    is_reply: bool


def mine(person_id: int, limit: int = 200) -> tuple[MineRow, ...]:
    """Return what a person wrote, in their own name or an association's, newest first. One statement."""
    rows = db.session.execute(
        sa.select(
            Contribution,
            Comment,
            Idea,
            Collectivity.slug,
            ActionPlan.cycle,
            Project.number,
            ProjectRevision.title,
            Association.name,
        )
        .join(Collectivity, Collectivity.id == Contribution.collectivity_id)
        .join(
            Consultation,
            sa.and_(_same(Consultation, Contribution), Consultation.id == Contribution.consultation_id),
        )
        .join(ActionPlan, sa.and_(_same(ActionPlan, Consultation), ActionPlan.id == Consultation.plan_id))
        .join(
            Participant,
            sa.and_(_same(Participant, Contribution), Participant.id == Contribution.participant_id),
        )
        .outerjoin(
            Association,
            sa.and_(_same(Association, Participant), Association.id == Participant.association_id),
        )
        .outerjoin(Comment, sa.and_(_same(Comment, Contribution), Comment.id == Contribution.id))
        .outerjoin(Idea, sa.and_(_same(Idea, Contribution), Idea.id == Contribution.id))
        .outerjoin(Project, sa.and_(_same(Project, Comment), Project.id == Comment.project_id))
        .outerjoin(
            ProjectRevision,
            sa.and_(_same(ProjectRevision, Comment), ProjectRevision.id == Comment.revision_id),
        )
        .where(sa.or_(Contribution.acting_person_id == person_id, Participant.person_id == person_id))
        .order_by(Contribution.submitted_at.desc(), Contribution.id.desc())
        .limit(limit)
    )
    return tuple(
        MineRow(
            id=base.id,
            collectivity_id=base.collectivity_id,
            slug=slug,
            cycle=cycle,
            ref=base.ref,
            kind=base.kind,
            comment_kind=comment.kind if comment else None,
            stance=comment.stance if comment else Stance.NONE,
            state=base.state,
            title=idea.title if idea else None,
            text=comment.body if comment else idea.proposal,
            lang=base.lang,
            project_number=number,
            project_title=title,
            association=association,
            submitted_at=base.submitted_at,
            due_at=base.due_at,
            receipt_code=base.receipt_code,
            is_reply=bool(comment and comment.parent_id),
        )
        for base, comment, idea, slug, cycle, number, title, association in rows
    )


# --- For open data -------------------------------------------------------------------------------


@dataclass(frozen=True)
class ExportRow:
    """A published contribution without anybody's name: what open data gives out."""

    ref: str
    kind: ContributionKind
    comment_kind: CommentKind | None
    consultation_id: int
    project_number: int | None
    section: Section | None
    axis: str | None
    stance: Stance | None
    idea_ref: str | None
    reply_to: str | None
    author_kind: str
    association: Words | None
    lang: str
    title: str
    text: str
    amend_from: str
    amend_to: str
    published_on: datetime
    state: PublishState


def export(collectivity_id: int, consultation_id: int | None = None) -> Iterator[ExportRow]:
    """Yield the public contributions, oldest first: the same condition as every page, nobody's name."""
    upper, parent = (aliased(Contribution) for _ in range(2))
    statement = (
        _with_author(
            sa.select(Contribution, Comment, Idea, Project.number, Axis.slug, upper.ref, parent.ref, *_AUTHOR)
            .outerjoin(Comment, sa.and_(_same(Comment, Contribution), Comment.id == Contribution.id))
            .outerjoin(Idea, sa.and_(_same(Idea, Contribution), Idea.id == Contribution.id))
        )
        .outerjoin(Axis, sa.and_(_same(Axis, Idea), Axis.id == Idea.axis_id))
        .outerjoin(Project, sa.and_(_same(Project, Comment), Project.id == Comment.project_id))
        .outerjoin(upper, sa.and_(_same(upper, Comment), upper.id == Comment.idea_id))
        .outerjoin(parent, sa.and_(_same(parent, Comment), parent.id == Comment.parent_id))
        .where(Contribution.collectivity_id == collectivity_id, visible_to(ANYBODY))
        .order_by(Contribution.submitted_at, Contribution.id)
        .execution_options(populate_existing=True)
    )
    if consultation_id is not None:
        statement = statement.where(Contribution.consultation_id == consultation_id)
    for row in db.session.execute(statement):
        yield _export_row(row)


def _export_row(row: Any) -> ExportRow:
    base, comment, idea, number, axis, idea_ref, parent_ref = row[:7]
    words = comment or idea
    author = _author(row[7:], by_staff=base.by_staff)
    text = (
        shown(words, base.state, "body")
        if comment
        else f"{shown(words, base.state, 'problem')}\n\n{shown(words, base.state, 'proposal')}"
    )
    return ExportRow(
        ref=base.ref,
        kind=base.kind,
        comment_kind=comment.kind if comment else None,
        consultation_id=base.consultation_id,
        project_number=number,
        section=comment.section if comment else None,
        axis=axis,
        stance=comment.stance if comment else None,
        idea_ref=idea_ref,
        reply_to=parent_ref,
        author_kind=author.kind,
        association=author.association,
        lang=base.lang,
        title="" if comment else shown(words, base.state, "title"),
        text=text,
        amend_from=shown(comment, base.state, "amend_from") if comment else "",
        amend_to=shown(comment, base.state, "amend_to") if comment else "",
        published_on=base.published_at,
        state=base.state,
    )


# --- Opinions of advisory bodies -----------------------------------------------------------------


@dataclass(frozen=True)
class OpinionRow:
    """The formal opinion of an advisory body, unedited."""

    id: int
    body_id: int
    body_name: Words
    lang: str
    text: str
    filed_at: datetime


def opinions(collectivity_id: int, consultation_id: int) -> tuple[OpinionRow, ...]:
    """Return the opinions that advisory bodies filed in a consultation, by body."""
    rows = db.session.execute(
        sa.select(Opinion, AdvisoryBody.name)
        .join(AdvisoryBody, sa.and_(_same(AdvisoryBody, Opinion), AdvisoryBody.id == Opinion.body_id))
        .where(Opinion.collectivity_id == collectivity_id, Opinion.consultation_id == consultation_id)
        .order_by(AdvisoryBody.slug)
    )
    return tuple(OpinionRow(o.id, o.body_id, name, o.lang, o.text, o.filed_at) for o, name in rows)


@dataclass(frozen=True)
class BodyRow:
    """An advisory body of the collectivity."""

    id: int
    name: Words


def advisory_bodies(collectivity_id: int) -> tuple[BodyRow, ...]:
    """Return the advisory bodies of a collectivity."""
    rows = db.session.scalars(
        sa.select(AdvisoryBody)
        .where(AdvisoryBody.collectivity_id == collectivity_id)
        .order_by(AdvisoryBody.slug)
    )
    return tuple(BodyRow(row.id, row.name) for row in rows)


# --- What forms need -----------------------------------------------------------------------------


@dataclass(frozen=True)
class AxisRow:
    """An axis of a plan."""

    id: int
    slug: str
    title: Words


def axes_of(collectivity_id: int, plan_id: int) -> tuple[AxisRow, ...]:
    """Return the axes of a plan in their order."""
    rows = db.session.scalars(
        sa.select(Axis)
        .where(Axis.collectivity_id == collectivity_id, Axis.plan_id == plan_id)
        .order_by(Axis.position)
    )
    return tuple(AxisRow(row.id, row.slug, row.title) for row in rows)


def revision_read(collectivity_id: int, version_id: int | None, project_id: int) -> ProjectRevision | None:
    """Return the words of a project that a consultation's version shows; None when it holds no such project."""
    if version_id is None:
        return None
    return db.session.scalar(
        sa.select(ProjectRevision)
        .join(
            VersionProject,
            sa.and_(_same(VersionProject, ProjectRevision), VersionProject.revision_id == ProjectRevision.id),
        )
        .where(
            VersionProject.collectivity_id == collectivity_id,
            VersionProject.version_id == version_id,
            VersionProject.project_id == project_id,
        )
    )


def version_under(collectivity_id: int, consultation_id: int | None) -> int | None:
    """Return the plan version a consultation is about."""
    return db.session.scalar(
        sa.select(Consultation.version_id).where(
            Consultation.collectivity_id == collectivity_id, Consultation.id == (consultation_id or 0)
        )
    )


def last_revision(collectivity_id: int, project_id: int) -> ProjectRevision | None:
    """Return the latest published words of a project."""
    return db.session.scalar(
        sa.select(ProjectRevision)
        .where(ProjectRevision.collectivity_id == collectivity_id, ProjectRevision.project_id == project_id)
        .order_by(ProjectRevision.number.desc())
        .limit(1)
    )
