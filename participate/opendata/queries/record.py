"""The record as people read it: chains, entries, checkpoints, and the way from a receipt to a checkpoint."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.db import db
from participate.journal.models import Chain, ChainKind, Checkpoint, JournalEntry
from participate.network.models import Collectivity
from participate.opendata.queries.closing import OVER
from participate.opendata.queries.files import DIRECTIONAL
from participate.plans.models import ActionPlan
from participate.positions.models import Receipt
from participate.rules.outcomes import ConsultationKind

PAGE_LINES = 50
EVERY = timedelta(hours=1)
NETWORK_NAME = "participate/network"
NOTES = 100


@dataclass(frozen=True)
class ChainHead:
    """A chain of the record and what it is about. `over` is False while a consultation is not closed."""

    id: int
    kind: ChainKind
    entries: int
    head: str
    consultation: ConsultationKind | None
    cycle: str | None
    over: bool


def _chains() -> Any:
    return (
        sa.select(Chain, Consultation.kind, Consultation.state, ActionPlan.cycle)
        .outerjoin(
            Consultation,
            (Consultation.collectivity_id == Chain.collectivity_id)
            & (Chain.kind == ChainKind.CONSULTATION)
            & (Consultation.id == Chain.ref),
        )
        .outerjoin(
            ActionPlan,
            (ActionPlan.collectivity_id == Chain.collectivity_id)
            & (
                ActionPlan.id
                == sa.case((Chain.kind == ChainKind.PLAN, Chain.ref), else_=Consultation.plan_id)
            ),
        )
    )


def chains_of(collectivity_id: int) -> list[ChainHead]:
    """Return the chains of a collectivity. One statement."""
    rows = db.session.execute(
        _chains().where(Chain.collectivity_id == collectivity_id).order_by(Chain.id)
    ).all()
    return [_head(*row) for row in rows]


def chain_head(collectivity_id: int, chain_id: int) -> ChainHead | None:
    """Return one chain of a collectivity."""
    row = db.session.execute(
        _chains().where(Chain.collectivity_id == collectivity_id, Chain.id == chain_id)
    ).one_or_none()
    return _head(*row) if row else None


def _head(chain: Chain, kind: ConsultationKind | None, state: Any, cycle: str | None) -> ChainHead:
    over = chain.kind is not ChainKind.CONSULTATION or state in OVER
    return ChainHead(chain.id, chain.kind, chain.seq, chain.head, kind, cycle, over)


@dataclass(frozen=True)
class EntryLine:
    """An entry as a line; `public` is None while it is withheld."""

    seq: int
    type: str
    at: datetime
    hash: str
    prev: str
    public: dict[str, Any] | None


@dataclass(frozen=True)
class Lines:
    """Some entries of a chain, oldest first; `before` and `after` are where the neighbouring pages begin."""

    rows: list[EntryLine]
    before: int | None
    after: int | None


def entry_lines(chain: ChainHead, start: int, limit: int = PAGE_LINES) -> Lines:
    """Return the entries of a chain from number `start` on. One statement."""
    start = max(1, min(start, max(chain.entries, 1)))
    rows = db.session.scalars(
        sa.select(JournalEntry)
        .where(JournalEntry.chain_id == chain.id, JournalEntry.seq >= start)
        .order_by(JournalEntry.seq)
        .limit(limit + 1)
    ).all()
    return Lines(
        [_line(row, chain.over) for row in rows[:limit]],
        max(1, start - limit) if start > 1 else None,
        start + limit if len(rows) > limit else None,
    )


def _line(row: JournalEntry, over: bool) -> EntryLine:
    withheld = not over and row.type in DIRECTIONAL
    public = None if withheld else json.loads(row.body)["public"]
    return EntryLine(row.seq, row.type, row.at, row.hash, row.prev, public)


@dataclass(frozen=True)
class CheckpointRow:
    """A published checkpoint."""

    chain_id: int
    kind: ChainKind
    seq: int
    at: datetime
    note: str


def checkpoints_of(collectivity_id: int, limit: int = NOTES) -> list[CheckpointRow]:
    """Return the latest checkpoints of a collectivity and of the network, latest first. One statement."""
    rows = db.session.execute(
        sa.select(Checkpoint.chain_id, Chain.kind, Checkpoint.seq, Checkpoint.at, Checkpoint.note)
        .join(Chain, Chain.id == Checkpoint.chain_id)
        .where(Checkpoint.collectivity_id.in_([collectivity_id, 0]))
        .order_by(Checkpoint.at.desc(), Checkpoint.id.desc())
        .limit(limit)
    )
    return [CheckpointRow(*row) for row in rows]


def moved(now: datetime) -> list[tuple[Chain, str]]:
    """Return the chains that grew since a checkpoint an hour old or older, with the name that signs for each.

    One statement.
    """
    last = (
        sa.select(
            Checkpoint.chain_id,
            sa.func.max(Checkpoint.seq).label("seq"),
            sa.func.max(Checkpoint.at).label("at"),
        )
        .group_by(Checkpoint.chain_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(Chain, Collectivity.slug)
        .outerjoin(last, last.c.chain_id == Chain.id)
        .outerjoin(Collectivity, Collectivity.id == Chain.collectivity_id)
        .where(
            Chain.seq > sa.func.coalesce(last.c.seq, 0),
            sa.or_(last.c.at.is_(None), last.c.at <= now - EVERY),
        )
        .order_by(Chain.id)
    )
    return [(chain, f"participate/{slug}" if slug else NETWORK_NAME) for chain, slug in rows]


@dataclass(frozen=True)
class Path:
    """From a receipt's entry to the first checkpoint that covers it: the hashes in between, one on the other.

    `note` is None while no checkpoint covers it; `links` is cut after a page.
    """

    code: str
    chain_id: int
    kind: ChainKind
    seq: int
    at: datetime
    hash: str
    prev: str
    body: str | None
    links: list[tuple[int, str]]
    to: int | None
    note: str | None
    noted_at: datetime | None


def path_of(collectivity_id: int, code: str, person_owns: bool) -> Path | None:
    """Return the way from a receipt to a checkpoint. The body only when published, or to its own person."""
    row = db.session.execute(
        sa.select(Receipt.code, JournalEntry, Chain.kind, Consultation.state)
        .join(
            JournalEntry,
            (JournalEntry.collectivity_id == Receipt.collectivity_id)
            & (JournalEntry.hash == Receipt.entry_hash),
        )
        .join(Chain, Chain.id == JournalEntry.chain_id)
        .join(
            Consultation,
            (Consultation.collectivity_id == Receipt.collectivity_id)
            & (Consultation.id == Receipt.consultation_id),
        )
        .where(Receipt.collectivity_id == collectivity_id, Receipt.code == code)
    ).one_or_none()
    if row is None:
        return None
    entry: JournalEntry = row.JournalEntry
    mark = db.session.scalar(
        sa.select(Checkpoint)
        .where(Checkpoint.chain_id == entry.chain_id, Checkpoint.seq >= entry.seq)
        .order_by(Checkpoint.seq)
        .limit(1)
    )
    links = db.session.execute(
        sa.select(JournalEntry.seq, JournalEntry.hash)
        .where(
            JournalEntry.chain_id == entry.chain_id,
            JournalEntry.seq > entry.seq,
            JournalEntry.seq <= (mark.seq if mark else entry.seq),
        )
        .order_by(JournalEntry.seq)
        .limit(PAGE_LINES)
    ).all()
    shown = row.state in OVER or entry.type not in DIRECTIONAL or person_owns
    return Path(
        code=row.code,
        chain_id=entry.chain_id,
        kind=row.kind,
        seq=entry.seq,
        at=entry.at,
        hash=entry.hash,
        prev=entry.prev,
        body=entry.body if shown else None,
        links=[(seq, digest) for seq, digest in links],
        to=mark.seq if mark else None,
        note=mark.note if mark else None,
        noted_at=mark.at if mark else None,
    )
