"""Making the archives of consultations that closed, and signing checkpoints."""

from __future__ import annotations

from flask import current_app

from participate.db import clock, db, writing
from participate.journal import actions as journal
from participate.journal.archive import packed
from participate.journal.verifier import WrongError
from participate.opendata import actions, queries
from participate.opendata.queries.closing import NotAsClosedError

_refused: set[int] = set()
"""Consultations whose archive would not hold: said once, tried again when the process starts anew."""


def sign_checkpoints() -> int:
    """Sign what moved in the last hour and return how many; nothing is locked while nothing is due."""
    now = clock()
    waiting = bool(queries.moved(now))
    db.session.rollback()
    if not waiting:
        return 0
    with writing():
        made = actions.sign_moved(now)
        db.session.commit()
    return made


def build_archives() -> int:
    """Make each archive that is missing and return how many; one that would not verify is not given out.

    Packing reads only rows that no longer change, so it waits for nobody and nobody waits for it.
    """
    made = 0
    waiting = queries.unarchived()
    db.session.rollback()
    for collectivity_id, consultation_id in waiting:
        if consultation_id in _refused:
            continue
        try:
            ring = journal.signing()
            found = queries.closed(collectivity_id, consultation_id)
            content = packed(found, ring) if found else None
        except (NotAsClosedError, WrongError) as error:
            _refused.add(consultation_id)
            current_app.logger.error("no archive of consultation %s: %r", consultation_id, error)  # noqa: TRY400
            continue
        finally:
            db.session.rollback()
        if content is None:
            continue
        with writing():
            made += actions.keep(collectivity_id, consultation_id, content) is not None
            db.session.commit()
    return made
