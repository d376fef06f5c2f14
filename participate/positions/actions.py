"""Taking a position and choosing priorities: counted once, in the window, on the record, with a receipt.

Locks are taken in one order: consultation, participant, statement, chain. The clock is read after
the first of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from participate.consultations import actions as consultations
from participate.consultations.models import Consultation, Participant
from participate.consultations.queries import Entered, facts_for_place, lock_for_voice
from participate.db import add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.journal import keys
from participate.people.queries import Voice
from participate.plans.models import VersionProject
from participate.positions import news
from participate.positions.models import Position, Priority, ProjectStatement, Receipt, Statement
from participate.positions.queries import POSITION, PRIORITY
from participate.rules import references
from participate.rules.outcomes import PositionValue, StatementKind
from participate.rules.policy import Act, Actor, Place, RefusedError, require

COUNTER = {
    PositionValue.AGREE: Statement.agree,
    PositionValue.DISAGREE: Statement.disagree,
    PositionValue.PASS: Statement.passed,
}


class NoSuchStatementError(Exception):
    """No statement has this key in the consultation; holds the key."""


class PrioritiesFullError(Exception):
    """Every slot is taken: one must be given up first; holds the statements chosen and the limit."""

    def __init__(self, chosen: tuple[int, ...], limit: int) -> None:
        super().__init__(chosen, limit)
        self.chosen = chosen
        self.limit = limit


class CodeTakenError(Exception):
    """Another receipt has the same forty bits. Nothing was recorded: done again, the code differs."""


@dataclass(frozen=True)
class Taken:
    """A position as recorded: what its receipt says. `replaced` is the code of the older receipt."""

    code: str
    at: datetime
    statement_id: int
    participant_id: int
    value: PositionValue
    before: PositionValue | None
    replaced: str | None

    @property
    def changed(self) -> bool:
        """Whether anything was recorded: the same position again keeps its receipt."""
        return self.before is not self.value


@dataclass(frozen=True)
class Chosen:
    """A priority as recorded; `code` is None when there was nothing to take away."""

    code: str | None
    at: datetime | None
    statement_id: int
    participant_id: int
    on: bool
    used: int
    limit: int


# --- statements -----------------------------------------------------------------------------------


def new_statement(collectivity_id: int, consultation_id: int, kind: StatementKind) -> Statement:
    """Make a statement: something positions can be taken on. Whoever owns it points to it."""
    return add(
        Statement(
            collectivity_id=collectivity_id,
            id=new_id(),
            consultation_id=consultation_id,
            kind=kind,
            votable=True,
            agree=0,
            disagree=0,
            passed=0,
            created_at=clock(),
        )
    )


def open_project_statements(consultation: Consultation, version_id: int) -> int:
    """Give every project of the version under review its statement, once; return how many were made.

    Each is bound to the revision that people read. The caller holds the consultation's lock.
    """
    here = consultation.collectivity_id
    have = set(
        db.session.scalars(
            sa.select(ProjectStatement.project_id).where(
                ProjectStatement.collectivity_id == here, ProjectStatement.consultation_id == consultation.id
            )
        )
    )
    pinned = db.session.execute(
        sa.select(VersionProject.project_id, VersionProject.revision_id)
        .where(VersionProject.collectivity_id == here, VersionProject.version_id == version_id)
        .order_by(VersionProject.project_id)
    ).all()
    made = 0
    for project_id, revision_id in pinned:
        if project_id in have:
            continue
        statement = new_statement(here, consultation.id, StatementKind.PROJECT)
        add(
            ProjectStatement(
                collectivity_id=here,
                consultation_id=consultation.id,
                project_id=project_id,
                revision_id=revision_id,
                statement_id=statement.id,
            )
        )
        made += 1
    return made


# --- positions ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Act:
    """An act that has its locks: who, in which voice, on what, and the clock read under the first lock."""

    actor: Actor
    voice: Voice
    entered: Entered
    participant: Participant
    statement: Statement
    revision_id: int | None
    now: datetime


def take(
    actor: Actor,
    place: Place,
    statement_id: int,
    value: int,
    voice: Voice,
    *,
    declared: bool = False,
) -> Taken:
    """Take or change a voice's position on a statement of the place's consultation.

    The same position again changes nothing and returns its receipt. Raises RefusedError (closed,
    staff, level, text not public), NoSuchStatementError, NotYourVoiceError, NotDeclaredError,
    CodeTakenError, and ValueError for a value other than 1, 0 and -1.
    """
    wanted = PositionValue(value)
    act = _enter(actor, Act.POSITION_TAKE, place, statement_id, voice, declared)
    statement, participant = act.statement, act.participant
    old = db.session.execute(
        sa.select(Position.value, Position.acting_person_id, Receipt)
        .outerjoin(
            Receipt,
            (Receipt.collectivity_id == Position.collectivity_id)
            & (Receipt.participant_id == Position.participant_id)
            & (Receipt.statement_id == Position.statement_id)
            & (Receipt.what == POSITION)
            & Receipt.replaced_by.is_(None),
        )
        .where(
            Position.collectivity_id == statement.collectivity_id,
            Position.statement_id == statement.id,
            Position.participant_id == participant.id,
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    before = PositionValue(old.value) if old else None
    if old and before is wanted and old.Receipt is not None:
        receipt = old.Receipt
        return Taken(receipt.code, receipt.at, statement.id, participant.id, wanted, before, None)
    _upsert(act, wanted)
    _count(statement, before, wanted)
    new = _recorded(act, POSITION, statement.id, {"revision": act.revision_id, "value": int(wanted)})
    replaced = _replace(old.Receipt if old else None, new)
    if old and voice.association_id is not None and old.acting_person_id not in (None, actor.person_id):
        news.tell_delegates(
            statement.collectivity_id, voice.association_id, [old.acting_person_id, actor.person_id], new.code
        )
    return Taken(new.code, new.at, statement.id, participant.id, wanted, before, replaced)


def _enter(actor: Actor, act: Act, place: Place, statement_id: int, voice: Voice, declared: bool) -> _Act:
    """Lock what the act needs, in order, and ask the policy with the facts as they are under the locks."""
    if place.collectivity_id is None or place.consultation_id is None:
        raise RefusedError(act, ("window_open",))
    entered = lock_for_voice(place.collectivity_id, place.consultation_id, actor.person_id, voice)
    consultation = entered.consultation
    now = clock()
    here = replace(place, **facts_for_place(consultation, now))
    require(actor, act, here)
    participant = consultations.participant_for(
        actor, consultation, voice, declared=declared, known=entered.participant
    )
    consultations.require_declared(consultation, participant)
    revision = (
        sa.select(ProjectStatement.revision_id)
        .where(
            ProjectStatement.collectivity_id == Statement.collectivity_id,
            ProjectStatement.statement_id == Statement.id,
        )
        .correlate(Statement)
        .scalar_subquery()
    )
    # Under this lock the old value read next is the true one, so the counters move by the true delta.
    # Joined here it would not be: after a wait PostgreSQL reads only the locked row again.
    found = db.session.execute(
        sa.select(Statement, revision)
        .where(
            Statement.collectivity_id == consultation.collectivity_id,
            Statement.id == statement_id,
            Statement.consultation_id == consultation.id,
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NoSuchStatementError(statement_id)
    statement, revision_id = found
    require(actor, act, replace(here, votable=statement.votable))
    return _Act(actor, voice, entered, participant, statement, revision_id, now)


def _upsert(act: _Act, value: PositionValue) -> None:
    row = {
        "value": int(value),
        "revision_id": act.revision_id,
        "at": act.now,
        "acting_person_id": act.actor.person_id,
        "mandate_id": act.voice.mandate_id,
    }
    db.session.execute(
        consultations.insert(Position)
        .values(
            collectivity_id=act.statement.collectivity_id,
            statement_id=act.statement.id,
            participant_id=act.participant.id,
            **row,
        )
        .on_conflict_do_update(index_elements=["collectivity_id", "statement_id", "participant_id"], set_=row)
    )


def _count(statement: Statement, before: PositionValue | None, after: PositionValue) -> None:
    """Move the statement's counters from the old value to the new one, in the database."""
    changes: dict[Any, Any] = {COUNTER[after]: COUNTER[after] + 1}
    if before is after:
        return
    if before is not None:
        changes[COUNTER[before]] = COUNTER[before] - 1
    db.session.execute(
        sa.update(Statement)
        .where(Statement.collectivity_id == statement.collectivity_id, Statement.id == statement.id)
        .values(changes)
        .execution_options(synchronize_session=False)
    )


