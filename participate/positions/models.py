"""Tables of positions. "Counted once" is a primary key, not a check in Python."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, Scoped, ref
from participate.rules.outcomes import StatementKind


class Statement(Scoped, Model):
    """Anything people can take a position on. It points to nothing later than itself.

    The counters change in the transaction of the position and are proved equal to a recount.
    """

    __tablename__ = "statement"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        sa.CheckConstraint("agree >= 0 AND disagree >= 0 AND passed >= 0", name="counters"),
    )

    consultation_id: Mapped[int]
    kind: Mapped[StatementKind]
    votable: Mapped[bool] = mapped_column(default=True, comment="False while its text is not public")
    agree: Mapped[int] = mapped_column(default=0)
    disagree: Mapped[int] = mapped_column(default=0)
    passed: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class ImportedStatement(Model):
    """The words of a statement that came from another platform, and what its moderators had decided."""

    __tablename__ = "imported_statement"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        ref("statement_id", "statement"),
        sa.ForeignKeyConstraint(["collectivity_id"], ["collectivity.id"]),
        sa.UniqueConstraint(
            "collectivity_id", "consultation_id", "external_id", name="uq_imported_statement_external"
        ),
        sa.CheckConstraint("moderated IN (-1, 0, 1)", name="moderated"),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    statement_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    consultation_id: Mapped[int]
    external_id: Mapped[str] = mapped_column(sa.String(80))
    author: Mapped[str | None] = mapped_column(sa.String(80), comment="external id of who wrote it")
    text: Mapped[str] = mapped_column(sa.Text)
    lang: Mapped[str] = mapped_column(sa.String(12))
    moderated: Mapped[int] = mapped_column(comment="1 accepted, 0 not looked at, -1 taken away")
    meta: Mapped[bool] = mapped_column(default=False, comment="a question about who answers, not a view")


class ProjectStatement(Model):
    """The statement of a project in a consultation, bound to the revision that people read."""

    __tablename__ = "project_statement"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        ref("project_id", "project"),
        ref("revision_id", "project_revision"),
        ref("statement_id", "statement"),
        sa.ForeignKeyConstraint(["collectivity_id"], ["collectivity.id"]),
        sa.UniqueConstraint("collectivity_id", "statement_id"),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    consultation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision_id: Mapped[int]
    statement_id: Mapped[int]


class Position(Model):
    """What one voice thinks of one statement. One row a pair, by primary key."""

    __tablename__ = "position"
    __table_args__ = (
        ref("statement_id", "statement"),
        ref("participant_id", "participant"),
        sa.ForeignKeyConstraint(["collectivity_id"], ["collectivity.id"]),
        sa.CheckConstraint("value IN (-1, 0, 1)", name="value"),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    statement_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    participant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    value: Mapped[int] = mapped_column(comment="1 agree, 0 pass, -1 disagree")
    revision_id: Mapped[int | None] = mapped_column(comment="the words that were shown")
    at: Mapped[datetime]
    acting_person_id: Mapped[int | None] = mapped_column(comment="who pressed the button; private")
    mandate_id: Mapped[int | None]


class Priority(Model):
    """One of the few projects a voice marks as most important."""

    __tablename__ = "priority"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        ref("participant_id", "participant"),
        ref("statement_id", "statement"),
        sa.ForeignKeyConstraint(["collectivity_id"], ["collectivity.id"]),
        sa.UniqueConstraint("collectivity_id", "consultation_id", "participant_id", "statement_id"),
        sa.CheckConstraint("slot BETWEEN 1 AND 10", name="slot"),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    consultation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    participant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    statement_id: Mapped[int]
    at: Mapped[datetime]


class Receipt(Scoped, Model):
    """What a person keeps to check, later and without us, that an act was recorded."""

    __tablename__ = "receipt"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        ref("participant_id", "participant"),
        ref("statement_id", "statement"),
        sa.UniqueConstraint("collectivity_id", "code"),
        sa.Index("ix_receipt_participant_statement", "collectivity_id", "participant_id", "statement_id"),
    )

    code: Mapped[str] = mapped_column(sa.String(24), comment="BM-XXXX-XXXX from the entry's hash")
    consultation_id: Mapped[int]
    participant_id: Mapped[int]
    statement_id: Mapped[int | None]
    what: Mapped[str] = mapped_column(sa.String(24), comment="position, priority, idea, comment")
    entry_hash: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
    replaced_by: Mapped[int | None] = mapped_column(comment="the newer receipt of the same pair")
