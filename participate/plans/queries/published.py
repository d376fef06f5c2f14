"""What was published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.db import Words, db
from participate.plans.models import ActionPlan, Axis, PlanVersion, Project, ProjectRevision, VersionProject
from participate.plans.queries.fields import TEXTS, Keyed
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ChangeCause, VersionKind


@dataclass(frozen=True)
class AxisView:
    """An axis of a plan."""

    id: int
    slug: str
    position: int
    title: Words
    description: Words


@dataclass(frozen=True)
class MilestoneView:
    """A milestone as a project announces it. Days are the collectivity's."""

    title: Words
    starts: date | None
    ends: date | None
    indicator: Words


@dataclass(frozen=True)
class VersionView:
    """A numbered state of a plan."""

    collectivity_id: int
    id: int
    plan_id: int
    number: int
    kind: VersionKind
    note: Words | None
    published_at: datetime
    projects: int


@dataclass(frozen=True)
class ProjectView:
    """A project as one version published it. Budget in dirhams."""

    collectivity_id: int
    project_id: int
    number: int
    revision_id: int
    revision_number: int
    version_id: int
    version_number: int
    version_kind: VersionKind
    title: Words
    summary: Words
    problem: Words
    solution: Words
    expected_result: Words
    lead: Words
    partners: Words
    principles: tuple[str, ...]
    budget_mad: int | None
    milestones: tuple[MilestoneView, ...]
    axis: AxisView
    change_cause: ChangeCause
    change_note: Words | None


@dataclass(frozen=True)
class PlanView:
    """A plan with the projects of one version; `version` is None before the first is published."""

    collectivity_id: int
    id: int
    cycle: str
    title: Words
    summary: Words
    stage: Stage
    stage_since: datetime
    starts_on: date
    ends_on: date
    withdrawn_reason: Words | None
    version: VersionView | None
    projects: tuple[ProjectView, ...]


def milestones_of(rows: Iterable[Mapping[str, Any]]) -> tuple[MilestoneView, ...]:
    """Return stored milestones as views, by date; a date not yet given is None and comes last."""
    views = [
        MilestoneView(
            row.get("title") or {}, _day(row.get("starts")), _day(row.get("ends")), row.get("indicator") or {}
        )
        for row in rows
    ]
    return tuple(sorted(views, key=lambda m: (m.starts or m.ends or date.max, m.ends or date.max)))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def axis_view(axis: Axis) -> AxisView:
    """Return an axis as the public reads it."""
    return AxisView(axis.id, axis.slug, axis.position, axis.title, axis.description)


def _project_view(
    version: PlanVersion, project: Project, revision: ProjectRevision, axis: Axis
) -> ProjectView:
    return ProjectView(
        collectivity_id=revision.collectivity_id,
        project_id=project.id,
        number=project.number,
        revision_id=revision.id,
        revision_number=revision.number,
        version_id=version.id,
        version_number=version.number,
        version_kind=version.kind,
        principles=tuple(revision.principles),
        budget_mad=revision.budget_mad,
        milestones=milestones_of(revision.milestones),
        axis=axis_view(axis),
        change_cause=revision.change_cause,
        change_note=revision.change_note,
        **{name: getattr(revision, name) for name in TEXTS},
    )


def latest_number(collectivity_id: Any, plan_id: Any) -> sa.ScalarSelect[Any]:
    """Return, as a subquery, the number of the newest version of a plan."""
    every = aliased(PlanVersion)
    return (
        sa.select(sa.func.max(every.number))
        .where(every.collectivity_id == collectivity_id, every.plan_id == plan_id)
        .scalar_subquery()
    )


def _version_of(version_id: int | None, number: int | None) -> Any:
    """Return the condition that picks a version: by key, by number, else the latest."""
    if version_id is not None:
        return PlanVersion.id == version_id
    if number is not None:
        return PlanVersion.number == number
    return PlanVersion.number == latest_number(ActionPlan.collectivity_id, ActionPlan.id)


def within_collectivity(left: Any, right: Any, column: Any) -> Any:
    """Return the join condition of two tables within one collectivity."""
    return (right.collectivity_id == left.collectivity_id) & (right.id == column)


