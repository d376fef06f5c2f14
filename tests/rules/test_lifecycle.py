"""The life of a plan as a table: every move from every stage, every need, and a long random walk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from participate.rules import lifecycle as law
from participate.rules.lifecycle import (
    MOVES,
    NEEDS,
    Facts,
    MoveName,
    MoveRefusedError,
    Need,
    Stage,
    Standing,
    Step,
    StepState,
    Warn,
)
from participate.rules.outcomes import ConsultationKind, ConsultationState
from participate.rules.windows import window_of_days

NOW = datetime(2023, 8, 22, 9, 0, tzinfo=UTC)
WINDOW = window_of_days(datetime(2023, 7, 25).date(), datetime(2023, 8, 29).date())  # noqa: DTZ001

MET: dict[Need, dict[str, object]] = {
    Need.HAS_ARABIC_AXIS: {"arabic_axes": 1},
    Need.HAS_PUBLISHED_DRAFT: {"draft_version_projects": 1},
    Need.PROJECTS_COMPLETE: {"incomplete_projects": ()},
    Need.NOTICE_GIVEN: {"announced_at": NOW - timedelta(days=20), "opens_at": NOW - timedelta(days=5)},
    Need.WINDOW_LONG_ENOUGH: {"opens_at": NOW - timedelta(days=5), "closes_at": NOW + timedelta(days=20)},
    Need.NO_OTHER_OPEN: {"other_open": 0},
    Need.OPENING_TIME_REACHED: {"opens_at": NOW - timedelta(days=5)},
    Need.CLOSING_TIME_REACHED: {"closes_at": NOW},
    Need.EXTENSION_IN_TIME: {"closes_at": NOW + timedelta(days=20)},
    Need.EXTENSION_LONGER: {"closes_at": NOW + timedelta(days=20), "new_closes_at": NOW + timedelta(days=21)},
    Need.REASON_GIVEN: {"public_reason": True},
    Need.REVIEW_CLOSED: {"reviews_closed": 1},
    Need.NOTHING_PENDING: {"pending": 0},
    Need.NO_OPEN_APPEAL: {"open_appeals": 0},
    Need.APPEAL_WINDOW_OVER: {"appeal_window_ends": NOW},
    Need.EVERY_IDEA_HAS_FATE: {"ideas_without_fate": 0},
    Need.EVERY_PROJECT_HAS_RESPONSE: {"projects_without_response": ()},
    Need.COVERAGE_COMPLETE: {"answerable": 7, "answered": 7},
    Need.REVISED_VERSION_READY: {"revised_version_ready": True},
    Need.QUORUM_REACHED: {"quorum": True},
    Need.EVERY_PROJECT_DECIDED: {"projects_undecided": ()},
    Need.AMENDMENTS_WRITTEN: {"amendments_unwritten": ()},
    Need.DELIBERATION_DATED: {"deliberation_dated": True},
    Need.END_REACHED: {"ends_on_reached": True},
    Need.EVALUATION_RECORDED: {"evaluation_recorded": True},
}

UNMET: dict[Need, dict[str, object]] = {
    Need.HAS_ARABIC_AXIS: {"arabic_axes": 0},
    Need.HAS_PUBLISHED_DRAFT: {"draft_version_projects": 0},
    Need.PROJECTS_COMPLETE: {"incomplete_projects": (3,)},
    Need.NOTICE_GIVEN: {"announced_at": NOW - timedelta(days=18), "opens_at": NOW - timedelta(days=5)},
    Need.WINDOW_LONG_ENOUGH: {"opens_at": NOW - timedelta(days=5), "closes_at": NOW + timedelta(days=1)},
    Need.NO_OTHER_OPEN: {"other_open": 1},
    Need.OPENING_TIME_REACHED: {"opens_at": NOW + timedelta(microseconds=1)},
    Need.CLOSING_TIME_REACHED: {"closes_at": NOW + timedelta(microseconds=1)},
    Need.EXTENSION_IN_TIME: {"closes_at": NOW + timedelta(hours=47)},
    Need.EXTENSION_LONGER: {"closes_at": NOW + timedelta(days=20), "new_closes_at": NOW + timedelta(days=20)},
    Need.REASON_GIVEN: {"public_reason": False},
    Need.REVIEW_CLOSED: {"reviews_closed": 0},
    Need.NOTHING_PENDING: {"pending": 1},
    Need.NO_OPEN_APPEAL: {"open_appeals": 1},
    Need.APPEAL_WINDOW_OVER: {"appeal_window_ends": NOW + timedelta(microseconds=1)},
    Need.EVERY_IDEA_HAS_FATE: {"ideas_without_fate": 1},
    Need.EVERY_PROJECT_HAS_RESPONSE: {"projects_without_response": (2,)},
    Need.COVERAGE_COMPLETE: {"answerable": 7, "answered": 6},
    Need.REVISED_VERSION_READY: {"revised_version_ready": False},
    Need.QUORUM_REACHED: {"quorum": False},
    Need.EVERY_PROJECT_DECIDED: {"projects_undecided": (1,)},
    Need.AMENDMENTS_WRITTEN: {"amendments_unwritten": (5,)},
    Need.DELIBERATION_DATED: {"deliberation_dated": False},
    Need.END_REACHED: {"ends_on_reached": False},
    Need.EVALUATION_RECORDED: {"evaluation_recorded": False},
}


def ready_for(name: MoveName) -> Facts:
    """Facts with which a move is possible."""
    move = MOVES[name]
    facts = Facts(stage=next(iter(sorted(move.sources))), now=NOW)
    if move.consultation:
        facts = replace(facts, consultation_state=next(iter(sorted(move.consultation))))
    for need in move.needs:
        facts = replace(facts, **MET[need])
    return facts


def test_every_need_has_its_test_and_its_predicate():
    assert set(MET) == set(UNMET) == set(NEEDS) == set(Need)


@pytest.mark.parametrize("need", list(Need))
def test_each_need_is_met_by_its_facts_and_by_nothing_less(need):
    facts = Facts(stage=Stage.PREPARATION, now=NOW)
    assert NEEDS[need](replace(facts, **MET[need]))
    assert not NEEDS[need](replace(facts, **UNMET[need]))


@pytest.mark.parametrize("name", list(MoveName))
@pytest.mark.parametrize("stage", list(Stage))
def test_a_move_leads_from_its_stages_and_from_no_other(name, stage):
    move = MOVES[name]
    facts = replace(ready_for(name), stage=stage)
    if stage in move.sources:
        assert law.perform(name, facts) is (move.target or stage)
    else:
        with pytest.raises(MoveRefusedError) as caught:
            law.perform(name, facts)
        assert caught.value.unmet.wrong_stage


@pytest.mark.parametrize(("name", "need"), [(name, need) for name in MoveName for need in MOVES[name].needs])
def test_a_move_is_refused_for_each_need_and_names_it(name, need):
    unmet = law.check(name, replace(ready_for(name), **UNMET[need]))
    assert need in unmet.needs
    assert unmet.any


@pytest.mark.parametrize("name", list(MoveName))
@pytest.mark.parametrize("state", [None, *ConsultationState])
def test_a_move_of_a_consultation_has_its_state(name, state):
    move = MOVES[name]
    unmet = law.check(name, replace(ready_for(name), consultation_state=state))
    assert unmet.wrong_consultation is (move.consultation is not None and state not in move.consultation)


def test_everything_that_is_missing_is_said_at_once():
    unmet = law.check(
        MoveName.TRANSMIT, Facts(stage=Stage.SYNTHESIS, now=NOW, pending=2, ideas_without_fate=1)
    )
    assert set(unmet.needs) == {
        Need.REVIEW_CLOSED,
        Need.NOTHING_PENDING,
        Need.EVERY_IDEA_HAS_FATE,
        Need.REVISED_VERSION_READY,
    }


def test_a_public_reason_stands_for_a_short_notice():
    facts = replace(ready_for(MoveName.OPEN_REVIEW), announced_at=NOW - timedelta(days=6))
    assert law.check(MoveName.OPEN_REVIEW, facts).needs == (Need.NOTICE_GIVEN,)
    assert not law.check(MoveName.OPEN_REVIEW, replace(facts, public_reason=True)).any


@pytest.mark.parametrize(("hour", "given"), [(0, True), (12, True), (22, True), (23, False)])
def test_a_notice_at_any_hour_of_11_july_serves_an_opening_on_25_july(hour, given):
    facts = Facts(
        stage=Stage.PREPARATION,
        now=NOW,
        announced_at=datetime(2023, 7, 11, hour, 30, tzinfo=UTC),
        opens_at=WINDOW.opens_at,
    )
    assert law.notice_given(facts) is given


@pytest.mark.parametrize(
    ("days", "long_enough", "short"), [(6, False, True), (7, True, True), (15, True, False)]
)
def test_a_window_of_days_is_long_enough_from_7_and_comfortable_from_15(days, long_enough, short):
    window = window_of_days(
        WINDOW.opens_at.date() + timedelta(days=1), WINDOW.opens_at.date() + timedelta(days=days)
    )
    facts = Facts(stage=Stage.PREPARATION, now=NOW, opens_at=window.opens_at, closes_at=window.closes_at)
    assert law.window_long_enough(facts) is long_enough
    assert law.window_short(facts) is short
    assert law.warnings(MoveName.ANNOUNCE, facts) == ((Warn.WINDOW_SHORT,) if short else ())


def test_without_dates_nothing_is_given_nor_long_enough():
    facts = Facts(stage=Stage.PREPARATION, now=NOW)
    assert not law.notice_given(facts)
    assert not law.window_long_enough(facts)
    assert not law.window_short(facts)


# --- the seven stars ------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("call", [None, *ConsultationState])
def test_there_is_at_most_one_step_now_with_the_past_behind_and_the_future_ahead(stage, call):
    states = [state for _step, state in law.stars(stage, call)]
    assert len(states) == len(Step)
    order = {StepState.DONE: 0, StepState.NOW: 1, StepState.TODO: 2}
    assert [order[s] for s in states] == sorted(order[s] for s in states)
    assert states.count(StepState.NOW) == (0 if stage in (Stage.CLOSED, Stage.WITHDRAWN) else 1)


@pytest.mark.parametrize(
    ("stage", "call", "step"),
    [
        (Stage.PREPARATION, None, Step.DRAFT),
        (Stage.PREPARATION, ConsultationState.PLANNED, Step.IDEAS),
        (Stage.PREPARATION, ConsultationState.OPEN, Step.IDEAS),
        (Stage.PREPARATION, ConsultationState.CLOSED, Step.DRAFT),
        (Stage.PREPARATION, ConsultationState.ARCHIVED, Step.DRAFT),
        (Stage.CONSULTATION, ConsultationState.CLOSED, Step.REVIEW),
        (Stage.SYNTHESIS, ConsultationState.CLOSED, Step.ANSWERS),
        (Stage.COUNCIL, None, Step.COUNCIL),
        (Stage.IMPLEMENTATION, None, Step.IMPLEMENTATION),
        (Stage.EVALUATION, None, Step.EVALUATION),
        (Stage.CLOSED, None, None),
        (Stage.WITHDRAWN, None, None),
    ],
)
def test_the_public_step_of_a_plan(stage, call, step):
    assert law.step_now(stage, call) is step


# --- a long random walk -----------------------------------------------------------------------------------

FACTS = st.builds(
    Facts,
    stage=st.sampled_from(Stage),
    now=st.just(NOW),
    consultation=st.sampled_from([None, *ConsultationKind]),
    consultation_state=st.sampled_from([None, *ConsultationState]),
    public_reason=st.booleans(),
    arabic_axes=st.integers(0, 2),
    draft_version_projects=st.integers(0, 2),
    other_open=st.integers(0, 1),
    reviews_closed=st.integers(0, 1),
    pending=st.integers(0, 1),
    quorum=st.booleans(),
    deliberation_dated=st.booleans(),
    ends_on_reached=st.booleans(),
    evaluation_recorded=st.booleans(),
)


@given(name=st.sampled_from(MoveName), facts=FACTS)
def test_checking_and_performing_always_agree(name, facts):
    unmet = law.check(name, facts)
    if unmet.any:
        with pytest.raises(MoveRefusedError) as caught:
            law.perform(name, facts)
        assert caught.value.unmet == unmet
    else:
        assert law.perform(name, facts) in {facts.stage, MOVES[name].target}


class LifeOfAPlan(RuleBasedStateMachine):
    """A plan lives by the table alone; whatever the order of tries, its history stays a lawful one."""

    def __init__(self) -> None:
        super().__init__()
        self.facts = Facts(stage=Stage.PREPARATION, now=NOW)
        self.history = [Stage.PREPARATION]
        self.reviewed = False
        self.answered = False

    def _try(self, name: MoveName, **changes: object) -> bool:
        facts = replace(self.facts, **changes)
        try:
            stage = law.perform(name, facts)
        except MoveRefusedError:
            return False
        self.facts = replace(self.facts, stage=stage)
        if stage is not self.history[-1]:
            self.history.append(stage)
        return True

    @rule(name=st.sampled_from(MoveName))
    def try_anything_unprepared(self, name):
        before = self.facts.stage
        assert not self._try(name) or MOVES[name].needs == ()
        assert self.facts.stage is before

    @rule(name=st.sampled_from(MoveName))
    def try_anything_prepared(self, name):
        ready = ready_for(name)
        done = self._try(name, **{k: v for k, v in ready.__dict__.items() if k != "stage"})
        assert done is (self.history[-1] is (MOVES[name].target or self.history[-1]) and done)
        if done and name is MoveName.CLOSE_REVIEW:
            self.reviewed = True
        if done and name is MoveName.TRANSMIT:
            self.answered = True
        if done and name is MoveName.RETURN:
            self.reviewed = self.answered = False

    @precondition(lambda self: self.facts.stage is not Stage.WITHDRAWN)
    @rule(need=st.sampled_from(Need), name=st.sampled_from(MoveName))
    def one_unmet_need_is_enough_to_stop(self, need, name):
        if need not in MOVES[name].needs:
            return
        facts = {k: v for k, v in ready_for(name).__dict__.items() if k != "stage"}
        assert not self._try(name, **{**facts, **UNMET[need]})

    @invariant()
    def nobody_votes_on_what_was_not_reviewed(self):
        if self.facts.stage is Stage.COUNCIL:
            assert self.reviewed
            assert self.answered

    @invariant()
    def every_step_of_the_history_is_in_the_table(self):
        for before, after in zip(self.history, self.history[1:], strict=False):
            assert any(move.target is after and before in move.sources for move in MOVES.values())

    @invariant()
    def what_ended_has_ended(self):
        assert Stage.WITHDRAWN not in self.history[:-1]
        assert Stage.CLOSED not in self.history[:-1]

    @invariant()
    def an_adopted_plan_is_never_withdrawn(self):
        if self.history[-1] is Stage.WITHDRAWN:
            assert Stage.IMPLEMENTATION not in self.history


TestLifeOfAPlan = LifeOfAPlan.TestCase


# --- how a plan stands, in one line ------------------------------------------------------------------

CALL = window_of_days(datetime(2023, 6, 19).date(), datetime(2023, 6, 25).date())  # noqa: DTZ001


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        (CALL.opens_at - timedelta(days=1), (Standing.ANNOUNCED, CALL)),
        (CALL.opens_at, (Standing.OPEN, CALL)),
        (CALL.closes_at - timedelta(microseconds=1), (Standing.OPEN, CALL)),
        (CALL.closes_at, (Standing.ANNOUNCED, WINDOW)),
        (WINDOW.opens_at, (Standing.OPEN, WINDOW)),
        (WINDOW.closes_at, (Standing.CLOSED, WINDOW)),
    ],
)
def test_a_plan_stands_as_the_clock_and_its_windows_say(
    moment: datetime, found: tuple[Standing, object]
) -> None:
    assert law.standing(Stage.PREPARATION, [CALL, WINDOW], moment) == found
    assert law.standing(Stage.PREPARATION, [WINDOW, CALL], moment) == found


@pytest.mark.parametrize("stage", Stage)
def test_from_the_council_on_no_window_says_how_a_plan_stands(stage: Stage) -> None:
    found, window = law.standing(stage, [WINDOW], NOW)
    assert (window is None) == (stage not in {Stage.PREPARATION, Stage.CONSULTATION, Stage.SYNTHESIS})
    assert found is not Standing.PREPARED
    assert law.standing(Stage.PREPARATION, [], NOW) == (Standing.PREPARED, None)
