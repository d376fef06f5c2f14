"""Tables of the journal. Ids are opaque: no foreign key, so erasing a row elsewhere breaks nothing."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, new_id


class ChainKind(StrEnum):
    """What a chain is about; each kind hangs on the one before it."""

    NETWORK = "network"
    COLLECTIVITY = "collectivity"
    PLAN = "plan"
    CONSULTATION = "consultation"


class Chain(Model):
    """One chain of entries. Its row is the lock under which entries are appended."""

    __tablename__ = "chain"
    __table_args__ = (sa.UniqueConstraint("kind", "ref"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=new_id)
    collectivity_id: Mapped[int] = mapped_column(index=True, comment="0 for the network's own chain")
    kind: Mapped[ChainKind]
    ref: Mapped[int] = mapped_column(comment="id of what the chain is about")
    seq: Mapped[int] = mapped_column(default=0, comment="entries so far")
    head: Mapped[str] = mapped_column(
        sa.String(64), comment="hash of the last entry, or the parent's head at birth"
    )
    birth: Mapped[str] = mapped_column(sa.String(64), comment="the parent's head when the chain began")


class JournalEntry(Model):
    """One line of the record. Triggers refuse UPDATE, DELETE, REPLACE and TRUNCATE."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        sa.Index("ix_journal_entry_hash", "hash"),
        sa.Index("ix_journal_entry_at", "collectivity_id", "at"),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    chain_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    prev: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))
    type: Mapped[str] = mapped_column(sa.String(40))
    body: Mapped[str] = mapped_column(sa.Text, comment="canonical JSON, exactly the bytes that were hashed")
    at: Mapped[datetime]


class JournalDetail(Model):
    """The private side of an entry; erasable, bound to it by a salted commitment."""

    __tablename__ = "journal_detail"

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    chain_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    actor_id: Mapped[int | None] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(
        sa.String(80), index=True, comment="kind:id of what the act was about"
    )
    payload: Mapped[str] = mapped_column(sa.Text, comment="canonical JSON")
    salt: Mapped[str] = mapped_column(sa.String(64))


class Checkpoint(Model):
    """A signed note of how long a chain was and what its head was (C2SP signed-note form)."""

    __tablename__ = "checkpoint"
    __table_args__ = (sa.UniqueConstraint("chain_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=new_id)
    collectivity_id: Mapped[int] = mapped_column(index=True)
    chain_id: Mapped[int]
    seq: Mapped[int]
    note: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime]
