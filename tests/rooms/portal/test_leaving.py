"""One's data, and closing one's account: nothing of somebody else's, nothing left of one's own, nobody twice."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from participate.consultations import actions as consultations
from participate.contributions import actions as contributions
from participate.contributions.models import Comment, Contribution
from participate.db import db, set_clock, writing
from participate.journal import queries as journal
from participate.lifecycle import actions as lifecycle
from participate.people.models import BrowserSession, Mandate, Person, SignInCode
from participate.people.queries import Voice
from participate.portal import own_data
from participate.positions import actions as positions
from participate.positions.models import Position
from participate.post import actions as post
from participate.post.models import Mail
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import Channel, ParticipantKind, PublishState
from participate.rules.policy import RefusedError, Role
from tests import makers
from tests.clients import Client
from tests.conftest import both_engines
from tests.rooms.contributions.makers import here, myself, trusted

BODY = "Les lampadaires de la rue des Oliviers sont éteints depuis le printemps."
THEIRS = "Le carrefour de la gare routière manque de passages pour les piétons."


def taking_part(person: Person, made: makers.APlan, body: str = BODY) -> None:
    """Somebody says what they think of a project, and takes a position on it."""
    who, place, voice = makers.actor_of(person), here(made), myself(person, made)
    positions.take(who, place, made.statements[0], 1, voice, declared=True)
    contributions.submit_comment(who, place, voice, project_id=made.projects[0].id, body=body, declared=True)


def a_closed_review(*people: Person) -> makers.APlan:
    """A review in which these people took part, closed since."""
    with writing():
        made = makers.a_plan(Stage.CONSULTATION)
        for number, person in enumerate(people):
            taking_part(person, made, (BODY, THEIRS)[number])
        db.session.commit()
    closes_at = made.review.closes_at
    with writing():
        set_clock(closes_at)
        lifecycle.run_due(made.collectivity.id)
        db.session.commit()
    return made


def a_person(**changes: Any) -> Person:
    with writing():
        person = trusted(email="fatima@example.ma", **changes)
        db.session.commit()
    return person


def grown_stale(person: Person) -> None:
    """An hour passes since the person typed a code."""
    db.session.execute(
        sa.update(BrowserSession)
        .where(BrowserSession.person_id == person.id)
        .values(auth_at=datetime.now(UTC) - timedelta(hours=1))
    )
    db.session.commit()


def leave(client: Client, texts: str = "keep", **more: str) -> Any:
    return client.submit("/fr/me/close", {"texts": texts, "sure": "y", **more}, action="/me/close")


# --- one's data ----------------------------------------------------------------------------------


def test_every_column_that_names_somebody_is_told_to_them_or_belongs_to_the_office(app: Flask) -> None:
    told = {f"{held.table}.{held.owner}" for held in own_data.HELD}
    office = {
        f"{table}.{one}" for table, columns in own_data.OF_THE_OFFICE.items() for one in columns.split()
    }
    naming = {
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        if re.search(r"person_id$|_by$|^actor_id$|^participant_id$", column.name)
        and not table.name.startswith("receipt_")
    } - {"receipt.replaced_by", "contribution.participant_id"}
    named_otherwise = {"person.id", "idea.acting_person_id", "comment.acting_person_id"}
    assert naming - told - office == set(), "tell it in own_data.HELD, or say that it is the office's"
    assert (told | office) - naming - named_otherwise == set(), "no such column"


@both_engines
def test_the_file_holds_what_is_mine_and_nothing_of_anybody_else(app: Flask, client: Client) -> None:
    me = a_person()
    with writing():
        other = trusted(email="other@example.ma")
        db.session.commit()
    a_closed_review(me, other)
    client.sign_in(me)
    answer = client.get("/fr/me/data.json")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    held = json.loads(answer.get_data(as_text=True))["held"]
    assert held["account"][0]["email"] == "fatima@example.ma"
    assert [one["body"] for one in held["comments"]] == [BODY]
    assert [one["value"] for one in held["positions"]] == [1]
    assert len(held["receipts"]) == 2
    assert len(held["participations"]) == 1
    assert THEIRS not in answer.get_data(as_text=True)
    assert "other@example.ma" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/fr/me/data.json", "/fr/me/close"])
def test_an_hour_after_the_code_another_one_is_asked_for(app: Flask, client: Client, path: str) -> None:
    person = a_person()
    client.sign_in(person)
    assert client.get(path).status_code == 200
    grown_stale(person)
    sent_on = client.get(path)
    assert sent_on.status_code == 303
    assert sent_on.location.startswith("/fr/me/prove?next=")
    client.submit(sent_on.location, action="/me/prove/ask")
    code = re.search(r"\d{8}", db.session.scalars(sa.select(Mail.body)).one())
    assert code
    wrong = client.submit(sent_on.location, {"code": "00000000"}, action="/me/prove")
    assert wrong.status_code == 422
    right = client.submit(sent_on.location, {"code": code.group()}, action="/me/prove")
    assert right.location == path
    assert client.get(path).status_code == 200


def test_a_stale_browser_cannot_close_an_account_by_sending_the_form(app: Flask, client: Client) -> None:
    person = a_person()
    client.sign_in(person)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/fr/me/close").text)
    assert token
    grown_stale(person)
    answer = client.post("/fr/me/close", data={"csrf_token": token.group(1), "texts": "keep", "sure": "y"})
    assert answer.location.startswith("/fr/me/prove")
    assert db.session.scalars(sa.select(Person.email)).one() == "fatima@example.ma"


# --- closing ---------------------------------------------------------------------------------------


@both_engines
def test_who_it_was_goes_and_what_was_counted_stays(app: Flask, client: Client) -> None:
    me = a_person()
    person_id, called = me.id, me.display_name
    made = a_closed_review(me)
    with writing():
        post.send("fatima@example.ma", person_id, "fr", "decision", "Old news", "A letter that was read.")
        post.send("fatima@example.ma", None, "fr", "sign_in", "A code", "12345678")
        db.session.commit()
    client.sign_in(me)
    page = f"/fr{made.path}/projects/1/"
    assert called in client.get(page).text
    answer = leave(client)
    assert answer.status_code == 303
    db.session.expire_all()
    gone = db.session.get(Person, person_id)
    assert gone is not None
    assert (gone.email, gone.display_name, gone.name_skeleton) == (None, None, None)
    assert (
        db.session.scalars(sa.select(BrowserSession).where(BrowserSession.person_id == person_id)).all() == []
    )
    assert db.session.scalars(sa.select(SignInCode)).all() == []
    assert client.get("/fr/me/").status_code == 303, "signed out"
    last = db.session.scalars(sa.select(Mail)).all()
    assert [(one.address, one.person_id, one.kind) for one in last] == [("fatima@example.ma", None, "closed")]
    assert db.session.scalars(sa.select(Position.value)).all() == [1], "the position stays counted"
    text = client.get(page).text
    assert BODY in text
    assert called not in text
    assert [fault for fault in journal.verify() if fault] == []


@both_engines
def test_texts_can_be_taken_back_on_leaving(app: Flask, client: Client) -> None:
    me = a_person()
    a_closed_review(me)
    client.sign_in(me)
    assert leave(client, "take_back").status_code == 303
    db.session.expire_all()
    assert db.session.scalars(sa.select(Contribution.state)).all() == [PublishState.WITHDRAWN]
    assert db.session.scalars(sa.select(Comment.body)).all() == [BODY], "kept for an appeal, read by nobody"


@both_engines
def test_nobody_leaves_a_consultation_that_counts_them(app: Flask, client: Client) -> None:
    me = a_person()
    with writing():
        made = makers.a_plan(Stage.CONSULTATION)
        taking_part(me, made)
        db.session.commit()
    client.sign_in(me)
    page = client.get("/fr/me/close")
    assert 'name="sure"' not in page.text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/fr/me/settings").text)
    assert token
    answer = client.post("/fr/me/close", data={"csrf_token": token.group(1), "texts": "keep", "sure": "y"})
    assert answer.status_code == 409
    assert db.session.scalars(sa.select(Person.email)).one() == "fatima@example.ma"


@both_engines
def test_a_first_act_after_the_account_closed_takes_no_seat(app: Flask) -> None:
    me = a_person()
    who = makers.actor_of(me)
    with writing():
        made = makers.a_plan(Stage.CONSULTATION)
        db.session.execute(sa.update(Person).values(email=None))
        db.session.commit()
    with writing():
        try:
            consultations.participant_for(
                who, made.review, Voice(ParticipantKind.CITIZEN, None, None, "me"), channel=Channel.WEB
            )
            refused = False
        except RefusedError:
            refused = True
        db.session.rollback()
    assert refused


def test_a_suspended_person_does_not_leave_to_come_back_unknown(app: Flask, client: Client) -> None:
    person = a_person(suspended_at=datetime(2023, 8, 1, tzinfo=UTC))
    client.sign_in(person)
    page = client.get("/fr/me/close")
    assert page.status_code == 200
    assert 'name="sure"' not in page.text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/fr/me/settings").text)
    assert token
    answer = client.post("/fr/me/close", data={"csrf_token": token.group(1), "texts": "keep", "sure": "y"})
    assert answer.status_code == 409
    assert db.session.scalars(sa.select(Person.email)).one() == "fatima@example.ma"
    assert client.get("/fr/me/data.json").status_code == 200, "reading one's own is never taken away"


def test_who_holds_a_role_is_told_to_give_it_back_first(app: Flask, client: Client) -> None:
    with writing():
        made = makers.a_plan(Stage.PREPARATION)
        officer = makers.staff(made.collectivity, Role.OFFICER)
        db.session.commit()
    client.sign_in(officer)
    assert 'name="sure"' not in client.get("/fr/me/close").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/fr/me/settings").text)
    assert token
    answer = client.post("/fr/me/close", data={"csrf_token": token.group(1), "texts": "keep", "sure": "y"})
    assert answer.status_code == 409
    assert db.session.get(Person, officer.id).email


def test_a_delegate_who_leaves_speaks_for_nobody_any_more(app: Flask, client: Client) -> None:
    me = a_person()
    with writing():
        where = makers.a_collectivity()
        makers.an_association(where, delegate=me)
        db.session.commit()
    client.sign_in(me)
    assert leave(client).status_code == 303
    db.session.expire_all()
    assert db.session.scalars(sa.select(Mandate.ended_at)).one() is not None


def test_without_the_tick_nothing_closes_and_the_choice_is_kept(app: Flask, client: Client) -> None:
    client.sign_in(a_person())
    answer = client.submit("/fr/me/close", {"texts": "take_back"}, action="/me/close")
    assert answer.status_code == 422
    assert re.search(
        r'<input[^>]*checked[^>]*value="take_back"|value="take_back"[^>]*checked', answer.text
    ) or ("checked" in answer.text.split('value="take_back"')[0].rsplit("<input", 1)[1])
    assert db.session.scalars(sa.select(Person.email)).one() == "fatima@example.ma"
