"""Due actions of people."""

from __future__ import annotations

from participate.db import db, writing
from participate.people import actions


def purge_due() -> int:
    """Delete drafts, replies, sessions and codes whose time is over; return how many rows went."""
    with writing():
        gone = actions.purge()
        db.session.commit()
    return gone
