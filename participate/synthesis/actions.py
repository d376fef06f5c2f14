"""Sealing a synthesis: the figures are frozen, hashed, signed and recorded, once. Asking for its papers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.consultations.models import Consultation
from participate.db import add, clock, db, for_update, new_id
from participate.files import making
from participate.files.making import Claimed
from participate.journal import actions as journal
from participate.journal.encoding import sha256
from participate.rules.policy import Act, Actor, Place, require
from participate.synthesis import bundle, queries
from participate.synthesis.models import Seal, Synthesis

PAPERS: Final = "dossier_papers"
"""The kind of this work among all that takes a while."""
PAPERS_STEPS: Final = 7
"""Tendencies, then two PDF, two DOCX, two XLSX."""


def papers_of(consultation_id: int) -> str:
    """Return what the work is about."""
    return f"consultation:{consultation_id}"


def papers_source(digest: str, *, sealed: bool) -> str:
    """Return what the papers are kept under: those of a draft say so on each page, and are others' than the seal's."""
    return digest if sealed else sha256(f"draft\n{digest}\n")


class NotClosedError(Exception):
    """A consultation that is not closed has no figures to seal; holds its key."""


class AlreadySealedError(Exception):
    """A synthesis is sealed once; holds the consultation's key."""


def seal(actor_id: int | None, consultation_id: int, now: datetime) -> Seal:
    """Freeze the figures of a closed consultation, and sign and record them.

    Called in the transaction of the transmission, after the responses and the revised version are
    published, so that the snapshot holds them. Raises NotClosedError, AlreadySealedError.
    """
    db.session.flush()
    consultation = db.session.scalar(
        for_update(sa.select(Consultation).where(Consultation.id == consultation_id))
    )
    reading = queries.reading(consultation_id)
    if consultation is None or reading is None:
        raise NotClosedError(consultation_id)
    text = queries.snapshot(reading)
    digest = sha256(text)
    try:
        with db.session.begin_nested():
            synthesis = add(
                Synthesis(
                    collectivity_id=consultation.collectivity_id,
                    id=new_id(),
                    consultation_id=consultation.id,
                    snapshot=text,
                    sha256=digest,
                    computed_at=now,
                    computed_by=actor_id,
                )
            )
    except IntegrityError:
        raise AlreadySealedError(consultation_id) from None
    ring = journal.signing()
    entry = journal.record(
        actor_id,
        "synthesis:sealed",
        journal.of_consultation(consultation.collectivity_id, consultation.id),
        f"synthesis:{synthesis.id}",
        public={"sha256": digest, "public_key": ring.public},
    )
    return add(
        Seal(
            collectivity_id=consultation.collectivity_id,
            id=new_id(),
            synthesis_id=synthesis.id,
            sha256=digest,
            signature=ring.sign(bundle.message(digest)),
            public_key=ring.public,
            entry_hash=entry.hash,
            sealed_at=now,
        )
    )


def ask_papers(actor: Actor, place: Place) -> bool:
    """Ask the worker for the papers of a closed review: of the sealed figures, else of the draft as it stands.

    Returns False if they are there or on their way. Raises NotClosedError, RefusedError.
    """
    require(actor, Act.PAPERS_PREPARE, place)
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    head = queries.head(place.collectivity_id, place.plan_id)
    if head is None or not head.over:
        raise NotClosedError(place.plan_id)
    # One press after the other: the second finds what the first asked for.
    db.session.scalar(for_update(sa.select(Consultation.id).where(Consultation.id == head.id)))
    digest = head.sealed.sha256 if head.sealed else _draft_sha256(head.id)
    source = papers_source(digest, sealed=head.sealed is not None)
    if not making.ask(head.collectivity_id, PAPERS, papers_of(head.id), source, PAPERS_STEPS, clock()):
        return False
    journal.record(
        actor.person_id,
        "papers:asked",
        journal.of_consultation(head.collectivity_id, head.id),
        papers_of(head.id),
        public={"sha256": digest, "sealed": head.sealed is not None},
        private={"person": actor.person_id},
    )
    return True


def _draft_sha256(consultation_id: int) -> str:
    reading = queries.reading(consultation_id)
    if reading is None:
        raise NotClosedError(consultation_id)
    return sha256(queries.snapshot(reading))


def keep_papers(
    work: Claimed, consultation: int, digest: str, files: Mapping[str, str], *, sealed: bool
) -> None:
    """Say that every paper is there, and write their hashes in the journal. Raises LostError."""
    making.finish(work, papers_source(digest, sealed=sealed), clock())
    journal.record(
        None,
        "papers:made",
        journal.of_consultation(work.collectivity_id, consultation),
        work.subject,
        public={"sha256": digest, "sealed": sealed, "files": dict(files)},
    )
