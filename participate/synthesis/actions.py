"""Sealing a synthesis: the figures are frozen, hashed, signed and recorded, once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.consultations.models import Consultation
from participate.db import add, db, for_update, new_id
from participate.journal import actions as journal
from participate.journal.encoding import sha256
from participate.synthesis import bundle, queries
from participate.synthesis.models import Seal, Synthesis


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
