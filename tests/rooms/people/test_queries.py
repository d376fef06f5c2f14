"""Who acts, in whose name, and what a browser left."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from participate.db import db
from participate.people import queries
from participate.people.models import BrowserSession
from participate.rules.outcomes import ParticipantKind
from participate.rules.policy import ANYBODY, Role
from tests import makers
from tests.conftest import both_engines


@both_engines
def test_an_actor_is_what_the_rows_say_in_one_statement(app: Flask) -> None:
    here, there = makers.a_collectivity(), makers.a_collectivity()
    person = makers.a_person(level=3)
    makers.a_grant(person, here, Role.OFFICER)
    makers.a_grant(person, there, Role.MODERATOR)
    makers.an_association(here, person)
    makers.an_association(there)
    asked: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    actor = queries.actor_of(person.id)
    assert len(asked) == 1
    assert actor == makers.actor_of(person)
    assert actor.level == 3


def test_nobody_acts_for_an_account_that_is_gone(app: Flask) -> None:
    assert queries.actor_of(1) == ANYBODY
    person = makers.a_person()
    person.email = None
    db.session.flush()
    assert queries.actor_of(person.id) == ANYBODY


def test_voices_begin_with_oneself_and_leave_out_what_is_not_verified_or_elsewhere(app: Flask) -> None:
    here, there = makers.a_collectivity(), makers.a_collectivity()
    person = makers.a_person("Fatima")
    verified = makers.an_association(here, person)
    makers.an_association(here, person, verified=False)
    makers.an_association(there, person)
    voices = queries.voices_of(person.id, here.id)
    assert [(v.kind, v.association_id) for v in voices] == [
        (ParticipantKind.CITIZEN, None),
        (ParticipantKind.ASSOCIATION, verified.id),
    ]
    assert voices[0].label == "Fatima"
    assert voices[1].label == verified.name
    assert voices[1].mandate_id
    assert queries.voices_of(1, here.id) == []


def test_sessions_stand_on_the_platforms_clock_with_the_present_one_first(app: Flask) -> None:
    person = makers.a_person()
    now = datetime.now(UTC)
    for name, age in (("old", 3), ("new", 1)):
        seen = now - timedelta(hours=age)
        db.session.add(
            BrowserSession(
                id_hash=name * 20, person_id=person.id, body={}, created_at=seen, last_seen=seen, means="code"
            )
        )
    db.session.flush()
    found = queries.sessions_of(person.id, "old" * 20)
    assert [one.current for one in found] == [True, False]
    assert {one.last_seen.year for one in found} == {2023}
    assert all(len(one.ref) == queries.REF_CHARS for one in found)


@pytest.mark.parametrize("name", ["Fatima Zahra", "Atlas", "Karim M.", "يوسف"])
def test_ordinary_names_are_free(app: Flask, name: str) -> None:
    makers.a_collectivity(name={"ar": "بني ملال", "fr": "Béni Mellal"})
    assert not queries.is_reserved(name, "person:1")


def test_the_desk_sees_who_waits_first(app: Flask) -> None:
    here = makers.a_collectivity()
    delegate = makers.a_person("Fatima")
    makers.an_association(here, delegate)
    makers.an_association(here, verified=False)
    found = queries.associations_for_desk(here.id)
    assert [one.verified_at is None for one in found] == [True, False]
    assert [d.name for d in found[1].delegates] == ["Fatima"]
    assert len(queries.associations(here.id)) == 1
