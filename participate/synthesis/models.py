"""Tables of the synthesis."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, Scoped, ref


class Synthesis(Scoped, Model):
    """The figures of a consultation, computed once from a snapshot and frozen."""

    __tablename__ = "synthesis"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        sa.UniqueConstraint("collectivity_id", "consultation_id"),
    )

    consultation_id: Mapped[int]
    snapshot: Mapped[str] = mapped_column(sa.Text, comment="canonical JSON, the bytes that are hashed")
    sha256: Mapped[str] = mapped_column(sa.String(64))
    computed_at: Mapped[datetime]
    computed_by: Mapped[int | None]


class OpinionMap(Scoped, Model):
    """Whether opinions of a closed consultation form tendencies, computed once and kept for the page."""

    __tablename__ = "opinion_map"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        sa.UniqueConstraint("collectivity_id", "consultation_id"),
    )

    consultation_id: Mapped[int]
    schema: Mapped[str] = mapped_column(sa.String(40))
    input_sha256: Mapped[str] = mapped_column(sa.String(64))
    document: Mapped[str] = mapped_column(sa.Text, comment="canonical JSON; holds no participant")
    computed_at: Mapped[datetime]


class Seal(Scoped, Model):
    """The signature on a synthesis: Ed25519 over its SHA-256."""

    __tablename__ = "seal"
    __table_args__ = (
        ref("synthesis_id", "synthesis"),
        sa.UniqueConstraint("collectivity_id", "synthesis_id"),
    )

    synthesis_id: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    signature: Mapped[str] = mapped_column(sa.String(128), comment="base64")
    public_key: Mapped[str] = mapped_column(sa.String(64), comment="base64, printed on the dossier")
    entry_hash: Mapped[str] = mapped_column(sa.String(64), comment="journal entry that records it")
    sealed_at: Mapped[datetime]
