"""The demo stands at every public step by its real actions, and its own pages exist nowhere else."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from participate.app import create_app
from participate.config import Settings
from participate.contributions.models import Contribution
from participate.db import clock, db
from participate.demo import queries
from participate.demo.story import ANCHORS, Step
from participate.journal import queries as record
from participate.moderation import queries as moderated
from participate.people import queries as known
from participate.plans.models import ActionPlan
from participate.rules.lifecycle import Stage
from participate.rules.moderation import Signal, SignalKind, holds
from participate.rules.outcomes import PublishState
from tests.clients import Client
from tests.support.demo import demo_at

PAGES = ("/dev/", "/dev/mail", "/dev/clock", "/dev/parts")
HOST = {"Host": "127.0.0.1"}


def opened(step: str, tmp_path: Path) -> Iterator[Flask]:
    app = folder_app(demo_at(step, tmp_path / "instance"))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Flask]:
    yield from opened("draft_review", tmp_path)


@pytest.mark.parametrize("page", [*PAGES, "/dev/sign-in"])
def test_no_page_of_the_demo_exists_outside_it(client: Client, page: str) -> None:
    assert client.get(page).status_code == 404
    assert client.post(page).status_code in {400, 404}


@pytest.mark.parametrize("page", PAGES)
def test_another_host_finds_nothing(demo: Flask, page: str) -> None:
    client = demo.test_client()
    client.inspects = False
    assert client.get(page, headers={"Host": "participate.example"}).status_code == 404
    assert client.get(page, headers=HOST).status_code == 200


STAGES = {
    Step.CALL_FOR_IDEAS: Stage.PREPARATION,
    Step.DRAFT_REVIEW: Stage.CONSULTATION,
    Step.SYNTHESIS: Stage.SYNTHESIS,
    Step.COUNCIL: Stage.COUNCIL,
    Step.IMPLEMENTATION: Stage.IMPLEMENTATION,
}


def folder_app(folder: Path) -> Flask:
    """The demo's application on a database in a folder."""
    app = create_app(
        Settings(
            database_url=f"sqlite:///{folder / 'demo.sqlite'}",
            secret_key="a secret of the tests, long enough to pass",
            base_url="http://127.0.0.1",
            instance=folder,
            demo=True,
            testing=True,
            extra={"RATELIMIT_ENABLED": False},
        )
    )
    app.test_client_class = Client
    return app


@pytest.mark.parametrize(("step", "stage"), STAGES.items())
def test_the_demo_stands_at_each_public_step(step: Step, stage: Stage, tmp_path: Path) -> None:
    for app in opened(step, tmp_path):
        assert db.session.scalars(db.select(ActionPlan)).one().stage is stage
        assert timedelta() <= clock() - ANCHORS[step] < timedelta(minutes=5)
        assert [fault for fault in record.verify() if fault] == []
        client = app.test_client()
        for page in ("/ar/", "/ar/beni-mellal/", "/fr/beni-mellal/plans/2024-2025/", "/ar/azrou/"):
            assert client.get(page, headers=HOST).status_code == 200
        if step is not Step.CALL_FOR_IDEAS:
            project = "/ar/beni-mellal/plans/2024-2025/projects/5/"
            assert client.get(project, headers=HOST).status_code == 200


@pytest.mark.timeout(120)
def test_the_command_line_builds_the_demo_at_a_step_and_keeps_it(tmp_path: Path) -> None:
    built, kept = (demo_command(tmp_path, "--at", "call_for_ideas") for _ in range(2))
    assert "The demo is ready after" in built.stdout
    assert kept.stdout == ""
    wrong = demo_command(tmp_path, "--at", "yesterday")
    assert wrong.returncode == 2
    assert "draft_review" in wrong.stderr


def demo_command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Type `participate demo` with an instance of its own."""
    return subprocess.run(
        [sys.executable, "-m", "participate.cli", "demo", *arguments],
        env={
            **{k: v for k, v in os.environ.items() if k != "DATABASE_URL"},
            "PARTICIPATE_INSTANCE": str(folder),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_default_demo_leaves_work_for_moderators(demo: Flask) -> None:
    waiting = db.session.scalars(
        db.select(Contribution).where(Contribution.state == PublishState.WAITING)
    ).all()
    assert len(waiting) >= 10


def test_the_default_demo_has_flagged_texts_on_top_one_of_them_nearly_late(demo: Flask) -> None:
    first = known.actor_of(queries.ids_of(["moderator1@demo.test"])["moderator1@demo.test"])
    where = next(iter(first.roles))[0]
    now = clock()
    rows = moderated.queue(first, where, moderated.View.WAITING, now).rows
    screened, *reported = rows[:3]
    assert screened.signals
    assert screened.state is PublishState.WAITING
    assert timedelta() < screened.due_at - now < timedelta(hours=1)
    assert all(row.reports for row in reported)
    assert not any(row.reports or holds(Signal(SignalKind(one)) for one in row.signals) for row in rows[3:])


def test_the_default_demo_has_an_appeal_that_only_the_other_moderator_may_answer(demo: Flask) -> None:
    ids = queries.ids_of(["moderator1@demo.test", "moderator2@demo.test"])
    hands = [known.actor_of(one) for one in ids.values()]
    where = next(iter(hands[0].roles))[0]
    by_me = [moderated.appeals(hand, where)[0][0].by_me for hand in hands]
    assert sorted(by_me) == [False, True]


def test_one_click_signs_in(demo: Flask) -> None:
    client = demo.test_client()
    page = client.get("/dev/?lang=fr", headers=HOST).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    fields = {"csrf_token": token[1], "email": "moderator1@demo.test", "lang": "fr"}
    sent = client.post("/dev/sign-in", data=fields, headers=HOST)
    assert sent.location == "/fr/desk/beni-mellal/"
    assert client.get(sent.location, headers=HOST).status_code == 200


def test_the_clock_moves_to_the_closing_and_closes(demo: Flask) -> None:
    client = demo.test_client()
    page = client.get("/dev/clock?lang=fr", headers=HOST).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    to = re.search(r'name="to" value="([^"]+)"', page)
    assert token
    assert to
    sent = client.post("/dev/clock", data={"csrf_token": token[1], "to": to[1], "lang": "fr"}, headers=HOST)
    assert sent.status_code == 303
    db.session.expire_all()
    assert db.session.scalars(db.select(ActionPlan)).one().stage is Stage.SYNTHESIS


def test_the_clock_never_goes_back(demo: Flask) -> None:
    client = demo.test_client()
    page = client.get("/dev/clock?lang=fr", headers=HOST).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    fields = {"csrf_token": token[1], "day": "2023-01-01"}
    assert client.post("/dev/clock", data=fields, headers=HOST).status_code == 409
    fields = {"csrf_token": token[1], "day": "nonsense"}
    assert client.post("/dev/clock", data=fields, headers=HOST).status_code == 400
