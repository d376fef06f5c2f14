"""Work that takes a while and ends in files: asked for, taken up by the worker, told step by step, kept or failed.

Any room can use it: `ask` in the act that wants the files, the rest in the room's job. Each call is a short
transaction of its own; no lock is held while a file is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from participate.db import add, db, for_update, new_id
from participate.files.models import MadeFile, Making
from participate.files.queries import Attachment

WAITING, WORKING, DONE, FAILED = "waiting", "working", "done", "failed"
SILENT: Final = timedelta(minutes=10)
"""Work without a sign of life for so long was cut off, and is taken up again."""
ERROR_CHARS: Final = 300


@dataclass(frozen=True)
class Progress:
    """How far a work is, as a page shows it; `files` by name, once it is done."""

    id: int
    source: str
    state: str
    step: int
    steps: int
    doing: str
    asked_at: datetime
    ended_at: datetime | None
    files: Mapping[str, int]

    @property
    def running(self) -> bool:
        """Whether it waits or is worked on: the page looks again by itself."""
        return self.state in {WAITING, WORKING}

    @property
    def done(self) -> bool:
        """Whether its files are there."""
        return self.state == DONE

    @property
    def failed(self) -> bool:
        """Whether it can be tried again."""
        return self.state == FAILED


@dataclass(frozen=True)
class Claimed:
    """A work that this worker has taken up."""

    collectivity_id: int
    id: int
    subject: str
    source: str


def _rows(collectivity_id: int, kind: str, subject: str) -> Any:
    return sa.select(Making).where(
        Making.collectivity_id == collectivity_id, Making.kind == kind, Making.subject == subject
    )


# --- reading ----------------------------------------------------------------------------------------------------


def progress(collectivity_id: int, kind: str, subject: str, source: str | None = None) -> Progress | None:
    """Return the work for this source, or the latest one; None if nobody asked. At most two statements."""
    wanted = _rows(collectivity_id, kind, subject).order_by(Making.asked_at.desc(), Making.id.desc()).limit(1)
    if source is not None:
        wanted = wanted.where(Making.source == source)
    row = db.session.scalar(wanted.execution_options(populate_existing=True))
    if row is None:
        return None
    files: dict[str, int] = {}
    if row.state == DONE:
        names = sa.select(MadeFile.name, MadeFile.size).where(
            MadeFile.collectivity_id == collectivity_id, MadeFile.making_id == row.id
        )
        files = {row.name: row.size for row in db.session.execute(names.order_by(MadeFile.name))}
    return Progress(
        row.id, row.source, row.state, row.step, row.steps, row.doing, row.asked_at, row.ended_at, files
    )


def made(collectivity_id: int, making_id: int, name: str) -> Attachment | None:
    """Return a file of a finished work; ask first, in your own room, whether the reader may have it."""
    row = db.session.scalar(
        sa.select(MadeFile)
        .join(
            Making,
            (Making.collectivity_id == MadeFile.collectivity_id) & (Making.id == MadeFile.making_id),
        )
        .where(
            MadeFile.collectivity_id == collectivity_id,
            MadeFile.making_id == making_id,
            MadeFile.name == name[:40],
            Making.state == DONE,
        )
        .options(undefer(MadeFile.body))
    )
    return Attachment(str(row.id), row.name, row.media_type, row.body) if row else None


# --- acting -----------------------------------------------------------------------------------------------------


def ask(collectivity_id: int, kind: str, subject: str, source: str, steps: int, now: datetime) -> bool:
    """Ask for the files, once for each source; return False if they are there or on their way.

    A work that failed begins anew. Files of another source of the same subject, which nobody is making, go.
    """
    found = None
    for row in db.session.scalars(for_update(_rows(collectivity_id, kind, subject))):
        if row.source == source:
            found = row
        elif row.state != WORKING:
            _forget(row)
            db.session.delete(row)
    db.session.flush()
    if found is None:
        add(
            Making(
                collectivity_id=collectivity_id,
                id=new_id(),
                kind=kind,
                subject=subject,
                source=source,
                state=WAITING,
                step=0,
                steps=steps,
                doing="",
                asked_at=now,
                moved_at=now,
            )
        )
        return True
    if found.state != FAILED:
        return False
    _forget(found)
    found.state, found.step, found.steps, found.doing, found.error = WAITING, 0, steps, "", None
    found.asked_at = found.moved_at = now
    found.ended_at = None
    db.session.flush()
    return True


def _forget(row: Making) -> None:
    db.session.execute(
        sa.delete(MadeFile).where(
            MadeFile.collectivity_id == row.collectivity_id, MadeFile.making_id == row.id
        )
    )


def waits(kind: str, now: datetime) -> bool:
    """Whether there is work of this kind: asked before a lock is taken. One statement."""
    return db.session.scalar(sa.select(Making.id).where(*_due(kind, now)).limit(1)) is not None


def _due(kind: str, now: datetime) -> tuple[Any, ...]:
    cut_off = (Making.state == WORKING) & (Making.moved_at < now - SILENT)
    return (Making.kind == kind, (Making.state == WAITING) | cut_off)


def claim(kind: str, now: datetime) -> Claimed | None:
    """Take up the oldest work that waits or was cut off; what a cut-off one had made goes."""
    row = db.session.scalar(
        for_update(sa.select(Making).where(*_due(kind, now)).order_by(Making.asked_at, Making.id).limit(1))
    )
    if row is None:
        return None
    _forget(row)
    row.state, row.step, row.moved_at, row.error = WORKING, 0, now, None
    db.session.flush()
    return Claimed(row.collectivity_id, row.id, row.subject, row.source)


def _held(work: Claimed) -> Making:
    found = db.session.get_one(Making, (work.collectivity_id, work.id), populate_existing=True)
    if found.state != WORKING:
        raise LostError(work.id)
    return found


class LostError(Exception):
    """Another worker has taken this work up since; holds its key."""


def tell(work: Claimed, step: int, doing: str, now: datetime) -> None:
    """Say how many steps are done and what comes now. Raises LostError."""
    row = _held(work)
    row.step, row.doing, row.moved_at = step, doing, now
    db.session.flush()


def keep(work: Claimed, name: str, media_type: str, body: bytes) -> str:
    """Keep one file of a work and return its SHA-256. Raises LostError."""
    _held(work)
    digest = hashlib.sha256(body).hexdigest()
    add(
        MadeFile(
            collectivity_id=work.collectivity_id,
            id=new_id(),
            making_id=work.id,
            name=name,
            media_type=media_type,
            size=len(body),
            sha256=digest,
            body=body,
        )
    )
    return digest


def finish(work: Claimed, source: str, now: datetime) -> None:
    """Say that every file is there, made from `source`: what it was asked for may have moved on. Raises LostError."""
    row = _held(work)
    if source != row.source:
        same = _rows(work.collectivity_id, row.kind, row.subject).where(Making.source == source)
        if db.session.scalar(same) is not None:  # asked for again since, and to be made there
            _forget(row)
            db.session.delete(row)
            db.session.flush()
            raise LostError(work.id)
    row.source, row.state, row.step, row.doing = source, DONE, row.steps, ""
    row.moved_at = row.ended_at = now
    db.session.flush()


def fail(work: Claimed, why: str, now: datetime) -> None:
    """Say that it did not work; what was made goes. Raises LostError."""
    row = _held(work)
    _forget(row)
    row.state, row.error, row.moved_at, row.ended_at = FAILED, why[:ERROR_CHARS], now, now
    db.session.flush()
