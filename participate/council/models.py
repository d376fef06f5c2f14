"""Tables of the council. Failed sittings are kept."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, Scoped, Words, ref
from participate.rules.outcomes import ProjectDecision


class CouncilSession(Scoped, Model):
    """A session of the council that has the plan on its agenda."""

    __tablename__ = "council_session"
    __table_args__ = (
        ref("plan_id", "action_plan"),
        sa.CheckConstraint("kind IN ('ordinary', 'extraordinary')", name="kind"),
        sa.UniqueConstraint("collectivity_id", "plan_id", "opens_on"),
    )

    plan_id: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(16), default="ordinary")
    opens_on: Mapped[date]
    agenda_item: Mapped[Words | None]
    announced_at: Mapped[datetime]


class Sitting(Scoped, Model):
    """One sitting of a session: who was there, whether it could decide."""

    __tablename__ = "sitting"
    __table_args__ = (
        ref("session_id", "council_session"),
        sa.UniqueConstraint("collectivity_id", "session_id", "call"),
        sa.CheckConstraint("call BETWEEN 1 AND 3", name="call"),
        sa.CheckConstraint("in_office > 0 AND present >= 0 AND excused >= 0 AND absent >= 0", name="counts"),
        sa.CheckConstraint("present + excused + absent = in_office", name="sum"),
    )

    session_id: Mapped[int]
    call: Mapped[int] = mapped_column(comment="1, 2, 3: the quorum differs (LO 113-14 art. 42)")
    held_at: Mapped[datetime]
    in_office: Mapped[int]
    present: Mapped[int]
    excused: Mapped[int]
    absent: Mapped[int]
    quorum: Mapped[bool]
    recorded_by: Mapped[int]
    recorded_at: Mapped[datetime]


class Deliberation(Scoped, Model):
    """What a sitting decided about a plan; one per sitting."""

    __tablename__ = "deliberation"
    __table_args__ = (
        ref("sitting_id", "sitting"),
        ref("plan_id", "action_plan"),
        sa.UniqueConstraint("collectivity_id", "sitting_id"),
        sa.CheckConstraint("outcome IN ('adopted', 'returned')", name="outcome"),
        sa.CheckConstraint("outcome <> 'returned' OR reason IS NOT NULL", name="reason"),
    )

    sitting_id: Mapped[int]
    plan_id: Mapped[int]
    reference: Mapped[str] = mapped_column(sa.String(80), comment="number of the act (مقرر)")
    decided_on: Mapped[date]
    outcome: Mapped[str] = mapped_column(sa.String(10), default="adopted")
    reason: Mapped[Words | None]
    performed_at: Mapped[datetime | None] = mapped_column(comment="when the plan moved because of it")
    recorded_by: Mapped[int]
    recorded_at: Mapped[datetime]


class ProjectVote(Model):
    """The council's decision on one project, with its vote."""

    __tablename__ = "project_vote"
    __table_args__ = (
        ref("deliberation_id", "deliberation"),
        ref("project_id", "project"),
        sa.ForeignKeyConstraint(["collectivity_id"], ["collectivity.id"]),
        sa.CheckConstraint("in_favour >= 0 AND against >= 0 AND abstain >= 0", name="counts"),
        sa.CheckConstraint("in_favour + against + abstain <= present", name="sum"),
        sa.CheckConstraint("decision NOT IN ('postponed', 'rejected') OR reason IS NOT NULL", name="reason"),
        sa.CheckConstraint("decision <> 'adopted_amended' OR amendment IS NOT NULL", name="amendment"),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    deliberation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    decision: Mapped[ProjectDecision]
    present: Mapped[int] = mapped_column(comment="copied from the sitting so that a CHECK can compare")
    in_favour: Mapped[int]
    against: Mapped[int]
    abstain: Mapped[int]
    reason: Mapped[Words | None]
    amendment: Mapped[Words | None]
    amended_text: Mapped[dict[str, Any] | None] = mapped_column(
        comment="what the council rewrote, field by field; the adopted version takes it over"
    )
