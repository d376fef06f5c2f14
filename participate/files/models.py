"""Tables of files."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, Scoped


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
