"""The dossier in the browser: hidden, draft, sealed; for each role."""

import json
import re

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from participate.db import clock, db, writing
from participate.rules.lifecycle import Stage
from participate.rules.policy import Role
from participate.synthesis import actions, bundle
from participate.synthesis.models import Synthesis
from tests import makers
from tests.rooms.synthesis.makers import a_full_review

READERS_OF_DRAFT = {Role.OFFICER, Role.COMMITTEE_MEMBER, Role.PRESIDENT, Role.SECRETARY, Role.COUNCILLOR}
PAGES = ("/results/", "/results/1")
FIGURE = re.compile(r"(?<![\w:.-])52(?![\w:])")
"""How many support the first project."""


def a_review(stage: Stage) -> makers.APlan:
    with writing():
        plan = makers.a_plan(stage)
        a_full_review(plan)
        db.session.commit()
    return plan


def seal(made: makers.APlan) -> None:
    with writing():
        actions.seal(None, made.review.id, clock())
        db.session.commit()


@pytest.mark.parametrize("role", [None, *Role])
def test_before_the_close_nobody_sees_for_or_against(app, client, role) -> None:
    made = a_review(Stage.CONSULTATION)
    if role:
        with writing():
            person = makers.staff(made.collectivity, role)
            db.session.commit()
            client.sign_in(person)
    for path in PAGES:
        page = client.get(f"/fr{made.path}{path}").get_data(as_text=True)
        assert not FIGURE.search(page)
        assert "60" in page.split("<main", 1)[1]  # participation, floored to ten
    assert client.get(f"/fr{made.path}/results/dossier.json").status_code == 404
    assert client.get(f"/fr{made.path}/results/projects.csv").status_code == 404


@pytest.mark.parametrize("role", [None, *Role])
def test_between_the_close_and_the_seal_those_who_prepare_and_decide_read_the_draft(
    app, client, role
) -> None:
    made = a_review(Stage.SYNTHESIS)
    if role:
        with writing():
            person = makers.staff(made.collectivity, role)
            db.session.commit()
            client.sign_in(person)
    for path in PAGES:
        page = client.get(f"/fr{made.path}{path}").get_data(as_text=True)
        assert bool(FIGURE.search(page)) == (role in READERS_OF_DRAFT)


@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
def test_once_sealed_everybody_reads_the_dossier(app, client, lang) -> None:
    made = a_review(Stage.SYNTHESIS)
    seal(made)
    for path in (*PAGES, "/results/2", "/results/3", "/results/verification"):
        response = client.get(f"/{lang}{made.path}{path}")
        assert response.status_code == 200, path
    page = client.get(f"/{lang}{made.path}/results/").get_data(as_text=True)
    assert FIGURE.search(page)
    assert "REFHIDE1" not in page
    assert "CANARY" not in page


def test_the_dossier_says_where_its_parts_begin_and_each_reason_once(app, client) -> None:
    made = a_review(Stage.SYNTHESIS)
    seal(made)
    for path in PAGES:
        page = client.get(f"/fr{made.path}{path}").get_data(as_text=True)
        part = page.partition('id="projects"')[2]  # what was not retained is also said in a list of its own
        assert part.count("because (f") == part.count('<section class="response"'), path
        for place in re.findall(r'href="#([\w-]+)"', page):
            assert f'id="{place}"' in page, place


def test_the_downloads_prove_themselves_and_open_in_a_spreadsheet(app, client) -> None:
    made = a_review(Stage.SYNTHESIS)
    seal(made)
    text = client.get(f"/fr{made.path}/results/dossier.json").get_data(as_text=True)
    assert bundle.verify(text, json.loads(text)["public_key"]).ok
    table = client.get(f"/fr{made.path}/results/projects.csv").get_data(as_text=True)
    assert table.startswith("\ufeffproject,")
    assert "1,title of project 1" in table


def test_a_signed_out_reader_gets_no_cookie_and_no_form(app, client) -> None:
    made = a_review(Stage.SYNTHESIS)
    seal(made)
    for path in PAGES:
        response = client.get(f"/fr{made.path}{path}")
        assert "Set-Cookie" not in response.headers
        assert 'method="post"' not in response.get_data(as_text=True)


def test_the_sealed_page_asks_few_questions_of_the_database(app, client) -> None:
    made = a_review(Stage.SYNTHESIS)
    seal(made)
    client.get(f"/fr{made.path}/results/")
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    for path in PAGES:
        seen.clear()
        client.get(f"/fr{made.path}{path}")
        assert len(seen) <= 15, "\n".join(seen)


def test_a_broken_seal_is_said_on_the_page(app, client) -> None:
    made = a_review(Stage.SYNTHESIS)
    seal(made)
    with writing():
        row = db.session.scalar(sa.select(Synthesis))
        row.snapshot = row.snapshot.replace('"participants":61', '"participants":99')
        db.session.commit()
    page = client.get(f"/en{made.path}/results/").get_data(as_text=True)
    assert "no longer have the fingerprint" in page


def test_a_plan_without_a_review_says_so_and_unknown_projects_are_not_found(app, client) -> None:
    with writing():
        made = makers.a_plan(Stage.PREPARATION)
        db.session.commit()
    assert client.get(f"/fr{made.path}/results/").status_code == 200
    made = a_review(Stage.SYNTHESIS)
    seal(made)
    assert client.get(f"/fr{made.path}/results/99").status_code == 404
    assert client.get("/fr/nowhere/plans/2024-2025/results/").status_code == 404
