"""The due action of retention."""

from __future__ import annotations

import time

from participate.db import db, writing
from participate.operations import retention

PAUSE_SECONDS = 3600.0
_last = -PAUSE_SECONDS


def sweep_due() -> int:
    """End what is kept no longer; return how much. The worker asks often; it is done once an hour in a process."""
    global _last  # noqa: PLW0603  one worker a process
    if time.monotonic() - _last < PAUSE_SECONDS:
        return 0
    with writing():
        done = sum(retention.sweep().values())
        db.session.commit()
    _last = time.monotonic()
    return done
