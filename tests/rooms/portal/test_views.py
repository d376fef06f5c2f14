"""The pages where the rooms meet: their states, their languages, and what they cost."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask, url_for
from sqlalchemy import event

from participate.contributions.models import Comment, Contribution
from participate.db import add, clock, db, new_id, writing
from participate.people.models import NetworkAdministrator
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ContributionKind, PublishState, Stance
from participate.rules.policy import Role
from tests import makers
from tests.clients import Client

STATEMENTS = 12
"""Most statements of a project page for somebody signed in. Source: the spine's brief; 12 measured."""


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements sent to the database; BEGIN is not one."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement != "BEGIN":
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def plan(app: Flask) -> makers.APlan:
    with writing():
        made = makers.a_plan(collectivity=makers.a_collectivity("ville"))
        db.session.commit()
    return made


def comments(made: makers.APlan, many: int) -> None:
    """Write published comments on the first project, straight into the tables."""
    assert made.review
    with writing():
        for number in range(many):
            voice = makers.a_participant(made.review)
            base = add(
                Contribution(
                    collectivity_id=made.collectivity.id,
                    id=new_id(),
                    kind=ContributionKind.COMMENT,
                    ref=f"REF{number:05d}",
                    consultation_id=made.review.id,
                    participant_id=voice.id,
                    state=PublishState.PUBLISHED,
                    lang="fr",
                    signals=[],
                    submitted_at=clock(),
                    due_at=clock(),
                    published_at=clock(),
                )
            )
            add(
                Comment(
                    collectivity_id=made.collectivity.id,
                    id=base.id,
                    project_id=made.projects[0].id,
                    revision_id=made.revisions[0].id,
                    stance=Stance.FOR if number % 2 else Stance.AGAINST,
                    body=f"Texte numéro {number}",
                )
            )
        db.session.commit()


PROJECT = "/fr/ville/plans/2024-2025/projects/1/"


@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
@pytest.mark.parametrize(
    "page",
    ["", "ville/", "ville/plans/2024-2025/", "ville/plans/2024-2025/projects/1/", "ville/transparency/"],
)
def test_pages_answer_in_every_language(plan: makers.APlan, client: Client, lang: str, page: str) -> None:
    assert client.get(f"/{lang}/{page}").status_code == 200


@pytest.mark.parametrize("page", ["help", "privacy", "accessibility", ""])
def test_pages_that_stay_answer_on_an_empty_platform(client: Client, page: str) -> None:
    assert client.get(f"/ar/{page}").status_code == 200


def test_a_collectivity_without_a_plan_has_an_honest_home(app: Flask, client: Client) -> None:
    with writing():
        makers.a_collectivity("vide")
        db.session.commit()
    page = client.get("/en/vide/").get_data(as_text=True)
    assert "No plan has begun here yet" in page


@pytest.mark.parametrize("stage", list(Stage))
def test_the_home_knows_what_to_say_at_every_stage(app: Flask, client: Client, stage: Stage) -> None:
    with writing():
        makers.a_plan(stage, collectivity=makers.a_collectivity("ville"))
        db.session.commit()
    assert client.get("/ar/ville/").status_code == 200
    assert client.get("/ar/ville/plans/2024-2025/").status_code == 200


def test_readers_get_no_session_and_no_token(plan: makers.APlan, client: Client) -> None:
    for page in ("/fr/", "/fr/ville/", "/fr/ville/plans/2024-2025/", PROJECT):
        answer = client.get(page)
        assert "Set-Cookie" not in answer.headers
        assert "csrf_token" not in answer.get_data(as_text=True)


def test_projects_are_filtered_by_axis(plan: makers.APlan, client: Client) -> None:
    page = client.get(f"/fr/ville/plans/2024-2025/?axis={plan.axes[0].slug}").get_data(as_text=True)
    assert 'aria-current="true"' in page
    assert page.count('class="card"') == sum(p.axis_id == plan.axes[0].id for p in plan.projects)


def test_an_unknown_version_is_not_found(plan: makers.APlan, client: Client) -> None:
    assert client.get("/fr/ville/plans/2024-2025/?version=9").status_code == 404
    assert client.get("/fr/ville/plans/2024-2025/projects/99/").status_code == 404


def test_a_project_shows_what_people_say_and_filters_it(plan: makers.APlan, client: Client) -> None:
    comments(plan, 4)
    page = client.get(PROJECT).get_data(as_text=True)
    assert page.count('class="voice ') == 4
    against = client.get(f"{PROJECT}?say=against").get_data(as_text=True)
    assert against.count('class="voice ') == 2


def test_near_copies_fold_beneath_the_first_that_stands_where_they_stand(
    plan: makers.APlan, client: Client
) -> None:
    comments(plan, 8)
    with writing():
        for number, one in enumerate(db.session.scalars(sa.select(Comment)).all()):
            if number:
                one.body = (
                    f"Nous demandons des lampes près des écoles avant toute autre rue, voisin {number}."
                )
        db.session.commit()
    page = client.get(PROJECT).get_data(as_text=True)
    assert page.count('class="voice ') == 8, "nothing is dropped"
    folds = re.findall(r'<details class="fold"><summary>([^<]*)</summary>(.*?)</details>', page, re.DOTALL)
    assert [(words, inside.count('class="voice ')) for words, inside in folds if "identique" in words] == [
        ("3 autres textes presque identiques", 3),
        ("2 autres textes presque identiques", 2),
    ]


