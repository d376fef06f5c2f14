"""The database's side of the house: base class, types, the one clock, and taking turns to write.

`db.session` is the only Flask-born thing that actions, queries and models use.
"""

from __future__ import annotations

import enum
import fcntl
import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, BigInteger, ForeignKey, ForeignKeyConstraint, MetaData, event
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, registry
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.engine import Dialect, Engine

T = TypeVar("T")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# Languages of text in the database, mapped to the text: {"ar": "…", "fr": "…"}.
Words = dict[str, str]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC on both engines (SQLite would silently drop the zone)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"naive datetime {value!r}: every moment carries its zone"
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Declarative base: constraint names are fixed so that migrations can name them."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: UtcDateTime(),
            # None is NULL, not the JSON word null: a CHECK that asks for a reason must see it is missing.
            Words: JSON(none_as_null=True),
            list[str]: JSON(none_as_null=True),
            list[dict[str, Any]]: JSON(none_as_null=True),
            dict[str, Any]: JSON(none_as_null=True),
            int: BigInteger(),
            # Enumerations are stored by value with a CHECK, never by Python name.
            enum.Enum: sa.Enum(
                enum.Enum,
                values_callable=lambda members: [str(m.value) for m in members],
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
        },
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

if TYPE_CHECKING:
    import flask_sqlalchemy.model

    class Model(Base, flask_sqlalchemy.model.Model):
        """What a type checker sees of `db.Model`."""

        __abstract__ = True

else:
    Model = db.Model


def new_id() -> int:
    """Return a 63-bit key, greater than any this process made before, without asking the database.

    Keys must be unique within a collectivity only, and the primary key refuses the rare double of two
    processes in one millisecond.
    """
    return _keys.next()


class _Keys:
    """Milliseconds above 21 random bits; within a millisecond a key never falls behind the last."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._last = 0

    def next(self) -> int:
        drawn = (int(time.time() * 1000) << 21 | secrets.randbits(21)) & 0x7FFF_FFFF_FFFF_FFFF
        with self._turn:
            self._last = max(drawn, self._last + 1)
            return self._last


_keys = _Keys()


class Scoped:
    """A row that belongs to one collectivity: its key starts with `collectivity_id`."""

    @declared_attr
    def collectivity_id(cls) -> Mapped[int]:  # noqa: N805
        return mapped_column(
            ForeignKey("collectivity.id"), primary_key=True, sort_order=-2, comment="owner of the row"
        )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=new_id, sort_order=-1)


def ref(column: str, table: str) -> ForeignKeyConstraint:
    """Return a foreign key within the same collectivity: no row can point into another one's house."""
    return ForeignKeyConstraint(["collectivity_id", column], [f"{table}.collectivity_id", f"{table}.id"])


def add(row: T) -> T:
    """Put a row in the session and flush, so that rows are inserted in the order of the program."""
    db.session.add(row)
    db.session.flush()
    return row


# --- the one clock -----------------------------------------------------------------------------


class ClockOffset(Model):
    """How far the platform's clock stands from the database's. One row, demo and tests only."""

    __tablename__ = "clock_offset"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    microseconds: Mapped[int] = mapped_column(comment="added to the database's time")


_CLOCK = {
    # clock_timestamp(), never now(): now() is the start of the transaction, and a vote that waited
    # behind the closing would count as in time.
    "postgresql": "SELECT clock_timestamp(), (SELECT microseconds FROM clock_offset WHERE id = 1)",
    "sqlite": "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now'), (SELECT microseconds FROM clock_offset WHERE id = 1)",
}


def clock() -> datetime:
    """Return the platform's time: the database's clock plus the offset row, in UTC.

    Read it after the locks are held. One statement.
    """
    raw, offset = db.session.execute(sa.text(_CLOCK[db.engine.dialect.name])).one()
    now: datetime = (
        datetime.fromisoformat(raw).replace(tzinfo=UTC) if isinstance(raw, str) else raw.astimezone(UTC)
    )
    return now + timedelta(microseconds=offset or 0)


def set_clock(moment: datetime) -> None:
    """Make the platform's clock show `moment` from now on (demo and tests only)."""
    row = db.session.get(ClockOffset, 1) or ClockOffset(id=1, microseconds=0)
    row.microseconds += int((moment - clock()) / timedelta(microseconds=1))
    db.session.add(row)
    db.session.flush()


# --- taking turns to write -----------------------------------------------------------------------


