"""Tables of the outbox."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, new_id


class Mail(Model):
    """A mail to one address. `key` makes sending the same news twice impossible."""

    __tablename__ = "mail"
    __table_args__ = (sa.Index("ix_mail_due", "sent_at", "not_before"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=new_id)
    key: Mapped[str | None] = mapped_column(sa.String(160), unique=True)
    person_id: Mapped[int | None] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(sa.String(254))
    lang: Mapped[str] = mapped_column(sa.String(8))
    kind: Mapped[str] = mapped_column(sa.String(40), comment="sign_in, decision, response, adoption …")
    subject: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(index=True)
    not_before: Mapped[datetime] = mapped_column(comment="decisions can be undone for ten seconds")
    sent_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(sa.String(300))
