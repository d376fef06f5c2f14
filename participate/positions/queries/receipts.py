"""What a receipt attests."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.db import Words, db
from participate.journal.encoding import entry_hash
from participate.journal.models import JournalDetail, JournalEntry
from participate.network.models import Collectivity
from participate.plans.models import ActionPlan, Project, ProjectRevision
from participate.positions.models import ProjectStatement, Receipt
from participate.positions.queries.own import POSITION, belongs_to
from participate.rules.references import parse_receipt


@dataclass(frozen=True)
class Attested:
    """What a receipt attests to whoever types its code: never who, nor what they chose.

    `recorded`: the journal holds the entry and its hash is right. `value` and `number` only for its
    owner: the position taken then, and the project it was on.
    """

    code: str
    collectivity: Words
    slug: str
    what: str
    at: datetime
    current: bool
    newer: str | None
    recorded: bool
    seq: int | None
    entry_hash: str
    own: bool
    value: int | None
    number: int | None
    title: Words | None
    cycle: str


LETTER = 200
"""Receipts in one letter, at most."""


def receipts_of(collectivity_id: int, person_id: int) -> list[Receipt]:
    """Return the receipts that stand in a person's name here, or their association's, latest first."""
    rows = db.session.scalars(
        sa.select(Receipt)
        .join(
            Participant,
            (Participant.collectivity_id == Receipt.collectivity_id)
            & (Participant.id == Receipt.participant_id),
        )
        .where(
            Receipt.collectivity_id == collectivity_id,
            Receipt.replaced_by.is_(None),
            belongs_to(person_id),
        )
        .order_by(Receipt.at.desc(), Receipt.id.desc())
        .limit(LETTER)
    )
    return list(rows)


def attested(collectivity_id: int, typed: str, person_id: int | None) -> Attested | None:
    """Return what a typed code attests; None when no receipt has it here. Raises NotAReferenceError.

    `newer`, `value`, `number` and `title` are None unless it is this person's, or their association's.
    """
    code = str(parse_receipt(typed))
    row = db.session.execute(
        sa.select(
            Receipt,
            (sa.false() if person_id is None else belongs_to(person_id)).label("own"),
            Collectivity.name,
            Collectivity.slug,
            JournalEntry.seq,
            JournalEntry.prev,
            JournalEntry.body,
            JournalDetail.payload,
            Project.number,
            ProjectRevision.title,
            ActionPlan.cycle,
        )
        .join(Collectivity, Collectivity.id == Receipt.collectivity_id)
        .join(
            Participant,
            (Participant.collectivity_id == Receipt.collectivity_id)
            & (Participant.id == Receipt.participant_id),
        )
        .join(
            Consultation,
            (Consultation.collectivity_id == Receipt.collectivity_id)
            & (Consultation.id == Receipt.consultation_id),
        )
        .join(
            ActionPlan,
            (ActionPlan.collectivity_id == Consultation.collectivity_id)
            & (ActionPlan.id == Consultation.plan_id),
        )
        .outerjoin(
            JournalEntry,
            (JournalEntry.collectivity_id == Receipt.collectivity_id)
            & (JournalEntry.hash == Receipt.entry_hash),
        )
        .outerjoin(
            JournalDetail,
            (JournalDetail.collectivity_id == JournalEntry.collectivity_id)
            & (JournalDetail.chain_id == JournalEntry.chain_id)
            & (JournalDetail.seq == JournalEntry.seq),
        )
        .outerjoin(
            ProjectStatement,
            (ProjectStatement.collectivity_id == Receipt.collectivity_id)
            & (ProjectStatement.statement_id == Receipt.statement_id),
        )
        .outerjoin(
            Project,
            (Project.collectivity_id == ProjectStatement.collectivity_id)
            & (Project.id == ProjectStatement.project_id),
        )
        .outerjoin(
            ProjectRevision,
            (ProjectRevision.collectivity_id == ProjectStatement.collectivity_id)
            & (ProjectRevision.id == ProjectStatement.revision_id),
        )
        .where(Receipt.collectivity_id == collectivity_id, Receipt.code == code)
    ).one_or_none()
    if row is None:
        return None
    receipt: Receipt = row[0]
    own = bool(row.own)
    current = receipt.replaced_by is None
    public = Attested(
        code=receipt.code,
        collectivity=row.name,
        slug=row.slug,
        what=receipt.what,
        at=receipt.at,
        current=current,
        newer=None,
        recorded=row.body is not None and entry_hash(row.prev, row.body) == receipt.entry_hash,
        seq=row.seq,
        entry_hash=receipt.entry_hash,
        own=own,
        value=None,
        number=None,
        title=None,
        cycle=row.cycle,
    )
    if not own:
        return public
    return replace(
        public,
        newer=None
        if current
        else db.session.scalar(
            sa.select(Receipt.code).where(
                Receipt.collectivity_id == collectivity_id, Receipt.id == receipt.replaced_by
            )
        ),
        value=_value_in(row.payload) if receipt.what == POSITION else None,
        number=row.number,
        title=row.title,
    )


def _value_in(payload: str | None) -> int | None:
    """Return the position that stands behind an entry of the journal; None once it is erased."""
    found = json.loads(payload).get("value") if payload else None
    return int(found) if found is not None else None
