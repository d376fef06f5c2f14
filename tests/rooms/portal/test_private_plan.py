"""A plan nobody was told of stays with those who prepare it, and never takes the place of the one under way."""

import pytest
from flask import Flask

from participate.db import db, writing
from participate.plans import actions
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import VersionKind
from participate.rules.policy import Role
from tests import makers
from tests.clients import Client

HIDDEN = "/fr/ville/plans/2026-2027"


@pytest.fixture
def two_plans(app: Flask) -> makers.APlan:
    """One plan under review, and the next one, which was only begun."""
    with writing():
        running = makers.a_plan(collectivity=makers.a_collectivity("ville"))
        makers.a_plan(Stage.PREPARATION, collectivity=running.collectivity, cycle="2026-2027", public=False)
        db.session.commit()
    return running


@pytest.mark.parametrize(
    "page",
    ["", "timeline/", "ideas/", "changes/", "council/", "follow-up/", "results/", "participate", "comments/"],
)
def test_no_page_of_a_private_plan_is_there_for_the_public(
    two_plans: makers.APlan, client: Client, page: str
) -> None:
    assert client.get(f"{HIDDEN}/{page}").status_code == 404


@pytest.mark.parametrize("name", ["projects.json", "contributions.json", "contributions.csv", "journal.json"])
def test_no_open_data_of_a_private_plan_is_there(two_plans: makers.APlan, client: Client, name: str) -> None:
    assert client.get(f"/api/v1/ville/plans/2026-2027/{name}").status_code == 404


def test_the_home_stays_with_the_plan_under_review(two_plans: makers.APlan, client: Client) -> None:
    html = client.get("/fr/ville/").get_data(as_text=True)
    assert f"/plans/{two_plans.plan.cycle}/" in html
    assert "2026-2027" not in html


def test_those_who_prepare_it_see_it(two_plans: makers.APlan, client: Client) -> None:
    with writing():
        officer = makers.staff(two_plans.collectivity, Role.OFFICER)
        db.session.commit()
    client.sign_in(officer)
    assert client.get(f"{HIDDEN}/timeline/").status_code == 200


def test_a_commune_whose_only_plan_is_private_shows_none(app: Flask, client: Client) -> None:
    with writing():
        made = makers.a_plan(
            Stage.PREPARATION, collectivity=makers.a_collectivity("village"), cycle="2026-2027", public=False
        )
        db.session.commit()
    html = client.get("/fr/village/").get_data(as_text=True)
    assert "2026-2027" not in html
    assert made.plan.title["fr"] not in html


def test_publishing_the_first_version_makes_it_known(app: Flask, client: Client) -> None:
    with writing():
        made = makers.a_plan(
            Stage.PREPARATION, collectivity=makers.a_collectivity("ville"), cycle="2026-2027", public=False
        )
        officer = makers.staff(made.collectivity, Role.OFFICER)
        db.session.commit()
        actions.publish_version(makers.actor_of(officer), made.plan, VersionKind.DRAFT)
        db.session.commit()
    assert client.get(f"{HIDDEN}/").status_code == 200
