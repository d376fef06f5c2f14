"""The desk: ideas to assess."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.consultations.models import Consultation
from participate.contributions.models import Contribution
from participate.db import Words, db
from participate.plans.models import Axis, Project
from participate.responses.models import IdeaFate
from participate.responses.queries.conditions import LIVE, READABLE, same_collectivity
from participate.responses.queries.texts import Point, cursor_after, point_of, points_to_group, read_cursor
from participate.rules.outcomes import ContributionKind, Fate

PAGE_ROWS = 20


@dataclass(frozen=True)
class FateDraft:
    """The decision on an idea, as the committee edits it."""

    fate: Fate
    reason: Words
    project_number: int | None
    merged_ref: str | None
    decided_at: datetime
    row_version: int


@dataclass(frozen=True)
class IdeaPoint:
    """An idea of the triage board, with its decision if it has one."""

    point: Point
    axis_slug: str
    cosigners: int
    fate: FateDraft | None


@dataclass(frozen=True)
class IdeaPointPage:
    """Some ideas and the cursor of the next ones."""

    rows: tuple[IdeaPoint, ...]
    after: str | None


def _idea_points(collectivity_id: int, plan_id: int) -> Any:
    target, joined = aliased(Contribution), aliased(Project)
    return (
        points_to_group()
        .add_columns(Axis.slug, IdeaFate, joined.number, target.ref)
        .outerjoin(
            IdeaFate,
            same_collectivity(IdeaFate, Contribution) & (IdeaFate.contribution_id == Contribution.id),
        )
        .outerjoin(joined, same_collectivity(joined, IdeaFate) & (joined.id == IdeaFate.project_id))
        .outerjoin(target, same_collectivity(target, IdeaFate) & (target.id == IdeaFate.merged_into))
        .where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.kind == ContributionKind.IDEA,
            Consultation.plan_id == plan_id,
            Consultation.state.in_(LIVE),
        )
    )


def _idea_point(row: Any) -> IdeaPoint:
    slug, fate, number, ref = row[12:16]
    return IdeaPoint(
        point_of(row),
        slug,
        row[2].cosigner_count,
        FateDraft(fate.fate, fate.reason or {}, number, ref, fate.decided_at, fate.row_version)
        if fate
        else None,
    )


def ideas(
    collectivity_id: int,
    plan_id: int,
    *,
    axis: str | None = None,
    fate: Fate | None = None,
    undecided: bool = False,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> IdeaPointPage:
    """Return the ideas of a plan's present round: without a fate first, then the oldest first.

    One statement. `axis` is a slug; `undecided` leaves out those with a fate.
    """
    statement = _idea_points(collectivity_id, plan_id)
    if axis:
        statement = statement.where(Axis.slug == axis)
    if undecided:
        statement = statement.where(IdeaFate.fate.is_(None))
    elif fate is not None:
        statement = statement.where(IdeaFate.fate == fate)
    decided = sa.case((IdeaFate.fate.is_(None), 0), else_=1)
    flag, at, last = read_cursor(after)
    if flag is not None:
        later = sa.or_(
            Contribution.submitted_at > at, (Contribution.submitted_at == at) & (Contribution.id > last)
        )
        statement = statement.where(sa.or_(decided > flag, (decided == flag) & later))
    rows = db.session.execute(
        statement.order_by(decided, Contribution.submitted_at, Contribution.id).limit(limit + 1)
    ).all()
    end = rows[limit - 1] if len(rows) > limit else None
    cursor = cursor_after(1 if end[13] else 0, end[0]) if end is not None else None
    return IdeaPointPage(tuple(_idea_point(row) for row in rows[:limit]), cursor)


def idea(collectivity_id: int, plan_id: int, ref: str) -> IdeaPoint | None:
    """Return one idea of the present round by its written reference."""
    row = db.session.execute(
        _idea_points(collectivity_id, plan_id).where(Contribution.ref == ref)
    ).one_or_none()
    return _idea_point(row) if row is not None else None


def next_undecided(collectivity_id: int, plan_id: int, axis: str | None = None) -> str | None:
    """Return the reference of the oldest idea without a fate."""
    found = ideas(collectivity_id, plan_id, axis=axis, undecided=True, limit=1).rows
    return found[0].point.ref if found else None


def idea_counts(collectivity_id: int, plan_id: int) -> dict[Fate | None, int]:
    """Return how many ideas of the present round have each fate; None: no fate yet. One statement."""
    rows = db.session.execute(
        sa.select(IdeaFate.fate, sa.func.count())
        .select_from(Contribution)
        .join(
            Consultation,
            same_collectivity(Consultation, Contribution) & (Consultation.id == Contribution.consultation_id),
        )
        .outerjoin(
            IdeaFate,
            same_collectivity(IdeaFate, Contribution) & (IdeaFate.contribution_id == Contribution.id),
        )
        .where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.kind == ContributionKind.IDEA,
            Contribution.state.in_(READABLE),
            Consultation.plan_id == plan_id,
            Consultation.state.in_(LIVE),
        )
        .group_by(IdeaFate.fate)
    )
    return {fate: int(count) for fate, count in rows}
