"""Moving the demo's clock, with everything that falls due on the way."""

from __future__ import annotations

from datetime import datetime, timedelta

from participate.db import clock, db, set_clock
from participate.demo import queries
from participate.lifecycle import actions as lifecycle

A_NIGHT = timedelta(days=1)
FARTHEST = timedelta(days=1200)


class BackwardsError(Exception):
    """The clock only goes forward: the journal is in order. Holds the moment that was asked for."""


def move_clock(to: datetime) -> list[str]:
    """Move the clock forward to a moment and perform, at their own moments, what falls due on the way.

    It stops at each opening and closing, and once a day for the promises of moderation. The caller
    is inside `db.writing()` and commits. Raises BackwardsError.
    """
    now = clock()
    if to <= now or to - now > FARTHEST:
        raise BackwardsError(to)
    done: list[str] = []
    while now < to:
        ahead = [turn.at for turn in queries.turns(now) if now < turn.at <= to]
        step = min([*ahead, now + A_NIGHT, to])
        set_clock(step)
        done += lifecycle.run_due(None)
        db.session.commit()
        now = max(clock(), step)
    return done
