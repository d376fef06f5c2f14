"""Appending to the journal. Call it last in an act: chains are locked after the act's own rows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from participate.db import clock, db, for_update, new_id
from participate.journal import events, keys, queries
from participate.journal.encoding import GENESIS, canonical, entry_hash, sha256
from participate.journal.models import Chain, ChainKind, Checkpoint, JournalDetail, JournalEntry


@dataclass(frozen=True)
class ChainRef:
    """Which chain an event belongs to."""

    kind: ChainKind
    collectivity_id: int
    ref: int


@dataclass(frozen=True)
class Recorded:
    """An appended entry: what a receipt is made from."""

    chain_id: int
    seq: int
    hash: str
    at: datetime


NETWORK = ChainRef(ChainKind.NETWORK, 0, 0)


def of_collectivity(collectivity_id: int) -> ChainRef:
    """Return the chain of a collectivity's own affairs: roles, associations."""
    return ChainRef(ChainKind.COLLECTIVITY, collectivity_id, collectivity_id)


def of_plan(collectivity_id: int, plan_id: int) -> ChainRef:
    """Return the chain of a plan outside its consultations."""
    return ChainRef(ChainKind.PLAN, collectivity_id, plan_id)


def of_consultation(collectivity_id: int, consultation_id: int) -> ChainRef:
    """Return the chain of a consultation."""
    return ChainRef(ChainKind.CONSULTATION, collectivity_id, consultation_id)


def open_chain(chain: ChainRef, parent: ChainRef | None = None) -> Chain:
    """Begin a chain on its parent's present head."""
    birth = GENESIS
    if parent is not None:
        birth = locked(parent).head
    row = Chain(
        id=new_id(),
        collectivity_id=chain.collectivity_id,
        kind=chain.kind,
        ref=chain.ref,
        seq=0,
        head=birth,
        birth=birth,
    )
    db.session.add(row)
    db.session.flush()
    return row


def locked(chain: ChainRef) -> Chain:
    """Return the chain's row, locked until commit; begin the chain if it has none yet."""
    row = db.session.scalar(
        for_update(
            sa.select(Chain).where(Chain.kind == chain.kind, Chain.ref == chain.ref)
        ).execution_options(populate_existing=True)
    )
    return row if row is not None else open_chain(chain)


def record(
    actor_id: int | None,
    kind: str,
    chain: ChainRef,
    subject: str,
    public: Mapping[str, Any] | None = None,
    private: Mapping[str, Any] | None = None,
) -> Recorded:
    """Append one entry in the transaction of the act and return it.

    `actor_id` is the person who acted (None: a due action). `subject` is "kind:id". Raises
    UnknownEventError or WrongDetailsError, so no act can leave out what it owes the record.
    """
    public, private = dict(public or {}), dict(private or {})
    events.checked(kind, frozenset(public), frozenset(private))
    row = locked(chain)
    at = clock()
    salt = secrets.token_hex(16)
    payload = canonical({"actor": actor_id, "subject": subject, **private})
    body = canonical(
        {
            "chain": row.id,
            "seq": row.seq + 1,
            "type": kind,
            "at": at,
            "public": public,
            "commit": sha256(salt + payload),
        }
    )
    digest = entry_hash(row.head, body)
    entry = JournalEntry(
        collectivity_id=row.collectivity_id,
        chain_id=row.id,
        seq=row.seq + 1,
        prev=row.head,
        hash=digest,
        type=kind,
        body=body,
        at=at,
    )
    detail = JournalDetail(
        collectivity_id=row.collectivity_id,
        chain_id=row.id,
        seq=row.seq + 1,
        actor_id=actor_id,
        subject=subject,
        payload=payload,
        salt=salt,
    )
    row.seq += 1
    row.head = digest
    db.session.add_all([entry, detail])
    db.session.flush()
    return Recorded(row.id, row.seq, digest, at)


def signing() -> keys.Keyring:
    """Return the keys to sign with. Raises ReplacedKeyError in a process that holds a replaced one."""
    return keys.ring_with(queries.signing_key())


def rotate(new: keys.Keyring) -> Recorded:
    """Hand the signing on to another key: the old one signs the new one, the new one signs that it takes over.

    Checkpoints made until now keep verifying with the old key. The files are the caller's business.
    """
    made = keys.turn(signing(), new)
    return record(None, "key:rotated", NETWORK, f"key:{keys.fingerprint(new.public)}", public=asdict(made))


def checkpoint(chain: ChainRef, origin: str) -> Checkpoint:
    """Sign the chain's present length and head.

    The note has three lines, origin, size and root, then a blank line and the signature.
    Source: C2SP tlog-checkpoint and signed-note.
    """
    row = locked(chain)
    existing = db.session.scalar(
        sa.select(Checkpoint).where(Checkpoint.chain_id == row.id, Checkpoint.seq == row.seq)
    )
    if existing is not None:
        return existing
    text = f"{origin}/{row.kind.value}/{row.id}\n{row.seq}\n{row.head}\n"
    note = keys.note(origin, text, signing())
    mark = Checkpoint(
        collectivity_id=row.collectivity_id, chain_id=row.id, seq=row.seq, note=note, at=clock()
    )
    db.session.add(mark)
    db.session.flush()
    return mark


__all__ = [
    "NETWORK",
    "ChainRef",
    "Recorded",
    "canonical",
    "checkpoint",
    "locked",
    "of_collectivity",
    "of_consultation",
    "of_plan",
    "open_chain",
    "record",
    "rotate",
    "sha256",
    "signing",
]
