"""A page nobody can reach from a link does not exist: crawl the demo as everybody, follow every link."""

import re
import shutil
from collections import deque
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
from tests.support.demo import demo_database

STEPS = ("call_for_ideas", "draft_review", "synthesis", "council", "implementation")
ROLES = (
    None,
    "citizen1",
    "delegate1",
    "moderator1",
    "moderator2",
    "officer1",
    "committee1",
    "advisory1",
    "secretary1",
    "president1",
    "councillor1",
    "admin1",
    "auditor1",
)
PER_ENDPOINT = 3
MOST_PAGES = 260
NOT_BY_LINK = {
    # where mails and forms lead, or what a machine asks for
    "static",
    "healthz",
    "root",
    "people.link",
    "people.code",
    "people.sign_in_link",
}


def crawl(app: Flask, client: clients.Client, start: str) -> tuple[set[str], list[str]]:
    """Follow links from a page; return the endpoints reached and the addresses that failed."""
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
        for link in re.findall(r'<a\b[^>]*?href=["\'](/[^"\'#]*)', html):
            address = link.replace("&amp;", "&")
            if address.startswith(("/fr/", "/api/", "/dev/")):
                waiting.append(address)
    return set(reached), broken


@pytest.mark.timeout(600)
def test_every_page_can_be_reached_and_no_link_is_broken(tmp_path: Path) -> None:
    wanted: set[str] = set()
    reached: set[str] = set()
    broken: list[str] = []
    for step in STEPS:
        instance = tmp_path / step
        shutil.copytree(demo_database(step), instance)
        app = create_app(settings(f"sqlite:///{instance}/demo.sqlite", instance, testing=False))
        app.test_client_class = clients.Client
        with app.app_context():
            wanted |= {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
            for role in ROLES:
                client = app.test_client()
                client.inspects = step == "draft_review"
                starts = ["/fr/"]
                if role:
                    person = db.session.scalars(
                        db.select(Person).where(Person.email == f"{role}@demo.test")
                    ).one()
                    client.sign_in(person)
                    starts = (
                        ["/fr/me/", "/fr/desk/beni-mellal/"]
                        if role not in {"citizen1", "delegate1"}
                        else ["/fr/", "/fr/me/"]
                    )
                for start in starts:
                    found, wrong = crawl(app, client, start)
                    reached |= found
                    broken += [f"{step} as {role}: {one}" for one in wrong]
            db.session.remove()
            db.engine.dispose()
    assert sorted(set(broken)) == []
    assert sorted(wanted - reached - NOT_BY_LINK) == [], "no link leads to these pages"
