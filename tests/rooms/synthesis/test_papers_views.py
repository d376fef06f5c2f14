"""Asking for the papers, seeing how far they are, having them, trying again: for each role and state."""

import json

import pytest
import sqlalchemy as sa

from participate.db import clock, db, writing
from participate.files.models import Making
from participate.journal.models import JournalEntry
from participate.plans.queries import plan_place
from participate.rules.lifecycle import Stage
from participate.rules.policy import Role
from participate.synthesis import actions, queries
from participate.synthesis.papers import job, setting
from tests import makers
from tests.clients import form_of
from tests.rooms.synthesis.makers import a_full_review

PREPARE = {Role.OFFICER, Role.SECRETARY}
READ_DRAFT = PREPARE | {Role.COMMITTEE_MEMBER, Role.PRESIDENT, Role.COUNCILLOR}
NAMES = [f"dossier-{lang}.{kind}" for kind in ("pdf", "docx", "xlsx") for lang in ("ar", "fr")]
BUDGET = 12


@pytest.fixture
def made(app) -> makers.APlan:
    with writing():
        plan = makers.a_plan(Stage.SYNTHESIS)
        a_full_review(plan)
        db.session.commit()
    return plan


@pytest.fixture
def quick(monkeypatch) -> None:
    """Papers that take no time: what sets them is tried elsewhere."""
    monkeypatch.setattr(setting, "paper", lambda _source, kind, lang: f"{kind} {lang}".encode())
    monkeypatch.setattr(job.jobs, "compute", lambda _key: True)


def papers(made: makers.APlan, lang: str = "fr") -> str:
    return f"/{lang}{made.path}/results/papers/"


def as_(client, made: makers.APlan, role: Role | None):
    if role is None:
        return client
    with writing():
        person = makers.staff(made.collectivity, role)
        db.session.commit()
    return client.sign_in(person)


def seal(made: makers.APlan) -> None:
    with writing():
        actions.seal(None, made.review.id, clock())
        db.session.commit()


def shown(client, made: makers.APlan, lang: str = "fr") -> str:
    answer = client.get(papers(made, lang))
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def entries(kind: str) -> list[dict[str, object]]:
    rows = db.session.scalars(sa.select(JournalEntry.body).where(JournalEntry.type == kind))
    return [json.loads(row)["public"] for row in rows]


@pytest.mark.parametrize("role", [None, *Role])
def test_who_sees_the_papers_of_a_draft_and_who_may_ask_for_them(client, made, role) -> None:
    reader = as_(client, made, role)
    page = reader.get(papers(made))
    assert page.status_code == (200 if role in READ_DRAFT else 404)
    assert ("Préparer les documents" in page.get_data(as_text=True)) == (role in PREPARE)
    asked = reader.submit(papers(made), {}) if role in PREPARE else reader.post(papers(made))
    assert (asked.status_code == 303) == (role in PREPARE)
    assert bool(entries("papers:asked")) == (role in PREPARE)


@pytest.mark.usefixtures("quick")
def test_from_the_press_of_the_button_to_the_files(client, made) -> None:
    seal(made)
    assert "pas encore faits" in shown(client, made)
    assert client.get(papers(made) + NAMES[0]).status_code == 404
    secretary = as_(client, made, Role.SECRETARY)
    assert secretary.submit(papers(made), {}).status_code == 303
    for lang, label in (("fr", "Les documents sont en préparation"), ("ar", "الوثائق قيد الإعداد")):
        page = shown(secretary, made, lang)
        assert label in page
        assert '<progress max="7" value="0"' in page
        assert 'hx-trigger="every 2s"' in page
        assert f'href="{papers(made, lang)}"' in page, "without JavaScript a link shows how far it is"
        assert "http-equiv" not in page
    assert job.prepare_papers() == 1
    page = shown(secretary, made)
    assert "<progress" not in page
    assert "hx-trigger" not in page
    for name in NAMES:
        assert papers(made) + name in page
    (told,) = entries("papers:made")
    sealed = queries.sealed(made.review.id)
    assert sealed is not None
    assert told["sha256"] == sealed.sha256
    assert set(told["files"]) == set(NAMES)
    results = client.get(f"/fr{made.path}/results/").get_data(as_text=True)
    assert papers(made) + NAMES[0] in results, "the dossier's page leads to each file"


