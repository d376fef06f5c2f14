"""Meetings as people read them and as officers record them."""

from __future__ import annotations

import re

import icalendar
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import event

from participate.db import db
from participate.journal.models import JournalEntry
from participate.meetings import queries
from participate.meetings.models import Meeting
from participate.rules.policy import Role
from tests import makers
from tests.clients import form_of
from tests.rooms.meetings.makers import a_meeting, at

LANGS = pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])


@pytest.fixture
def made(app):
    found = makers.a_plan()
    db.session.commit()
    return found


@pytest.fixture
def officer(made):
    found = makers.staff(made.collectivity, Role.OFFICER)
    db.session.commit()
    return found


def text_of(response):
    return response.get_data(as_text=True)


def public(made, rest="", lang="fr"):
    return f"/{lang}/{made.collectivity.slug}/meetings/{rest}"


def desk(made, rest="", lang="fr"):
    return f"/{lang}/desk/{made.collectivity.slug}/meetings/{rest}"


# --- for everybody --------------------------------------------------------------------------------------


@LANGS
def test_the_pages_are_read_by_everybody_in_every_language(made, officer, client, lang):
    assert client.get(public(made, lang=lang)).status_code == 200
    a_meeting(made, officer)
    a_meeting(made, officer, slug="later", starts_at=at(9, day=11).replace(year=2024), ends_at=at(11).replace(year=2024),
              agenda=(), groups=(), attendance=(), inputs=(), minutes=None)  # fmt: skip
    for path in ("", "workshop-2", "later"):
        page = client.get(public(made, path, lang))
        assert page.status_code == 200
        assert "Set-Cookie" not in page.headers


def test_two_groups_stand_side_by_side_with_the_projects_they_discussed(made, officer, client):
    a_meeting(made, officer)
    page = text_of(client.get(public(made, "workshop-2")))
    assert page.count('class="parallel"') == 1
    assert f'href="/fr/{made.collectivity.slug}/plans/{made.plan.cycle}/projects/3/"' in page
    assert "Quand la lampe sera-t-elle réparée" in page


def test_who_came_is_a_table_that_sums(made, officer, client):
    a_meeting(made, officer)
    page = text_of(client.get(public(made, "workshop-2")))
    cells = [int(one) for one in re.findall(r'<td class="num">(\d+)</td>', page)]
    rows = [cells[i : i + 4] for i in range(0, len(cells), 4)]
    assert rows == [[21, 18, 2, 41], [13, 16, 0, 29], [34, 34, 2, 70]]


def test_the_calendar_event_says_when_and_where(made, officer, client):
    row = a_meeting(made, officer)
    answer = client.get(public(made, "workshop-2/event.ics"))
    assert answer.mimetype == "text/calendar"
    (entry,) = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    assert entry["SUMMARY"] == "Deuxième atelier"
    assert entry["LOCATION"] == "Centre Maghila"
    assert entry.decoded("DTSTART") == row.starts_at
    assert entry.decoded("DTEND") == row.ends_at
    assert str(entry["URL"]).endswith("/meetings/workshop-2")


@pytest.mark.parametrize("path", ["nothing-here", "nothing-here/event.ics"])
def test_an_unknown_meeting_is_not_found(made, client, path):
    assert client.get(public(made, path)).status_code == 404


