"""Tables of letters."""

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model


class JournalCursor(Model):
    """How far a reader of the journal has come in one chain.

    A cursor per chain: a global number is not in commit order on PostgreSQL.
    """

    __tablename__ = "journal_cursor"

    reader: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
    chain_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]


class LetterChoice(Model):
    """Which letters somebody does not want; without a row they get all."""

    __tablename__ = "letter_choice"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    receipts: Mapped[bool] = mapped_column(comment="the daily letter of receipts")
