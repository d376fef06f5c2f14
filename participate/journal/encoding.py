"""How an entry is written down and hashed: the part that `verify` repeats, byte for byte."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import Enum
from typing import Any

GENESIS = "0" * 64


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: keys sorted, no spaces, unescaped UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value)


def sha256(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def entry_hash(prev: str, body: str) -> str:
    """Return the hash of an entry: SHA-256(prev ‖ body)."""
    return sha256(prev + body)
