"""Tables of meetings."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, Scoped, Words, ref


class Meeting(Scoped, Model):
    """A meeting of the cycle, held somewhere or online."""

    __tablename__ = "meeting"
    __table_args__ = (
        ref("plan_id", "action_plan"),
        sa.UniqueConstraint("collectivity_id", "slug"),
        sa.CheckConstraint("starts_at < ends_at", name="times"),
    )

    plan_id: Mapped[int | None]
    slug: Mapped[str] = mapped_column(sa.String(80))
    title: Mapped[Words]
    venue: Mapped[Words]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    minutes: Mapped[Words | None]
    row_version: Mapped[int] = mapped_column(default=1)


class WorkingGroup(Scoped, Model):
    """One of the groups that work in parallel; `project_numbers` says what it discussed."""

    __tablename__ = "working_group"
    __table_args__ = (
        ref("meeting_id", "meeting"),
        sa.UniqueConstraint("collectivity_id", "meeting_id", "position"),
    )

    meeting_id: Mapped[int]
    position: Mapped[int]
    title: Mapped[Words]
    project_numbers: Mapped[list[int]] = mapped_column(sa.JSON)


class AgendaItem(Scoped, Model):
    """A line of the agenda; items of parallel groups overlap."""

    __tablename__ = "agenda_item"
    __table_args__ = (ref("meeting_id", "meeting"), ref("group_id", "working_group"))

    meeting_id: Mapped[int] = mapped_column(index=True)
    group_id: Mapped[int | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    title: Mapped[Words]


class Attendance(Model):
    """How many came, by audience. People in a room are counted, never named."""

    __tablename__ = "attendance"
    __table_args__ = (
        ref("meeting_id", "meeting"),
        sa.ForeignKeyConstraint(["collectivity_id"], ["collectivity.id"]),
        sa.CheckConstraint("women >= 0 AND men >= 0 AND not_stated >= 0", name="counts"),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    meeting_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    audience: Mapped[str] = mapped_column(
        sa.String(24), primary_key=True, comment="residents, associations, …"
    )
    women: Mapped[int] = mapped_column(default=0)
    men: Mapped[int] = mapped_column(default=0)
    not_stated: Mapped[int] = mapped_column(default=0)


class MeetingInput(Scoped, Model):
    """A point noted in a working group, linked to a project."""

    __tablename__ = "meeting_input"
    __table_args__ = (
        ref("meeting_id", "meeting"),
        ref("group_id", "working_group"),
        ref("project_id", "project"),
    )

    meeting_id: Mapped[int] = mapped_column(index=True)
    group_id: Mapped[int | None]
    project_id: Mapped[int | None]
    lang: Mapped[str] = mapped_column(sa.String(12))
    text: Mapped[str] = mapped_column(sa.Text)
    noted_by: Mapped[int | None]
