"""Tables of files."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, Scoped, ref


class StoredFile(Scoped, Model):
    """An upload that passed the checks; served as an attachment under a random name."""

    __tablename__ = "stored_file"
    __table_args__ = (
        sa.UniqueConstraint("collectivity_id", "ref"),
        sa.CheckConstraint("media_type IN ('application/pdf', 'image/jpeg', 'image/png')", name="media_type"),
        sa.CheckConstraint("size BETWEEN 1 AND 5242880", name="size"),
    )

    ref: Mapped[str] = mapped_column(sa.String(32))
    name: Mapped[str] = mapped_column(sa.String(120), comment="cleaned name the author gave")
    media_type: Mapped[str] = mapped_column(sa.String(40))
    size: Mapped[int] = mapped_column(comment="bytes")
    sha256: Mapped[str] = mapped_column(sa.String(64))
    body: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    uploaded_by: Mapped[int | None]
    uploaded_at: Mapped[datetime]


class Making(Scoped, Model):
    """Files that take a while to make: how far the work is. Nobody is named; the journal says who asked."""

    __tablename__ = "making"
    __table_args__ = (
        sa.UniqueConstraint("collectivity_id", "kind", "subject", "source"),
        sa.CheckConstraint("state IN ('waiting', 'working', 'done', 'failed')", name="state"),
        sa.CheckConstraint("steps >= 1 AND step BETWEEN 0 AND steps", name="step"),
        sa.CheckConstraint("state <> 'done' OR step = steps", name="whole"),
        sa.Index("ix_making_state", "state", "asked_at"),
    )

    kind: Mapped[str] = mapped_column(sa.String(40), comment="which work it is: dossier_papers")
    subject: Mapped[str] = mapped_column(sa.String(80), comment="what it is about: consultation:ID")
    source: Mapped[str] = mapped_column(sa.String(64), comment="SHA-256 of what the files are made from")
    state: Mapped[str] = mapped_column(sa.String(10))
    step: Mapped[int] = mapped_column(comment="steps done")
    steps: Mapped[int]
    doing: Mapped[str] = mapped_column(
        sa.String(40), comment="key of the sentence that says what is done now"
    )
    error: Mapped[str | None] = mapped_column(sa.String(300), comment="for the operator; no page shows it")
    asked_at: Mapped[datetime]
    moved_at: Mapped[datetime] = mapped_column(comment="last sign of life; long ago: taken up again")
    ended_at: Mapped[datetime | None]


class MadeFile(Scoped, Model):
    """A file that the platform made."""

    __tablename__ = "made_file"
    __table_args__ = (
        ref("making_id", "making"),
        sa.UniqueConstraint("collectivity_id", "making_id", "name"),
        sa.CheckConstraint("size >= 1", name="size"),
    )

    making_id: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(40), comment="dossier-ar.pdf")
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int] = mapped_column(comment="bytes")
    sha256: Mapped[str] = mapped_column(sa.String(64))
    body: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
