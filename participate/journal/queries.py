"""Reading and checking the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from participate.db import db
from participate.journal import keys
from participate.journal.encoding import entry_hash, sha256
from participate.journal.models import Chain, Checkpoint, JournalDetail, JournalEntry


@dataclass(frozen=True)
class Fault:
    """The first thing wrong in a chain."""

    chain_id: int
    seq: int
    what: str  # altered, missing, reordered, head, detail, checkpoint


@dataclass(frozen=True)
class EntryRow:
    """A public entry."""

    chain_id: int
    seq: int
    type: str
    at: datetime
    hash: str
    public: dict[str, Any]


def verify() -> Iterator[Fault | None]:
    """Check every chain of the live database; yield one Fault (the first) or None for each chain."""
    publics = signing_keys()
    for chain in db.session.scalars(sa.select(Chain).order_by(Chain.id)):
        yield first_fault(chain, publics)


def first_fault(chain: Chain, publics: tuple[str, ...] = ()) -> Fault | None:
    """Return the first thing wrong in one chain: an altered, missing or reordered entry, or a wrong head."""
    head, expected, publics = chain.birth, 1, publics or signing_keys()
    rows = db.session.execute(
        sa.select(JournalEntry, JournalDetail)
        .outerjoin(
            JournalDetail,
            sa.and_(
                JournalDetail.collectivity_id == JournalEntry.collectivity_id,
                JournalDetail.chain_id == JournalEntry.chain_id,
                JournalDetail.seq == JournalEntry.seq,
            ),
        )
        .where(JournalEntry.collectivity_id == chain.collectivity_id, JournalEntry.chain_id == chain.id)
        .order_by(JournalEntry.seq)
        .execution_options(populate_existing=True)
    )
    marks = {
        m.seq: m for m in db.session.scalars(sa.select(Checkpoint).where(Checkpoint.chain_id == chain.id))
    }
    for entry, detail in rows:
        fault = _entry_fault(entry, detail, head, expected)
        if fault:
            return Fault(chain.id, fault[0], fault[1])
        head, expected = entry.hash, expected + 1
        if entry.seq in marks and not _note_holds(marks[entry.seq].note, entry.seq, head, publics):
            return Fault(chain.id, entry.seq, "checkpoint")
    if chain.seq >= expected:
        return Fault(chain.id, expected, "missing")
    if marks and max(marks) >= expected:  # the end was cut off after it had been signed
        return Fault(chain.id, max(marks), "checkpoint")
    if chain.seq != expected - 1 or chain.head != head:
        return Fault(chain.id, chain.seq, "head")
    return None


def _entry_fault(
    entry: JournalEntry, detail: JournalDetail | None, head: str, expected: int
) -> tuple[int, str] | None:
    if entry.seq != expected:
        return expected, "missing"
    if entry.hash != entry_hash(entry.prev, entry.body):
        return entry.seq, "altered"
    body = json.loads(entry.body)
    if body["seq"] != entry.seq or entry.prev != head:
        return entry.seq, "reordered"
    if body["type"] != entry.type or body["chain"] != entry.chain_id:
        return entry.seq, "altered"
    if datetime.fromisoformat(body["at"]) != entry.at:
        return entry.seq, "altered"
    if detail is not None and sha256(detail.salt + detail.payload) != body["commit"]:
        return entry.seq, "detail"
    return None


def _note_holds(note: str, seq: int, root: str, publics: tuple[str, ...]) -> bool:
    found = keys.noted_by(note, publics)
    return found is not None and found[0].split("\n")[1:] == [str(seq), root]


def turns() -> list[keys.Turn]:
    """Return how the signing key was handed on, oldest first: the `key:rotated` entries of the network."""
    bodies = db.session.scalars(
        sa.select(JournalEntry.body)
        .where(JournalEntry.collectivity_id == 0, JournalEntry.type == "key:rotated")
        .order_by(JournalEntry.chain_id, JournalEntry.seq)
    )
    return [keys.Turn(**json.loads(body)["public"]) for body in bodies]


def signing_key() -> str | None:
    """Return the public half of the key to sign with; None while the first one was never replaced."""
    found = turns()
    return found[-1].new if found else None


def signing_keys() -> tuple[str, ...]:
    """Return every signing key there was, oldest first: a replaced one still verifies what it signed.

    A turn counts if both its keys signed it and it leads on to the next, back from the present key.
    """
    known = [keys.ring().public]
    for one in reversed(turns()):
        if one.new == known[0] and one.holds:
            known.insert(0, one.old)
    return tuple(known)


def behind(note: str) -> str | None:
    """Say what a published checkpoint shows to be missing from the live database, or None when it reaches that far.

    After a restore this names the entries whose people must be asked again.
    """
    lines = note.strip().splitlines()
    try:
        chain_id, seq, root = int(lines[0].rsplit("/", 1)[1]), int(lines[1]), lines[2]
    except (IndexError, ValueError):
        return "the checkpoint is not one of ours: three lines, a blank line and a signature"
    if not _note_holds(note, seq, root, signing_keys()):
        return f"the checkpoint of chain {chain_id} is not signed by the key that is here"
    chain = db.session.scalar(sa.select(Chain).where(Chain.id == chain_id))
    reached = chain.seq if chain else 0
    if reached < seq:
        return f"chain {chain_id} ends at entry {reached} and the checkpoint says {seq}: entries {reached + 1} to {seq} are lost"
    if chain is not None and seq and _hash_at(chain, seq) != root:
        return f"chain {chain_id} is another one since entry {seq}: its hash differs from the checkpoint's"
    return None


def _hash_at(chain: Chain, seq: int) -> str | None:
    return db.session.scalar(
        sa.select(JournalEntry.hash).where(
            JournalEntry.collectivity_id == chain.collectivity_id,
            JournalEntry.chain_id == chain.id,
            JournalEntry.seq == seq,
        )
    )


def entries_after(chain_id: int, seq: int, limit: int = 200) -> list[EntryRow]:
    """Return the public side of the entries that follow `seq` in one chain."""
    rows = db.session.scalars(
        sa.select(JournalEntry)
        .where(JournalEntry.chain_id == chain_id, JournalEntry.seq > seq)
        .order_by(JournalEntry.seq)
        .limit(limit)
    )
    return [EntryRow(r.chain_id, r.seq, r.type, r.at, r.hash, json.loads(r.body)["public"]) for r in rows]


def last_moment() -> datetime | None:
    """Return the time of the latest entry of all chains."""
    return db.session.scalar(sa.select(sa.func.max(JournalEntry.at)))
