"""Everything one did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.db import Words, db
from participate.network.models import Collectivity
from participate.people.models import Association
from participate.plans.models import ActionPlan, Project, ProjectRevision
from participate.positions.models import Position, Priority, ProjectStatement, Receipt, Statement
from participate.positions.queries.own import POSITION, PRIORITY, belongs_to, current_receipt
from participate.rules.outcomes import ConsultationState, StatementKind


@dataclass(frozen=True)
class MyAct:
    """A position or a priority of somebody, as their own page lists it.

    `value` is the position; None for a priority. `number` and `title` are those of a project;
    None for a position on an idea or a comment. `association` is the name it was done in.
    """

    what: str
    collectivity_id: int
    slug: str
    collectivity: Words
    cycle: str
    consultation_id: int
    consultation: Words
    is_open: bool
    statement_id: int
    kind: StatementKind
    number: int | None
    title: Words | None
    value: int | None
    at: datetime
    code: str | None
    association: Words | None


def my_acts(person_id: int, *, limit: int = 200) -> list[MyAct]:
    """Return what stands in a person's name, or in that of an association they speak for, latest first.

    Positions and priorities, at most `limit` of each.
    """
    found = [
        MyAct(what, *row)
        for what, table in ((POSITION, Position), (PRIORITY, Priority))
        for row in db.session.execute(_acts(table, what, person_id).limit(limit))
    ]
    return sorted(found, key=lambda act: act.at, reverse=True)


def _acts(table: Any, what: str, person_id: int) -> Any:
    value = Position.value if table is Position else sa.null()
    now_open = Consultation.state == ConsultationState.OPEN
    return (
        sa.select(
            Statement.collectivity_id,
            Collectivity.slug,
            Collectivity.name,
            ActionPlan.cycle,
            Consultation.id,
            Consultation.title,
            now_open,
            Statement.id,
            Statement.kind,
            Project.number,
            ProjectRevision.title,
            value,
            table.at,
            Receipt.code,
            Association.name,
        )
        .select_from(table)
        .join(
            Participant,
            (Participant.collectivity_id == table.collectivity_id) & (Participant.id == table.participant_id),
        )
        .join(
            Statement,
            (Statement.collectivity_id == table.collectivity_id) & (Statement.id == table.statement_id),
        )
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
        .join(Collectivity, Collectivity.id == Statement.collectivity_id)
        .outerjoin(Receipt, current_receipt(what))
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
        .outerjoin(
            ProjectRevision,
            (ProjectRevision.collectivity_id == ProjectStatement.collectivity_id)
            & (ProjectRevision.id == ProjectStatement.revision_id),
        )
        .outerjoin(
            Association,
            (Association.collectivity_id == Participant.collectivity_id)
            & (Association.id == Participant.association_id),
        )
        .where(belongs_to(person_id))
        .order_by(table.at.desc())
    )