class Turnstile:
    """A first-come, first-served lock; the same thread may pass again.

    SQLite has one writer. Its busy timeout polls, so an unlucky writer waits behind later ones;
    queueing in the process first keeps the wait fair and short.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._owner: int | None = None
        self._depth = 0

    def enter(self) -> None:
        """Wait for our turn."""
        me = threading.get_ident()
        with self._guard:
            if self._owner in (None, me):
                self._owner = me
                self._depth += 1
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()
        with self._guard:
            self._owner = me
            self._depth = 1

    def leave(self) -> None:
        """Let the next one in."""
        with self._guard:
            self._depth -= 1
            if self._depth:
                return
            if self._waiting:
                self._owner = -1  # reserved for the thread being woken
                self._waiting.popleft().set()
            else:
                self._owner = None


class ProcessTurn:
    """The same between processes on one SQLite file: the kernel wakes who waited longest.

    Without it eight busy processes poll the file, and one of them may poll in vain for longer than the busy
    timeout. A process that dies gives its turn back.
    """

    def __init__(self) -> None:
        self._file: int | None = None
        self._path = ""

    def enter(self, path: str) -> None:
        """Wait for this process's turn to write; without a lock file SQLite's own waiting has to do."""
        try:
            while True:
                file = self._opened(path)
                fcntl.flock(file, fcntl.LOCK_EX)
                if _same_file(file, path):
                    return
                self._let_go()  # the file was replaced while we waited: others wait at the new one
        except OSError:
            self._let_go()

    def leave(self) -> None:
        """Let the next process in."""
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _opened(self, path: str) -> int:
        if self._file is None or self._path != path:
            self._let_go()
            self._file, self._path = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), path
        return self._file

    def _let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _same_file(file: int, path: str) -> bool:
    try:
        return os.fstat(file).st_ino == os.stat(path).st_ino  # noqa: PTH116  as fstat
    except FileNotFoundError:
        return False


_turnstile = Turnstile()
_process_turn = ProcessTurn()
_is_writing: ContextVar[bool] = ContextVar("is_writing", default=False)


@contextmanager
def writing() -> Iterator[None]:
    """Enter before the first statement of anything that writes.

    On SQLite the transaction starts with BEGIN IMMEDIATE: a deferred one takes its snapshot at the
    first SELECT and then doubles a vote or fails at the first INSERT. The caller commits; what is
    not committed at the end is rolled back.
    """
    if _is_writing.get():
        yield
        return
    _turnstile.enter()
    token = _is_writing.set(True)
    try:
        db.session.rollback()  # a read transaction begun before is not a write one
        path = _turn_file(db.engine.url)
        if path:
            _process_turn.enter(path)
        yield
    finally:
        try:
            db.session.rollback()
        finally:
            _process_turn.leave()
            _is_writing.reset(token)
            _turnstile.leave()


def _turn_file(url: sa.URL) -> str | None:
    """Return the file at which processes queue to write an SQLite database."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return f"{url.database}-turn"


@contextmanager
def aside() -> Iterator[None]:
    """Inside `writing()`: let others write while something slow is computed without the database.

    Nothing may be pending: what was not committed is rolled back, and a new transaction begins after.
    """
    if not _is_writing.get():
        yield
        return
    db.session.rollback()
    token = _is_writing.set(False)
    _turnstile.leave()
    try:
        yield
    finally:
        _turnstile.enter()
        _is_writing.reset(token)
        db.session.rollback()


def is_writing() -> bool:
    """Whether this thread is inside `writing()`."""
    return _is_writing.get()


def for_update(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Lock the selected rows against everybody (PostgreSQL; SQLite already has one writer)."""
    return statement.with_for_update()


def for_share(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Lock the selected rows against change (PostgreSQL; SQLite already has one writer)."""
    return statement.with_for_update(read=True)


def engine_options(url: str) -> dict[str, Any]:
    """Return what an engine is made with: after PostgreSQL was restarted no request meets a dead connection."""
    if not url.startswith("postgresql"):
        return {}
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}


def prepare_engine(engine: Engine) -> None:
    """Give an engine the settings on which the truth of counts depends."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        event.listen(engine, "connect", _postgresql_connect)


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not open transactions of its own
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL acknowledges before the disk has it
        "busy_timeout=5000",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # without it INSERT OR REPLACE walks past the journal's triggers
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _is_writing.get() else "BEGIN")


def _postgresql_connect(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '5s'")
        cursor.execute("SET lock_timeout = '4s'")
    connection.commit()


def init_app(app: Flask) -> None:
    """Bind the database to the application."""
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            prepare_engine(engine)


__all__ = [
    "Base",
    "ClockOffset",
    "Model",
    "Scoped",
    "UtcDateTime",
    "Words",
    "add",
    "aside",
    "clock",
    "date",
    "db",
    "engine_options",
    "for_share",
    "for_update",
    "init_app",
    "is_writing",
    "new_id",
    "ref",
    "set_clock",
    "writing",
]
