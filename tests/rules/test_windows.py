"""Windows, notice, extension, appeals and back-planning."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participate.rules.windows import (
    CASABLANCA,
    Delays,
    DelaysOutOfOrderError,
    EmptyWindowError,
    ExtensionRefusal,
    NaiveMomentError,
    Step,
    Window,
    after_working_days,
    appeal_deadline,
    appeal_decision_due,
    appeal_window_runs,
    back_planning,
    casablanca_date,
    casablanca_midnight,
    full_days,
    is_working_day,
    may_extend,
    notice_days,
    window_of_days,
)

MICROSECOND = timedelta(microseconds=1)
OPENS = datetime(2023, 7, 24, 23, tzinfo=UTC)
CLOSES = datetime(2023, 8, 29, 23, tzinfo=UTC)
REVIEW = Window(OPENS, CLOSES)

days = st.dates(date(2013, 1, 1), date(2040, 12, 31))
moments = st.datetimes(
    datetime(2013, 1, 1),  # noqa: DTZ001 (hypothesis wants naive bounds)
    datetime(2040, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, CASABLANCA]),
)


# --- Acceptance ---


def test_a_vote_at_the_moment_of_opening_is_in_time():
    assert REVIEW.contains(OPENS)


def test_a_vote_one_microsecond_before_opening_is_early():
    assert not REVIEW.contains(OPENS - MICROSECOND)
    assert REVIEW.is_after(OPENS - MICROSECOND)
    assert not REVIEW.is_after(OPENS)


def test_a_vote_one_microsecond_before_closing_is_in_time():
    assert REVIEW.contains(CLOSES - MICROSECOND)
    assert not REVIEW.is_before(CLOSES - MICROSECOND)


def test_a_vote_at_the_moment_of_closing_is_late():
    assert not REVIEW.contains(CLOSES)
    assert REVIEW.is_before(CLOSES)


def test_a_vote_one_microsecond_after_closing_is_late():
    assert not REVIEW.contains(CLOSES + MICROSECOND)
    assert REVIEW.is_before(CLOSES + MICROSECOND)


@given(moments, moments, moments)
def test_every_moment_is_early_or_in_time_or_late_and_only_one_of_them(one, two, moment):
    if one == two:
        return
    window = Window(min(one, two), max(one, two))
    claims = [window.is_after(moment), window.contains(moment), window.is_before(moment)]
    assert claims.count(True) == 1


def test_a_moment_without_a_zone_is_refused():
    naive = datetime(2023, 8, 1)  # noqa: DTZ001
    with pytest.raises(NaiveMomentError) as refused:
        REVIEW.contains(naive)
    assert refused.value.moment is naive
    with pytest.raises(NaiveMomentError):
        Window(naive, CLOSES)


def test_a_window_that_closes_when_it_opens_is_refused():
    with pytest.raises(EmptyWindowError) as refused:
        Window(OPENS, OPENS)
    assert refused.value.opens_at == OPENS
    with pytest.raises(EmptyWindowError):
        Window(CLOSES, OPENS)


def test_a_window_keeps_its_ends_in_utc():
    local = Window(OPENS.astimezone(CASABLANCA), CLOSES.astimezone(CASABLANCA))
    assert local == REVIEW
    assert local.opens_at.tzinfo is UTC


# --- Days of Casablanca ---


def test_midnight_in_summer_is_eleven_at_night_utc():
    assert casablanca_midnight(date(2023, 8, 30)) == datetime(2023, 8, 29, 23, tzinfo=UTC)


def test_midnight_in_ramadan_is_midnight_utc():
    assert casablanca_midnight(date(2023, 4, 1)) == datetime(2023, 4, 1, tzinfo=UTC)


@given(days)
def test_a_day_begins_at_its_own_midnight_and_not_before(day):
    midnight = casablanca_midnight(day)
    assert casablanca_date(midnight) == day
    assert casablanca_date(midnight - MICROSECOND) == day - timedelta(days=1)


def test_the_call_for_ideas_of_19_to_25_june_lasts_seven_full_days():
    call = window_of_days(date(2023, 6, 19), date(2023, 6, 25))
    assert call.closes_at == casablanca_midnight(date(2023, 6, 26))
    assert full_days(call) == 7
    assert call.last_day == date(2023, 6, 25)


@given(days, st.integers(0, 400))
def test_a_window_of_whole_days_has_that_many_days_even_across_ramadan(first, more):
    window = window_of_days(first, first + timedelta(days=more))
    assert full_days(window) == more + 1
    assert window.last_day == first + timedelta(days=more)


def test_a_week_that_loses_its_last_second_has_six_full_days():
    call = window_of_days(date(2023, 6, 19), date(2023, 6, 25))
    assert full_days(Window(call.opens_at, call.closes_at - timedelta(seconds=1))) == 6
    assert full_days(Window(call.opens_at + timedelta(seconds=1), call.closes_at)) == 6


def test_an_hour_inside_one_day_has_no_full_day():
    noon = datetime(2023, 6, 19, 12, tzinfo=UTC)
    assert full_days(Window(noon, noon + timedelta(hours=1))) == 0


def test_a_window_whose_last_day_comes_first_is_refused():
    with pytest.raises(EmptyWindowError):
        window_of_days(date(2023, 6, 25), date(2023, 6, 23))


# --- Notice ---


def test_a_notice_at_any_hour_of_11_july_is_14_days_before_25_july():
    opens = casablanca_midnight(date(2023, 7, 25))
    first = casablanca_midnight(date(2023, 7, 11))
    last = casablanca_midnight(date(2023, 7, 12)) - MICROSECOND
    assert notice_days(first, opens) == notice_days(last, opens) == 14


def test_a_notice_of_12_july_is_one_day_too_short():
    opens = casablanca_midnight(date(2023, 7, 25))
    assert notice_days(casablanca_midnight(date(2023, 7, 12)), opens) == 13


def test_a_notice_at_half_past_eleven_at_night_utc_counts_for_the_next_day_here():
    opens = casablanca_midnight(date(2023, 7, 25))
    assert notice_days(datetime(2023, 7, 10, 23, 30, tzinfo=UTC), opens) == 14


# --- Extension ---


def test_the_close_may_move_exactly_48_hours_before_the_end():
    assert may_extend(CLOSES - timedelta(hours=48), CLOSES, CLOSES + timedelta(days=7)) == ()


def test_the_close_may_not_move_one_microsecond_later():
    now = CLOSES - timedelta(hours=48) + MICROSECOND
    assert may_extend(now, CLOSES, CLOSES + timedelta(days=7)) == (ExtensionRefusal.TOO_CLOSE_TO_THE_END,)


def test_a_closed_consultation_is_not_reopened_by_an_extension():
    assert may_extend(CLOSES, CLOSES, CLOSES + timedelta(days=7)) == (ExtensionRefusal.ALREADY_CLOSED,)


def test_an_extension_never_shortens_nor_stands_still():
    early = OPENS
    assert may_extend(early, CLOSES, CLOSES) == (ExtensionRefusal.NOT_LATER,)
    assert may_extend(early, CLOSES, CLOSES - timedelta(days=1)) == (ExtensionRefusal.NOT_LATER,)
    assert may_extend(early, CLOSES, CLOSES + MICROSECOND) == ()


def test_every_refusal_of_an_extension_is_told_at_once():
    assert set(may_extend(CLOSES, CLOSES, OPENS)) == {
        ExtensionRefusal.ALREADY_CLOSED,
        ExtensionRefusal.NOT_LATER,
    }


# --- Appeals ---


def test_an_appeal_may_come_ten_days_after_the_notice():
    assert appeal_deadline(OPENS, CLOSES) == OPENS + timedelta(days=10)
    assert appeal_deadline(OPENS) == OPENS + timedelta(days=10)


def test_appeals_end_five_days_after_the_close():
    assert appeal_deadline(CLOSES - timedelta(days=1), CLOSES) == CLOSES + timedelta(days=5)
    assert appeal_deadline(CLOSES + timedelta(hours=48), CLOSES) == CLOSES + timedelta(days=5)


def test_a_notice_sent_late_still_leaves_three_days():
    late = CLOSES + timedelta(days=6)
    assert appeal_deadline(late, CLOSES) == late + timedelta(days=3)


@given(moments, moments)
def test_nobody_has_less_than_three_days_or_more_than_ten_to_appeal(notified_at, closes_at):
    given_days = appeal_deadline(notified_at, closes_at) - notified_at
    assert timedelta(days=3) <= given_days <= timedelta(days=10)


def test_the_appeal_window_runs_until_its_deadline_and_not_at_it():
    deadline = OPENS + timedelta(days=10)
    assert appeal_window_runs(deadline - MICROSECOND, OPENS)
    assert not appeal_window_runs(deadline, OPENS)


def test_an_appeal_filed_on_a_friday_is_decided_by_the_end_of_the_next():
    friday = datetime(2023, 9, 1, 10, tzinfo=UTC)
    assert appeal_decision_due(friday) == casablanca_midnight(date(2023, 9, 9))


def test_a_public_holiday_is_not_a_working_day():
    throne_day_week = frozenset({date(2023, 8, 14), date(2023, 8, 21)})
    assert after_working_days(date(2023, 8, 11), 5, throne_day_week) == date(2023, 8, 22)
    assert not is_working_day(date(2023, 8, 21), throne_day_week)


def test_saturday_and_sunday_are_not_working_days_and_friday_is():
    assert is_working_day(date(2023, 9, 1))
    assert not is_working_day(date(2023, 9, 2))
    assert not is_working_day(date(2023, 9, 3))


@given(days, st.integers(1, 30))
def test_the_last_of_n_working_days_is_a_working_day_with_n_of_them_behind_it(start, count):
    last = after_working_days(start, count)
    between = [start + timedelta(days=n) for n in range(1, (last - start).days + 1)]
    assert is_working_day(last)
    assert sum(map(is_working_day, between)) == count


# --- Back-planning ---


def test_the_session_of_2_october_2023_puts_agenda_on_12_and_dossier_on_22_september():
    planned = {step.step: step.at_latest for step in back_planning(date(2023, 10, 2))}
    assert planned[Step.AGENDA_TO_GOVERNOR] == date(2023, 9, 12)
    assert planned[Step.DOSSIER_TO_COUNCILLORS] == date(2023, 9, 22)
    assert planned[Step.RESPONSES_APPROVED] == date(2023, 9, 11)
    assert planned[Step.SESSION] == date(2023, 10, 2)
    assert planned[Step.DECISIONS_PUBLISHED] == date(2023, 10, 10)


def test_back_planning_leaves_the_notice_its_fourteen_days_and_the_review_its_fifteen():
    planned = {step.step: step.at_latest for step in back_planning(date(2023, 10, 2))}
    assert planned[Step.REVIEW_CLOSES] == date(2023, 9, 2)
    assert (planned[Step.REVIEW_CLOSES] - planned[Step.REVIEW_OPENS]).days == 15
    assert (planned[Step.REVIEW_OPENS] - planned[Step.NOTICE]).days == 14


@given(days)
def test_steps_come_in_order_and_each_is_as_many_days_before_as_it_says(session):
    planned = back_planning(session)
    assert [step.step for step in planned] == list(Step)
    assert list(planned) == sorted(planned, key=lambda step: step.at_latest)
    assert all((session - step.at_latest).days == step.days_before for step in planned)


def test_delays_that_make_steps_cross_are_refused_with_both_steps():
    with pytest.raises(DelaysOutOfOrderError) as refused:
        back_planning(date(2023, 10, 2), Delays(agenda_to_governor=5))
    assert (refused.value.earlier, refused.value.later) == (
        Step.AGENDA_TO_GOVERNOR,
        Step.DOSSIER_TO_COUNCILLORS,
    )


def test_two_steps_may_fall_on_one_day():
    assert back_planning(date(2023, 10, 2), Delays(responses_approved=20))
