"""Tables of letters."""

import sqlalchemy as sa
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
