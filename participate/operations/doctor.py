"""The doctor: is this installation fit to serve? Each finding is one line that says what to do."""

from __future__ import annotations

import os
import shutil
import smtplib
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from participate.config import ROOT, BadSettingError, Settings
from participate.db import ClockOffset, clock, db
from participate.journal import queries as journal
from participate.operations.facts import file_of
from participate.operations.saving import KEY_FILES
from participate.post.jobs import MAX_TRIES, connected
from participate.post.models import Mail

SKEW_SECONDS = 5
FREE_BYTES = 1 << 30
FREE_SHARE = 0.05
STUCK_SECONDS = 3600


class Health(StrEnum):
    """How one thing stands; `bad` alone makes the command fail."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    health: Health
    said: str
    advice: str = ""

    def line(self) -> str:
        """Return it as a line for the terminal."""
        return f"{self.health:<8}{self.what:<10}{self.said}" + (f" - {self.advice}" if self.advice else "")

    def row(self) -> dict[str, str]:
        """Return it for JSON."""
        return {**asdict(self), "health": self.health.value}


Findings = Iterator[Finding]


def examine(read: Callable[[], Settings], make_app: Callable[[Settings], Flask]) -> list[Finding]:
    """Look at everything that can be looked at; what cannot be read is a finding, never an error."""
    try:
        settings = read()
    except BadSettingError as error:
        return [Finding("settings", Health.BAD, f"{error.args[0]} is not as it must be", error.args[1])]
    found = [*_settings(settings), *_keys(settings, os.environ), *_disk(settings)]
    try:
        app = make_app(settings)
    except BadSettingError as error:
        return [
            *found,
            Finding("settings", Health.BAD, f"{error.args[0]} is not as it must be", error.args[1]),
        ]
    with app.app_context():
        looks = {"database": _database, "clock": _clock, "record": _chains, "letters": _outbox}
        for what, look in looks.items():
            try:
                found += look(settings)
            except SQLAlchemyError as error:
                db.session.rollback()
                found.append(_unreachable(what, error))
        db.session.remove()
        db.engine.dispose()
    return [*found, *_mail(settings)]


def _unreachable(what: str, error: SQLAlchemyError) -> Finding:
    said = str(getattr(error, "orig", error)).strip().splitlines()
    return Finding(
        what,
        Health.BAD,
        f"the database does not answer: {said[0] if said else type(error).__name__}",
        "start it, compare DATABASE_URL, or bring it to head: participate db upgrade",
    )


def _settings(settings: Settings) -> Findings:
    if settings.demo:
        yield Finding("settings", Health.WARNING, "this is the demo", "unset PARTICIPATE_DEMO to go live")
    elif not settings.secure:
        yield Finding(
            "settings",
            Health.WARNING,
            f"the public address is {settings.base_url}, without https: cookies are not secure",
            "set PARTICIPATE_BASE_URL to the https address",
        )
    else:
        yield Finding("settings", Health.GOOD, f"serves {settings.base_url}")


def _keys(settings: Settings, environment: Mapping[str, str]) -> Findings:
    if settings.master_key and settings.signing_key:
        yield Finding("keys", Health.GOOD, "the master and signing keys come from the environment")
    else:
        yield from _key_files(settings.instance / "keys", demo=settings.demo)
    held = [settings.secret_key, settings.master_key, settings.signing_key]
    given = [value for value in held if value]
    if len(set(given)) < len(given):
        yield Finding(
            "keys",
            Health.BAD,
            "one value serves as two keys",
            "make three different ones: participate keys create, and a secret key of its own",
        )
    if environment.get("PARTICIPATE_DEMO") == "1" and not settings.demo:
        yield Finding("keys", Health.BAD, "the demo flag is set", "unset PARTICIPATE_DEMO")


def _key_files(folder: Path, *, demo: bool) -> Findings:
    for name in KEY_FILES:
        path = folder / name
        if not path.exists():
            if not demo:
                yield Finding(
                    "keys",
                    Health.BAD,
                    f"{path} is missing",
                    "bring it back from its backup; for a new installation: participate keys create",
                )
            continue
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding("keys", Health.BAD, f"others may read {path}", f"chmod 600 {path}")
    present = [path.read_bytes() for name in KEY_FILES if (path := folder / name).exists()]
    if len(present) == len(KEY_FILES):
        if len(set(present)) < len(present):
            yield Finding("keys", Health.BAD, "one file is a copy of the other", "bring back the right ones")
        else:
            yield Finding("keys", Health.GOOD, f"two different keys lie in {folder}")


def _disk(settings: Settings) -> Findings:
    path = file_of(settings.database_url)
    for folder in dict.fromkeys(f for f in (settings.instance, path.parent if path else None) if f):
        if not folder.exists():
            yield Finding("disk", Health.WARNING, f"{folder} is not there yet", f"mkdir -m 700 {folder}")
            continue
        usage = shutil.disk_usage(folder)
        enough = usage.free >= max(FREE_BYTES, FREE_SHARE * usage.total)
        yield Finding(
            "disk",
            Health.GOOD if enough else Health.BAD,
            f"{usage.free >> 20} MB free at {folder}",
            "" if enough else "make room: without it nothing more can be written",
        )


def _database(settings: Settings) -> Findings:
    with db.engine.connect() as connection:
        here = MigrationContext.configure(connection).get_current_revision()
        newest = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
        if here == newest:
            yield Finding("database", Health.GOOD, f"answers, at head ({here})")
        else:
            yield Finding(
                "database",
                Health.BAD,
                f"stands at {here or 'no migration'}, not at {newest}",
                "back up, then type: participate db upgrade",
            )
        if connection.dialect.name == "sqlite":
            yield from _sqlite(connection)
        else:
            yield from _postgresql(connection)
    path = file_of(settings.database_url)
    if path is not None and path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o007:
        yield Finding("database", Health.WARNING, f"everybody may read {path}", f"chmod 600 {path}")


def _sqlite(connection: sa.Connection) -> Findings:
    def pragma(name: str) -> str:
        return str(connection.exec_driver_sql(f"PRAGMA {name}").scalar())

    wrong = [
        name
        for name, wanted in (("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"))
        if pragma(name).lower() != wanted
    ]
    if wrong:
        yield Finding(
            "database",
            Health.BAD,
            f"{', '.join(wrong)} is not as it must be: an answer could go out before the disk has the act",
            "put the file on a local disk; write-ahead logging does not work on a network share",
        )
    said = pragma("integrity_check(1)")
    broken = said != "ok"
    yield Finding(
        "database",
        Health.BAD if broken else Health.GOOD,
        f"integrity: {said}",
        "stop the server and restore the newest backup: participate restore FILE --replace" if broken else "",
    )


def _postgresql(connection: sa.Connection) -> Findings:
    wrong = [
        name
        for name, wanted in (("fsync", "on"), ("full_page_writes", "on"))
        if connection.scalar(sa.text(f"SHOW {name}")) != wanted
    ]
    if connection.scalar(sa.text("SHOW synchronous_commit")) == "off":
        wrong.append("synchronous_commit")
    yield Finding(
        "database",
        Health.BAD if wrong else Health.GOOD,
        f"{', '.join(wrong)} is off: acknowledged acts can be lost"
        if wrong
        else "writes reach the disk first",
        f"ALTER SYSTEM SET {wrong[0]} = on; then SELECT pg_reload_conf()" if wrong else "",
    )


def _clock(settings: Settings) -> Findings:
    offset = db.session.get(ClockOffset, 1)
    if offset is not None and offset.microseconds and not settings.demo:
        yield Finding(
            "clock",
            Health.BAD,
            "the platform's clock is shifted, as only the demo's may be",
            "DELETE FROM clock_offset; and ask how the row came there",
        )
        return
    shift = offset.microseconds / 1_000_000 if offset else 0.0
    skew = abs((clock() - datetime.now(UTC)).total_seconds() - shift)
    good = skew <= SKEW_SECONDS
    yield Finding(
        "clock",
        Health.GOOD if good else Health.BAD,
        f"the database and this machine differ by {skew:.1f} s",
        "" if good else "let both follow a time server (timedatectl set-ntp true)",
    )


def _chains(_settings: Settings) -> Findings:
    verdicts = list(journal.verify())
    faults = [fault for fault in verdicts if fault]
    for fault in faults:
        yield Finding(
            "record",
            Health.BAD,
            f"chain {fault.chain_id}, entry {fault.seq}: {fault.what}",
            "keep this database as it is, and compare with the published checkpoints before anything else",
        )
    if not faults:
        yield Finding("record", Health.GOOD, f"{len(verdicts)} chains hold")


def _outbox(_settings: Settings) -> Findings:
    now = clock()
    waiting = sa.select(sa.func.count()).where(Mail.sent_at.is_(None), Mail.cancelled_at.is_(None))
    given_up = db.session.scalar(waiting.where(Mail.tries >= MAX_TRIES)) or 0
    oldest = db.session.scalar(
        sa.select(sa.func.min(Mail.created_at)).where(
            Mail.sent_at.is_(None),
            Mail.cancelled_at.is_(None),
            Mail.tries < MAX_TRIES,
            Mail.not_before <= now,
        )
    )
    late = oldest is not None and (now - oldest).total_seconds() > STUCK_SECONDS
    yield Finding(
        "letters",
        Health.WARNING if given_up or late else Health.GOOD,
        f"{given_up} given up"
        + (f", the oldest waits since {oldest:%d %B %H:%M} UTC" if late else ", none late"),
        "read last_error in the table mail; is the worker running?" if given_up or late else "",
    )


def _mail(settings: Settings) -> Findings:
    if not settings.smtp_url:
        yield Finding(
            "mail",
            Health.GOOD if settings.demo else Health.BAD,
            "no mail server: nobody can get a sign-in code",
            "" if settings.demo else "set PARTICIPATE_SMTP_URL",
        )
        return
    try:
        with connected(settings.smtp_url) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        yield Finding(
            "mail",
            Health.BAD,
            f"the mail server does not take us: {type(error).__name__}: {error}",
            "compare PARTICIPATE_SMTP_URL with what the provider gave you",
        )
        return
    yield Finding("mail", Health.GOOD, "the mail server takes us")
