"""Going on where a page of texts ended."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from participate.contributions.models import Contribution
from participate.db import db

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cursor_of(at: datetime, row_id: int) -> str:
    """Return the opaque cursor that stands after a row."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{micros}.{row_id}".encode()).decode().rstrip("=")


def _after(cursor: str | None) -> sa.ColumnElement[bool]:
    """Return the condition "older than the cursor"; an unreadable cursor starts at the beginning."""
    if not cursor or len(cursor) > 100:
        return sa.true()
    try:
        micros, row_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(".")
        at, last = _EPOCH + timedelta(microseconds=int(micros)), int(row_id)
    except (ValueError, OverflowError, binascii.Error):
        return sa.true()
    if not 0 <= last < 2**63:
        return sa.true()
    return sa.or_(
        Contribution.submitted_at < at, sa.and_(Contribution.submitted_at == at, Contribution.id < last)
    )


def newest_first(statement: Any, cursor: str | None, limit: int) -> tuple[list[Any], str | None]:
    """Return a page of rows, newest first, and the cursor of the next page."""
    rows = db.session.execute(
        statement.where(_after(cursor))
        .order_by(Contribution.submitted_at.desc(), Contribution.id.desc())
        .limit(limit + 1)
    ).all()
    if len(rows) <= limit:
        return list(rows), None
    last = rows[limit - 1][0]
    return list(rows[:limit]), cursor_of(last.submitted_at, last.id)
