"""The closed lists: what each value may be, and which answers owe a reason."""

import enum
import inspect

import pytest

from participate.rules import outcomes
from participate.rules.outcomes import (
    DECISIONS_ADOPTING,
    DECISIONS_NEEDING_REASON,
    DEFAULT_ACCEPTS_CALL_FOR_IDEAS,
    DEFAULT_ACCEPTS_DRAFT_REVIEW,
    FATES_NEEDING_REASON,
    OUTCOMES_NEEDING_REASON,
    PENDING_STATES,
    READABLE_STATES,
    STUB_STATES,
    Accepts,
    Fate,
    MilestoneStatus,
    Outcome,
    PositionValue,
    ProjectDecision,
    PublishState,
)

LISTS = [
    found
    for _, found in inspect.getmembers(outcomes, inspect.isclass)
    if issubclass(found, enum.Enum) and found not in {enum.StrEnum, enum.IntEnum}
]


@pytest.mark.parametrize("closed_list", LISTS)
def test_a_value_is_the_lower_case_word_that_is_stored(closed_list):
    for member in closed_list:
        assert str(member.value) == str(member.value).lower()


@pytest.mark.parametrize("closed_list", LISTS)
def test_each_list_says_what_it_is(closed_list):
    assert closed_list.__doc__


def test_the_last_three_outcomes_need_a_reason_and_no_other():
    assert list(Outcome)[-3:] == sorted(OUTCOMES_NEEDING_REASON, key=list(Outcome).index)


def test_every_fate_that_says_no_or_not_now_needs_a_reason():
    assert set(Fate) - FATES_NEEDING_REASON == {Fate.RETAINED, Fate.MERGED}


def test_a_council_decision_either_adopts_or_owes_a_reason():
    assert set(ProjectDecision) == DECISIONS_ADOPTING | DECISIONS_NEEDING_REASON
    assert not DECISIONS_ADOPTING & DECISIONS_NEEDING_REASON


def test_positions_are_the_three_numbers_that_the_database_checks():
    assert {value.value for value in PositionValue} == {-1, 0, 1}
    assert PositionValue.AGREE > PositionValue.PASS > PositionValue.DISAGREE


def test_a_text_is_readable_or_a_stub_or_pending_or_merged_and_never_two_of_them():
    groups = [READABLE_STATES, STUB_STATES, PENDING_STATES, {PublishState.MERGED}]
    assert sum(map(len, groups)) == len(PublishState)
    assert set().union(*groups) == set(PublishState)


def test_a_call_for_ideas_takes_no_priorities_and_a_review_takes_everything():
    assert set(Accepts) - DEFAULT_ACCEPTS_CALL_FOR_IDEAS == {Accepts.PRIORITY}
    assert not set(Accepts) - DEFAULT_ACCEPTS_DRAFT_REVIEW


def test_milestones_use_the_four_degrees_of_the_irm_scale():
    assert [str(status) for status in MilestoneStatus] == [
        "not_started",
        "limited",
        "substantial",
        "complete",
    ]
