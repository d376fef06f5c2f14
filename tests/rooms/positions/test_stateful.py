"""Any order of positions, changes, priorities, hidings and closings keeps the counters true."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from participate.consultations.models import Consultation, Participant, Turnout
from participate.db import db, set_clock, writing
from participate.journal import queries as journal
from participate.journal.models import Chain, JournalEntry
from participate.positions import actions, queries
from participate.positions.models import Position, Priority, Receipt, Statement
from participate.rules.outcomes import ConsultationState
from participate.rules.policy import RefusedError
from tests import makers
from tests.conftest import ANCHOR, both_engines
from tests.rooms.positions.makers import OWN, as_association, counters, prioritise, recount, take

VOICES = st.integers(0, 3)
STATEMENTS = st.integers(0, 3)
VALUES = st.sampled_from([1, 0, -1])


class Voting(RuleBasedStateMachine):
    """Three people, one of them a delegate too, four projects; a model that remembers what was accepted."""

    @initialize()
    def begin(self) -> None:
        with writing():
            set_clock(ANCHOR)
            self.plan = makers.a_plan(projects=4)
            self.people = [makers.a_person() for _ in range(3)]
            association = makers.an_association(self.plan.collectivity, self.people[0])
            self.voices: list[tuple[Any, Any]] = [(person, OWN) for person in self.people]
            db.session.flush()
            self.voices.append((self.people[0], as_association(association, self.people[0])))
            db.session.commit()
        self.review = self.plan.review
        self.statements = self.plan.statements
        self.is_open = True
        self.taken: dict[tuple[int, int], int] = {}
        self.chosen: dict[int, set[int]] = {}
        self.acts = 0

    def _take(self, voice: int, statement: int, value: int) -> Any:
        person, spoken = self.voices[voice]
        return take(person, self.review, self.statements[statement], value, voice=spoken)

    @precondition(lambda self: self.is_open)
    @rule(voice=VOICES, statement=STATEMENTS, value=VALUES)
    def take_a_position(self, voice: int, statement: int, value: int) -> None:
        before = self.taken.get((voice, statement))
        result = self._take(voice, statement, value)
        assert result.before == before
        self.acts += result.changed
        assert result.changed == (before != value)
        self.taken[voice, statement] = value

    @precondition(lambda self: self.is_open)
    @rule(voice=VOICES, statement=STATEMENTS, on=st.booleans(), instead=st.none() | STATEMENTS)
    def choose_a_priority(self, voice: int, statement: int, on: bool, instead: int | None) -> None:
        person, spoken = self.voices[voice]
        have = self.chosen.setdefault(voice, set())
        given_up = self.statements[instead] if instead is not None else None
        try:
            prioritise(person, self.review, self.statements[statement], on, voice=spoken, instead=given_up)
        except actions.PrioritiesFullError:
            assert len(have) == 3
            assert statement not in have
            assert instead not in have
            return
        if on and statement not in have and instead in have:
            have.discard(instead)
        (have.add if on else have.discard)(statement)

    @precondition(lambda self: self.is_open)
    @rule(statement=STATEMENTS, voice=VOICES)
    def a_hidden_text_takes_none(self, statement: int, voice: int) -> None:
        self._set_votable(statement, votable=False)
        with pytest.raises(RefusedError):
            self._take(voice, statement, 1)
        self._set_votable(statement, votable=True)

    def _set_votable(self, statement: int, *, votable: bool) -> None:
        with writing():
            row = db.session.get(Statement, (self.plan.collectivity.id, self.statements[statement]))
            row.votable = votable
            db.session.commit()

    @precondition(lambda self: self.is_open and len(self.taken) > 5)
    @rule(late=st.booleans())
    def close(self, late: bool) -> None:
        with writing():
            if late:
                set_clock(self.review.closes_at + timedelta(seconds=1))
            else:
                row = db.session.get(Consultation, (self.review.collectivity_id, self.review.id))
                row.state, row.closed_at = ConsultationState.CLOSED, row.opens_at
            db.session.commit()
        self.is_open = False

    @precondition(lambda self: not self.is_open)
    @rule(voice=VOICES, statement=STATEMENTS, value=VALUES)
    def nothing_is_taken_after_the_close(self, voice: int, statement: int, value: int) -> None:
        with pytest.raises(RefusedError):
            self._take(voice, statement, value)

    @invariant()
    def counters_equal_a_recount_and_the_model(self) -> None:
        db.session.rollback()
        shown, counted = counters(), recount()
        for number, one in enumerate(self.statements):
            kept = Counter(value for (_voice, where), value in self.taken.items() if where == number)
            assert shown[one] == counted[one] == (kept[1], kept[-1], kept[0])

    @invariant()
    def every_act_has_one_entry_and_every_standing_act_one_current_receipt(self) -> None:
        here = Receipt.consultation_id == self.review.id
        entries = db.session.scalar(
            sa.select(sa.func.count())
            .select_from(JournalEntry)
            .join(Chain, Chain.id == JournalEntry.chain_id)
            .where(Chain.ref == self.review.id, JournalEntry.type == "position:taken")
        )
        assert entries == self.acts
        rows = db.session.execute(
            sa.select(Receipt.participant_id, Receipt.statement_id, Receipt.what).where(
                here, Receipt.replaced_by.is_(None)
            )
        )
        current = Counter((row.participant_id, row.statement_id, row.what) for row in rows)
        assert set(current.values()) <= {1}
        assert sum(what == "position" for _p, _s, what in current) == len(self.taken)

    @invariant()
    def voices_are_counted_once(self) -> None:
        spoke = {voice for voice, _ in self.taken} | {v for v, have in self.chosen.items() if have}
        counts = db.session.scalar(sa.select(Turnout).where(Turnout.consultation_id == self.review.id))
        rows = db.session.scalars(
            sa.select(Participant.id).where(Participant.consultation_id == self.review.id)
        ).all()
        assert len(rows) == (counts.people + counts.associations if counts else 0)
        assert len(rows) >= len(spoke)

    @invariant()
    def priorities_are_the_chosen_ones(self) -> None:
        rows = db.session.execute(
            sa.select(Priority.slot, Priority.statement_id).where(Priority.consultation_id == self.review.id)
        ).all()
        assert all(1 <= slot <= 3 for slot, _ in rows)
        assert sorted(one for _, one in rows) == sorted(
            self.statements[one] for have in self.chosen.values() for one in have
        )

    @invariant()
    def tallies_show_nothing_before_the_close(self) -> None:
        db.session.rollback()
        row = db.session.get(Consultation, (self.review.collectivity_id, self.review.id))
        found = queries.tallies(self.review.collectivity_id, self.review.id)
        assert (found is None) == (row.state is ConsultationState.OPEN)

    def teardown(self) -> None:
        if hasattr(self, "review"):
            assert not [fault for fault in journal.verify() if fault]
            assert db.session.scalar(sa.select(sa.func.count()).select_from(Position)) is not None


@both_engines
@pytest.mark.timeout(300)
def test_any_order_of_acts_keeps_the_counters_true(app):
    run_state_machine_as_test(
        Voting,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