def test_a_meeting_is_read_in_few_statements(made, officer, client, app):
    a_meeting(made, officer)
    key, seen = db.session.query(Meeting.id).scalar(), []

    def count(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    queries.meeting(made.collectivity.id, key)
    event.remove(db.engine, "before_cursor_execute", count)
    assert len(seen) <= 6


# --- the desk ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "new", "workshop-2/edit", "workshop-2/remove"])
def test_only_officers_enter(made, officer, client, path):
    a_meeting(made, officer)
    assert client.get(desk(made, path)).status_code == 303
    client.sign_in(makers.staff(made.collectivity, Role.MODERATOR))
    assert client.get(desk(made, path)).status_code == 403
    client.delete_cookie("participate", domain="localhost")
    client.sign_in(officer)
    for lang in ("ar", "fr", "en", "zgh"):
        assert client.get(desk(made, path, lang)).status_code == 200


WRITTEN = {
    "title_ar": "لقاء الحي",
    "title_fr": "Réunion de quartier",
    "venue_ar": "دار الشباب",
    "day": "2023-09-05",
    "starts": "18:00",
    "ends": "20:00",
}


def test_an_officer_records_a_meeting_and_everybody_reads_it(made, officer, client):
    client.sign_in(officer)
    more = {
        "groups-0-title_ar": "المجموعة",
        "groups-0-projects": "1، 3",
        "agenda-0-title_ar": "نقاش",
        "agenda-0-starts": "18:30",
        "agenda-0-ends": "19:00",
        "agenda-0-group": "1",
        "attendance-0-women": "12",
        "notes-0-text": "il faudrait des bancs à l'ombre",
        "notes-0-group": "1",
        "notes-0-project": "3",
    }
    answer = client.submit(desk(made, "new"), {**WRITTEN, **more})
    assert (answer.status_code, answer.location) == (303, public(made, "meeting-2023-09-05"))
    page = text_of(client.get(answer.location))
    assert "il faudrait des bancs" in page
    view = queries.meeting(made.collectivity.id, db.session.query(Meeting.id).scalar())
    assert [p.number for p in view.groups[0].projects] == [1, 3]
    assert view.groups[0].notes[0].lang == "fr"
    assert view.starts_at.isoformat() == "2023-09-05T17:00:00+00:00"


def test_a_second_meeting_of_the_same_day_gets_its_own_address(made, officer, client):
    client.sign_in(officer)
    places = [client.submit(desk(made, "new"), WRITTEN).location for _ in range(2)]
    assert places == [public(made, "meeting-2023-09-05"), public(made, "meeting-2023-09-05-2")]


def test_sent_twice_it_is_recorded_once(made, officer, client):
    client.sign_in(officer)
    hidden, _action = form_of(text_of(client.get(desk(made, "new"))))
    answers = [client.post(desk(made, "new"), data={**hidden, **WRITTEN}) for _ in range(2)]
    assert {answer.location for answer in answers} == {public(made, "meeting-2023-09-05")}
    assert db.session.query(Meeting).count() == 1
    assert db.session.query(JournalEntry).filter_by(type="meeting:recorded").count() == 1


def test_saving_what_is_shown_changes_nothing_not_even_the_english(made, officer, client):
    row = a_meeting(made, officer)
    before = queries.meeting(made.collectivity.id, row.id)
    client.sign_in(officer)
    assert client.submit(desk(made, "workshop-2/edit")).status_code == 303
    after = queries.meeting(made.collectivity.id, row.id)
    assert after.row_version == before.row_version + 1
    for name in ("title", "venue", "minutes", "starts_at", "ends_at", "agenda", "groups", "attendance"):
        assert getattr(after, name) == getattr(before, name), name
    assert {note.text for note in after.notes} == {note.text for note in before.notes}


def test_more_rows_are_one_button_away_and_save_nothing(made, officer, client):
    client.sign_in(officer)
    first = text_of(client.get(desk(made, "new")))
    answer = client.submit(desk(made, "new"), {"more": "agenda", "title_ar": "عنوان"})
    page = text_of(answer)
    assert answer.status_code == 200
    assert page.count('name="agenda-') > first.count('name="agenda-')
    assert "عنوان" in page
    assert db.session.query(Meeting).count() == 0


@pytest.mark.parametrize(
    ("fields", "anchor"),
    [
        ({"title_ar": ""}, "title_ar"),
        ({"day": "hier"}, "day"),
        ({"ends": "17:00"}, "ends"),
        ({"agenda-0-title_ar": "س"}, "agenda-0-starts"),
        ({"agenda-0-title_ar": "س", "agenda-0-starts": "09:00", "agenda-0-ends": "09:30"}, "agenda-0-starts"),
        ({"notes-0-text": "bien", "notes-0-group": "4"}, "notes-0-group"),
        ({"notes-0-text": "bien", "notes-0-project": "99"}, "notes-0-project"),
        ({"groups-0-title_ar": "مجموعة", "groups-0-projects": "un"}, "groups-0-projects"),
        ({"groups-0-title_ar": "مجموعة", "groups-0-projects": "99"}, "groups-0-projects"),
        ({"attendance-0-women": "-1"}, "attendance-0-women"),
    ],
)
def test_what_is_missing_is_named_with_a_link_to_its_field(made, officer, client, fields, anchor):
    client.sign_in(officer)
    answer = client.submit(desk(made, "new"), {**WRITTEN, **fields})
    page = text_of(answer)
    assert answer.status_code == 422
    assert f'href="#{anchor}"' in page
    assert f'id="{anchor}"' in page
    assert "Réunion de quartier" in page


def test_what_a_colleague_saved_meanwhile_is_kept(made, officer, client):
    a_meeting(made, officer)
    client.sign_in(officer)
    hidden, _action = form_of(text_of(client.get(desk(made, "workshop-2/edit"))))
    a_meeting(made, officer)
    answer = client.post(desk(made, "workshop-2/edit"), data={**hidden, "title_fr": "mon titre à moi"})
    assert answer.status_code == 409
    assert "mon titre à moi" in text_of(answer)


def test_a_meeting_is_removed_after_a_question(made, officer, client):
    a_meeting(made, officer)
    client.sign_in(officer)
    answer = client.submit(desk(made, "workshop-2/remove"))
    assert answer.status_code == 303
    assert client.get(public(made, "workshop-2")).status_code == 404


NAMES = [*WRITTEN, "plan", "row_version", "more", "groups-0-title_ar", "groups-0-projects", "agenda-0-title_ar",
         "agenda-0-starts", "agenda-0-group", "attendance-0-men", "attendance-9-men", "notes-0-text", "notes-0-group",
         "notes-0-project", "notes-99-text", "agenda-x-starts", "minutes_ar"]  # fmt: skip
ANYTHING = st.text(max_size=40) | st.sampled_from(
    ["9" * 30, "-1", "25:61", "0000-00-00", "٣", "9999-12-31", "0001-01-01"]
)


def test_the_form_never_answers_500(made, officer, client):
    a_meeting(made, officer)
    client.sign_in(officer)
    hidden, _action = form_of(text_of(client.get(desk(made, "new"))))
    client.inspects = False  # what is typed comes back as typed, control characters too

    @hypothesis_settings(max_examples=60)
    @given(
        st.sampled_from(["new", "workshop-2/edit"]),
        st.booleans(),
        st.dictionaries(st.sampled_from(NAMES), ANYTHING),
    )
    def throw(path, whole, fields):
        base = WRITTEN if whole else {}
        data = {**base, **fields, "csrf_token": hidden["csrf_token"]}
        assert client.post(desk(made, path), data=data).status_code < 500

    throw()
