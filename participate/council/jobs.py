"""What the worker does for the council: erase the notes whose removal can no longer be taken back."""

from __future__ import annotations

import time

from participate.council import actions
from participate.db import clock, db, writing

PAUSE_SECONDS = 600.0
_last_purge = -PAUSE_SECONDS


def purge_due() -> int:
    """Erase removed notes, at most every ten minutes in a process; return how many went."""
    global _last_purge  # noqa: PLW0603  one worker a process
    if time.monotonic() - _last_purge < PAUSE_SECONDS:
        return 0
    with writing():
        gone = actions.purge_notes(clock())
        db.session.commit()
    _last_purge = time.monotonic()
    return gone
