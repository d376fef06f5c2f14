"""A test client that inspects *every* HTML page any test fetches, and signs in without ceremony.

The idea is GOV.UK Notify's: a page that is not valid HTML, has two h1, a form without a CSRF token
or an unlabelled input fails the test that happened to fetch it. Each message says the fix.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from participate.db import db
from participate.people.models import BrowserSession, Person
from participate.people.sessions import hash_of

VOID_OF_LABEL = {"hidden", "submit", "button", "image", "reset"}


class BadPageError(AssertionError):
    """A page that breaks a rule of the house."""


class Client(FlaskClient):
    """Fetches pages as a browser would, and inspects them."""

    inspects = True

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request; inspect the page that comes back.

        Each request gets an application context of its own, as in a server: otherwise Flask would
        reuse the test's, and what one request kept in `g` would serve the next.
        """
        kwargs.setdefault("buffered", True)  # a streamed answer is read while its context lives
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        db.session.rollback()
        if (
            self.inspects
            and response.mimetype == "text/html"
            and response.data
            and response.status_code != 304
        ):
            fragment = not response.data.lstrip().lower().startswith(b"<!doctype")
            inspect(response.get_data(as_text=True), where=response.request.path, fragment=fragment)
        return response

    def sign_in(self, person: Person | int, *, strong: bool = True) -> Client:
        """Continue as a person, as if they had just typed their code, and shown their second factor."""
        sid = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        person_id = person if isinstance(person, int) else person.id
        db.session.add(
            BrowserSession(
                id_hash=hash_of(sid),
                person_id=person_id,
                body={"csrf_token": secrets.token_hex(20)},
                created_at=now,
                last_seen=now,
                auth_at=now,
                means="code",
                strong_at=now if strong else None,
            )
        )
        db.session.commit()
        self.set_cookie("participate", sid, domain="localhost")
        return self

    def submit(self, form_path: str, fields: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """GET a page, fill the form that posts (to `action` if given), and send it with its hidden fields."""
        action = kwargs.pop("action", None)
        page = self.get(form_path)
        assert page.status_code == 200, f"{form_path} answered {page.status_code}"
        hidden, target = form_of(page.get_data(as_text=True), action)
        return self.post(target or form_path, data={**hidden, **(fields or {})}, **kwargs)


def form_of(html: str, action: str | None = None) -> tuple[dict[str, str], str | None]:
    """Return the prefilled fields of the first POST form (whose action contains `action`) and its action."""
    for match in re.finditer(r"<form\b[^>]*>.*?</form>", html, re.DOTALL | re.IGNORECASE):
        form = _Form()
        form.feed(match.group(0))
        if form.method != "post" or "sign-out" in (form.action or ""):
            continue
        if action is None or action in (form.action or ""):
            return form.fields, form.action
    msg = f"no POST form{f' to {action}' if action else ''} on the page"
    raise AssertionError(msg)


class _Form(HTMLParser):
    """The fields a browser would send if nobody typed anything."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.method = "get"
        self.action: str | None = None
        self._textarea: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name") or ""
        if tag == "form":
            self.method = (found.get("method") or "get").lower()
            self.action = found.get("action")
        elif tag == "input" and name:
            kind = (found.get("type") or "text").lower()
            if kind in {"submit", "file", "button", "image"}:
                return
            if kind in {"radio", "checkbox"} and "checked" not in found:
                return
            self.fields[name] = found.get("value") or ""
        elif tag == "textarea" and name:
            self._textarea = name
            self.fields[name] = ""
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and ("selected" in found or self._select not in self.fields):
            self.fields[self._select] = found.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea] += data


SOUND: set[bytes] = set()
"""What was found sound already, by the hash of its markup."""


def inspect(html: str, *, where: str, fragment: bool = False) -> None:
    """Raise BadPageError on the first rule a page breaks.

    Pages that differ in plain words or in a token only are read once: reading takes longer than making them.
    """
    markup = re.sub(r">[^<&]+<", "><", re.sub(r'value="[^"]{16,}"', 'value=""', html))
    known = hashlib.sha256(f"{fragment}{markup}".encode()).digest()
    if known in SOUND:
        return
    _inspect(html, where, fragment=fragment)
    SOUND.add(known)


def _inspect(html: str, where: str, *, fragment: bool) -> None:
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    tree = parser.parseFragment(html) if fragment else parser.parse(html)
    serious = [e for e in parser.errors if e[1] not in TOLERATED]
    _must(not serious, where, f"invalid HTML near {serious[:2]}: close and nest elements properly")
    _no_inline(html, where)
    _ids_unique(tree, where)
    _inputs_labelled(tree, where)
    _forms_protected(tree, where)
    _nothing_from_elsewhere(tree, where)
    if not fragment:
        _framed(tree, where)


TOLERATED = {"unknown-doctype"}


def _must(holds: object, where: str, message: str) -> None:
    if not holds:
        raise BadPageError(f"{where}: {message}")


def _no_inline(html: str, where: str) -> None:
    _must(not re.search(r"<style\b", html, re.IGNORECASE), where, "inline <style>: put it in ui/static/css")
    _must(
        not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", html, re.IGNORECASE),
        where,
        "inline <script>: put it in ui/static/js",
    )
    _must(not re.search(r"<[^>]+\sstyle=", html), where, "style attribute: the CSP refuses it; use a class")
    _must(
        not re.search(r"<[^>]+\son[a-z]+=", html),
        where,
        "inline event handler: use a data- attribute and site.js",
    )


def _ids_unique(tree: Any, where: str) -> None:
    ids = [element.get("id") for element in tree.iter() if isinstance(element.tag, str) and element.get("id")]
    doubles = {one for one in ids if ids.count(one) > 1}
    _must(not doubles, where, f"ids used twice: {sorted(doubles)}")


def _inputs_labelled(tree: Any, where: str) -> None:
    labelled = {e.get("for") for e in tree.iter("label")}
    inside = {id(child) for label in tree.iter("label") for child in label.iter()}
    for element in tree.iter():
        if element.tag not in {"input", "select", "textarea"}:
            continue
        if element.get("type") in VOID_OF_LABEL:
            continue
        named = (
            element.get("id") in labelled
            or id(element) in inside
            or element.get("aria-label")
            or element.get("aria-labelledby")
        )
        _must(named, where, f"<{element.tag} name={element.get('name')!r}> has no label: use ui.field()")


def _forms_protected(tree: Any, where: str) -> None:
    for form in tree.iter("form"):
        if (form.get("method") or "get").lower() != "post":
            continue
        names = {e.get("name") for e in form.iter("input")}
        own = form.get("id")
        if own:
            names |= {e.get("name") for e in tree.iter("input") if e.get("form") == own}
        _must("csrf_token" in names, where, f"POST form to {form.get('action')!r} has no csrf_token field")


LOADED = {"img": "src", "script": "src", "iframe": "src", "source": "src", "link": "href", "use": "href"}
NOT_LOADED = {"canonical", "alternate", "license"}


def _nothing_from_elsewhere(tree: Any, where: str) -> None:
    for element in tree.iter():
        address = element.get(LOADED[element.tag], "") if element.tag in LOADED else ""
        if element.tag == "link" and set((element.get("rel") or "").split()) & NOT_LOADED:
            continue
        _must(
            not re.match(r"(https?:)?//", address),
            where,
            f"{address} is loaded from another host: put the file in ui/static",
        )


def _framed(tree: Any, where: str) -> None:
    root = tree if tree.tag == "html" else tree.find("html")
    lang, direction = root.get("lang"), root.get("dir")
    _must(lang in {"ar", "fr", "en"}, where, f"<html lang={lang!r}>: must be ar, fr or en")
    _must(
        direction == ("rtl" if lang == "ar" else "ltr"),
        where,
        f"dir={direction!r} does not fit lang={lang!r}",
    )
    heads = list(tree.iter("h1"))
    _must(len(heads) == 1, where, f"{len(heads)} h1: a page has exactly one")
    title = " ".join("".join(tree.find(".//title").itertext()).split())
    head = " ".join("".join(heads[0].itertext()).split())
    _must(title.startswith(head[:60]), where, f"title {title!r} does not begin with the h1 {head!r}")
