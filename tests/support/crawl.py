"""Going through the pages of the demo by following links, as each of the people in it."""

import re
from collections import deque

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from participate.db import db
from participate.people.models import Person
from tests import clients

RESIDENTS = {"citizen1", "delegate1", "p046"}
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
MOST_PAGES = 260


def crawl(
    app: Flask, client: clients.Client, start: str, *, staff: bool = False
) -> tuple[dict[str, str], list[str]]:
    """Follow links from a page; return the endpoints reached, each with
    the first address that led there, and the addresses that failed.

    Staff read the same public pages as everybody: theirs are opened, and followed from the desk only.
    """
    adapter = app.url_map.bind("localhost")
    seen: set[str] = set()
    reached: dict[str, str] = {}
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
        if endpoint in reached:
            continue
        reached[endpoint] = path
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
    return reached, broken


def begin(client: clients.Client, role: str | None) -> list[str]:
    """Sign in, and return the pages from which this person sets out."""
    if role is None:
        return ["/fr/"]
    person = db.session.scalars(db.select(Person).where(Person.email == f"{role}@demo.test")).one()
    client.sign_in(person)
    return ["/fr/me/", "/fr/beni-mellal/"] if role in RESIDENTS else ["/fr/desk/beni-mellal/"]


def is_staff(role: str | None) -> bool:
    """Whether this person works for the commune."""
    return role is not None and role not in RESIDENTS
