"""Restore: the saved database beside the present one, checked, brought to head, and only then put in its place."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.exc import SQLAlchemyError

from participate.config import Settings
from participate.db import db
from participate.files.models import StoredFile
from participate.journal import keys
from participate.journal import queries as journal
from participate.operations import archive, tools
from participate.operations.archive import Manifest
from participate.operations.facts import Facts, file_of, gather, is_empty
from participate.operations.saving import POSTGRESQL_COPY, SQLITE_COPY, reading
from participate.people.models import BrowserSession, SignInCode

MakeApp = Callable[[Settings], Flask]
Say = Callable[[str], None]
SIDE_FILES = ("-wal", "-shm", "-journal")


class NotRestoredError(Exception):
    """Nothing was replaced; the message says why and what to do."""


@dataclass(frozen=True)
class Restored:
    """What was put in place."""

    manifest: Manifest
    facts: Facts
    kept: str | None


def restore(
    settings: Settings,
    file: Path,
    make_app: MakeApp,
    *,
    replacing: bool = False,
    notes: Sequence[str] = (),
) -> Restored:
    """Put a backup in the place of the database that the settings name.

    `notes` are checkpoints that were published: the restored chains must reach at least as far.
    Raises NotRestoredError; a target that was not empty is kept beside the new one, never overwritten.
    """
    sqlite = file_of(settings.database_url)
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=_near(settings, sqlite)) as name:
        laid = Path(name)
        try:
            manifest = archive.unpack(file, laid)
        except archive.BadArchiveError as error:
            raise NotRestoredError(str(error)) from error
        wanted = "sqlite" if sqlite is not None else "postgresql"
        if manifest.engine != wanted:
            raise NotRestoredError(f"the backup is of {manifest.engine} and DATABASE_URL names {wanted}")
        put = _put_file if sqlite is not None else _put_dump
        return put(settings, laid, manifest, make_app, replacing, notes)


def _near(settings: Settings, sqlite: Path | None) -> Path:
    folder = sqlite.parent if sqlite is not None else settings.instance
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _refuse_full(facts: Facts, replacing: bool) -> None:
    if not is_empty(facts) and not replacing:
        rows = sum(facts.counts.values())
        raise NotRestoredError(
            f"the database holds {rows} rows already. Stop the servers and say --replace: it is kept aside"
        )


def _put_file(
    settings: Settings,
    laid: Path,
    manifest: Manifest,
    make_app: MakeApp,
    replacing: bool,
    notes: Sequence[str],
) -> Restored:
    path = file_of(settings.database_url)
    assert path is not None
    there = path.exists() and path.stat().st_size > 0
    if there:
        with reading(f"sqlite:///{path}") as connection:
            _refuse_full(gather(connection), replacing)
    copy = laid / SQLITE_COPY
    app = make_app(replace(settings, database_url=f"sqlite:///{copy}"))
    facts = _brought_up(app, manifest, notes)
    kept = None
    if there:
        kept = f"{path}.before-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        with reading(f"sqlite:///{path}") as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        path.replace(kept)
    for suffix in SIDE_FILES:
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    copy.chmod(0o600)
    copy.replace(path)
    return Restored(manifest, facts, kept)


def _put_dump(
    settings: Settings,
    laid: Path,
    manifest: Manifest,
    make_app: MakeApp,
    replacing: bool,
    notes: Sequence[str],
) -> Restored:
    url = settings.database_url
    with reading(url) as connection:
        here = gather(connection)
        _refuse_full(here, replacing)
        try:
            program = tools.find("pg_restore", tools.major(connection))
        except tools.NoToolError as error:
            raise NotRestoredError(str(error)) from error
    with _aside(url, keep=not is_empty(here)) as kept:
        try:
            tools.run(
                program,
                url,
                *("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"),
                str(laid / POSTGRESQL_COPY),
            )
        except tools.ToolFailedError as error:
            raise NotRestoredError(str(error)) from error
        facts = _brought_up(make_app(settings), manifest, notes)
    return Restored(manifest, facts, kept)


@contextmanager
def _aside(url: str, *, keep: bool) -> Iterator[str | None]:
    """Move what is there into a schema of another name; bring it back if the new one does not hold."""
    old = f"before_{datetime.now(UTC):%Y%m%dt%H%M%S}"
    with reading(url) as connection, connection.begin():
        connection.execute(sa.text(f"ALTER SCHEMA public RENAME TO {old}"))
    try:
        yield old if keep else None
    except BaseException:
        with reading(url) as connection, connection.begin():
            connection.execute(sa.text("DROP SCHEMA IF EXISTS public CASCADE"))
            connection.execute(sa.text(f"ALTER SCHEMA {old} RENAME TO public"))
        raise
    if not keep:
        with reading(url) as connection, connection.begin():
            connection.execute(sa.text(f"DROP SCHEMA {old} CASCADE"))


def _brought_up(app: Flask, manifest: Manifest, notes: Sequence[str]) -> Facts:
    """Check the laid database, bring it to head, check its record; end every session it remembers."""
    with app.app_context():
        try:
            with db.engine.connect() as connection:
                _same(manifest, gather(connection))
            upgrade()
            _record_holds(manifest, notes)
            _uploads_hold()
            # A session ended since the backup would live again; drafts survive their session.
            for table in (BrowserSession, SignInCode):
                db.session.execute(sa.delete(table))
            db.session.commit()
            with db.engine.connect() as connection:
                return gather(connection)
        except SQLAlchemyError as error:
            raise NotRestoredError(f"the saved database does not hold: {error}") from error
        finally:
            db.session.remove()
            _settled(db.engine)
            db.engine.dispose()


def _settled(engine: sa.Engine) -> None:
    """Leave one SQLite file, so that it can be renamed."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")


def _same(manifest: Manifest, facts: Facts) -> None:
    if facts.counts != manifest.counts or facts.chains != manifest.chains:
        raise NotRestoredError("the saved database is not what its manifest says")
    if facts.migration != manifest.migration:
        raise NotRestoredError("the saved database stands at another migration than its manifest says")


def _record_holds(manifest: Manifest, notes: Sequence[str]) -> None:
    if manifest.public_key != keys.ring().public:
        raise NotRestoredError(
            "the keys here are not those of the backup: put its keys into the instance folder first"
        )
    faults = [fault for fault in journal.verify() if fault]
    if faults:
        first = faults[0]
        raise NotRestoredError(
            f"the record does not hold: chain {first.chain_id}, entry {first.seq}: {first.what}"
        )
    for note in notes:
        wrong = journal.behind(note)
        if wrong:
            raise NotRestoredError(wrong)


def _uploads_hold() -> None:
    for row in db.session.execute(
        sa.select(StoredFile.ref, StoredFile.sha256, StoredFile.body).execution_options(yield_per=20)
    ):
        if row.body and hashlib.sha256(row.body).hexdigest() != row.sha256:
            raise NotRestoredError(f"the upload {row.ref} is not the file that was stored")
