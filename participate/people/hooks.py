"""What the web side asks of people: who acts, and what a browser left in a form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import request, session, url_for
from flask_login import LoginManager, UserMixin

from participate.db import db
from participate.people import actions, queries
from participate.people.sessions import ServerSession
from participate.rules.policy import ANYBODY, Actor
from participate.rules.text import safe_next
from participate.web import access, i18n
from participate.web.hooks import FirstReply, hooks

KEPT_CHARS = 200
KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a rendered form's key looks like; another one was not made by us and makes nothing repeatable."""


class Reader(UserMixin):
    """Whoever reads, as Flask-Login's `current_user`; everything of ours asks the actor instead."""

    def __init__(self, actor: Actor) -> None:
        self.id = actor.person_id
        self.actor = actor


def browser() -> ServerSession:
    """Return the session of this request."""
    found = session._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    assert isinstance(found, ServerSession)
    return found


def load_actor() -> Actor:
    """Return whoever is signed in in this browser; roles count once the second factor was shown here."""
    person_id = browser().person_id
    if person_id is None:
        return ANYBODY
    found = queries.actor_of(person_id)
    return found if browser().strong else found.with_roles_unproved()


def load_reader(_request: Any) -> Reader | None:
    """Return Flask-Login's user."""
    actor = access.actor()
    return None if actor.person_id is None else Reader(actor)


def form_key(path: str) -> str:
    """Return the key of a form: its path without language and query, so that it is the same in each."""
    plain = urlsplit(safe_next(path) or "/").path
    parts = plain.split("/", 2)
    if len(parts) == 3 and parts[1] in i18n.LANGS:
        plain = f"/{parts[2]}"
    return plain[:KEPT_CHARS]


def park_draft(path: str, fields: Mapping[str, Any]) -> None:
    """Keep what was typed for this browser, and commit: what was typed outlives whatever follows."""
    actions.keep_draft(browser().begin(), form_key(path), fields)
    db.session.commit()


def take_draft(path: str) -> dict[str, Any]:
    """Return what this browser left in a form; reading does not forget."""
    return queries.draft(browser().hashes, form_key(path))


def drop_draft(path: str) -> None:
    """Forget what this browser left in a form."""
    if browser().hashes:
        actions.drop_draft(browser().hashes, form_key(path))


def first_reply(key: str, payload_hash: str) -> FirstReply | None:
    """Return the answer this very form already got."""
    session_hash = browser().id_hash
    if session_hash is None or not KEY.fullmatch(key):
        return None
    found = actions.claim_reply(session_hash, key, payload_hash)
    return FirstReply(*found) if found else None


def keep_reply(key: str, payload_hash: str, location: str, receipt: str | None) -> None:
    """Keep the answer in the act's transaction; the draft of the form has done its service."""
    session_hash = browser().id_hash
    if session_hash is not None and KEY.fullmatch(key):
        actions.keep_reply(session_hash, key, payload_hash, location, receipt)
    drop_draft(request.form.get("form_path") or request.path)


def sign_in_url(path: str) -> str:
    """Return the address of the sign-in page that leads back to `path`."""
    return url_for("people.sign_in", next=safe_next(path) or None)


def prove_url(path: str) -> str:
    """Return the address where the second factor is shown, or set, that leads back to `path`."""
    return url_for("people.second", next=safe_next(path) or None)


login = LoginManager()
login.session_protection = None
login.request_loader(load_reader)


def init_app(app: Any) -> None:
    """Answer the web side's questions."""
    login.init_app(app)
    hooks.load_actor = load_actor
    hooks.park_draft = park_draft
    hooks.take_draft = take_draft
    hooks.drop_draft = drop_draft
    hooks.first_reply = first_reply
    hooks.keep_reply = keep_reply
    hooks.sign_in_url = sign_in_url
    hooks.prove_url = prove_url
