"""Tables of monitoring."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, Scoped, Words, ref
from participate.rules.outcomes import MilestoneStatus


class Milestone(Scoped, Model):
    """A milestone of an adopted project, followed until it is complete."""

    __tablename__ = "milestone"
    __table_args__ = (
        ref("plan_id", "action_plan"),
        ref("project_id", "project"),
        sa.UniqueConstraint("collectivity_id", "project_id", "position"),
        sa.CheckConstraint("starts_on <= ends_on", name="dates"),
    )

    plan_id: Mapped[int]
    project_id: Mapped[int]
    position: Mapped[int]
    title: Mapped[Words]
    indicator: Mapped[Words]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    status: Mapped[MilestoneStatus] = mapped_column(default=MilestoneStatus.NOT_STARTED)


class ProgressReport(Scoped, Model):
    """What the commune says it has done on a milestone; delays carry their reason."""

    __tablename__ = "progress_report"
    __table_args__ = (
        ref("milestone_id", "milestone"),
        sa.CheckConstraint("NOT late OR delay_reason IS NOT NULL", name="delay_reason"),
    )

    milestone_id: Mapped[int] = mapped_column(index=True)
    status: Mapped[MilestoneStatus]
    text: Mapped[Words]
    late: Mapped[bool] = mapped_column(default=False)
    delay_reason: Mapped[Words | None]
    published_by: Mapped[int]
    published_at: Mapped[datetime]


class Observation(Scoped, Model):
    """What a resident saw on the ground; waits for a moderator like any other text."""

    __tablename__ = "observation"
    __table_args__ = (
        ref("project_id", "project"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.CheckConstraint("state IN ('waiting', 'published', 'hidden')", name="state"),
    )

    project_id: Mapped[int] = mapped_column(index=True)
    person_id: Mapped[int]
    lang: Mapped[str] = mapped_column(sa.String(12))
    text: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(12), default="waiting")
    at: Mapped[datetime]
