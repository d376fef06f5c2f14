"""One's own positions and priorities."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.consultations.models import Consultation, Participant
from participate.consultations.queries import ConsultationView, view_of, with_turnout
from participate.db import Words, db
from participate.people.models import Mandate
from participate.plans.models import Project, ProjectRevision
from participate.positions.models import Position, Priority, ProjectStatement, Receipt, Statement
from participate.positions.queries.tallied import revealed
from participate.rules.outcomes import StatementKind
from participate.rules.tallies import Floored, Tally, floored

POSITION = "position"
PRIORITY = "priority"


@dataclass(frozen=True)
class Mine:
    """What one voice did with one statement; shown to that voice only."""

    statement_id: int
    value: int
    at: datetime
    code: str | None


def mine(
    collectivity_id: int,
    statement_ids: Collection[int],
    person_id: int | None,
    association_id: int | None = None,
) -> dict[int, Mine]:
    """Return a voice's positions on some statements, by statement; one's own name unless an association is given."""
    if (person_id is None and association_id is None) or not statement_ids:
        return {}
    rows = db.session.execute(
        sa.select(Position.statement_id, Position.value, Position.at, Receipt.code)
        .join(
            Participant,
            (Participant.collectivity_id == Position.collectivity_id)
            & (Participant.id == Position.participant_id),
        )
        .outerjoin(Receipt, current_receipt(POSITION))
        .where(
            Position.collectivity_id == collectivity_id,
            Position.statement_id.in_(statement_ids),
            voice_of(person_id, association_id),
        )
    )
    return {row[0]: Mine(*row) for row in rows}


def voice_of(person_id: int | None, association_id: int | None) -> Any:
    """Return the condition that a participant is this person, or this association."""
    if association_id is not None:
        return Participant.association_id == association_id
    return Participant.person_id == person_id


def belongs_to(person_id: int) -> Any:
    """Return the condition on Participant: the person, or an association whose mandate they hold now."""
    speaks_for = sa.exists().where(
        Mandate.collectivity_id == Participant.collectivity_id,
        Mandate.association_id == Participant.association_id,
        Mandate.person_id == person_id,
        Mandate.ended_at.is_(None),
    )
    return sa.or_(Participant.person_id == person_id, speaks_for)


def current_receipt(what: str) -> Any:
    """Return the join condition of a position or a priority with its latest receipt."""
    table: Any = Position if what == POSITION else Priority
    return (
        (Receipt.collectivity_id == table.collectivity_id)
        & (Receipt.participant_id == table.participant_id)
        & (Receipt.statement_id == table.statement_id)
        & (Receipt.what == what)
        & Receipt.replaced_by.is_(None)
    )


@dataclass(frozen=True)
class Priorities:
    """The priorities of one voice in one consultation: statements in the order of their slots."""

    chosen: tuple[int, ...]
    limit: int

    @property
    def left(self) -> int:
        """How many may still be chosen."""
        return max(0, self.limit - len(self.chosen))


def priorities_of(
    consultation: ConsultationView, person_id: int | None, association_id: int | None = None
) -> Priorities:
    """Return what a voice marked as most important."""
    if person_id is None:
        return Priorities((), consultation.priorities_max)
    rows = db.session.scalars(
        sa.select(Priority.statement_id)
        .join(
            Participant,
            (Participant.collectivity_id == Priority.collectivity_id)
            & (Participant.id == Priority.participant_id),
        )
        .where(
            Priority.collectivity_id == consultation.collectivity_id,
            Priority.consultation_id == consultation.id,
            voice_of(person_id, association_id),
        )
        .order_by(Priority.slot)
    )
    return Priorities(tuple(rows), consultation.priorities_max)


@dataclass(frozen=True)
class ChosenProject:
    """A project among a voice's priorities."""

    statement_id: int
    number: int
    title: Words


