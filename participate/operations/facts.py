"""What a database holds, as a manifest says it: migration, chains, checkpoints, counts, files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from participate.journal.models import Chain, Checkpoint

SQLITE = "sqlite"
NAMING_TABLE = "alembic_version"


@dataclass(frozen=True)
class Facts:
    """What was there at one moment."""

    migration: str | None
    chains: list[dict[str, Any]]
    counts: dict[str, int]


def gather(connection: sa.Connection) -> Facts:
    """Read the facts in the connection's present snapshot."""
    there = set(sa.inspect(connection).get_table_names())
    migration = None
    if NAMING_TABLE in there:
        migration = connection.scalar(sa.text(f"SELECT version_num FROM {NAMING_TABLE}"))  # noqa: S608
    counts = {
        name: int(connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0)
        for name in sorted(there)
    }
    chains = _chains(connection) if "chain" in there else []
    return Facts(migration, chains, counts)


def _chains(connection: sa.Connection) -> list[dict[str, Any]]:
    marks = dict(
        connection.execute(
            sa.select(Checkpoint.chain_id, sa.func.max(Checkpoint.seq)).group_by(Checkpoint.chain_id)
        ).all()
    )
    return [
        {
            "id": row.id,
            "kind": row.kind.value,
            "seq": row.seq,
            "head": row.head,
            "checkpoint": marks.get(row.id),
        }
        for row in connection.execute(
            sa.select(Chain.id, Chain.kind, Chain.seq, Chain.head).order_by(Chain.id)
        )
    ]


def is_empty(facts: Facts) -> bool:
    """Whether nobody's rows are there: a database fresh from its migrations is empty too."""
    return not any(count for name, count in facts.counts.items() if name != NAMING_TABLE)


def file_of(url: str | URL) -> Path | None:
    """Return the file of an SQLite database, or None for another engine."""
    parts = make_url(url)
    if parts.get_backend_name() != SQLITE or not parts.database or parts.database == ":memory:":
        return None
    return Path(parts.database)