def _recorded(act: _Act, what: str, statement_id: int, private: dict[str, Any]) -> Receipt:
    """Append the journal entry and return its receipt. What was chosen stays behind the commitment.

    The entry's own time, read under the chain's lock, is in the window too: an act that waited past
    the end for its turn is refused, and everything it wrote goes with the transaction.
    """
    consultation, participant = act.entered.consultation, act.participant
    entry = journal.record(
        act.actor.person_id,
        {POSITION: "position:taken", PRIORITY: "priority:set"}[what],
        journal.of_consultation(consultation.collectivity_id, consultation.id),
        f"statement:{statement_id}",
        public={
            "statement": statement_id,
            "voter": keys.pseudonym(consultation.key_wrapped, f"{what}|{participant.id}", statement_id),
        },
        private={
            "participant": participant.id,
            "person": act.actor.person_id,
            "mandate": act.voice.mandate_id,
            **private,
        },
    )
    if entry.at >= consultation.closes_at:
        raise RefusedError({POSITION: Act.POSITION_TAKE, PRIORITY: Act.PRIORITY_SET}[what], ("window_open",))
    values = {
        "collectivity_id": consultation.collectivity_id,
        "id": new_id(),
        "code": str(references.receipt_of(act.entered.code, bytes.fromhex(entry.hash))),
        "consultation_id": consultation.id,
        "participant_id": participant.id,
        "statement_id": statement_id,
        "what": what,
        "entry_hash": entry.hash,
        "at": entry.at,
        "replaced_by": None,
    }
    made = db.session.execute(
        consultations.insert(Receipt).values(**values).on_conflict_do_nothing().returning(Receipt.id)
    ).one_or_none()
    if made is None:
        raise CodeTakenError(values["code"])
    return Receipt(**values)


