"""A page nobody can reach from a link does not exist: crawl the demo as everybody, follow every link."""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

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
    "call_for_ideas": (None, "officer1"),
    "draft_review": (
        None,
        "citizen1",
        "delegate1",
        "moderator1",
        "moderator2",
        "officer1",
        "advisory1",
        "admin1",
        "desk1",
        "president1",
        "p046",
    ),
    "synthesis": ("officer1", "committee1", "secretary1"),
    "council": ("secretary1",),
    "implementation": (None, "officer1", "moderator1", "citizen1"),
}
"""The people who together come to every page there is."""
PER_ENDPOINT = 1
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
    app: Flask, client: clients.Client, start: str, *, staff: bool = False
) -> tuple[set[str], list[str]]:
    """Follow links from a page; return the endpoints reached and the addresses that failed.

    Staff read the same public pages as everybody: theirs are opened, and followed from the desk only.
    """
    adapter = app.url_map.bind("localhost")
    seen: set[str] = set()
    reached: dict[str, int] = {}
    broken: list[str] = []
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
            broken.append(f"{path} (no such address)")
            continue
        if reached.get(endpoint, 0) >= PER_ENDPOINT:
            continue
        reached[endpoint] = reached.get(endpoint, 0) + 1
        if endpoint == "static":
            continue
        response = client.get(path)
        if response.status_code >= 400:
            broken.append(f"{path} answered {response.status_code}")
            continue
        if response.status_code in {302, 303}:
            waiting.append(response.headers["Location"])
            continue
        if response.mimetype != "text/html":
            continue
        html = response.get_data(as_text=True)
        if staff and not path.startswith(("/fr/desk/", "/fr/me/", "/dev/")):
            html = " ".join(re.findall(r'<a\b[^>]*?href=["\']/fr/desk/[^>]*>', html))
        for link in re.findall(r'<a\b[^>]*?href=["\'](/[^"\'#]*)', html):
            address = link.replace("&amp;", "&")
            if address.startswith(("/fr/", "/api/", "/dev/")):
                waiting.append(address)
    return set(reached), broken


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
def test_no_link_is_broken(step: str, group: str, tmp_path: Path) -> None:
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
