"""Server-side sessions: the cookie holds a random id of which the database keeps only the hash.

Pages for signed-out readers make no session: one begins with the first form, and a new one, with a
new id, at sign-in. Flask-Login's own logout would not end a copied cookie and its remember token
lives a year, so neither is used. Sessions, drafts and replies to forms live by the machine's clock:
they belong to browsers, and the demo's clock may jump by weeks.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import CallbackDict

from participate.db import db, writing
from participate.people.models import BrowserSession, Draft, FormReply
from participate.web import overload

LIFETIME = timedelta(days=30)
"""A session ends this long after it began, and this long after it was last used."""
STRONG_LIVES = timedelta(hours=12)
"""A second factor opens what roles open for this long."""
SEEN_EVERY = timedelta(minutes=5)
TABLE = BrowserSession.__table__
LONGEST_ID = 128


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """What Flask sees as `session`; `sid` is None until something is stored."""

    def __init__(self, row: sa.Row[Any] | None, sid: str | None) -> None:
        def changed(_self: Any) -> None:
            self.modified = True

        super().__init__(dict(row.body) if row else {}, changed)
        self.modified = False
        self.sid = sid if row else None
        # A cookie whose session has ended still owns the drafts begun under it: they survive expiry.
        self.former_hash = hash_of(sid) if sid and not row else None
        self.person_id: int | None = row.person_id if row else None
        self.auth_at: datetime | None = row.auth_at if row else None
        self.last_seen: datetime | None = row.last_seen if row else None
        self.means: str | None = row.means if row else None
        self.strong_at: datetime | None = row.strong_at if row else None
        self.device: str | None = row.device if row else None
        self.ended = False
        self.renew = False
        self.keeps_drafts = True

    @property
    def id_hash(self) -> str | None:
        """The key of the session's row, or None for a browser without one."""
        return hash_of(self.sid) if self.sid else None

    @property
    def hashes(self) -> list[str]:
        """The hashes under which this browser may have left drafts."""
        return [one for one in (self.id_hash, self.former_hash) if one]

    def begin(self) -> str:
        """Make sure this browser has a session and return its hash."""
        if self.sid is None:
            self.sid = secrets.token_urlsafe(32)
            self.modified = True
        return hash_of(self.sid)

    @property
    def strong(self) -> bool:
        """Whether the second factor was shown in this browser, this working day."""
        return self.strong_at is not None and now() - self.strong_at <= STRONG_LIVES

    def sign_in(self, person_id: int, at: datetime, means: str, *, strong: bool = False) -> None:
        """Continue as a person, under a new id: an id known before sign-in is worth nothing after.

        `strong`: the second factor was shown too, so that the person's roles count.
        """
        self.keeps_drafts = self.person_id in (None, person_id)
        self.clear()  # the token against forged forms is new too
        self.person_id = person_id
        self.auth_at = at
        self.means = means
        self.strong_at = at if strong else None
        self.renew = True
        self.modified = True

    def end(self) -> None:
        """Forget this browser and what was begun in it."""
        self.clear()
        self.person_id = self.strong_at = None
        self.ended = True


def hash_of(sid: str) -> str:
    """Return the key under which a session id is kept."""
    return hashlib.sha256(sid.encode()).hexdigest()


