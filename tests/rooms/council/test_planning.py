"""The settings of a council, the calendar that follows them, and the agenda that goes to the governor."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.council import actions, queries
from participate.council.models import CouncilSetting
from participate.db import clock, db, set_clock, writing
from participate.journal.models import JournalEntry
from participate.lifecycle import queries as lifecycle
from participate.rules.council import MajorityRule
from participate.rules.lifecycle import Stage
from participate.rules.policy import RefusedError, Role
from participate.rules.session_calendar import CALLS, COUNCIL_RULES, DELAYS, PRACTICE, SOURCES, StepStanding
from participate.rules.windows import CASABLANCA, DelaysOutOfOrderError, Step, casablanca_date
from participate.synthesis import actions as synthesis
from tests import makers
from tests.conftest import both_engines
from tests.rooms.council.test_actions import OPENS, Room
from tests.rooms.synthesis.makers import a_full_review


def values(**changes: int) -> dict[str, int]:
    found = {name: getattr(COUNCIL_RULES.delays, name) for name in DELAYS}
    found |= {name: getattr(COUNCIL_RULES.quorum, name) for name in CALLS}
    return {**found, **changes}


def set_rules(room: Room, majority=MajorityRule.OF_VOTES_CAST, sources=None, verified=frozenset(), **changes):
    return room.act(actions.set_rules, values(**changes), majority, {**SOURCES, **(sources or {})}, verified)


@pytest.fixture
def room(app) -> Room:
    return Room()


@both_engines
def test_the_delays_of_a_council_move_its_calendar_and_nobody_elses(room) -> None:
    other = Room()
    set_rules(room, agenda_to_governor=25, responses_approved=26, sources={"agenda_to_governor": "RI art. 4"})
    room.session()
    other.session()
    steps = {one.step: one.at_latest for one in queries.calendar_of(room.view(), None, OPENS)}
    assert steps[Step.AGENDA_TO_GOVERNOR] == OPENS - timedelta(days=25)
    steps = {one.step: one.at_latest for one in queries.calendar_of(other.view(), None, OPENS)}
    assert steps[Step.AGENDA_TO_GOVERNOR] == OPENS - timedelta(days=20)
    assert room.view().rules.source("agenda_to_governor") == "RI art. 4"
    days = {event.event: event.day for event in lifecycle.timeline(room.made.plan, clock())}
    assert OPENS - timedelta(days=25) in days.values()


@both_engines
def test_delays_that_cross_are_refused_by_the_rules_and_by_the_database(room) -> None:
    with pytest.raises(DelaysOutOfOrderError):
        set_rules(room, agenda_to_governor=5)
    db.session.rollback()
    set_rules(room)
    caught = None
    with writing():
        try:
            db.session.execute(sa.update(CouncilSetting).values(agenda_to_governor=5))
        except IntegrityError as error:
            caught = error
        db.session.rollback()
    assert caught is not None


def test_a_setting_without_its_source_is_refused(room) -> None:
    with pytest.raises(actions.SourceMissingError):
        set_rules(room, sources={"majority": " "})
    db.session.rollback()
    with pytest.raises(actions.CallsOutOfOrderError):
        set_rules(room, second_from=6)
    db.session.rollback()


def test_the_journal_says_what_changed_and_who_may_not_change_it(room) -> None:
    set_rules(room, dossier_to_councillors=12, verified=frozenset({"dossier_to_councillors"}))
    (entry,) = db.session.scalars(sa.select(JournalEntry).where(JournalEntry.type == "council:set"))
    assert "12" in entry.body
    assert "not verified" in entry.body
    assert "agenda_to_governor" not in entry.body, "only what is another one now"
    with writing():
        officer = makers.actor_of(makers.staff(room.made.collectivity, Role.OFFICER))
        with pytest.raises(RefusedError):
            actions.set_rules(officer, room.place, values(), MajorityRule.OF_PRESENT, SOURCES, frozenset())
        db.session.rollback()


def test_the_majority_of_the_council_decides_whether_a_vote_carries(room) -> None:
    set_rules(room, majority=MajorityRule.OF_IN_OFFICE)
    sitting = room.sit(room.session(), 1, OPENS, 30)
    with pytest.raises(actions.ProjectVoteError):
        room.decide(sitting.id, room.votes(in_favour=20, against=2, abstain=1))  # 21 of 41 are needed
    db.session.rollback()
    room.decide(sitting.id, room.votes(in_favour=21, against=2, abstain=1))


def test_the_days_of_the_second_call_are_the_councils_own(room) -> None:
    set_rules(room, second_from=4, second_to=8)
    session = room.session()
    room.sit(session, 1, OPENS, 3)
    with pytest.raises(actions.WrongDayError):
        room.sit(session, 2, OPENS + timedelta(days=3), 30)
    db.session.rollback()
    assert room.sit(session, 2, OPENS + timedelta(days=8), 30).quorum


def test_the_agenda_is_late_until_the_day_it_went_is_recorded(app) -> None:
    room = Room(Stage.SYNTHESIS)
    session = room.session()
    with writing():
        set_clock(datetime(2023, 9, 15, 9, tzinfo=CASABLANCA))
        db.session.commit()

    def agenda() -> tuple[StepStanding, int]:
        steps = queries.calendar_of(room.view(), None, casablanca_date(clock()))
        (one,) = [one for one in steps if one.step is Step.AGENDA_TO_GOVERNOR]
        return one.standing, one.days_late

    assert agenda() == (StepStanding.LATE, 3)
    with pytest.raises(actions.NotYetHeldError):
        room.act(actions.send_agenda, session, date(2023, 9, 16))
    db.session.rollback()
    room.act(actions.send_agenda, session, date(2023, 9, 14))
    assert agenda() == (StepStanding.DONE_LATE, 2)
    room.act(actions.send_agenda, session, date(2023, 9, 12))
    assert agenda() == (StepStanding.DONE, 0)


@pytest.fixture
def sealed(app) -> makers.APlan:
    with writing():
        made = makers.a_plan(Stage.COUNCIL)
        a_full_review(made)
        synthesis.seal(None, made.review.id, clock())
        db.session.commit()
    return made


def desk(made: makers.APlan, rest: str = "") -> str:
    return f"/fr/desk/{made.collectivity.slug}/plan/{made.plan.cycle}/council/{rest}"


def test_officers_and_the_secretary_see_what_is_late_with_its_source(sealed, client) -> None:
    with writing():
        people = [makers.staff(sealed.collectivity, role) for role in (Role.SECRETARY, Role.OFFICER)]
        db.session.commit()
    client.sign_in(people[0])
    assert client.submit(desk(sealed, "session"), {"opens_on": "2023-10-02"}).status_code == 303
    with writing():
        set_clock(datetime(2023, 9, 15, 9, tzinfo=CASABLANCA))
        db.session.commit()
    for person in people:
        html = client.sign_in(person).get(desk(sealed)).get_data(as_text=True)
        assert "LO 113-14 art. 38" in html
        assert "3 jours" in html
    client.sign_in(people[0])
    assert client.submit(desk(sealed, "agenda"), {"sent_on": "2023-09-16"}).status_code == 422
    assert client.submit(desk(sealed, "agenda"), {"sent_on": "2023-09-12"}).status_code == 303
    text = client.get(desk(sealed, "calendar.ics")).get_data(as_text=True)
    assert text.count("BEGIN:VEVENT") == len(Step)
    client.delete_cookie("participate", domain="localhost")
    assert "/council/session.ics" in client.get(f"/fr{sealed.path}/council/").get_data(as_text=True)
    public = client.get(f"/fr{sealed.path}/council/session.ics")
    assert public.mimetype == "text/calendar"
    assert public.get_data(as_text=True).count("BEGIN:VEVENT") == 4
    assert client.get(desk(sealed, "calendar.ics")).status_code != 200


def test_the_settings_form_keeps_what_was_typed_and_explains_what_crosses(sealed, client) -> None:
    with writing():
        person = makers.staff(sealed.collectivity, Role.ADMINISTRATOR)
        db.session.commit()
    client.sign_in(person)
    sent = client.submit(
        desk(sealed, "settings"), {"agenda_to_governor": "5", "source_majority": "RI art. 9"}
    )
    assert sent.status_code == 422
    assert "RI art. 9" in sent.get_data(as_text=True)
    sent = client.submit(
        desk(sealed, "settings"), {"agenda_to_governor": "21", "verified_agenda_to_governor": "y"}
    )
    assert sent.status_code == 303
    assert client.get(sent.location).status_code == 200
    rules = queries.rules_of(sealed.collectivity.id)
    assert rules.delays.agenda_to_governor == 21
    assert rules.verified == {"agenda_to_governor"}


def test_a_delay_without_a_source_is_practice_and_nobody_reads_our_word_for_it(sealed, client) -> None:
    with writing():
        person = makers.staff(sealed.collectivity, Role.ADMINISTRATOR)
        db.session.commit()
    client.sign_in(person)
    assert 'value="practice"' not in client.get(desk(sealed, "settings")).get_data(as_text=True)
    sent = client.submit(
        desk(sealed, "settings"), {"source_agenda_to_governor": "", "source_majority": "RI art. 9"}
    )
    assert sent.status_code == 303
    rules = queries.rules_of(sealed.collectivity.id)
    assert rules.source("agenda_to_governor") == rules.source("review_closes") == PRACTICE
    assert rules.source("majority") == "RI art. 9"
