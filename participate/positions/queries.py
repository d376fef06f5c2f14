"""Positions as their own people see them, and tallies as everybody may: hidden in one place until the close."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from participate.consultations.models import Consultation, Participant
from participate.consultations.queries import (
    ENDED,
    ConsultationView,
    facts_for_place,
    view_of,
    with_turnout,
)
from participate.db import Words, clock, db
from participate.journal.encoding import entry_hash
from participate.journal.models import JournalEntry
from participate.network.models import Collectivity
from participate.people.models import Association, Mandate
from participate.plans.models import ActionPlan, Project, ProjectRevision
from participate.positions.models import Position, Priority, ProjectStatement, Receipt, Statement
from participate.rules.outcomes import ConsultationState, ResultsMode, StatementKind
from participate.rules.policy import Place
from participate.rules.references import parse_receipt
from participate.rules.tallies import Floored, Tally, floored

POSITION = "position"
PRIORITY = "priority"


# --- tallies: the one place that hides them -----------------------------------------------------------


def revealed() -> Any:
    """Return THE condition on Consultation under which directional figures are shown to anybody at all."""
    return sa.or_(Consultation.state.in_(ENDED), Consultation.results == ResultsMode.LIVE)


@dataclass(frozen=True)
class StatementTally:
    """The count of one statement: exact, and only after the close."""

    statement_id: int
    kind: StatementKind
    tally: Tally
    priorities: int


def tallies(collectivity_id: int, consultation_id: int) -> dict[int, StatementTally] | None:
    """Return the tally of every statement of a consultation by its key; None for everybody before the close.

    One statement. Statements whose text is no longer public are included: their positions were taken.
    """
    chosen = (
        sa.select(sa.func.count())
        .where(Priority.collectivity_id == Statement.collectivity_id, Priority.statement_id == Statement.id)
        .correlate(Statement)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Statement.id, Statement.kind, Statement.agree, Statement.disagree, Statement.passed, chosen)
        .select_from(Consultation)
        .outerjoin(
            Statement,
            (Statement.collectivity_id == Consultation.collectivity_id)
            & (Statement.consultation_id == Consultation.id),
        )
        .where(
            Consultation.collectivity_id == collectivity_id, Consultation.id == consultation_id, revealed()
        )
        .order_by(Statement.id)
    ).all()
    if not rows:
        return None
    return {
        row[0]: StatementTally(row[0], row[1], Tally(row[2], row[3], row[4]), row[5])
        for row in rows
        if row[0] is not None
    }


def tallies_of(collectivity_id: int, statement_ids: Collection[int]) -> dict[int, Tally]:
    """Return the tallies of some statements: those of consultations still open are left out."""
    if not statement_ids:
        return {}
    rows = db.session.execute(
        sa.select(Statement.id, Statement.agree, Statement.disagree, Statement.passed)
        .join(
            Consultation,
            (Consultation.collectivity_id == Statement.collectivity_id)
            & (Consultation.id == Statement.consultation_id),
        )
        .where(Statement.collectivity_id == collectivity_id, Statement.id.in_(statement_ids), revealed())
    )
    return {row[0]: Tally(*row[1:]) for row in rows}


def project_tallies(collectivity_id: int, consultation_id: int) -> dict[int, StatementTally] | None:
    """Return `tallies` of projects only, by the project's key; None before the close."""
    known = tallies(collectivity_id, consultation_id)
    if known is None:
        return None
    rows = db.session.execute(
        sa.select(ProjectStatement.project_id, ProjectStatement.statement_id).where(
            ProjectStatement.collectivity_id == collectivity_id,
            ProjectStatement.consultation_id == consultation_id,
        )
    )
    return {project_id: known[statement_id] for project_id, statement_id in rows}


# --- places ---------------------------------------------------------------------------------------


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
            _whose(person_id or 0, association_id),
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


# --- one's own positions --------------------------------------------------------------------------------


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
        .outerjoin(Receipt, _current_receipt(POSITION))
        .where(
            Position.collectivity_id == collectivity_id,
            Position.statement_id.in_(statement_ids),
            _whose(person_id, association_id),
        )
    )
    return {row[0]: Mine(*row) for row in rows}


def _whose(person_id: int | None, association_id: int | None) -> Any:
    if association_id is not None:
        return Participant.association_id == association_id
    return Participant.person_id == person_id


