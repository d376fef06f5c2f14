"""Keeping the archive of a closed consultation, and signing how far the chains have come."""

from __future__ import annotations

import hashlib
from datetime import datetime

import sqlalchemy as sa

from participate.db import add, db, new_id
from participate.journal import actions as journal
from participate.opendata import queries
from participate.opendata.models import ClosingArchive


def sign_moved(now: datetime) -> int:
    """Sign a checkpoint of every chain that grew since its last one, an hour ago or more; return how many.

    The opening and the closing of a consultation sign theirs by themselves.
    """
    found = queries.moved(now)
    for chain, name in found:
        journal.checkpoint(journal.ChainRef(chain.kind, chain.collectivity_id, chain.ref), name)
    return len(found)


def keep(collectivity_id: int, consultation_id: int, content: bytes) -> ClosingArchive | None:
    """Keep an archive and write its hash in the journal, once; None if there is one already.

    The consultation's chain is the lock under which two workers come one after the other.
    """
    chain = journal.of_consultation(collectivity_id, consultation_id)
    journal.locked(chain)
    there = db.session.scalar(
        sa.select(ClosingArchive.id).where(
            ClosingArchive.collectivity_id == collectivity_id,
            ClosingArchive.consultation_id == consultation_id,
        )
    )
    if there is not None:
        return None
    digest = hashlib.sha256(content).hexdigest()
    entry = journal.record(
        None,
        "archive:built",
        chain,
        f"consultation:{consultation_id}",
        public={"consultation": consultation_id, "sha256": digest, "size": len(content)},
    )
    return add(
        ClosingArchive(
            collectivity_id=collectivity_id,
            id=new_id(),
            consultation_id=consultation_id,
            sha256=digest,
            size=len(content),
            content=content,
            entry_hash=entry.hash,
            built_at=entry.at,
        )
    )
