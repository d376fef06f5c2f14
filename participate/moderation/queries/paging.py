"""How many rows a page has, and going on where it ended."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta

PAGE = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cursor(*parts: int) -> str:
    """Return an opaque cursor."""
    return base64.urlsafe_b64encode(".".join(map(str, parts)).encode()).decode().rstrip("=")


def parts_of(text: str | None, count: int) -> tuple[int, ...] | None:
    """Return the numbers of a cursor; None if it is none of ours."""
    if not text or len(text) > 120:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        parts = tuple(int(part) for part in raw.split("."))
    except (ValueError, binascii.Error):
        return None
    if len(parts) != count or any(abs(part) >= 1 << 62 for part in parts):
        return None
    return parts


def micros_of(moment: datetime) -> int:
    """Return a moment as microseconds since `EPOCH`."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment_of(micros: int) -> datetime:
    """Return the moment so many microseconds after `EPOCH`; beyond the calendar, `EPOCH` itself."""
    try:
        return EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return EPOCH