class DatabaseSessions(SessionInterface):
    """Flask's session interface over `browser_session`.

    It uses connections of its own: a session is read before the act's transaction begins and
    written after it has ended.
    """

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Find the browser's session; an unknown or old id is an empty one."""
        sid = request.cookies.get(self.get_cookie_name(app))
        if not sid or len(sid) > LONGEST_ID or request.path.startswith("/static/"):
            return ServerSession(None, None)
        if overload.is_shed():
            return ServerSession(None, None)
        try:
            with db.engine.connect() as connection:
                row = connection.execute(
                    sa.select(TABLE).where(TABLE.c.id_hash == hash_of(sid))
                ).one_or_none()
        except DBAPIError as error:
            overload.session_failed(error)
            return ServerSession(None, None)
        if row is not None and min(row.last_seen, row.created_at) < now() - LIFETIME:
            row = None
        return ServerSession(row, sid)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Store what changed and set or drop the cookie."""
        assert isinstance(session, ServerSession)
        if overload.is_without_database():
            return
        if session.ended:
            self._forget(app, session, response)
            return
        unseen = session.last_seen is not None and now() - session.last_seen > SEEN_EVERY
        if not session.modified and not unseen:
            return
        if unseen and not session.modified:
            self._seen(app, session)
            return
        session.begin()
        session.device = device_of(request.user_agent.string)
        if session.last_seen is None or session.renew:
            self._store_new(session)
            self._set_cookie(app, session, response)
        else:
            self._store(session)
        response.vary.add("Cookie")

    def _seen(self, app: Flask, session: ServerSession) -> None:
        """Note that the browser was here; who only reads is not refused because that could not be written."""
        try:
            self._store(session)
        except DBAPIError as error:
            app.logger.warning("a session's last use was not written: %s", error.orig)

    def _store(self, session: ServerSession) -> None:
        """Update the row; a session ended elsewhere in the meantime stays ended."""
        with writing(), db.engine.begin() as connection:
            connection.execute(
                sa.update(BrowserSession)
                .where(TABLE.c.id_hash == session.id_hash)
                .values(body=dict(session), last_seen=now())
            )

    def _store_new(self, session: ServerSession) -> None:
        """Insert a row; at sign-in the old one goes and its drafts move along."""
        old_hashes = session.hashes
        if session.renew:
            session.sid = secrets.token_urlsafe(32)
        with writing(), db.engine.begin() as connection:
            if session.renew:
                connection.execute(sa.delete(BrowserSession).where(TABLE.c.id_hash.in_(old_hashes)))
            connection.execute(
                sa.insert(BrowserSession).values(
                    id_hash=session.id_hash,
                    person_id=session.person_id,
                    body=dict(session),
                    created_at=now(),
                    last_seen=now(),
                    auth_at=session.auth_at,
                    means=session.means,
                    strong_at=session.strong_at,
                    device=session.device,
                )
            )
            if session.keeps_drafts:
                _move_drafts(
                    connection, [one for one in old_hashes if one != session.id_hash], session.id_hash
                )

    def _set_cookie(self, app: Flask, session: ServerSession, response: Response) -> None:
        assert session.sid is not None
        response.set_cookie(
            self.get_cookie_name(app),
            session.sid,
            max_age=int(LIFETIME.total_seconds()),
            path="/",
            secure=app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )

    def _forget(self, app: Flask, session: ServerSession, response: Response) -> None:
        if session.hashes:
            with writing(), db.engine.begin() as connection:
                connection.execute(sa.delete(BrowserSession).where(TABLE.c.id_hash.in_(session.hashes)))
                for table in (Draft, FormReply):
                    connection.execute(sa.delete(table).where(table.session_hash.in_(session.hashes)))
        response.delete_cookie(
            self.get_cookie_name(app),
            path="/",
            secure=app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        response.headers["Clear-Site-Data"] = '"cache", "storage"'

    def get_cookie_name(self, app: Flask) -> str:
        """Return the cookie's name; `__Host-` binds it to this very host over https."""
        return "__Host-participate" if app.config["SESSION_COOKIE_SECURE"] else "participate"


def _move_drafts(connection: sa.Connection, old_hashes: list[str], new_hash: str | None) -> None:
    """Give a browser's drafts to its new session; where both have one for a form, the newest stays."""
    if not old_hashes or new_hash is None:
        return
    rows = connection.execute(
        sa.select(Draft.session_hash, Draft.form_key)
        .where(Draft.session_hash.in_([*old_hashes, new_hash]))
        .order_by(Draft.at.desc())
    ).all()
    kept: set[str] = set()
    for session_hash, form_key in rows:
        this = sa.and_(Draft.session_hash == session_hash, Draft.form_key == form_key)
        if form_key in kept:
            connection.execute(sa.delete(Draft).where(this))
            continue
        kept.add(form_key)
    connection.execute(
        sa.update(Draft).where(Draft.session_hash.in_(old_hashes)).values(session_hash=new_hash)
    )


BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
            ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
           ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


def device_of(agent: str) -> str | None:
    """Return browser and system in two words, as their owner would name them; None when neither is known."""
    found = [next((name for sign, name in names if sign in agent), None) for names in (BROWSERS, SYSTEMS)]
    return " · ".join(one for one in found if one) or None


def now() -> datetime:
    """Return the machine's time, by which sessions live."""
    return datetime.now(UTC)
