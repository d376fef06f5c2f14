"""The calendar before a session: what is late, and the file for calendars."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from participate.rules.session_calendar import (
    COUNCIL_RULES,
    FOLD,
    SOON_DAYS,
    SOURCES,
    CouncilRules,
    Entry,
    StepStanding,
    dated,
    ical,
)
from participate.rules.windows import Delays, Step, back_planning

SESSION = date(2023, 10, 2)
PLANNED = back_planning(SESSION)
days = st.dates(date(2023, 1, 1), date(2024, 12, 31))
STAMP = datetime(2023, 9, 12, 9, tzinfo=UTC)


def at(day: date, done: dict[Step, date] | None = None) -> dict[Step, tuple[StepStanding, int]]:
    return {one.step: (one.standing, one.days_late) for one in dated(PLANNED, done or {}, day)}


def test_a_step_is_late_on_the_day_after_its_latest_and_not_on_it():
    agenda = date(2023, 9, 12)
    assert at(agenda)[Step.AGENDA_TO_GOVERNOR] == (StepStanding.SOON, 0)
    assert at(agenda + timedelta(days=1))[Step.AGENDA_TO_GOVERNOR] == (StepStanding.LATE, 1)


@pytest.mark.parametrize(("late", "standing"), [(0, StepStanding.DONE), (2, StepStanding.DONE_LATE)])
def test_a_step_done_on_its_latest_day_is_in_time_and_two_days_later_is_not(late, standing):
    day = date(2023, 9, 22) + timedelta(days=late)
    found = at(date(2023, 12, 1), {Step.DOSSIER_TO_COUNCILLORS: day})
    assert found[Step.DOSSIER_TO_COUNCILLORS] == (standing, late)


@given(today=days, done=st.dictionaries(st.sampled_from(list(Step)), days))
def test_every_step_has_one_standing_that_its_days_explain(today, done):
    for one in dated(PLANNED, done, today):
        assert one.done_on == done.get(one.step)
        match one.standing:
            case StepStanding.DONE:
                assert one.done_on <= one.at_latest
            case StepStanding.DONE_LATE:
                assert one.done_on - one.at_latest == timedelta(days=one.days_late)
            case StepStanding.LATE:
                assert one.done_on is None
                assert today - one.at_latest == timedelta(days=one.days_late)
            case StepStanding.SOON:
                assert timedelta(0) <= one.at_latest - today <= timedelta(days=SOON_DAYS)
            case StepStanding.TO_COME:
                assert one.at_latest - today > timedelta(days=SOON_DAYS)
        assert (one.days_late > 0) is (one.standing in {StepStanding.LATE, StepStanding.DONE_LATE})


@given(today=days, later=st.integers(0, 400))
def test_what_is_late_stays_late_until_it_is_done(today, later):
    late = {one.step for one in dated(PLANNED, {}, today) if one.standing is StepStanding.LATE}
    after = dated(PLANNED, {}, today + timedelta(days=later))
    assert late <= {one.step for one in after if one.standing is StepStanding.LATE}


def test_every_setting_says_where_it_comes_from_and_none_is_called_verified():
    assert {one.name for one in fields(Delays)} <= set(SOURCES)
    assert all(COUNCIL_RULES.source(name) for name in SOURCES)
    assert COUNCIL_RULES.verified == frozenset()
    assert CouncilRules(sources={"majority": "RI art. 12"}).source("majority") == "RI art. 12"
    assert CouncilRules(sources={}).source("majority") == SOURCES["majority"]


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_a_day_is_an_event_of_one_day_that_keeps_its_name():
    text = ical([Entry("7-session@x", SESSION, "Session", "a\nb")], name="Plan", stamp=STAMP)
    lines = unfolded(text)
    assert "DTSTART;VALUE=DATE:20231002" in lines
    assert "DTEND;VALUE=DATE:20231003" in lines
    assert "UID:7-session@x" in lines
    assert "DESCRIPTION:a\\nb" in lines
    assert "DTSTAMP:20230912T090000Z" in lines
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]


def _read(text: str) -> str:
    out, escaped = [], False
    for letter in text:
        if escaped:
            out.append("\n" if letter == "n" else letter)
            escaped = False
        elif letter == "\\":
            escaped = True
        else:
            out.append(letter)
    return "".join(out)


@example(title="الدراسة والتصويت على برنامج عمل انفتاح الجماعة، " * 4)
@given(title=st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=300))
def test_any_title_is_read_back_whole_and_no_line_is_too_long(title):
    text = ical([Entry("1@x", SESSION, title)], name="Plan", stamp=STAMP)
    assert all(len(line.encode()) <= FOLD for line in text.split("\r\n"))
    (summary,) = [line for line in unfolded(text) if line.startswith("SUMMARY:")]
    assert _read(summary.removeprefix("SUMMARY:")) == title
