"""An association's own page: its ideas and what it said, never what its delegates say as themselves."""

import pytest
from flask import Flask

from participate.db import db, writing
from participate.people.models import Association, Person
from participate.people.queries import voices_of
from participate.rules.outcomes import PublishState, Stance
from tests import makers
from tests.clients import Client
from tests.rooms.contributions.makers import a_comment, put, trusted
from tests.rooms.portal.test_views import counted

PAGE = "/fr/ville/associations/{ref}"
STATEMENTS = 9
"""Most statements of the page for a signed-out reader, however much the association said; 9 measured."""


@pytest.fixture
def plan(app: Flask) -> makers.APlan:
    with writing():
        made = makers.a_plan(collectivity=makers.a_collectivity("ville"))
        db.session.commit()
    return made


def a_delegate(made: makers.APlan) -> tuple[Association, Person]:
    person = trusted("Mouna H.")
    return makers.an_association(made.collectivity, person), person


def said(made: makers.APlan, person: Person, association: Association | None, body: str) -> None:
    voices = voices_of(person.id, made.collectivity.id)
    wanted = association.id if association else None
    voice = next(one for one in voices if one.association_id == wanted)
    put(made, a_comment(made, person, voice=voice, body=body, stance=Stance.FOR), PublishState.PUBLISHED)


def test_the_page_shows_the_associations_texts_and_not_its_delegates_own(
    plan: makers.APlan, client: Client
) -> None:
    with writing():
        association, person = a_delegate(plan)
        said(plan, person, association, "Notre association demande un compteur par parcelle.")
        said(plan, person, None, "Moi, je voudrais surtout un banc.")
        db.session.commit()
    html = client.get(PAGE.format(ref=association.ref)).get_data(as_text=True)
    assert "un compteur par parcelle" in html
    assert "je voudrais surtout un banc" not in html
    assert f"/fr/ville/plans/{plan.plan.cycle}/projects/" in html, "a comment says which project it is about"


def test_a_hidden_text_of_an_association_is_not_on_its_page(plan: makers.APlan, client: Client) -> None:
    with writing():
        association, person = a_delegate(plan)
        voice = next(v for v in voices_of(person.id, plan.collectivity.id) if v.association_id)
        base = a_comment(plan, person, voice=voice, body="Un texte à cacher.", stance=Stance.AGAINST)
        put(plan, base, PublishState.HIDDEN)
        db.session.commit()
    page = client.get(PAGE.format(ref=association.ref))
    assert page.status_code == 200
    assert "Un texte à cacher" not in page.get_data(as_text=True)


def test_what_an_association_said_costs_the_same_however_much_it_is(
    plan: makers.APlan, client: Client
) -> None:
    costs = []
    with writing():
        association, person = a_delegate(plan)
        db.session.commit()
    for many in (1, 24):
        with writing():
            for number in range(many):
                said(plan, person, association, f"Texte {number} de {many}.")
            db.session.commit()
        with counted() as sent:
            page = client.get(PAGE.format(ref=association.ref))
        costs.append(len(sent))
    assert "texts=" in page.get_data(as_text=True), "the rest is one press away"
    assert costs[0] == costs[1] <= STATEMENTS


def test_an_association_that_waits_for_its_verification_has_no_page(
    plan: makers.APlan, client: Client
) -> None:
    with writing():
        association = makers.an_association(plan.collectivity, verified=False)
        db.session.commit()
    assert client.get(PAGE.format(ref=association.ref)).status_code == 404
