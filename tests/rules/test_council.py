"""Session, quorum, majority and decisions that agree with their votes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participate.rules.council import (
    AdoptedWithoutMajorityError,
    Call,
    CastingVote,
    CastingVoteWithoutTieError,
    DecisionReasonMissingError,
    MajorityRule,
    NegativeMembersError,
    NoQuorumError,
    PresentExceedInOfficeError,
    QuorumSettings,
    RejectedWithMajorityError,
    SessionKind,
    SessionOutsideCalendarError,
    SessionSettings,
    SittingMismatchError,
    VoteCount,
    VotesExceedPresentError,
    majority,
    meeting_days,
    opens_in_first_week,
    quorum,
    require_consistent,
    require_same_council,
    require_session,
)
from participate.rules.outcomes import ProjectDecision

SITTING = quorum(Call.FIRST, in_office=41, present=30)


def vote(votes_for, against, abstained=0, present=30, in_office=41):
    return VoteCount(votes_for, against, abstained, present, in_office)


CARRIED = majority(MajorityRule.OF_VOTES_CAST, vote(20, 5))
LOST = majority(MajorityRule.OF_VOTES_CAST, vote(5, 20))


# --- Session: LO 113-14 art. 33 ---


@pytest.mark.parametrize("month", [2, 5, 10])
def test_an_ordinary_session_opens_in_february_may_or_october(month):
    require_session(SessionKind.ORDINARY, date(2023, month, 2))


@pytest.mark.parametrize("month", [1, 3, 4, 6, 7, 8, 9, 11, 12])
def test_an_ordinary_session_in_another_month_is_refused_with_the_day(month):
    with pytest.raises(SessionOutsideCalendarError) as refused:
        require_session(SessionKind.ORDINARY, date(2023, month, 2))
    assert refused.value.opens_on == date(2023, month, 2)
    assert refused.value.months == (2, 5, 10)


def test_an_extraordinary_session_may_open_in_any_month():
    require_session(SessionKind.EXTRAORDINARY, date(2023, 8, 15))


def test_a_collectivity_may_have_other_months():
    require_session(SessionKind.ORDINARY, date(2023, 1, 9), SessionSettings(months=(1, 6)))


def test_the_first_week_ends_on_the_seventh():
    assert opens_in_first_week(date(2023, 10, 7))
    assert not opens_in_first_week(date(2023, 10, 8))


# --- Quorum: LO 113-14 art. 42 ---


@pytest.mark.parametrize(("in_office", "needed"), [(41, 21), (40, 21), (1, 1), (2, 2)])
def test_the_first_call_needs_more_than_half_of_the_members_in_office(in_office, needed):
    assert quorum(Call.FIRST, in_office, needed).reached
    assert not quorum(Call.FIRST, in_office, needed - 1).reached
    assert quorum(Call.FIRST, in_office, 0).needed == needed


def test_exactly_half_is_not_more_than_half():
    assert not quorum(Call.FIRST, in_office=40, present=20).reached


def test_the_second_call_needs_the_same_as_the_first():
    assert quorum(Call.SECOND, in_office=40, present=21).reached
    assert not quorum(Call.SECOND, in_office=40, present=20).reached


def test_the_third_call_deliberates_with_any_number_but_not_with_nobody():
    assert quorum(Call.THIRD, in_office=40, present=1).reached
    assert not quorum(Call.THIRD, in_office=40, present=0).reached


def test_settings_may_free_the_second_call():
    settings = QuorumSettings(needs_more_than_half=frozenset({Call.FIRST}))
    assert quorum(Call.SECOND, 40, 3, settings).reached


def test_more_present_than_in_office_is_refused_with_both_counts():
    with pytest.raises(PresentExceedInOfficeError) as refused:
        quorum(Call.FIRST, in_office=40, present=41)
    assert (refused.value.present, refused.value.in_office) == (41, 40)


def test_everybody_may_be_present():
    assert quorum(Call.FIRST, in_office=40, present=40).reached


def test_a_negative_number_of_members_is_refused():
    with pytest.raises(NegativeMembersError) as refused:
        quorum(Call.FIRST, in_office=40, present=-1)
    assert (refused.value.what, refused.value.count) == ("present", -1)


def test_the_second_call_meets_three_to_five_days_after_the_first():
    days = meeting_days(Call.SECOND, date(2023, 10, 2))
    assert [day for day in range(3, 12) if days.contains(date(2023, 10, day))] == [5, 6, 7]


def test_the_third_call_meets_from_three_working_days_on():
    friday = date(2023, 10, 6)
    days = meeting_days(Call.THIRD, friday)
    assert not days.contains(date(2023, 10, 10))
    assert days.contains(date(2023, 10, 11))
    assert days.contains(date(2023, 11, 11))


# --- Votes and majority: LO 113-14 art. 43–44 ---


def test_votes_may_be_as_many_as_members_present_and_not_one_more():
    assert vote(20, 8, 2, present=30).votes == 30
    with pytest.raises(VotesExceedPresentError) as refused:
        vote(20, 8, 3, present=30)
    assert (refused.value.votes, refused.value.present) == (31, 30)


def test_members_present_may_take_no_part_in_the_vote():
    assert vote(10, 5, 0, present=30).cast == 15


@pytest.mark.parametrize("counts", [(-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_a_negative_vote_is_refused(counts):
    with pytest.raises(NegativeMembersError):
        vote(*counts)


def test_abstentions_are_not_votes_cast():
    assert majority(MajorityRule.OF_VOTES_CAST, vote(3, 2, 25)).carried
    assert not majority(MajorityRule.OF_PRESENT, vote(3, 2, 25)).carried


def test_half_of_the_votes_cast_is_not_a_majority():
    assert not majority(MajorityRule.OF_VOTES_CAST, vote(10, 10)).carried
    assert majority(MajorityRule.OF_VOTES_CAST, vote(11, 10)).carried


def test_of_members_in_office_needs_more_than_half_of_them_whoever_came():
    assert not majority(MajorityRule.OF_IN_OFFICE, vote(20, 0, present=30, in_office=41)).carried
    assert majority(MajorityRule.OF_IN_OFFICE, vote(21, 0, present=30, in_office=41)).carried
    assert majority(MajorityRule.OF_IN_OFFICE, vote(21, 0)).needed == 21


def test_the_president_breaks_a_tie_of_votes_cast():
    tie = vote(10, 10)
    assert majority(MajorityRule.OF_VOTES_CAST, tie, CastingVote.FOR).carried
    assert majority(MajorityRule.OF_VOTES_CAST, tie, CastingVote.FOR).by_casting_vote
    assert not majority(MajorityRule.OF_VOTES_CAST, tie, CastingVote.AGAINST).carried


def test_the_president_adds_no_member_to_those_in_office():
    tie = vote(15, 15, present=30, in_office=31)
    assert not majority(MajorityRule.OF_IN_OFFICE, tie, CastingVote.FOR).carried


def test_a_casting_vote_without_a_tie_is_refused():
    with pytest.raises(CastingVoteWithoutTieError) as refused:
        majority(MajorityRule.OF_VOTES_CAST, vote(11, 10), CastingVote.FOR)
    assert (refused.value.votes_for, refused.value.votes_against) == (11, 10)


def test_nobody_voting_is_not_a_tie_and_carries_nothing():
    with pytest.raises(CastingVoteWithoutTieError):
        majority(MajorityRule.OF_VOTES_CAST, vote(0, 0, 30), CastingVote.FOR)
    assert not majority(MajorityRule.OF_VOTES_CAST, vote(0, 0, 30)).carried


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_what_carries_among_members_in_office_carries_under_every_rule(yes, no, neutral, absent):
    present = yes + no + neutral
    count = VoteCount(yes, no, neutral, present, present + absent)
    carried = [majority(rule, count).carried for rule in reversed(MajorityRule)]
    assert carried == sorted(carried)


# --- Decisions ---


@pytest.mark.parametrize("decision", [ProjectDecision.ADOPTED, ProjectDecision.ADOPTED_AMENDED])
def test_adopted_needs_the_majority(decision):
    require_consistent(decision, CARRIED, SITTING)
    with pytest.raises(AdoptedWithoutMajorityError) as refused:
        require_consistent(decision, LOST, SITTING)
    assert (refused.value.votes_for, refused.value.needed) == (5, 13)


def test_rejected_with_a_majority_for_it_is_refused():
    with pytest.raises(RejectedWithMajorityError):
        require_consistent(ProjectDecision.REJECTED, CARRIED, SITTING, "no funds")
    require_consistent(ProjectDecision.REJECTED, LOST, SITTING, "no funds")


@pytest.mark.parametrize("decision", [ProjectDecision.POSTPONED, ProjectDecision.REJECTED])
def test_postponed_and_rejected_need_a_reason_that_is_not_blank(decision):
    with pytest.raises(DecisionReasonMissingError) as refused:
        require_consistent(decision, LOST, SITTING, "  \n")
    assert refused.value.decision is decision


def test_postponing_may_carry_or_not():
    require_consistent(ProjectDecision.POSTPONED, CARRIED, SITTING, "study first")
    require_consistent(ProjectDecision.POSTPONED, LOST, SITTING, "study first")


def test_no_decision_without_quorum():
    failed = quorum(Call.FIRST, in_office=41, present=20)
    with pytest.raises(NoQuorumError) as refused:
        require_consistent(ProjectDecision.ADOPTED, CARRIED, failed)
    assert (refused.value.call, refused.value.present, refused.value.needed) == (Call.FIRST, 20, 21)


def test_a_vote_of_another_council_is_refused():
    require_same_council(SITTING, vote(20, 5, present=28))
    with pytest.raises(SittingMismatchError):
        require_same_council(SITTING, vote(20, 5, in_office=40))