def test_htmx_gets_the_discussion_alone(plan: makers.APlan, client: Client) -> None:
    comments(plan, 2)
    block = client.get(f"{PROJECT}?say=for", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<!doctype" not in block.lower()
    assert 'id="discussion"' in block


def test_a_project_page_costs_few_statements_however_much_is_said(plan: makers.APlan, client: Client) -> None:
    with writing():
        reader = makers.a_person()
        db.session.commit()
    client.sign_in(reader)
    comments(plan, 3)
    client.get(PROJECT)
    with counted() as few:
        assert client.get(PROJECT).status_code == 200
    comments_more(plan)
    with counted() as many:
        assert client.get(PROJECT).status_code == 200
    assert len(few) == len(many) <= STATEMENTS, [s.split("FROM", 1)[-1][:60] for s in many]


def comments_more(made: makers.APlan) -> None:
    assert made.review
    with writing():
        for row in db.session.scalars(sa.select(Contribution)).all():
            row.ref = f"A{row.ref}"
        db.session.commit()
    comments(made, 15)


def test_my_page_is_mine(plan: makers.APlan, client: Client) -> None:
    assert client.get("/fr/me/").status_code == 303
    with writing():
        reader = makers.a_person()
        db.session.commit()
    client.sign_in(reader)
    assert client.get("/fr/me/").status_code == 200


@pytest.mark.parametrize("role", list(Role))
def test_every_role_finds_its_desk(plan: makers.APlan, client: Client, role: Role) -> None:
    with writing():
        person = makers.staff(plan.collectivity, role)
        db.session.commit()
    client.sign_in(person)
    assert client.get("/ar/desk/ville/").status_code == 200
    assert "/ar/desk/ville/" in client.get("/ar/ville/").get_data(as_text=True)


def desk_links(client: Client) -> list[str]:
    """The addresses that the desk of the reader offers."""
    page = client.get("/fr/desk/ville/").get_data(as_text=True)
    return sorted(set(re.findall(r'href="(/fr/[^"]+)"', page[page.index("<main") : page.index("</main")])))


@pytest.mark.parametrize("stage", [Stage.CONSULTATION, Stage.COUNCIL, Stage.EVALUATION])
@pytest.mark.parametrize("role", list(Role))
def test_the_desk_offers_each_role_only_what_opens(
    app: Flask, client: Client, role: Role, stage: Stage
) -> None:
    with writing():
        made = makers.a_plan(stage=stage, collectivity=makers.a_collectivity("ville"))
        person = makers.staff(made.collectivity, role)
        db.session.commit()
    client.sign_in(person)
    for href in desk_links(client):
        assert client.get(href).status_code == 200, href


def test_the_desk_of_a_network_administrator_offers_only_what_opens(
    plan: makers.APlan, client: Client
) -> None:
    with writing():
        person = makers.a_person()
        add(NetworkAdministrator(person_id=person.id, granted_at=clock()))
        db.session.commit()
    client.sign_in(person)
    links = desk_links(client)
    assert "/fr/desk/ville/people" in links
    for href in links:
        assert client.get(href).status_code == 200, href


def test_the_desk_counts_what_the_moderators_queue_counts(plan: makers.APlan, client: Client) -> None:
    comments(plan, 3)
    with writing():
        first, *_rest = db.session.scalars(sa.select(Contribution)).all()
        first.reports = 2
        person = makers.staff(plan.collectivity, Role.MODERATOR)
        db.session.commit()
    client.sign_in(person)
    queue = client.get("/fr/desk/ville/moderation/").get_data(as_text=True)
    assert "1 contribution attend une décision" in queue
    assert ">1 en attente<" in client.get("/fr/desk/ville/").get_data(as_text=True)


def test_residents_have_no_desk(plan: makers.APlan, client: Client) -> None:
    with writing():
        reader = makers.a_person()
        db.session.commit()
    client.sign_in(reader)
    assert client.get("/fr/desk/ville/").status_code == 403


def test_static_files_carry_their_hash_and_stay_a_year(client: Client, app: Flask) -> None:
    with app.test_request_context("/ar/"):
        address = url_for("static", filename="css/site.css")
    assert "?v=" in address
    with client.get(address) as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_too_much_gets_a_page_that_says_so(client: Client) -> None:
    client.get("/ar/sign-in")
    answer = client.post("/ar/sign-in", data={"email": "x" * 300_000})
    assert answer.status_code == 413
    assert "<h1>" in answer.get_data(as_text=True)


def test_pages_are_compressed_for_who_asks(client: Client) -> None:
    client.inspects = False
    answer = client.get("/ar/", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert "Content-Encoding" not in client.get("/ar/").headers