def published_plan(
    collectivity_id: int, plan_id: int, *, version_id: int | None = None, number: int | None = None
) -> PlanView | None:
    """Return a plan with the projects of one version, by number of project; the latest version by default.

    A plan without that version has `version` None and no project. None: no such plan.
    """
    rows = db.session.execute(
        sa.select(ActionPlan, PlanVersion, Project, ProjectRevision, Axis)
        .select_from(ActionPlan)
        .outerjoin(
            PlanVersion,
            (PlanVersion.collectivity_id == ActionPlan.collectivity_id)
            & (PlanVersion.plan_id == ActionPlan.id)
            & _version_of(version_id, number),
        )
        .outerjoin(
            VersionProject,
            (VersionProject.collectivity_id == PlanVersion.collectivity_id)
            & (VersionProject.version_id == PlanVersion.id),
        )
        .outerjoin(Project, within_collectivity(VersionProject, Project, VersionProject.project_id))
        .outerjoin(
            ProjectRevision, within_collectivity(VersionProject, ProjectRevision, VersionProject.revision_id)
        )
        .outerjoin(Axis, within_collectivity(ProjectRevision, Axis, ProjectRevision.axis_id))
        .where(ActionPlan.collectivity_id == collectivity_id, ActionPlan.id == plan_id)
        .order_by(Project.number)
    ).all()
    if not rows:
        return None
    plan, version = rows[0][0], rows[0][1]
    projects = tuple(_project_view(v, p, r, a) for _, v, p, r, a in rows if r is not None)
    return PlanView(
        collectivity_id=plan.collectivity_id,
        id=plan.id,
        cycle=plan.cycle,
        title=plan.title,
        summary=plan.summary,
        stage=plan.stage,
        stage_since=plan.stage_since,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        withdrawn_reason=plan.withdrawn_reason,
        version=_version_view(version, len(projects)) if version is not None else None,
        projects=projects,
    )


def published_project(
    collectivity_id: int,
    plan_id: int,
    number: int,
    *,
    version_id: int | None = None,
    version_number: int | None = None,
) -> ProjectView | None:
    """Return a project by its number as a version published it: by default the latest that holds it.

    A project that the council postponed is not in the adopted version, and still has its page.
    """
    wanted: list[Any] = []
    if version_id is not None:
        wanted.append(PlanVersion.id == version_id)
    if version_number is not None:
        wanted.append(PlanVersion.number == version_number)
    row = db.session.execute(
        sa.select(PlanVersion, Project, ProjectRevision, Axis)
        .select_from(Project)
        .join(
            VersionProject,
            (VersionProject.collectivity_id == Project.collectivity_id)
            & (VersionProject.project_id == Project.id),
        )
        .join(PlanVersion, within_collectivity(VersionProject, PlanVersion, VersionProject.version_id))
        .join(
            ProjectRevision, within_collectivity(VersionProject, ProjectRevision, VersionProject.revision_id)
        )
        .join(Axis, within_collectivity(ProjectRevision, Axis, ProjectRevision.axis_id))
        .where(
            Project.collectivity_id == collectivity_id,
            Project.plan_id == plan_id,
            Project.number == number,
            *wanted,
        )
        .order_by(PlanVersion.number.desc())
        .limit(1)
    ).one_or_none()
    return _project_view(*row) if row is not None else None


def revision_of(version_id: int, project_id: int) -> int | None:
    """Return the revision that a version pins for a project; None when the version leaves it out."""
    return db.session.scalar(
        sa.select(VersionProject.revision_id)
        .join(PlanVersion, within_collectivity(VersionProject, PlanVersion, VersionProject.version_id))
        .where(PlanVersion.id == version_id, VersionProject.project_id == project_id)
    )


def _version_view(version: PlanVersion, projects: int) -> VersionView:
    return VersionView(
        version.collectivity_id,
        version.id,
        version.plan_id,
        version.number,
        version.kind,
        version.note,
        version.published_at,
        projects,
    )


def versions(plan: Keyed) -> list[VersionView]:
    """Return the versions of a plan, first to last, each with how many projects it holds."""
    return versions_of(plan.collectivity_id, plan.id)


def versions_of(collectivity_id: int, plan_id: int) -> list[VersionView]:
    """Return `versions` by keys."""
    rows = db.session.execute(
        sa.select(PlanVersion, sa.func.count(VersionProject.project_id))
        .outerjoin(
            VersionProject,
            (VersionProject.collectivity_id == PlanVersion.collectivity_id)
            & (VersionProject.version_id == PlanVersion.id),
        )
        .where(PlanVersion.collectivity_id == collectivity_id, PlanVersion.plan_id == plan_id)
        .group_by(PlanVersion.collectivity_id, PlanVersion.id)
        .order_by(PlanVersion.number)
    )
    return [_version_view(version, count) for version, count in rows]


def axes(collectivity_id: int, plan_id: int) -> list[AxisView]:
    """Return the axes of a plan in their order."""
    rows = db.session.scalars(
        sa.select(Axis)
        .where(Axis.collectivity_id == collectivity_id, Axis.plan_id == plan_id)
        .order_by(Axis.position)
    )
    return [axis_view(row) for row in rows]
