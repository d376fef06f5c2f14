"""Limits on costly or abusable acts: counted in memory, by account, mail address or device, never by IP.

Whole towns share one IP address behind a carrier's gateway, so a limit is friction for whoever
repeats, not a refusal of everybody.
"""

from __future__ import annotations

import math
import time

from flask import Flask, current_app
from flask_limiter import Limiter
from limits import RateLimitItem, parse

from participate.rules.policy import Act

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
    raise TooOftenError(_wait(limit, what, key))


OF_AN_ACCOUNT: dict[Act, tuple[str, ...]] = {
    Act.POSITION_TAKE: ("60/minute",),
    Act.PRIORITY_SET: ("60/minute",),
    Act.COMMENT_SUBMIT: ("5/10 minute", "30/day"),
    Act.IDEA_SUBMIT: ("5/10 minute", "30/day"),
    Act.IDEA_COSIGN: ("60/minute",),
    Act.OBSERVATION_SUBMIT: ("5/10 minute", "30/day"),
    Act.CONTRIBUTION_REPORT: ("20/day",),
}
"""How often an account may do what others have to read or count; signed-in acts are never counted by address.

Only acts that were done count: a form sent back for a mistake, or a crowded minute, uses nothing up.
"""


def require_room(act: Act, person_id: int | None) -> None:
    """Raise TooOftenError when an account has done this as often as it may for now."""
    for limit in _limits_of(act, person_id):
        if not limiter.limiter.test(limit, act.value, str(person_id)):
            raise TooOftenError(_wait(limit, act.value, str(person_id)))


def count_done(act: Act, person_id: int | None) -> None:
    """Count one act that an account has done."""
    for limit in _limits_of(act, person_id):
        limiter.limiter.hit(limit, act.value, str(person_id))


def _limits_of(act: Act, person_id: int | None) -> list[RateLimitItem]:
    if person_id is None or not current_app.config.get("RATELIMIT_ENABLED", True):
        return []
    return [parse(allowed) for allowed in OF_AN_ACCOUNT.get(act, ())]


def _wait(limit: RateLimitItem, what: str, key: str) -> int:
    stats = limiter.limiter.get_window_stats(limit, what, key)
    return max(1, math.ceil(stats.reset_time - time.time()))
