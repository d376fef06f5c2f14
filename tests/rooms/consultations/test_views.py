"""The rules of taking part, and the questions asked once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from participate.consultations.models import Consultation, Extension, Participant
from participate.db import clock, db, new_id, set_clock, writing
from participate.network.models import Neighbourhood
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import AgeBand, ConsultationState, Gender
from tests import makers
from tests.rooms.positions.makers import take


def committed(make: Any, *args: Any, **values: Any) -> Any:
    with writing():
        made = make(*args, **values)
        db.session.commit()
    return made


@pytest.fixture
def plan(app: Any) -> makers.APlan:
    return committed(makers.a_plan)


@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
def test_the_rules_are_read_signed_out_and_make_no_session(client, plan, lang):
    page = client.get(f"/{lang}{plan.path}/participate")
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers


def test_the_rules_name_who_until_when_and_when_results_are_shown(client, plan):
    page = client.get(f"/en{plan.path}/participate").text
    assert "lives, works or studies here" in page
    assert "29 August 2023" in page
    assert "Until then nobody sees them, not even the commune." in page
    assert "fewer than 10 people" in page


def test_an_extension_and_its_reason_are_public(client, plan):
    committed(
        lambda: db.session.add(
            Extension(
                collectivity_id=plan.collectivity.id,
                id=new_id(),
                consultation_id=plan.review.id,
                old_closes_at=plan.review.closes_at - timedelta(days=2),
                new_closes_at=plan.review.closes_at,
                reason=makers.words("a storm"),
                at=clock(),
            )
        )
    )
    assert "a storm" in client.get(f"/fr{plan.path}/participate").text


def test_a_plan_without_a_consultation_says_so(client, app):
    plan = committed(makers.a_plan, Stage.PREPARATION)
    page = client.get(f"/en{plan.path}/participate")
    assert "No consultation has been announced yet" in page.text


def test_after_the_end_the_page_says_what_happens_next(client, plan):
    def end() -> None:
        row = db.session.get(Consultation, (plan.collectivity.id, plan.review.id))
        row.state, row.closed_at = ConsultationState.CLOSED, row.closes_at

    committed(end)
    page = client.get(f"/en{plan.path}/participate").text
    assert "It has ended." in page
    assert "the council, which votes on the plan" in page


def test_the_questions_are_for_people_who_took_part_and_asked_once(client, plan):
    person = committed(makers.a_person)
    committed(
        lambda: db.session.add(
            Neighbourhood(
                collectivity_id=plan.collectivity.id, id=7, slug="medina", name=makers.words("medina")
            )
        )
    )
    where = f"/en{plan.path}/participate/about-me"
    assert client.get(where).status_code == 303
    client.sign_in(person)
    assert "You have not taken part yet" in client.get(where).text
    take(person, plan.review, plan.statements[0], 1)
    there = f"/en{plan.path}/projects/1/"
    answer = client.submit(
        f"{where}?return_to={there}", {"neighbourhood": "7", "age_band": "25-34", "gender": "f"}
    )
    assert answer.status_code == 303
    assert answer.location.endswith(there)
    row = db.session.scalars(sa.select(Participant)).one()
    assert (row.neighbourhood_id, row.age_band, row.gender) == (7, AgeBand.A25_34, Gender.WOMAN)
    assert "already answered or skipped" in client.get(where).text


def test_the_questions_may_be_skipped(client, plan):
    person = committed(makers.a_person)
    take(person, plan.review, plan.statements[0], 1)
    client.sign_in(person)
    where = f"/en{plan.path}/participate/about-me"
    assert "Three optional questions" in client.get(f"/en{plan.path}/projects/1/").text
    assert client.submit(where, {"skip": "1", "age_band": "65+"}).status_code == 303
    row = db.session.scalars(sa.select(Participant)).one()
    assert row.facts_asked_at is not None
    assert row.age_band is AgeBand.NOT_STATED
    assert "Three optional questions" not in client.get(f"/en{plan.path}/projects/1/").text


def test_an_answer_that_is_no_choice_is_refused_in_words(client, plan):
    person = committed(makers.a_person)
    take(person, plan.review, plan.statements[0], 1)
    client.sign_in(person)
    answer = client.submit(f"/en{plan.path}/participate/about-me", {"age_band": "200", "gender": "x"})
    assert answer.status_code == 422


def test_a_late_answer_to_the_questions_is_refused_in_words(client, plan):
    person = committed(makers.a_person)
    take(person, plan.review, plan.statements[0], 1)
    client.sign_in(person)
    where = f"/en{plan.path}/participate/about-me"
    html = client.get(where).text
    token = html.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    committed(set_clock, plan.review.closes_at)
    answer = client.post(where, data={"csrf_token": token, "gender": "f"})
    assert answer.status_code == 409
    assert "These questions are asked once" in answer.text