@pytest.mark.usefixtures("quick")
def test_sealed_papers_are_for_everybody_and_drafts_for_those_who_prepare(client, made, app) -> None:
    secretary = as_(client, made, Role.SECRETARY)
    secretary.submit(papers(made), {})
    assert job.prepare_papers() == 1
    draft = secretary.get(papers(made) + NAMES[0])
    assert draft.status_code == 200
    assert draft.headers["Cache-Control"] == "private, no-cache"
    nobody = app.test_client()
    assert nobody.get(papers(made) + NAMES[0]).status_code == 404
    seal(made)
    assert nobody.get(papers(made) + NAMES[0]).status_code == 404, "a draft is no paper of the sealed dossier"
    secretary.submit(papers(made), {})
    assert job.prepare_papers() == 1
    for name in NAMES:
        given = nobody.get(papers(made) + name)
        assert given.status_code == 200
        assert given.headers["Cache-Control"] == "public, max-age=300"
        assert given.headers["Content-Disposition"].endswith(f"{made.collectivity.slug}-2024-2025-{name}")
    assert "Set-Cookie" not in nobody.get(papers(made)).headers


def test_it_says_what_is_being_done_at_each_step(client, made, monkeypatch) -> None:
    seal(made)
    secretary = as_(client, made, Role.SECRETARY)
    secretary.submit(papers(made), {})
    seen: list[str] = []

    def watch(_source, kind, lang) -> bytes:
        found = job.making.progress(made.collectivity.id, actions.PAPERS, actions.papers_of(made.review.id))
        db.session.rollback()
        seen.append(f"{found.step}/{found.steps} {found.doing}")
        return f"{kind} {lang}".encode()

    monkeypatch.setattr(setting, "paper", watch)
    monkeypatch.setattr(job.jobs, "compute", lambda _key: True)
    assert job.prepare_papers() == 1
    assert seen == [f"{n}/7 {kind}:{lang}" for n, (kind, lang) in enumerate(job.PAPERS, 1)]


def test_a_failure_is_said_with_a_button_and_the_second_try_can_succeed(client, made, monkeypatch) -> None:
    seal(made)
    secretary = as_(client, made, Role.SECRETARY)
    secretary.submit(papers(made), {})

    def broken(*_args: object) -> bytes:
        raise setting.NotSetError("no room for secret.pdf")

    monkeypatch.setattr(job.jobs, "compute", lambda _key: True)
    monkeypatch.setattr(setting, "paper", broken)
    assert job.prepare_papers() == 0
    for lang, words in (
        ("fr", ("n’ont pas pu être faits", "Réessayer")),
        ("ar", ("تعذر إعداد الوثائق", "المحاولة من جديد")),
    ):
        page = shown(secretary, made, lang)
        for one in words:
            assert one in page
        assert "secret" not in page, "the reason is for the operator"
        assert "hx-trigger" not in page
    assert "no room" in (db.session.scalar(sa.select(Making.error)) or "")
    nobody = client.application.test_client()
    assert "Réessayer" not in shown(nobody, made)
    monkeypatch.setattr(setting, "paper", lambda *_args: b"there")
    assert secretary.submit(papers(made), {}).status_code == 303
    assert job.prepare_papers() == 1
    assert NAMES[0] in shown(secretary, made)


@pytest.mark.usefixtures("quick")
def test_pressing_twice_makes_them_once(client, made) -> None:
    seal(made)
    secretary = as_(client, made, Role.SECRETARY)
    fields, _target = form_of(shown(secretary, made))
    for _ in range(2):
        assert secretary.post(papers(made), data=fields).status_code == 303
    assert "déjà là" in shown(secretary, made)
    assert len(entries("papers:asked")) == 1
    assert job.prepare_papers() == 1
    assert job.prepare_papers() == 0


def test_an_engine_that_fails_keeps_nobody_from_the_papers(client, made, monkeypatch) -> None:
    seal(made)
    as_(client, made, Role.SECRETARY).submit(papers(made), {})

    def silent(_key: int) -> bool:
        raise job.child.NotComputedError("no engine")

    monkeypatch.setattr(job.jobs, "compute", silent)
    monkeypatch.setattr(setting, "paper", lambda *_args: b"there")
    assert job.prepare_papers() == 1


def test_while_the_consultation_is_open_there_are_no_papers(client) -> None:
    with writing():
        made = makers.a_plan(Stage.CONSULTATION)
        a_full_review(made)
        db.session.commit()
    secretary = as_(client, made, Role.SECRETARY)
    assert secretary.get(papers(made)).status_code == 404
    with writing():
        try:
            officer = makers.actor_of(makers.staff(made.collectivity, Role.OFFICER))
            actions.ask_papers(officer, plan_place(made.collectivity.slug, made.plan.cycle))
        except actions.NotClosedError:
            refused = True
        db.session.rollback()
    assert refused


def test_the_page_links_to_files_that_are_there(client, made) -> None:
    """The addresses in the annex are those of pages."""
    seal(made)
    source = job.gathered(made.collectivity.id, made.review.id)
    for address in (source.results_address, source.record_address):
        assert client.get(address.removeprefix(source.base_url)).status_code == 200
