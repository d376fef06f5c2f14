"""What the archive of a closed consultation is made of, and the archives there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.db import db
from participate.journal.archive import Closed
from participate.journal.encoding import sha256
from participate.journal.models import Chain, ChainKind, Checkpoint, JournalEntry
from participate.journal.queries import signing_keys, turns
from participate.lifecycle.queries import final_statements, final_tally
from participate.opendata.models import ClosingArchive
from participate.plans.models import ActionPlan
from participate.rules.outcomes import ConsultationKind, ConsultationState

OVER = (ConsultationState.CLOSED, ConsultationState.ARCHIVED)


class NotAsClosedError(Exception):
    """What is stored is no longer what the closing recorded; holds which: tally or statements."""


def unarchived() -> list[tuple[int, int]]:
    """Return the closed consultations that have no archive, as (collectivity, consultation). One statement."""
    rows = db.session.execute(
        sa.select(Consultation.collectivity_id, Consultation.id)
        .outerjoin(
            ClosingArchive,
            (ClosingArchive.collectivity_id == Consultation.collectivity_id)
            & (ClosingArchive.consultation_id == Consultation.id),
        )
        .where(Consultation.state.in_(OVER), ClosingArchive.id.is_(None))
        .order_by(Consultation.collectivity_id, Consultation.id)
    )
    return [(collectivity_id, key) for collectivity_id, key in rows]


def closed(collectivity_id: int, consultation_id: int) -> Closed | None:
    """Return what an archive is made of: rows that can no longer change. None without a recorded closing.

    Raises NotAsClosedError if they did change.
    """
    consultation = db.session.get(Consultation, (collectivity_id, consultation_id))
    chain = db.session.scalar(
        sa.select(Chain).where(Chain.kind == ChainKind.CONSULTATION, Chain.ref == consultation_id)
    )
    if consultation is None or chain is None:
        return None
    mine = (JournalEntry.collectivity_id == collectivity_id, JournalEntry.chain_id == chain.id)
    end = db.session.scalar(
        sa.select(JournalEntry.seq).where(*mine, JournalEntry.type == "consultation:closed")
    )
    if end is None:
        return None
    entries = db.session.execute(
        sa.select(JournalEntry.prev, JournalEntry.hash, JournalEntry.body)
        .where(*mine, JournalEntry.seq <= end)
        .order_by(JournalEntry.seq)
    ).all()
    notes = db.session.scalars(
        sa.select(Checkpoint.note)
        .where(Checkpoint.chain_id == chain.id, Checkpoint.seq <= end)
        .order_by(Checkpoint.seq)
    ).all()
    statements, tally = final_statements(consultation), final_tally(consultation)
    for name, text in (("statements", statements), ("tally", tally)):
        if f'"{name}_sha256":"{sha256(text)}"' not in entries[-1].body:
            raise NotAsClosedError(name)
    publics = signing_keys()
    return Closed(
        entries=[(prev, digest, body) for prev, digest, body in entries],
        notes=list(notes),
        statements=statements,
        tally=tally,
        keys=publics,
        turns=[one for one in turns() if one.old in publics and one.new in publics],
    )


@dataclass(frozen=True)
class ArchiveRow:
    """An archive that can be downloaded; `sha256` is None while it is being made."""

    consultation_id: int
    kind: ConsultationKind
    cycle: str
    closed_at: datetime | None
    sha256: str | None
    size: int | None
    entry_hash: str | None


def archives_of(collectivity_id: int) -> list[ArchiveRow]:
    """Return the closed consultations of a collectivity with their archives, latest first. One statement."""
    rows = db.session.execute(
        sa.select(
            Consultation.id,
            Consultation.kind,
            ActionPlan.cycle,
            Consultation.closed_at,
            ClosingArchive.sha256,
            ClosingArchive.size,
            ClosingArchive.entry_hash,
        )
        .join(
            ActionPlan,
            (ActionPlan.collectivity_id == Consultation.collectivity_id)
            & (ActionPlan.id == Consultation.plan_id),
        )
        .outerjoin(
            ClosingArchive,
            (ClosingArchive.collectivity_id == Consultation.collectivity_id)
            & (ClosingArchive.consultation_id == Consultation.id),
        )
        .where(Consultation.collectivity_id == collectivity_id, Consultation.state.in_(OVER))
        .order_by(Consultation.closes_at.desc(), Consultation.id)
    )
    return [ArchiveRow(*row) for row in rows]


def content_of(collectivity_id: int, consultation_id: int) -> bytes | None:
    """Return an archive's bytes."""
    return db.session.scalar(
        sa.select(ClosingArchive.content).where(
            ClosingArchive.collectivity_id == collectivity_id,
            ClosingArchive.consultation_id == consultation_id,
        )
    )
