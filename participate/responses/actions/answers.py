"""Answers: writing, approving, reopening, publishing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.contributions.models import Comment
from participate.db import Words, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.plans.models import ProjectRevision, VersionProject
from participate.responses.actions.ideas import inserted, require_project
from participate.responses.actions.refusals import (
    ApprovedError,
    ChangedMeanwhileError,
    NoSuchThingError,
    NotAnswerableError,
    PublishedError,
    ReasonMissingError,
    TextMissingError,
)
from participate.responses.actions.standing import chain_of, digest_of, entered, said_or_none
from participate.responses.actions.themes import answerable, theme_row
from participate.responses.models import IdeaFate, Response, Theme
from participate.rules.outcomes import OUTCOMES_NEEDING_REASON, Outcome, ResponseState
from participate.rules.policy import Act, Actor


@dataclass(frozen=True)
class Subject:
    """What a response answers: exactly one theme, contribution or project of a consultation."""

    collectivity_id: int
    consultation_id: int
    theme_id: int | None = None
    contribution_id: int | None = None
    project_id: int | None = None

    def __post_init__(self) -> None:
        """Refuse a subject that is not exactly one thing."""
        if [self.theme_id, self.contribution_id, self.project_id].count(None) != 2:
            msg = "a response answers exactly one theme, contribution or project"
            raise ValueError(msg)

    @property
    def name(self) -> str:
        """Return "kind:key", as the record names it."""
        if self.theme_id is not None:
            return f"theme:{self.theme_id}"
        if self.contribution_id is not None:
            return f"contribution:{self.contribution_id}"
        return f"project:{self.project_id}"


def write_response(
    actor: Actor,
    subject: Subject,
    outcome: Outcome,
    text: Words,
    reason: Words | None = None,
    changed: bool = False,
    *,
    row_version: int | None = None,
) -> Response:
    """Write or rewrite the draft of an answer. It says nothing to the public before `publish_all`.

    `changed` claims that the project's wording changed because of it. `row_version` is the one that
    was read (0: no answer yet); None skips that check. Raises TextMissingError, ReasonMissingError,
    NoSuchThingError, NotAnswerableError, ApprovedError, PublishedError, ChangedMeanwhileError,
    RoundOverError.
    """
    consultation = entered(actor, Act.RESPONSE_WRITE, subject.collectivity_id, subject.consultation_id)
    _require_subject(consultation, subject)
    words, reason = said_or_none(text), said_or_none(reason)
    if words is None or "ar" not in words:
        raise TextMissingError
    if outcome in OUTCOMES_NEEDING_REASON and (reason is None or "ar" not in reason):
        raise ReasonMissingError(outcome)
    found = db.session.scalar(
        for_update(sa.select(Response).where(*_answers(subject))).execution_options(populate_existing=True)
    )
    if found is not None:
        _require_draft(found)
    if row_version is not None and row_version != (found.row_version if found else 0):
        raise ChangedMeanwhileError(subject.name)
    assert actor.person_id is not None
    values: dict[str, Any] = {
        "outcome": outcome,
        "text": words,
        "reason": reason,
        "changed": changed,
        "written_by": actor.person_id,
        "written_at": clock(),
    }
    if found is None:
        found = inserted(
            Response(
                collectivity_id=subject.collectivity_id,
                id=new_id(),
                consultation_id=subject.consultation_id,
                theme_id=subject.theme_id,
                contribution_id=subject.contribution_id,
                project_id=subject.project_id,
                state=ResponseState.DRAFT,
                **values,
            )
        )
    else:
        for name, value in values.items():
            setattr(found, name, value)
        db.session.flush()
    journal.record(
        actor.person_id,
        "response:written",
        chain_of(consultation),
        f"response:{found.id}",
        public={"response": found.id, "subject": subject.name, "outcome": outcome.value},
        private={"person": actor.person_id, "text_sha256": digest_of(words, reason)},
    )
    return found


def _answers(subject: Subject) -> tuple[sa.ColumnElement[bool], ...]:
    mine = {
        Response.theme_id: subject.theme_id,
        Response.contribution_id: subject.contribution_id,
        Response.project_id: subject.project_id,
    }
    return (
        Response.collectivity_id == subject.collectivity_id,
        Response.consultation_id == subject.consultation_id,
        *(column == value for column, value in mine.items() if value is not None),
    )


def _require_subject(consultation: Consultation, subject: Subject) -> None:
    if subject.theme_id is not None:
        if theme_row(subject.collectivity_id, subject.theme_id).consultation_id != consultation.id:
            raise NoSuchThingError("theme", subject.theme_id)
    elif subject.contribution_id is not None:
        if not answerable(consultation, [subject.contribution_id]):
            raise NotAnswerableError(subject.contribution_id)
    else:
        require_project(consultation, subject.project_id)


def _require_draft(row: Response) -> None:
    if row.state is ResponseState.APPROVED:
        raise ApprovedError(row.id)
    if row.state is ResponseState.PUBLISHED:
        raise PublishedError(row.id)


def _response(collectivity_id: int, response_id: int) -> tuple[int, int]:
    """Return the consultation and the writer of a response, unlocked: the consultation is locked first."""
    found = db.session.execute(
        sa.select(Response.consultation_id, Response.written_by).where(
            Response.collectivity_id == collectivity_id, Response.id == response_id
        )
    ).one_or_none()
    if found is None:
        raise NoSuchThingError("response", response_id)
    return found[0], found[1]


def _held(collectivity_id: int, response_id: int) -> Response:
    return db.session.scalars(
        for_update(
            sa.select(Response).where(Response.collectivity_id == collectivity_id, Response.id == response_id)
        ).execution_options(populate_existing=True)
    ).one()


def approve(
    actor: Actor, collectivity_id: int, response_id: int, *, row_version: int | None = None
) -> Response:
    """Approve a draft as its second reader: never the person who wrote it.

    `row_version` is the draft that was read; another one is refused, so that nobody approves words
    they have not seen. Approving again changes nothing. Raises RefusedError, NoSuchThingError,
    PublishedError, ChangedMeanwhileError, RoundOverError.
    """
    consultation_id, written_by = _response(collectivity_id, response_id)
    consultation = entered(
        actor, Act.RESPONSE_APPROVE, collectivity_id, consultation_id, written_by=written_by
    )
    row = _held(collectivity_id, response_id)
    if row.written_by != written_by:  # rewritten while we waited, perhaps by this very person
        raise ChangedMeanwhileError(response_id)
    if row.state is ResponseState.PUBLISHED:
        raise PublishedError(response_id)
    if row.state is ResponseState.APPROVED:
        return row
    if row_version is not None and row_version != row.row_version:
        raise ChangedMeanwhileError(response_id)
    row.state = ResponseState.APPROVED
    row.approved_by = actor.person_id
    row.approved_at = clock()
    db.session.flush()
    journal.record(
        actor.person_id,
        "response:approved",
        chain_of(consultation),
        f"response:{row.id}",
        public={"response": row.id},
        private={"person": actor.person_id},
    )
    return row


def reopen(actor: Actor, collectivity_id: int, response_id: int) -> Response:
    """Take an approval back, so that the words can change; a second reader must approve again.

    Reopening a draft changes nothing. Raises NoSuchThingError, PublishedError, RoundOverError.
    """
    consultation_id, _writer = _response(collectivity_id, response_id)
    consultation = entered(actor, Act.RESPONSE_WRITE, collectivity_id, consultation_id)
    row = _held(collectivity_id, response_id)
    if row.state is ResponseState.PUBLISHED:
        raise PublishedError(response_id)
    if row.state is ResponseState.DRAFT:
        return row
    row.state = ResponseState.DRAFT
    row.approved_by = None
    row.approved_at = None
    db.session.flush()
    journal.record(
        actor.person_id,
        "response:reopened",
        chain_of(consultation),
        f"response:{row.id}",
        public={"response": row.id},
        private={"person": actor.person_id},
    )
    return row


def publish_all(consultation_id: int, now: datetime) -> int:
    """Make every approved response of a consultation public, together; return how many.

    Called by the transmission, which holds the consultation, has published the revised version, and
    records the number. Drafts stay drafts; a second call finds nothing to publish. An answer that
    claims a change points to the new wording of its project, if there is one.
    """
    rows = db.session.scalars(
        for_update(
            sa.select(Response)
            .where(Response.consultation_id == consultation_id, Response.state == ResponseState.APPROVED)
            .order_by(Response.collectivity_id, Response.id)
        ).execution_options(populate_existing=True)
    ).all()
    changed = _changed_revisions([row for row in rows if row.changed])
    for row in rows:
        row.state = ResponseState.PUBLISHED
        row.published_at = now
        row.revision_id = changed.get(row.id)
    db.session.flush()
    return len(rows)


def _changed_revisions(rows: Sequence[Response]) -> Mapping[int, int]:
    """Return, by response, the newest revision of its project when it is not the one that was discussed."""
    if not rows:
        return {}
    about = db.session.execute(
        sa.select(
            Response.id,
            sa.func.coalesce(
                Response.project_id, Theme.project_id, Comment.project_id, IdeaFate.project_id
            ).label("project_id"),
        )
        .outerjoin(
            Theme,
            (Theme.collectivity_id == Response.collectivity_id) & (Theme.id == Response.theme_id),
        )
        .outerjoin(
            Comment,
            (Comment.collectivity_id == Response.collectivity_id) & (Comment.id == Response.contribution_id),
        )
        .outerjoin(
            IdeaFate,
            (IdeaFate.collectivity_id == Response.collectivity_id)
            & (IdeaFate.contribution_id == Response.contribution_id),
        )
        .where(Response.collectivity_id == rows[0].collectivity_id, Response.id.in_([row.id for row in rows]))
    ).all()
    project_of = {key: project for key, project in about if project is not None}
    here = rows[0].collectivity_id
    newest: dict[int, ProjectRevision] = {}
    for revision in db.session.scalars(
        sa.select(ProjectRevision)
        .where(
            ProjectRevision.collectivity_id == here,
            ProjectRevision.project_id.in_(sorted(set(project_of.values()))),
        )
        .order_by(ProjectRevision.number)
    ):
        newest[revision.project_id] = revision
    read = set(
        db.session.scalars(
            sa.select(VersionProject.revision_id)
            .join(
                Consultation,
                (Consultation.collectivity_id == VersionProject.collectivity_id)
                & (Consultation.version_id == VersionProject.version_id),
            )
            .where(Consultation.collectivity_id == here, Consultation.id == rows[0].consultation_id)
        )
    )
    return {
        key: newest[project].id
        for key, project in project_of.items()
        if project in newest and newest[project].id not in read
    }
