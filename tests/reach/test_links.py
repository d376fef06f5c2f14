"""A page nobody can reach from a link does not exist: crawl the demo as everybody, follow every link."""

import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from participate.app import create_app
from participate.db import db
from participate.people.models import Person
from tests import clients
from tests.conftest import settings
from tests.support.demo import demo_at

STEPS = ("call_for_ideas", "draft_review", "synthesis", "council", "implementation")
RESIDENTS = {"citizen1", "delegate1", "p046"}
GROUPS: dict[str, tuple[str | None, ...]] = {
    "everybody": (None, "citizen1", "delegate1"),
    "moderation": ("moderator1", "moderator2"),
    "plan": ("officer1", "committee1"),
    "council": ("secretary1", "president1", "councillor1", "advisory1"),
    "office": ("admin1", "admin2", "auditor1", "desk1"),
}
TOURS: dict[str, tuple[str | None, ...]] = {
    "call_for_ideas": ("officer1", "admin2", "president1", "desk1"),
    "draft_review": (None, "moderator1", "advisory1"),
    "synthesis": ("moderator1", "officer1", "delegate1"),
    "council": ("secretary1",),
    "implementation": ("officer1", "p046"),
}
"""The fewest people who together come to every page there is."""
BUDGET = 16
BUDGETS = {
    "contributions.idea": 24,
    "contributions.one": 21,
    "contributions.reply_form": 21,
    "lifecycle_desk.transmit": 19,
    "lifecycle_desk.withdraw": 19,
    "portal.project": 19,
    "synthesis.results": 19,
    "contributions.cosign_form": 18,
    "moderation.case": 17,
}
"""Statements a page may send to the database, for anybody at any step; more is named here or mended."""
MOST_PAGES = 260
OTHERWISE = {
    # asked for by a machine, or where mails, forms and scripts lead
    "static", "healthz", "root", "people.follow_link", "people.enter_code", "people.signed_out",
    "people.association_sent", "people.leave", "contributions.similar", "moderation.letter",
    # linked only in a state that the demo's steps do not stop at; each is walked in tests/browser or tests/rooms
    "consultations.about_me", "contributions.edit_form", "contributions.idea_file", "meetings.event",
    "positions.project_priority", "council_desk.amendment",
    "council_desk.deliberation_form", "evaluation_desk.form", "lifecycle_desk.adopt",
    "lifecycle_desk.announce", "lifecycle_desk.close_plan", "lifecycle_desk.dates", "lifecycle_desk.notice",
    "lifecycle_desk.open_now", "lifecycle_desk.return_to_preparation",
}  # fmt: skip


def crawl(
    app: Flask,
    client: clients.Client,
    start: str,
    *,
    staff: bool = False,
    note: Callable[[TestResponse], None] = lambda _page: None,
) -> tuple[set[str], list[str]]:
    """Follow links from a page, one address for each endpoint; return the endpoints and what was wrong.

    `note` is called with every answer.

    Staff read the same public pages as everybody: theirs are opened, and followed from the desk only.
    """
    adapter = app.url_map.bind("localhost")
    seen: set[str] = set()
    reached: set[str] = set()
    wrong: list[str] = []
    statements: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    waiting = deque([start])
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.popleft()
        if path in seen:
            continue
        seen.add(path)
        try:
            endpoint, _ = adapter.match(path.split("?")[0])
        except RequestRedirect:
            continue
        except HTTPException:
            wrong.append(f"{path} (no such address)")
            continue
        if endpoint in reached:
            continue
        reached.add(endpoint)
        if endpoint == "static":
            continue
        statements.clear()
        response = client.get(path)
        note(response)
        if response.status_code >= 400:
            wrong.append(f"{path} answered {response.status_code}")
        if len(statements) > BUDGETS.get(endpoint, BUDGET):
            wrong.append(f"{path} ({endpoint}) sent {len(statements)} statements")
        waiting.extend(leads_to(response, everything=not staff or path.startswith(OWN_PAGES)))
    return reached, wrong


OWN_PAGES = ("/fr/desk/", "/fr/me/", "/dev/")


def leads_to(response: TestResponse, *, everything: bool) -> list[str]:
    """Where a page or a redirection leads: everywhere on this site in French, or to the desk only."""
    if response.status_code in {302, 303}:
        return [response.headers["Location"]]
    if response.mimetype != "text/html" or response.status_code >= 400:
        return []
    links = re.findall(r'<a\b[^>]*?href=["\'](/[^"\'#]*)', response.get_data(as_text=True))
    roots = ("/fr/", "/api/", "/dev/") if everything else ("/fr/desk/",)
    return [link for link in (one.replace("&amp;", "&") for one in links) if link.startswith(roots)]


@dataclass(frozen=True)
class Reached:
    """What one crawl found: endpoints that links led to, and addresses that failed."""

    endpoints: set[str]
    broken: list[str]
    wanted: set[str]


def crawled(step: str, roles: Sequence[str | None], instance: Path) -> Reached:
    """Follow the links of a copy of the demo at a step, as each of these people."""
    demo_at(step, instance)
    app = create_app(settings(f"sqlite:///{instance}/demo.sqlite", instance, testing=False))
    app.test_client_class = clients.Client
    found = Reached(set(), [], set())
    with app.app_context():
        found.wanted.update(
            rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())
        )
        for role in roles:
            client = app.test_client()
            client.inspects = step == "draft_review"
            for start in begin(client, role):
                staff = role is not None and role not in RESIDENTS
                endpoints, wrong = crawl(app, client, start, staff=staff)
                found.endpoints.update(endpoints)
                found.broken.extend(f"{step} as {role}: {one}" for one in wrong)
        db.session.remove()
        db.engine.dispose()
    return found


def begin(client: clients.Client, role: str | None) -> list[str]:
    """Sign in, and return the pages from which this person sets out."""
    if role is None:
        return ["/fr/"]
    person = db.session.scalars(db.select(Person).where(Person.email == f"{role}@demo.test")).one()
    client.sign_in(person)
    return ["/fr/me/", "/fr/beni-mellal/"] if role in RESIDENTS else ["/fr/desk/beni-mellal/"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("group", ["everybody", "moderation", "plan", "council", "office"])
def test_no_link_is_broken_and_no_page_asks_the_database_too_much(
    step: str, group: str, tmp_path: Path
) -> None:
    assert crawled(step, GROUPS[group], tmp_path / "instance").broken == []


@pytest.mark.timeout(400)
def test_every_page_can_be_reached_by_links(tmp_path: Path) -> None:
    reached: set[str] = set()
    wanted: set[str] = set()
    for step, roles in TOURS.items():
        found = crawled(step, roles, tmp_path / step)
        reached |= found.endpoints
        wanted |= found.wanted
    assert sorted(wanted - reached - OTHERWISE) == [], "no link leads to these pages"
