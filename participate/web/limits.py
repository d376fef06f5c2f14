"""Limits on costly or abusable acts: counted in memory, by address or device, never by IP alone.

Whole towns share one IP address behind a carrier's gateway, so a limit is friction for whoever
repeats, not a refusal of everybody.
"""

from __future__ import annotations

import math
import time

from flask import Flask, current_app
from flask_limiter import Limiter
from limits import parse

limiter = Limiter(
    key_func=lambda: "",
    storage_uri="memory://",
    strategy="moving-window",
    default_limits=[],
    headers_enabled=False,
)


def init_app(app: Flask) -> None:
    """Begin counting in an application."""
    limiter.init_app(app)


class TooOftenError(Exception):
    """A limit is reached; holds the seconds until the next attempt."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


def count(what: str, key: str, allowed: str) -> None:
    """Count one attempt at `what` by `key`. Raises TooOftenError beyond `allowed`, e.g. "5/15 minute"."""
    if not current_app.config.get("RATELIMIT_ENABLED", True):
        return
    limit = parse(allowed)
    if limiter.limiter.hit(limit, what, key):
        return
    stats = limiter.limiter.get_window_stats(limit, what, key)
    raise TooOftenError(max(1, math.ceil(stats.reset_time - time.time())))