def _belongs_to(person_id: int) -> Any:
    """Return the condition on Participant: the person, or an association whose mandate they hold now."""
    speaks_for = sa.exists().where(
        Mandate.collectivity_id == Participant.collectivity_id,
        Mandate.association_id == Participant.association_id,
        Mandate.person_id == person_id,
        Mandate.ended_at.is_(None),
    )
    return sa.or_(Participant.person_id == person_id, speaks_for)


def _current_receipt(what: str) -> Any:
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
            _whose(person_id, association_id),
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
        .outerjoin(Participant, _voice_in_it(Participant) & _whose(person_id or 0, association_id))
        .outerjoin(
            Position,
            (Position.collectivity_id == Statement.collectivity_id)
            & (Position.statement_id == Statement.id)
            & (Position.participant_id == Participant.id),
        )
        .outerjoin(Receipt, _current_receipt(POSITION))
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


# --- everything one did --------------------------------------------------------------------------------


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
        .outerjoin(Receipt, _current_receipt(what))
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
        .where(_belongs_to(person_id))
        .order_by(table.at.desc())
    )


# --- receipts ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attested:
    """What a receipt attests to whoever types its code: never who, nor what they chose.

    `recorded`: the journal holds the entry and its hash is right. `value` and `number` only for its
    owner: the position taken then, and the project it was on.
    """

    code: str
    collectivity: Words
    slug: str
    what: str
    at: datetime
    current: bool
    newer: str | None
    recorded: bool
    seq: int | None
    entry_hash: str
    own: bool
    value: int | None
    number: int | None
    title: Words | None
    cycle: str


def attested(collectivity_id: int, typed: str, person_id: int | None) -> Attested | None:
    """Return what a typed code attests; None when no receipt has it here. Raises NotAReferenceError.

    `newer`, `value`, `number` and `title` are None unless it is this person's, or their association's.
    """
    code = str(parse_receipt(typed))
    row = db.session.execute(
        sa.select(
            Receipt,
            (sa.false() if person_id is None else _belongs_to(person_id)).label("own"),
            Collectivity.name,
            Collectivity.slug,
            JournalEntry.seq,
            JournalEntry.prev,
            JournalEntry.body,
            Project.number,
            ProjectRevision.title,
            ActionPlan.cycle,
        )
        .join(Collectivity, Collectivity.id == Receipt.collectivity_id)
        .join(
            Participant,
            (Participant.collectivity_id == Receipt.collectivity_id)
            & (Participant.id == Receipt.participant_id),
        )
        .join(
            Consultation,
            (Consultation.collectivity_id == Receipt.collectivity_id)
            & (Consultation.id == Receipt.consultation_id),
        )
        .join(
            ActionPlan,
            (ActionPlan.collectivity_id == Consultation.collectivity_id)
            & (ActionPlan.id == Consultation.plan_id),
        )
        .outerjoin(
            JournalEntry,
            (JournalEntry.collectivity_id == Receipt.collectivity_id)
            & (JournalEntry.hash == Receipt.entry_hash),
        )
        .outerjoin(
            ProjectStatement,
            (ProjectStatement.collectivity_id == Receipt.collectivity_id)
            & (ProjectStatement.statement_id == Receipt.statement_id),
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
        .where(Receipt.collectivity_id == collectivity_id, Receipt.code == code)
    ).one_or_none()
    if row is None:
        return None
    receipt: Receipt = row[0]
    own = bool(row.own)
    current = receipt.replaced_by is None
    public = Attested(
        code=receipt.code,
        collectivity=row.name,
        slug=row.slug,
        what=receipt.what,
        at=receipt.at,
        current=current,
        newer=None,
        recorded=row.body is not None and entry_hash(row.prev, row.body) == receipt.entry_hash,
        seq=row.seq,
        entry_hash=receipt.entry_hash,
        own=own,
        value=None,
        number=None,
        title=None,
        cycle=row.cycle,
    )
    if not own:
        return public
    return replace(
        public,
        newer=None
        if current
        else db.session.scalar(
            sa.select(Receipt.code).where(
                Receipt.collectivity_id == collectivity_id, Receipt.id == receipt.replaced_by
            )
        ),
        value=_value_in(row.body) if receipt.what == POSITION else None,
        number=row.number,
        title=row.title,
    )


def _value_in(body: str | None) -> int | None:
    """Return the position that an entry of the journal holds."""
    found = json.loads(body)["public"].get("value") if body else None
    return int(found) if found is not None else None
