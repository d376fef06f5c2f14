"""What the worker does for the papers: takes up what was asked for, makes one after the other, tells how far it is."""

from __future__ import annotations

import logging
from typing import Final

import sqlalchemy as sa
from flask import current_app

from participate.db import clock, db, writing
from participate.files import making
from participate.files.making import Claimed, LostError
from participate.journal.encoding import sha256
from participate.journal.models import Chain, ChainKind, Checkpoint
from participate.synthesis import actions, child, jobs, queries, tendencies
from participate.synthesis.papers import setting
from participate.synthesis.papers.content import Proof, Source
from participate.synthesis.papers.setting import DOCX, PDF, XLSX, NotSetError

PAPERS: Final = tuple((kind, lang) for kind in (PDF, DOCX, XLSX) for lang in ("ar", "fr"))
TENDENCIES: Final = "tendencies"
_log = logging.getLogger(__name__)


def prepare_papers() -> int:
    """Make the papers that were asked for and return how many works were finished.

    Nothing is locked while a paper is set; each step is told in a short transaction of its own.
    """
    done = 0
    while (work := _claim()) is not None:
        try:
            done += _make(work)
        except LostError:
            db.session.commit()  # a work that somebody else goes on with is gone
        except (NotSetError, queries.NoReadingError) as error:
            _fail(work, error)
        except Exception as error:
            _fail(work, error)
            raise
    return done


def _claim() -> Claimed | None:
    waits = making.waits(actions.PAPERS, clock())
    db.session.rollback()
    if not waits:
        return None
    with writing():
        work = making.claim(actions.PAPERS, clock())
        db.session.commit()
    return work


def _fail(work: Claimed, error: Exception) -> None:
    db.session.rollback()
    _log.warning("the papers of %s were not made: %s", work.subject, error)
    with writing():
        try:
            making.fail(work, f"{type(error).__name__}: {error}", clock())
            db.session.commit()
        except LostError:
            db.session.rollback()


def _tell(work: Claimed, step: int, doing: str) -> None:
    with writing():
        making.tell(work, step, doing, clock())
        db.session.commit()


def _make(work: Claimed) -> bool:
    consultation = int(work.subject.partition(":")[2])
    _tell(work, 0, TENDENCIES)
    try:
        jobs.compute(consultation)
    except child.NotComputedError as error:  # the papers then say that they were not looked for
        _log.warning("no tendencies for the papers of %s: %s", work.subject, error)
    source = gathered(work.collectivity_id, consultation)
    db.session.rollback()
    files = {}
    for step, (kind, lang) in enumerate(PAPERS, 1):
        _tell(work, step, f"{kind}:{lang}")
        body = setting.paper(source, kind, lang)
        with writing():
            files[setting.name_of(kind, lang)] = making.keep(
                work, setting.name_of(kind, lang), setting.MEDIA[kind], body
            )
            db.session.commit()
    with writing():
        actions.keep_papers(work, consultation, source.sha256, files, sealed=source.proof is not None)
        db.session.commit()
    return True


def gathered(collectivity_id: int, consultation_id: int) -> Source:
    """Return what the papers of a review are made of: the sealed figures, else the draft. Raises NoReadingError."""
    sealed = queries.sealed(consultation_id)
    reading = sealed.reading if sealed else queries.reading(consultation_id)
    if reading is None:
        raise queries.NoReadingError(consultation_id)
    proof = None
    if sealed:
        proof = Proof(
            sealed.sha256,
            sealed.signature,
            sealed.public_key,
            sealed.entry_hash,
            sealed.sealed_at,
            _checkpoint(collectivity_id, consultation_id, sealed),
        )
    return Source(
        reading,
        sealed.sha256 if sealed else sha256(queries.snapshot(reading)),
        proof,
        tendencies.find(collectivity_id, consultation_id),
        current_app.config["BASE_URL"],
    )


def _checkpoint(collectivity_id: int, consultation_id: int, sealed: queries.Sealed) -> str | None:
    """Return the last signed note of the review's chain before the seal, on one line: length and root."""
    note = db.session.scalar(
        sa.select(Checkpoint.note)
        .join(Chain, Chain.id == Checkpoint.chain_id)
        .where(
            Chain.collectivity_id == collectivity_id,
            Chain.kind == ChainKind.CONSULTATION,
            Chain.ref == consultation_id,
            Checkpoint.at <= sealed.sealed_at,
        )
        .order_by(Checkpoint.seq.desc())
        .limit(1)
    )
    return " · ".join(note.split("\n")[:3]) if note else None
