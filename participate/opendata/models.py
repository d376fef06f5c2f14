"""Tables of what is given out."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, Scoped, ref


class ClosingArchive(Scoped, Model):
    """The archive of a closed consultation, made once; its hash stands in the journal."""

    __tablename__ = "closing_archive"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        sa.UniqueConstraint("collectivity_id", "consultation_id"),
    )

    consultation_id: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True, comment="the zip")
    entry_hash: Mapped[str] = mapped_column(sa.String(64), comment="journal entry that records it")
    built_at: Mapped[datetime]
