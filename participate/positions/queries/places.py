"""Where a statement stands in the policy, and whose text it shows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from werkzeug.exceptions import NotFound

from participate.consultations.models import Consultation, Participant
from participate.consultations.queries import facts_for_place
from participate.db import clock, db
from participate.network.models import Collectivity
from participate.plans.models import ActionPlan, Project
from participate.positions.models import Position, ProjectStatement, Statement
from participate.positions.queries.own import voice_of
from participate.rules.outcomes import ConsultationState, StatementKind
from participate.rules.policy import Place


def _place_rows() -> Any:
    return (
        sa.select(
            ActionPlan.collectivity_id,
            ActionPlan.id.label("plan_id"),
            ActionPlan.stage,
            ActionPlan.cycle,
            Collectivity.slug,
            Statement.id.label("statement_id"),
            Statement.kind.label("statement_kind"),
            Statement.votable,
            Consultation.id,
            Consultation.state,
            Consultation.opens_at,
            Consultation.closes_at,
            Consultation.accepts,
            Consultation.min_level,
            Consultation.eligibility,
            ProjectStatement.project_id,
            Project.number,
        )
        .select_from(Statement)
        .join(
            Consultation,
            (Consultation.collectivity_id == Statement.collectivity_id)
            & (Consultation.id == Statement.consultation_id),
        )
        .join(
            ActionPlan,
            (ActionPlan.collectivity_id == Consultation.collectivity_id)
            & (ActionPlan.id == Consultation.plan_id),
        )
        .join(Collectivity, Collectivity.id == ActionPlan.collectivity_id)
        .outerjoin(
            ProjectStatement,
            (ProjectStatement.collectivity_id == Statement.collectivity_id)
            & (ProjectStatement.statement_id == Statement.id),
        )
        .outerjoin(
            Project,
            (Project.collectivity_id == ProjectStatement.collectivity_id)
            & (Project.id == ProjectStatement.project_id),
        )
    )


def _place(row: Any, now: datetime | None) -> Place:
    ids = {"plan": row.plan_id, "statement": row.statement_id, "consultation": row.id}
    if row.project_id is not None:
        ids |= {"project": row.project_id, "number": row.number}
    return Place(
        collectivity_id=row.collectivity_id,
        plan_id=row.plan_id,
        stage=row.stage,
        **facts_for_place(row, now or clock()),
        votable=row.votable,
        ids=ids,
        slug=row.slug,
        cycle=row.cycle,
    )


def project_position_place(
    slug: str, cycle: str, number: int, *, now: datetime | None = None, **_rest: object
) -> Place:
    """Return the place of a position on a project: its statement in the open or latest review.

    `ids` holds "plan", "project", "number", "statement" and "consultation". Raises NotFound for a
    project that was never under review.
    """
    rows = db.session.execute(
        _place_rows().where(Collectivity.slug == slug, ActionPlan.cycle == cycle, Project.number == number)
    ).all()
    if not rows:
        raise NotFound
    row = max(rows, key=lambda one: (one.state is ConsultationState.OPEN, one.opens_at))
    return _place(row, now)


def statement_place(slug: str, statement_id: int, *, now: datetime | None = None, **_rest: object) -> Place:
    """Return the place of a position on any statement, by its key. Raises NotFound.

    A statement whose text is not public at the moment is not votable, which the policy refuses.
    """
    row = db.session.execute(
        _place_rows().where(Collectivity.slug == slug, Statement.id == statement_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return _place(row, now)


def texts_with_mine(
    collectivity_id: int,
    statement_ids: Collection[int],
    person_id: int | None,
    association_id: int | None = None,
    *,
    now: datetime,
) -> tuple[dict[int, Place], dict[int, int]]:
    """Return the place of each of some statements, in the order given, and a voice's own positions. One statement."""
    if not statement_ids:
        return {}, {}
    own = (
        sa.select(Position.value)
        .join(
            Participant,
            (Participant.collectivity_id == Position.collectivity_id)
            & (Participant.id == Position.participant_id),
        )
        .where(
            Position.collectivity_id == Statement.collectivity_id,
            Position.statement_id == Statement.id,
            voice_of(person_id or 0, association_id),
        )
        .correlate(Statement)
        .scalar_subquery()
    )
    rows = db.session.execute(
        _place_rows()
        .add_columns(own.label("own"))
        .where(Statement.collectivity_id == collectivity_id, Statement.id.in_(list(statement_ids)))
    ).all()
    found = {row.statement_id: row for row in rows}
    return (
        {one: _place(found[one], now) for one in statement_ids if one in found},
        {key: row.own for key, row in found.items() if row.own is not None},
    )


def kind_of(collectivity_id: int, statement_id: int) -> StatementKind | None:
    """Return what a statement is about: a project, an idea, a comment."""
    return db.session.scalar(
        sa.select(Statement.kind).where(
            Statement.collectivity_id == collectivity_id, Statement.id == statement_id
        )
    )


def statement_of_project(collectivity_id: int, consultation_id: int, project_id: int) -> int | None:
    """Return the statement of a project in a consultation."""
    return db.session.scalar(
        sa.select(ProjectStatement.statement_id).where(
            ProjectStatement.collectivity_id == collectivity_id,
            ProjectStatement.consultation_id == consultation_id,
            ProjectStatement.project_id == project_id,
        )
    )