def projects_of(collectivity_id: int, statement_ids: Collection[int]) -> list[ChosenProject]:
    """Return the projects some statements are about, by number, in the words that were under review."""
    if not statement_ids:
        return []
    rows = db.session.execute(
        sa.select(ProjectStatement.statement_id, Project.number, ProjectRevision.title)
        .join(
            Project,
            (Project.collectivity_id == ProjectStatement.collectivity_id)
            & (Project.id == ProjectStatement.project_id),
        )
        .join(
            ProjectRevision,
            (ProjectRevision.collectivity_id == ProjectStatement.collectivity_id)
            & (ProjectRevision.id == ProjectStatement.revision_id),
        )
        .where(
            ProjectStatement.collectivity_id == collectivity_id,
            ProjectStatement.statement_id.in_(statement_ids),
        )
        .order_by(Project.number)
    )
    return [ChosenProject(*row) for row in rows]


@dataclass(frozen=True)
class Panel:
    """Everything the position panel of one statement shows to one voice.

    `people` counts positions, floored while the consultation runs; `tally` is None until its close.
    """

    collectivity_id: int
    statement_id: int
    kind: StatementKind
    votable: bool
    consultation: ConsultationView
    mine: Mine | None
    priorities: Priorities | None
    is_priority: bool
    people: Floored
    tally: Tally | None
    declared: bool
    facts_asked: bool


def panel_for(
    collectivity_id: int, statement_id: int, person_id: int | None, association_id: int | None = None
) -> Panel | None:
    """Return the panel of a statement for a voice; None when there is no such statement.

    `priorities` is None where priorities are not taken: on texts, or when the consultation has none.
    Two statements for somebody signed in, one for a reader.
    """
    me = aliased(Participant)
    row = db.session.execute(
        with_turnout(
            Statement.kind,
            Statement.votable,
            (Statement.agree + Statement.disagree + Statement.passed).label("n"),
            me.declared,
            me.facts_asked_at,
            Position.value,
            Position.at,
            Receipt.code,
            revealed().label("revealed"),
            Statement.agree,
            Statement.disagree,
            Statement.passed,
        )
        .join(
            Statement,
            (Statement.collectivity_id == Consultation.collectivity_id)
            & (Statement.consultation_id == Consultation.id),
        )
        .outerjoin(me, _voice_in_it(me) & (me.person_id == (person_id or 0)))
        .outerjoin(Participant, _voice_in_it(Participant) & voice_of(person_id or 0, association_id))
        .outerjoin(
            Position,
            (Position.collectivity_id == Statement.collectivity_id)
            & (Position.statement_id == Statement.id)
            & (Position.participant_id == Participant.id),
        )
        .outerjoin(Receipt, current_receipt(POSITION))
        .where(Statement.collectivity_id == collectivity_id, Statement.id == statement_id)
    ).one_or_none()
    if row is None:
        return None
    consultation = view_of(row[0], row[1], row[2])
    takes_priorities = (
        row.kind is StatementKind.PROJECT
        and PRIORITY in consultation.accepts
        and consultation.priorities_max > 0
    )
    chosen = priorities_of(consultation, person_id, association_id) if takes_priorities else None
    return Panel(
        collectivity_id=collectivity_id,
        statement_id=statement_id,
        kind=row.kind,
        votable=row.votable,
        consultation=consultation,
        mine=Mine(statement_id, row.value, row.at, row.code) if row.value is not None else None,
        priorities=chosen,
        is_priority=chosen is not None and statement_id in chosen.chosen,
        people=Floored(row.n) if consultation.ended else floored(row.n),
        tally=Tally(row.agree, row.disagree, row.passed) if row.revealed else None,
        declared=bool(row.declared),
        facts_asked=row.facts_asked_at is not None or row.declared is None,
    )


def _voice_in_it(table: Any) -> Any:
    return (table.collectivity_id == Statement.collectivity_id) & (
        table.consultation_id == Statement.consultation_id
    )
