"""Going through the pages of the demo by following links, as each of the people in it."""

import re
from collections import deque
from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from participate.db import db, writing
from participate.people.models import Person
from tests import clients

RESIDENTS = {"citizen1", "delegate1", "p046"}
TOURS: dict[str, tuple[str | None, ...]] = {
    "call_for_ideas": ("officer1", "admin2", "president1", "desk1"),
    "draft_review": (None, "moderator1", "advisory1"),
    "synthesis": ("moderator1", "officer1", "delegate1"),
    "council": ("secretary1", "councillor1", "officer1"),
    "implementation": ("officer1", "p046", "secretary1"),
}
"""The fewest people who together come to every page there is."""
BUDGET = 16
BUDGETS = {
    "council_desk.reading_project": 26,
    "council_desk.reading": 24,
    "council.show": 18,
    "contributions.idea": 24,
    "portal.my_data": 34,
    "contributions.one": 23,
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


def crawl(
    app: Flask,
    client: clients.Client,
    start: str,
    *,
    staff: bool = False,
    note: Callable[[TestResponse], None] = lambda _page: None,
) -> tuple[dict[str, str], list[str]]:
    """Follow links from a page, one address for each endpoint; return those addresses and what was wrong.

    `note` is called with every answer.

    Staff read the same public pages as everybody: theirs are opened, and followed from the desk only.
    """
    adapter = app.url_map.bind("localhost")
    seen: set[str] = set()
    reached: dict[str, str] = {}
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
        reached[endpoint] = path
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


def begin(client: clients.Client, role: str | None) -> list[str]:
    """Sign in, and return the pages from which this person sets out."""
    if role is None:
        return ["/fr/"]
    with writing():  # a server's worker may write at the same moment
        person = db.session.scalars(db.select(Person).where(Person.email == f"{role}@demo.test")).one()
        client.sign_in(person)
    return ["/fr/me/", "/fr/beni-mellal/"] if role in RESIDENTS else ["/fr/desk/beni-mellal/"]


def is_staff(role: str | None) -> bool:
    """Whether this person works for the commune."""
    return role is not None and role not in RESIDENTS
