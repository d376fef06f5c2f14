"""Any order of voting, writing, withdrawing, judging, appealing, extending, leaving and waiting keeps every promise.

A model beside the platform knows what must be counted and what may be read, and is compared after each step.
`make test` tries a few lives, `make soak` 200 of 30 steps on each engine; `LIFE=5000x80` is for a night.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from participate.contributions import actions as contributions
from participate.contributions import queries as texts
from participate.contributions.models import Contribution
from participate.db import db, set_clock, writing
from participate.journal import queries as journal
from participate.journal.models import Chain
from participate.lifecycle import actions as lifecycle
from participate.moderation import actions as moderation
from participate.people.models import Person
from participate.portal import actions as portal
from participate.positions import queries as positions
from participate.positions.models import Position, Statement
from participate.rules.lifecycle import MoveRefusedError
from participate.rules.moderation import AppealOutcome, Decision, DecisionRefusedError, ReasonCode
from participate.rules.outcomes import PublishState
from participate.rules.policy import ANYBODY, RefusedError, Role
from tests import makers
from tests.conftest import ANCHOR, both_engines
from tests.rooms.contributions.makers import SENTENCES, here, myself
from tests.rooms.positions.makers import take
from tests.support.soak import much, note

LIVES, STEPS = (
    int(one) for one in os.environ.get("LIFE", f"{much(6, 200)}x{much(25, 30)}").split("x", maxsplit=1)
)
PEOPLE = st.integers(0, 3)
STATEMENTS = st.integers(0, 2)
MODERATORS = st.integers(0, 1)
TEXTS = st.integers(0, 9)
PUBLIC = {PublishState.PUBLISHED, PublishState.PUBLISHED_LATE, PublishState.REDACTED}
SETTLED = {PublishState.WITHDRAWN, PublishState.REMOVED, PublishState.MERGED, PublishState.HIDDEN}
"""What its author can no longer take back; against a text hidden there is the appeal."""
OVER = {PublishState.WITHDRAWN, PublishState.REMOVED, PublishState.MERGED}
SOON, PROMISE, TO_REWRITE = timedelta(seconds=10), timedelta(hours=48), timedelta(days=5)
_lives = itertools.count()
DONE: Counter[str] = Counter()
"""How often each act was taken, not only tried: a machine that is always refused proves nothing."""


@dataclass
class Text:
    """What the model knows of a text."""

    row: int
    ref: str
    author: int
    state: PublishState
    words: str
    decision: int | None = None
    decider: int | None = None
    decided: datetime | None = None
    before: PublishState | None = None
    appeal: int | None = None
    heard: bool = False


@contextmanager
def act() -> Iterator[None]:
    """Do something as a request does: whole, or not at all."""
    with writing():
        try:
            yield
        except BaseException:
            db.session.rollback()
            raise
        db.session.commit()


class Life(RuleBasedStateMachine):
    """Four residents, two moderators, an officer, three projects under review."""

    @initialize()
    def begin(self) -> None:
        self.now = ANCHOR
        with act():
            set_clock(ANCHOR)
            number = next(_lives)
            code = "".join("ABCDEFGHJKLMNPQRSTUVWXYZ"[number // 24**place % 24] for place in range(4))
            self.plan = makers.a_plan(projects=3, collectivity=makers.a_collectivity(code=code))
            # The last is known by an address alone: the first three texts of such an account are read before.
            self.people = [makers.a_person(level=3) for _ in range(3)] + [makers.a_person(level=1)]
            self.moderators = [makers.staff(self.plan.collectivity, Role.MODERATOR) for _ in range(2)]
            self.officer = makers.staff(self.plan.collectivity, Role.OFFICER)
        assert self.plan.review
        self.review = self.plan.review
        self.closes = self.review.closes_at
        self.taken: dict[tuple[int, int], int] = {}
        self.texts: list[Text] = []
        self.part: set[int] = set()
        self.gone: set[int] = set()
        for person in (0, 3):
            self.write(person)

    @property
    def is_open(self) -> bool:
        return self.now < self.closes

    def _fresh(self) -> None:
        db.session.rollback()
        db.session.expire_all()

    def _text(self, number: int) -> Text | None:
        return self._one_of(number, self.texts)

    def _one_of(self, number: int, among: list[Text]) -> Text | None:
        return among[number % len(among)] if among else None

    # --- what residents do

    @rule(person=PEOPLE, statement=STATEMENTS, value=st.sampled_from([1, 0, -1]))
    def take_a_position(self, person: int, statement: int, value: int) -> None:
        if person in self.gone:
            return
        self._fresh()
        try:
            take(self.people[person], self.review, self.plan.statements[statement], value)
        except RefusedError:
            assert not self.is_open
            return
        assert self.is_open, "a vote was taken after the close"
        DONE["position"] += 1
        self.taken[person, statement] = value
        self.part.add(person)

    @rule(who=MODERATORS, statement=STATEMENTS)
    def staff_take_none(self, who: int, statement: int) -> None:
        self._fresh()
        with pytest.raises(RefusedError):
            take(self.moderators[who], self.review, self.plan.statements[statement], 1)

    @rule(person=PEOPLE)
    def write(self, person: int) -> None:
        if person in self.gone or len(self.texts) > 7:
            return
        self._fresh()
        one = self.people[person]
        words = next(SENTENCES)  # none like another: screening holds what looks like a copy
        try:
            with act():
                row = contributions.submit_comment(
                    makers.actor_of(one), here(self.plan), myself(one, self.plan),
                    project_id=self.plan.projects[0].id, body=words, declared=True,
                )  # fmt: skip
        except RefusedError:
            assert not self.is_open
            return
        assert self.is_open
        public_before = sum(text.author == person and text.state in PUBLIC for text in self.texts)
        if one.level >= 3:
            assert row.state is PublishState.PUBLISHED
        elif not any(text.author == person for text in self.texts):
            assert row.state is PublishState.WAITING
        assert public_before <= len(self.texts)
        DONE["text"] += 1
        self.texts.append(Text(row.id, row.ref, person, row.state, words))
        self.part.add(person)

    @rule(number=TEXTS, person=PEOPLE)
    def withdraw(self, number: int, person: int) -> None:
        text = self._text(number)
        if text is None or person in self.gone:
            return
        self._fresh()
        place = texts.place_of_contribution(self.plan.collectivity.id, text.row)
        try:
            with act():
                contributions.withdraw(makers.actor_of(self.people[person]), place)
        except RefusedError:
            assert person != text.author or text.state in SETTLED
            return
        DONE["withdrawal"] += 1
        assert person == text.author, "somebody withdrew another's text"
        assert text.state not in OVER
        text.state = PublishState.WITHDRAWN

    @rule(person=PEOPLE, take_back=st.booleans(), really=st.integers(0, 2))
    def leave(self, person: int, take_back: bool, really: int) -> None:
        if person in self.gone or (really and person not in self.part):
            return
        self._fresh()
        try:
            with act():
                portal.leave(makers.actor_of(self.people[person]), take_back=take_back)
        except portal.StillCountedError:
            assert self.is_open
            assert person in self.part
            return
        assert not (self.is_open and person in self.part), "somebody left who is still counted"
        DONE["leaving"] += 1
        self.gone.add(person)
        for text in self.texts:
            if take_back and text.author == person and text.state not in SETTLED:
                text.state = PublishState.WITHDRAWN

    # --- what moderators do

    @rule(
        number=TEXTS,
        who=MODERATORS,
        decision=st.sampled_from([Decision.PUBLISH, Decision.HIDE, Decision.RETURN]),
    )
    def decide(self, number: int, who: int, decision: Decision) -> None:
        text = self._text(number)
        if text is None:
            return
        self._fresh()
        place = texts.place_of_contribution(self.plan.collectivity.id, text.row)
        reason = None if decision is Decision.PUBLISH else ReasonCode.PERSONAL_DATA
        try:
            with act():
                made = moderation.decide(
                    makers.actor_of(self.moderators[who]), place, text.row, decision, reason,
                    "" if reason is None else "Le texte donne une adresse.",
                )  # fmt: skip
        except (moderation.NotDecidableError, moderation.AppealOpenError, DecisionRefusedError):
            assert (
                text.state in OVER | {PublishState.HIDDEN}
                or text.appeal is not None
                or decision is not Decision.HIDE
            ), "a text that stands could not be hidden"
            return
        DONE["decision"] += 1
        assert text.state not in OVER, "a decision on what was taken back"
        assert text.appeal is None or text.heard
        text.before, text.decision, text.decider = text.state, made.id, who
        text.decided, text.appeal, text.heard = self.now, None, False
        text.state = {
            Decision.PUBLISH: PublishState.PUBLISHED,
            Decision.HIDE: PublishState.HIDDEN,
            Decision.RETURN: PublishState.RETURNED,
        }[decision]

    @rule(number=TEXTS, same=st.booleans())
    def undo(self, number: int, same: bool) -> None:
        text = self._one_of(number, [one for one in self.texts if one.decision is not None])
        if text is None:
            return
        assert text.decider is not None
        assert text.decision is not None
        who = text.decider if same else 1 - text.decider
        together = [one for one in self.texts if one.decided == text.decided and one.decider == text.decider]
        if len(together) > 1:
            return  # those of one moment are taken back together: tests/rooms/moderation
        self._fresh()
        try:
            with act():
                moderation.undo(makers.actor_of(self.moderators[who]), text.decision)
        except (RefusedError, moderation.UndoTooLateError):
            DONE["undoing refused"] += 1
            return
        DONE["undoing"] += 1
        assert who == text.decider, "a decision was undone by another"
        assert text.decided
        assert self.now - text.decided <= SOON, "a decision was undone too late"
        assert text.before
        text.state, text.decision, text.decider = text.before, None, None

    @rule(number=TEXTS, other=st.integers(0, 3))
    def ask_again(self, number: int, other: int) -> None:
        text = self._one_of(number, [one for one in self.texts if one.decision is not None])
        if text is None:
            return
        assert text.decision is not None
        person = (text.author + (other == 3)) % len(self.people)
        if person in self.gone:
            return
        self._fresh()
        try:
            with act():
                row = moderation.appeal(
                    makers.actor_of(self.people[person]), text.decision, "Regardez mieux.", "fr"
                )
        except (moderation.AppealRefusedError, RefusedError):
            return
        DONE["appeal"] += 1
        assert person == text.author, "somebody appealed for another"
        assert text.appeal is None, "a second appeal"
        text.appeal, text.heard = row.id, False

    @rule(number=TEXTS, who=MODERATORS, outcome=st.sampled_from(AppealOutcome))
    def hear(self, number: int, who: int, outcome: AppealOutcome) -> None:
        text = self._one_of(number, [one for one in self.texts if one.appeal is not None])
        if text is None:
            return
        assert text.appeal is not None
        self._fresh()
        try:
            with act():
                moderation.decide_appeal(
                    makers.actor_of(self.moderators[who]), text.appeal, outcome, "Relu.", "fr"
                )
        except RefusedError:
            assert who == text.decider or text.heard
            return
        DONE["answer"] += 1
        assert who != text.decider, "the same person heard the appeal"
        assert not text.heard
        text.heard = True
        if outcome is AppealOutcome.REVERSED and text.state in {PublishState.HIDDEN, PublishState.RETURNED}:
            text.state = PublishState.PUBLISHED

    # --- what the office and the clock do

    @rule(days=st.integers(-2, 12))
    def extend(self, days: int) -> None:
        self._fresh()
        wanted = self.closes + timedelta(days=days)
        may = self.now <= self.closes - timedelta(hours=48) and days > 0
        try:
            with act():
                lifecycle.extend(
                    makers.actor_of(self.officer),
                    self.review,
                    wanted,
                    {"ar": "سبب واضح", "fr": "Une raison."},
                )
        except (MoveRefusedError, RefusedError):
            assert not may
            return
        assert may, "the deadline was moved when it may not be"
        DONE["extension"] += 1
        self.closes = wanted

    @rule(wait=st.sampled_from([5, 30, 3600, 86_400, 3 * 86_400, 6 * 86_400]))
    def wait(self, wait: int) -> None:
        self.now += timedelta(seconds=wait)
        self._fresh()
        with act():
            set_clock(self.now)
            lifecycle.run_due(self.plan.collectivity.id)
            moderation.publish_due(self.plan.collectivity.id)
        self._fresh()
        for text in self.texts:
            row = db.session.get_one(Contribution, (self.plan.collectivity.id, text.row))
            if row.state is text.state:
                continue
            lawful = {
                (PublishState.WAITING, PublishState.PUBLISHED_LATE): not row.signals,
                (PublishState.RETURNED, PublishState.HIDDEN): text.appeal is None or text.heard,
            }
            assert lawful.get((text.state, row.state)), f"{text.state} became {row.state} by itself"
            if row.state is PublishState.HIDDEN:
                text.decision = text.decider = text.decided = text.appeal = None
            text.state = row.state

    # --- what holds after each step

    @invariant()
    def what_is_counted_is_what_was_acknowledged(self) -> None:
        self._fresh()
        mine = Position.statement_id.in_(self.plan.statements)
        rows = db.session.execute(sa.select(Position.statement_id, Position.value).where(mine)).all()
        for number, one in enumerate(self.plan.statements):
            shown = db.session.get_one(Statement, (self.plan.collectivity.id, one))
            kept = Counter(value for (_person, where), value in self.taken.items() if where == number)
            assert (shown.agree, shown.disagree, shown.passed) == (kept[1], kept[-1], kept[0])
            assert Counter(value for where, value in rows if where == one) == kept

    @invariant()
    def what_is_read_is_what_may_be_read(self) -> None:
        where = self.plan.collectivity.id
        exported = {row.ref for row in texts.export(where, self.review.id)}
        assert exported == {text.ref for text in self.texts if text.state in PUBLIC}
        for text in self.texts:
            seen = texts.one(where, text.ref, ANYBODY)
            assert seen.state is text.state
            assert seen.readable == (text.state in PUBLIC)
            assert seen.readable or text.words not in seen.body

    @invariant()
    def nobody_knows_who_leads_before_the_close(self) -> None:
        found = positions.tallies(self.plan.collectivity.id, self.review.id)
        assert found is None or not self.is_open

    @invariant()
    def whoever_left_is_nobody(self) -> None:
        for person in self.gone:
            row = db.session.get(Person, self.people[person].id)
            assert row is None or (row.email is None and row.display_name is None)

    def teardown(self) -> None:
        if hasattr(self, "review"):
            self._fresh()
            chains = sa.select(Chain).where(Chain.collectivity_id == self.plan.collectivity.id)
            assert not [fault for one in db.session.scalars(chains) if (fault := journal.first_fault(one))]


@both_engines
@pytest.mark.timeout(36_000 if LIVES > 50 else 400)
def test_any_order_of_acts_keeps_every_promise(app: Flask, engine_name: str) -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
    note(f"lives on {engine_name}", lives=LIVES, steps=STEPS, **DONE)
    if LIVES >= 60:
        assert set(DONE) >= {
            "position", "text", "withdrawal", "leaving", "decision", "undoing", "appeal", "answer", "extension",
        }  # fmt: skip
