"""Due actions of people."""

from __future__ import annotations

import time

from participate.db import db, writing
from participate.people import actions

PAUSE_SECONDS = 3600.0
_last_purge = -PAUSE_SECONDS


def purge_due() -> int:
    """Delete drafts, replies, sessions and codes whose time is over; return how many rows went.

    The worker asks every few seconds; it is done at most once an hour in a process.
    """
    global _last_purge  # noqa: PLW0603  one worker a process
    if time.monotonic() - _last_purge < PAUSE_SECONDS:
        return 0
    with writing():
        gone = actions.purge()
        db.session.commit()
    _last_purge = time.monotonic()
    return gone
