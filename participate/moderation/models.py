"""Tables of moderation. Humans decide; an appeal is heard by somebody else, by a CHECK."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, Scoped, ref
from participate.rules.moderation import Decision, ReasonCode
from participate.rules.outcomes import PublishState


class Report(Scoped, Model):
    """A citizen's report of a contribution; one per person."""

    __tablename__ = "report"
    __table_args__ = (
        ref("contribution_id", "contribution"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.UniqueConstraint("collectivity_id", "contribution_id", "person_id"),
    )

    contribution_id: Mapped[int]
    person_id: Mapped[int]
    reason: Mapped[ReasonCode]
    note: Mapped[str] = mapped_column(sa.String(500), default="", comment="private: may quote personal data")
    lang: Mapped[str] = mapped_column(sa.String(12), default="ar", comment="of the note")
    at: Mapped[datetime]


class ModerationDecision(Scoped, Model):
    """One decision on one contribution. Undone ones stay, marked."""

    __tablename__ = "moderation_decision"
    __table_args__ = (
        ref("contribution_id", "contribution"),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"]),
        sa.CheckConstraint("decision = 'publish' OR reason IS NOT NULL", name="has_reason"),
        sa.CheckConstraint(
            "decision <> 'remove' OR (second_by IS NOT NULL AND second_by <> decided_by)",
            name="removal_takes_two",
        ),
        sa.CheckConstraint("reason <> 'illegal_other' OR article <> ''", name="illegal_cites_its_law"),
        sa.CheckConstraint("source IN ('own', 'report', 'signal', 'authority', 'due')", name="source"),
        sa.CheckConstraint("decided_by IS NOT NULL OR source = 'due'", name="somebody_decides"),
        sa.UniqueConstraint("collectivity_id", "ref"),
        sa.Index("ix_moderation_decision_log", "collectivity_id", "decided_at"),
        sa.Index("ix_moderation_decision_contribution", "collectivity_id", "contribution_id"),
    )

    ref: Mapped[str] = mapped_column(sa.String(24), comment="public reference in the log")
    contribution_id: Mapped[int]
    consultation_id: Mapped[int] = mapped_column(index=True)
    decision: Mapped[Decision]
    reason: Mapped[ReasonCode | None]
    facts: Mapped[str] = mapped_column(
        sa.String(500), default="", comment="told to the author, not to the public"
    )
    lang: Mapped[str] = mapped_column(sa.String(12), default="ar", comment="of the facts")
    article: Mapped[str] = mapped_column(
        sa.String(200), default="", comment="the law it rests on, when it is the law"
    )
    source: Mapped[str] = mapped_column(
        sa.String(16), default="own", comment="own, report, signal, authority, due"
    )
    received_at: Mapped[datetime] = mapped_column(comment="when what was decided on came to the moderators")
    in_time: Mapped[bool] = mapped_column(comment="within the 48 h promise")
    state_before: Mapped[PublishState]
    before: Mapped[dict[str, Any] | None] = mapped_column(comment="what undo restores")
    decided_by: Mapped[int | None] = mapped_column(comment="NULL: the due action of the 48 h promise")
    second_by: Mapped[int | None]
    decided_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class Removal(Scoped, Model):
    """A removal that a first moderator asked for; it needs a second one. One open at a time."""

    __tablename__ = "removal"
    __table_args__ = (
        ref("contribution_id", "contribution"),
        ref("decision_id", "moderation_decision"),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"]),
        sa.CheckConstraint(
            "settled_by IS NULL OR settled_by <> asked_by OR state = 'taken_back'", name="another_person"
        ),
        sa.CheckConstraint("state IN ('open', 'confirmed', 'declined', 'taken_back')", name="state"),
        sa.CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="settled"),
        sa.CheckConstraint("(state = 'confirmed') = (decision_id IS NOT NULL)", name="confirmed"),
        sa.Index(
            "uq_removal_open",
            "collectivity_id",
            "contribution_id",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
    )

    contribution_id: Mapped[int]
    reason: Mapped[ReasonCode]
    facts: Mapped[str] = mapped_column(sa.String(500))
    lang: Mapped[str] = mapped_column(sa.String(12), default="ar", comment="of the facts")
    article: Mapped[str] = mapped_column(sa.String(200), default="")
    source: Mapped[str] = mapped_column(sa.String(16), default="own")
    asked_by: Mapped[int]
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(12), default="open")
    settled_by: Mapped[int | None]
    settled_at: Mapped[datetime | None]
    decision_id: Mapped[int | None]


class Appeal(Scoped, Model):
    """An author asks somebody else to look again; one per decision."""

    __tablename__ = "appeal"
    __table_args__ = (
        ref("decision_id", "moderation_decision"),
        ref("contribution_id", "contribution"),
        sa.UniqueConstraint("collectivity_id", "decision_id"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> first_decided_by", name="another_person"),
        sa.CheckConstraint(
            "decided_by IS NULL OR first_second_by IS NULL OR decided_by <> first_second_by",
            name="not_the_second_either",
        ),
        sa.CheckConstraint("(state = 'open') = (decided_by IS NULL)", name="decided"),
        sa.CheckConstraint("state IN ('open', 'confirmed', 'reversed')", name="state"),
    )

    decision_id: Mapped[int]
    contribution_id: Mapped[int]
    lang: Mapped[str] = mapped_column(sa.String(12))
    text: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(
        sa.String(12), default="open", comment="reversed: the author was right"
    )
    first_decided_by: Mapped[int | None] = mapped_column(comment="copied so that a CHECK can compare")
    first_second_by: Mapped[int | None] = mapped_column(comment="who confirmed a removal")
    filed_by: Mapped[int | None]
    filed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    explanation: Mapped[str] = mapped_column(sa.Text, default="")
    explanation_lang: Mapped[str | None] = mapped_column(sa.String(12))
