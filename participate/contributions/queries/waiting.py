"""The moderators' queue, as rows of contributions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.contributions.models import Comment, Contribution, Idea
from participate.contributions.queries.readers import READABLE, owned_by, visible_to
from participate.contributions.queries.rows import (
    AUTHOR_COLUMNS,
    Author,
    author_from,
    same_collectivity,
    with_author,
)
from participate.db import Words, clock, db
from participate.plans.models import ActionPlan, Project, ProjectRevision
from participate.rules import moderation
from participate.rules.moderation import QueueKey, Risk, Signal, SignalKind
from participate.rules.outcomes import CommentKind, ContributionKind, PublishState, Section, Stance
from participate.rules.policy import Actor
from participate.rules.text import word_diff
from participate.rules.windows import PROMISE

QUEUE_ROWS = 500


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
        sa.and_(Contribution.state.in_(READABLE), Contribution.reports > 0),
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
        with_author(
            sa.select(
                Contribution,
                Comment,
                Idea,
                owned_by(actor).label("own"),
                ActionPlan.cycle,
                Project.number,
                ProjectRevision.title,
                *AUTHOR_COLUMNS,
            )
            .outerjoin(
                Comment, sa.and_(same_collectivity(Comment, Contribution), Comment.id == Contribution.id)
            )
            .outerjoin(Idea, sa.and_(same_collectivity(Idea, Contribution), Idea.id == Contribution.id))
        )
        .join(
            Consultation,
            sa.and_(
                same_collectivity(Consultation, Contribution), Consultation.id == Contribution.consultation_id
            ),
        )
        .join(
            ActionPlan,
            sa.and_(same_collectivity(ActionPlan, Consultation), ActionPlan.id == Consultation.plan_id),
        )
        .outerjoin(Project, sa.and_(same_collectivity(Project, Comment), Project.id == Comment.project_id))
        .outerjoin(
            ProjectRevision,
            sa.and_(same_collectivity(ProjectRevision, Comment), ProjectRevision.id == Comment.revision_id),
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
        author=author_from(row[7:], by_staff=base.by_staff),
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
