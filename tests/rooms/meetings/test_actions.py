"""Meetings are recorded whole, replaced whole, and by officers only."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.db import add, db
from participate.journal.models import Chain, ChainKind, JournalEntry
from participate.meetings import actions, queries
from participate.meetings.actions import AgendaLine, Group, Note
from participate.meetings.models import AgendaItem, Attendance, Meeting, MeetingInput, WorkingGroup
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import MeetingAudience
from participate.rules.policy import RefusedError, Role
from tests import makers
from tests.conftest import both_engines
from tests.rooms.meetings.makers import a_meeting, at


@pytest.fixture
def made(app):
    return makers.a_plan()


@pytest.fixture
def officer(made):
    return makers.staff(made.collectivity, Role.OFFICER)


def refused(act):
    try:
        act()
    except RefusedError:
        return True
    return False


@pytest.mark.parametrize("stage", Stage)
def test_officers_record_meetings_at_every_stage_and_nobody_else_does(app, stage):
    made = makers.a_plan()
    made.plan.stage = stage
    for role in Role:
        person = makers.staff(made.collectivity, role)
        assert refused(lambda who=person: a_meeting(made, who)) is (role is not Role.OFFICER), role
    stranger = makers.staff(makers.a_collectivity(), Role.OFFICER)
    assert refused(lambda: a_meeting(made, stranger))
    row = db.session.query(Meeting).one()
    assert refused(lambda: actions.remove_meeting(makers.actor_of(stranger), made.collectivity.id, row.id))


@both_engines
def test_a_meeting_is_recorded_with_its_parts(app, engine_name):
    made = makers.a_plan()
    row = a_meeting(made, makers.staff(made.collectivity, Role.OFFICER))
    view = queries.meeting(made.collectivity.id, row.id)
    assert [(g.number, [p.number for p in g.projects], len(g.notes)) for g in view.groups] == [
        (1, [1, 3], 1),
        (2, [2], 1),
    ]
    assert view.people == 70
    assert [(s.parallel, [line.group for line in s.lines]) for s in view.slots] == [
        (False, [None]),
        (True, [1, 2]),
    ]
    assert [one.audience for one in view.attendance] == [
        MeetingAudience.CITIZENS,
        MeetingAudience.ASSOCIATIONS,
    ]
    assert [note.text for note in view.notes_of_all] == ["Merci à tous."]


def test_recording_it_again_replaces_everything_that_was_said(made, officer):
    first = a_meeting(made, officer)
    version = first.row_version
    second = a_meeting(made, officer, agenda=(), groups=(), attendance=(), inputs=(), minutes={"ar": " "})
    assert second.id == first.id
    assert second.row_version > version
    for part in (AgendaItem, WorkingGroup, Attendance, MeetingInput):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(part)) == 0
    assert second.minutes is None


def test_an_address_that_is_taken_is_refused_for_a_new_meeting(made, officer):
    a_meeting(made, officer)
    with pytest.raises(actions.MeetingExistsError):
        a_meeting(made, officer, new=True)


def test_another_commune_may_use_the_same_address(made, officer):
    a_meeting(made, officer)
    other = makers.a_plan()
    a_meeting(other, makers.staff(other.collectivity, Role.OFFICER))
    assert db.session.query(Meeting).count() == 2


def test_what_a_colleague_saved_meanwhile_is_kept(made, officer):
    row = a_meeting(made, officer)
    read = row.row_version
    a_meeting(made, officer)
    with pytest.raises(actions.ChangedMeanwhileError):
        a_meeting(made, officer, row_version=read)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"ends_at": at(9, 30)}, actions.TimesError),
        ({"agenda": (AgendaLine(at(8), at(9), {"ar": "قبل"}),)}, actions.TimesError),
        ({"agenda": (AgendaLine(at(10), at(10), {"ar": "فورا"}),)}, actions.TimesError),
        ({"title": {"ar": " ", "en": "only English"}}, actions.TitleMissingError),
        ({"agenda": (AgendaLine(at(10), at(10, 5), {"ar": "س"}, 7),)}, actions.NoSuchGroupError),
        ({"inputs": (Note("x", "fr", 7),)}, actions.NoSuchGroupError),
        ({"inputs": (Note("x", "fr", None, 99),)}, actions.NoSuchProjectError),
        ({"groups": (Group(1, {"ar": "م"}, (99,)),), "agenda": (), "inputs": ()}, actions.NoSuchProjectError),
        ({"plan_id": None}, actions.NoSuchProjectError),
    ],
)
def test_what_does_not_fit_together_is_refused(made, officer, changes, error):
    with pytest.raises(error):
        a_meeting(made, officer, **changes)


def test_a_meeting_of_no_plan_is_recorded_on_the_collectivitys_chain(made, officer):
    bare = {"agenda": (), "groups": (), "inputs": ()}
    a_meeting(made, officer, slug="of-a-plan", **bare)
    a_meeting(made, officer, slug="of-no-plan", plan_id=None, **bare)
    kinds = db.session.scalars(
        sa.select(Chain.kind)
        .join(JournalEntry, JournalEntry.chain_id == Chain.id)
        .where(JournalEntry.type == "meeting:recorded")
        .order_by(JournalEntry.at)
    ).all()
    assert kinds == [ChainKind.PLAN, ChainKind.COLLECTIVITY]


def test_a_meeting_is_removed_with_its_parts_and_the_record_says_so(made, officer):
    row = a_meeting(made, officer)
    actions.remove_meeting(makers.actor_of(officer), made.collectivity.id, row.id)
    db.session.commit()
    for part in (Meeting, AgendaItem, WorkingGroup, Attendance, MeetingInput):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(part)) == 0
    assert db.session.query(JournalEntry).filter_by(type="meeting:removed").count() == 1
    with pytest.raises(actions.NoSuchMeetingError):
        actions.remove_meeting(makers.actor_of(officer), made.collectivity.id, row.id)


@both_engines
def test_the_database_refuses_fewer_than_nobody_and_a_meeting_that_ends_first(app, engine_name):
    made = makers.a_plan()
    row = a_meeting(made, makers.staff(made.collectivity, Role.OFFICER))
    key, here = row.id, made.collectivity.id
    with pytest.raises(IntegrityError):
        add(Attendance(collectivity_id=here, meeting_id=key, audience="others", women=-1))
    db.session.rollback()
    row = db.session.get_one(Meeting, (here, key))
    row.ends_at = row.starts_at - timedelta(minutes=1)
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_a_project_nobody_has_published_is_named_by_its_number_only(app):
    made = makers.a_plan(Stage.PREPARATION)
    row = a_meeting(made, makers.staff(made.collectivity, Role.OFFICER))
    (first, *_rest) = queries.meeting(made.collectivity.id, row.id).groups
    assert [(p.number, p.public) for p in first.projects] == [(1, False), (3, False)]
