"""More than the machine can do: a bounded number of requests in work, a short line, and an honest page beyond it.

The page is made without the database, which may be what is slow, full or away; it keeps what was typed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from flask import Flask, g, has_request_context, request
from sqlalchemy.exc import DBAPIError

WORKING = 4
"""Requests in work at once: more of them only wait for each other, on one writer and two cores."""
LINE = 24
"""Requests that wait for their turn."""
PATIENCE = 5.0
"""Seconds after which who waits is told so."""
SHEDDING = 4
"""Threads beyond those, so that there is always one to answer."""
THREADS = WORKING + LINE + SHEDDING

LARGEST_BODY = 8 * 1024 * 1024
"""Beyond any form of ours; the application refuses larger ones without reading them."""

SHED_PAUSE = 0.05
"""Seconds before somebody is turned away: who presses again at once must not take the machine from those at work."""

FULL = "participate.overloaded"
FAILED = "participate.session_failed"
ALWAYS = ("/healthz",)

StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class OverloadedError(Exception):
    """As many requests are in work and in line as there may be."""


class Gate:
    """WSGI middleware: lets so many requests work and so many wait; marks those beyond, to be answered at once."""

    def __init__(
        self, app: WsgiApp, *, working: int = WORKING, line: int = LINE, patience: float = PATIENCE
    ) -> None:
        self._app = app
        self._turns = threading.Semaphore(working)
        self._places = threading.Semaphore(line)
        self._patience = patience

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in ALWAYS:
            return self._app(environ, start_response)
        _read_whole(environ)
        if not self._enter():
            environ[FULL] = True
            time.sleep(SHED_PAUSE)
            return self._app(environ, start_response)
        try:
            # Our answers are whole when the application returns, so the turn ends here.
            return self._app(environ, start_response)
        finally:
            self._turns.release()

    def _enter(self) -> bool:
        if self._turns.acquire(blocking=False):
            return True
        if not self._places.acquire(blocking=False):
            return False
        try:
            return self._turns.acquire(timeout=self._patience)
        finally:
            self._places.release()


def _read_whole(environ: dict[str, Any]) -> None:
    """Read a request's body before it takes a turn: who sends slowly holds a thread, never a turn."""
    try:
        size = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return
    if 0 < size <= LARGEST_BODY:
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(size))


def is_shed() -> bool:
    """Whether this request came beyond the line."""
    return bool(request.environ.get(FULL))


def session_failed(error: DBAPIError) -> None:
    """Remember that the session could not be read: it is said once the request can be answered."""
    request.environ[FAILED] = error


def go_without_database() -> None:
    """From here on this request's page asks the database nothing."""
    g.without_database = True


def is_without_database() -> bool:
    """Whether the page is made without the database."""
    return has_request_context() and getattr(g, "without_database", False)


def init_app(app: Flask) -> None:
    """Answer those beyond the line before anything else is done for them."""

    def first() -> None:
        if is_shed():
            raise OverloadedError
        failed = request.environ.pop(FAILED, None)
        if failed is not None:
            raise failed

    app.before_request_funcs.setdefault(None, []).insert(0, first)
