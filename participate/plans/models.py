"""Tables of plans. A revision is immutable; a version pins one revision per project."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from participate.db import Model, Scoped, Words, ref
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ChangeCause, VersionKind


class ActionPlan(Scoped, Model):
    """The openness action plan of one collectivity for one cycle. `stage` is written by `lifecycle` only."""

    __tablename__ = "action_plan"
    __table_args__ = (
        sa.UniqueConstraint("collectivity_id", "cycle"),
        sa.CheckConstraint("starts_on < ends_on", name="dates"),
    )

    cycle: Mapped[str] = mapped_column(sa.String(16), comment="e.g. 2024-2025, part of the address")
    title: Mapped[Words]
    summary: Mapped[Words]
    stage: Mapped[Stage]
    stage_since: Mapped[datetime]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    public_since: Mapped[datetime | None] = mapped_column(
        comment="its first version or its first announced dates; until then only those who prepare it see it"
    )
    withdrawn_reason: Mapped[Words | None]
    shell: Mapped[bool] = mapped_column(
        default=False, comment="only holds imported conversations: outside the lifecycle, in no list"
    )
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012


class Axis(Scoped, Model):
    """A theme under which projects stand."""

    __tablename__ = "axis"
    __table_args__ = (
        ref("plan_id", "action_plan"),
        sa.UniqueConstraint("collectivity_id", "plan_id", "slug"),
        sa.UniqueConstraint("collectivity_id", "plan_id", "position"),
    )

    plan_id: Mapped[int]
    slug: Mapped[str] = mapped_column(sa.String(60))
    position: Mapped[int]
    title: Mapped[Words]
    description: Mapped[Words]


class ProjectText:
    """What a project says; shared by the working copy and the immutable revisions.

    `milestones` is a list of {"title": Words, "starts": ISO date, "ends": ISO date, "indicator": Words}.
    """

    title: Mapped[Words]
    summary: Mapped[Words]
    problem: Mapped[Words]
    solution: Mapped[Words]
    expected_result: Mapped[Words]
    lead: Mapped[Words] = mapped_column(comment="the service in charge, never a person")
    partners: Mapped[Words]
    principles: Mapped[list[str]]
    budget_mad: Mapped[int | None] = mapped_column(comment="Moroccan dirhams")
    milestones: Mapped[list[dict[str, Any]]]

    @declared_attr
    def axis_id(cls) -> Mapped[int]:  # noqa: N805
        return mapped_column()


class Project(Scoped, ProjectText, Model):
    """A project and its working copy: editable and private until a version is published."""

    __tablename__ = "project"
    __table_args__ = (
        ref("plan_id", "action_plan"),
        ref("axis_id", "axis"),
        sa.UniqueConstraint("collectivity_id", "plan_id", "number"),
        sa.CheckConstraint("budget_mad >= 0", name="budget"),
    )

    plan_id: Mapped[int]
    number: Mapped[int] = mapped_column(comment="in the plan and in its address; never reused")
    change_cause: Mapped[ChangeCause] = mapped_column(default=ChangeCause.NONE_STATED)
    change_note: Mapped[Words | None] = mapped_column(comment="why the next revision differs, in a sentence")
    change_causes: Mapped[dict[str, Any] | None] = mapped_column(
        comment="causes of single fields, and the references of the contributions behind them"
    )
    updated_by: Mapped[int | None]
    updated_at: Mapped[datetime]
    removed_at: Mapped[datetime | None] = mapped_column(comment="taken out of the next version")
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012


class ProjectRevision(Scoped, ProjectText, Model):
    """The words of a project as published once: immutable."""

    __tablename__ = "project_revision"
    __table_args__ = (
        ref("project_id", "project"),
        ref("axis_id", "axis"),
        sa.UniqueConstraint("collectivity_id", "project_id", "number"),
    )

    project_id: Mapped[int]
    number: Mapped[int] = mapped_column(comment="1, 2, 3 … within the project")
    change_cause: Mapped[ChangeCause] = mapped_column(default=ChangeCause.NONE_STATED)
    change_note: Mapped[Words | None]
    change_causes: Mapped[dict[str, Any] | None] = mapped_column(
        comment="by field, where it differs from change_cause: {cause, refs of contributions}"
    )
    published_at: Mapped[datetime]


class PlanVersion(Scoped, Model):
    """A numbered, immutable state of the whole plan. Numbers run 1, 2, 3 across kinds."""

    __tablename__ = "plan_version"
    __table_args__ = (
        ref("plan_id", "action_plan"),
        sa.UniqueConstraint("collectivity_id", "plan_id", "number"),
    )

    plan_id: Mapped[int]
    number: Mapped[int]
    kind: Mapped[VersionKind]
    note: Mapped[Words | None]
    published_at: Mapped[datetime]
    published_by: Mapped[int | None]


class VersionProject(Model):
    """One project of one version: which revision it pins."""

    __tablename__ = "version_project"
    __table_args__ = (
        ref("version_id", "plan_version"),
        ref("project_id", "project"),
        ref("revision_id", "project_revision"),
        sa.ForeignKeyConstraint(["collectivity_id"], ["collectivity.id"]),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision_id: Mapped[int]