def _replace(old: Receipt | None, new: Receipt) -> str | None:
    if old is None:
        return None
    old.replaced_by = new.id
    db.session.flush()
    return old.code


# --- priorities -----------------------------------------------------------------------------------


def set_priority(
    actor: Actor,
    place: Place,
    statement_id: int,
    on: bool,
    voice: Voice,
    *,
    instead: int | None = None,
    declared: bool = False,
) -> Chosen:
    """Mark a project as one of a voice's few priorities, or no longer.

    `instead` is the statement to give up in the same act. Doing it again changes nothing. Raises
    PrioritiesFullError, and what `take` raises; a statement that is no project is not votable here.
    """
    act = _enter(actor, Act.PRIORITY_SET, place, statement_id, voice, declared)
    statement, participant = act.statement, act.participant
    if statement.kind is not StatementKind.PROJECT:
        raise RefusedError(Act.PRIORITY_SET, ("votable",))
    consultation = act.entered.consultation
    # A voice's slots are filled one act at a time; two tabs wait for each other here.
    db.session.execute(
        for_update(
            sa.select(Participant.id).where(
                Participant.collectivity_id == participant.collectivity_id, Participant.id == participant.id
            )
        )
    )
    slots = {row.statement_id: row for row in _priorities(consultation, participant)}
    limit = consultation.priorities_max
    if on is (statement.id in slots):
        kept = _receipt_of(participant, statement.id)
        return Chosen(
            kept.code if kept and on else None,
            kept.at if kept and on else None,
            statement.id,
            participant.id,
            on,
            len(slots),
            limit,
        )
    if not on:
        _drop(slots.pop(statement.id))
    else:
        if instead is not None and instead in slots:
            _drop(slots.pop(instead))
            _note(act, instead, on=False)
        taken = {row.slot for row in slots.values()}
        free = next((slot for slot in range(1, limit + 1) if slot not in taken), None)
        if free is None:
            raise PrioritiesFullError(tuple(slots), limit)
        slots[statement.id] = add(
            Priority(
                collectivity_id=statement.collectivity_id,
                consultation_id=consultation.id,
                participant_id=participant.id,
                slot=free,
                statement_id=statement.id,
                at=act.now,
            )
        )
    new = _note(act, statement.id, on=on)
    return Chosen(new.code, new.at, statement.id, participant.id, on, len(slots), limit)


def _priorities(consultation: Consultation, participant: Participant) -> list[Priority]:
    return list(
        db.session.scalars(
            sa.select(Priority)
            .where(
                Priority.collectivity_id == consultation.collectivity_id,
                Priority.consultation_id == consultation.id,
                Priority.participant_id == participant.id,
            )
            .order_by(Priority.slot)
            .execution_options(populate_existing=True)
        )
    )


def _drop(row: Priority) -> None:
    db.session.delete(row)
    db.session.flush()


def _receipt_of(participant: Participant, statement_id: int) -> Receipt | None:
    return db.session.scalar(
        sa.select(Receipt)
        .where(
            Receipt.collectivity_id == participant.collectivity_id,
            Receipt.participant_id == participant.id,
            Receipt.statement_id == statement_id,
            Receipt.what == PRIORITY,
            Receipt.replaced_by.is_(None),
        )
        .execution_options(populate_existing=True)
    )


def _note(act: _Act, statement_id: int, *, on: bool) -> Receipt:
    old = _receipt_of(act.participant, statement_id)
    new = _recorded(act, PRIORITY, statement_id, {"on": on})
    _replace(old, new)
    return new
