"""Backup: one consistent copy of the database while people write; keys go elsewhere, when asked.

Uploads are rows of the database, so they are in the copy.
"""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa

from participate.config import Settings
from participate.db import db
from participate.journal import keys
from participate.operations import archive, tools
from participate.operations.archive import Manifest
from participate.operations.facts import Facts, file_of, gather

SQLITE_COPY = "database.sqlite"
POSTGRESQL_COPY = "database.dump"
KEY_FILES = ("master.key", "signing.key")


class NoBackupError(Exception):
    """No backup was made; the message says why and what to do."""


def backup(settings: Settings, folder: Path, *, keep: int | None = None) -> Path:
    """Save the database in a new file of `folder` and return it; with `keep`, remove all but the newest ones.

    Raises NoBackupError; what was there before stays.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = datetime.now(UTC)
    into = folder / f"{archive.PREFIX}{now:%Y%m%dT%H%M%S%f}Z{archive.SUFFIX}"
    with tempfile.TemporaryDirectory(prefix=".saving-", dir=folder) as name:
        making = Path(name)
        copy, facts = _copied(settings, making)
        archive.pack(
            making,
            Manifest(
                format=archive.FORMAT,
                app=version("participate"),
                made_at=now.isoformat(),
                engine=db.engine.dialect.name,
                migration=facts.migration,
                public_key=keys.ring().public,
                chains=facts.chains,
                counts=facts.counts,
                files=[{"name": copy.name, "size": copy.stat().st_size, "sha256": archive.digest(copy)}],
            ),
            into,
        )
    if keep:
        for old in archive.own_archives(folder)[:-keep]:
            old.unlink()
    return into


def _copied(settings: Settings, making: Path) -> tuple[Path, Facts]:
    path = file_of(settings.database_url)
    if path is not None:
        _room_for(making, path.stat().st_size)
        copy = making / SQLITE_COPY
        copy_sqlite(path, copy)
        return copy, facts_of_sqlite(copy)
    copy = making / POSTGRESQL_COPY
    return copy, _dump(settings.database_url, copy)


def _room_for(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < 2 * size:
        raise NoBackupError(
            f"{folder.parent} has {free >> 20} MB free and {2 * size >> 20} MB are needed: make room"
        )


def copy_sqlite(path: Path, copy: Path) -> None:
    """Copy by SQLite's online backup: in one step, so that nobody's write restarts it or comes in half.

    Raises NoBackupError when the copy is not sound: `cp` of a live file is not, in most cases.
    """
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        said = [row[0] for row in target.execute("PRAGMA integrity_check(5)")]
    if said != ["ok"]:
        raise NoBackupError(f"the copy is damaged, and perhaps the database too: {'; '.join(said)}")


def facts_of_sqlite(path: Path) -> Facts:
    """Read what a copy holds: of the copy, never of the live file, which goes on."""
    with reading(f"sqlite:///{path}") as connection:
        return gather(connection)


@contextmanager
def reading(url: str) -> Iterator[sa.Connection]:
    """Connect with none of the application's settings, and let go of the file afterwards."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _dump(url: str, copy: Path) -> Facts:
    """Dump PostgreSQL in the very snapshot in which the facts are read."""
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = str(connection.scalar(sa.text("SELECT pg_export_snapshot()")))
        facts = gather(connection)
        try:
            program = tools.find("pg_dump", tools.major(connection))
            tools.run(
                program,
                url,
                *("--format=custom", "--no-owner", "--no-privileges", "--schema=public"),
                *(f"--snapshot={snapshot}", "--file", str(copy)),
            )
        except (tools.NoToolError, tools.ToolFailedError) as error:
            raise NoBackupError(str(error)) from error
    return facts


def backup_keys(settings: Settings, folder: Path, archives: Path) -> Path:
    """Save the key files in a folder of their own: whoever finds a backup must not find its keys beside it.

    Raises NoBackupError for the folder of the backups, and when the keys are not files.
    """
    if folder.resolve() == archives.resolve():
        raise NoBackupError("keys and backups must not lie in one place: give another folder for the keys")
    held = settings.instance / "keys"
    missing = [name for name in KEY_FILES if not (held / name).exists()]
    if missing:
        raise NoBackupError(f"{held} lacks {', '.join(missing)}: keys of the environment are saved by hand")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    into = folder / f"{archive.PREFIX}keys-{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z.tar"
    into.touch(mode=0o600, exist_ok=False)
    with tarfile.open(into, "w") as tar:
        for name in KEY_FILES:
            tar.add(held / name, arcname=name)
    return into
