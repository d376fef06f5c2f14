"""The working copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from participate.db import Words, db
from participate.plans.models import ActionPlan, Axis, Project, ProjectRevision, ProjectText
from participate.plans.queries.fields import LANGS, REQUIRED, TEXTS
from participate.plans.queries.published import (
    AxisView,
    MilestoneView,
    axis_view,
    milestones_of,
    within_collectivity,
)
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ChangeCause
from participate.rules.text import is_blank


class Missing(StrEnum):
    """What a project still lacks before its review can open: a field in Arabic, or a dated milestone."""

    TITLE = "title"
    PROBLEM = "problem"
    SOLUTION = "solution"
    MILESTONE = "milestone"


@dataclass(frozen=True)
class Completeness:
    """How many of the texts of a project are written in one language."""

    lang: str
    written: int
    total: int


@dataclass(frozen=True)
class WorkingProject:
    """The working copy of a project: private until a version is published."""

    collectivity_id: int
    id: int
    number: int
    axis: AxisView
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
    change_cause: ChangeCause
    change_note: Words | None
    change_causes: Mapping[str, Any] | None
    updated_by: int | None
    updated_at: datetime
    removed: bool
    row_version: int
    published: bool
    changed: bool
    missing: tuple[Missing, ...]
    completeness: tuple[Completeness, ...]


def missing_in(project: ProjectText) -> tuple[Missing, ...]:
    """Return what a project lacks before a review: title, problem, solution, one dated milestone, in Arabic."""
    lacking = [Missing(name) for name in REQUIRED if is_blank(getattr(project, name).get("ar", ""))]
    dated = any(
        row.get("starts") and row.get("ends") and not is_blank((row.get("title") or {}).get("ar", ""))
        for row in project.milestones
    )
    return tuple(lacking if dated else [*lacking, Missing.MILESTONE])


def completeness(project: ProjectText) -> tuple[Completeness, ...]:
    """Return, for each language, how many texts of the project and titles of its milestones are written."""
    texts: list[Words] = [getattr(project, name) for name in TEXTS]
    texts += [row.get("title") or {} for row in project.milestones]
    return tuple(
        Completeness(lang, sum(not is_blank(words.get(lang, "")) for words in texts), len(texts))
        for lang in LANGS
    )


def same_words(one: ProjectText, other: ProjectText) -> bool:
    """Whether two texts of a project say the same; a language left empty and one never written are the same."""
    return (
        all(written(getattr(one, name)) == written(getattr(other, name)) for name in TEXTS)
        and list(one.principles) == list(other.principles)
        and one.budget_mad == other.budget_mad
        and one.axis_id == other.axis_id
        and [_plain_milestone(m) for m in one.milestones] == [_plain_milestone(m) for m in other.milestones]
    )


def written(words: Words | None) -> Words:
    """Return only the languages in which something is written."""
    return {lang: text for lang, text in (words or {}).items() if text}


def _plain_milestone(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        written(row.get("title")),
        row.get("starts") or None,
        row.get("ends") or None,
        written(row.get("indicator")),
    )


def _last_revision() -> Any:
    """Return the alias and join condition of each project's last revision."""
    last = aliased(ProjectRevision)
    number = (
        sa.select(sa.func.max(ProjectRevision.number))
        .where(
            ProjectRevision.collectivity_id == Project.collectivity_id,
            ProjectRevision.project_id == Project.id,
        )
        .correlate(Project)
        .scalar_subquery()
    )
    condition = (
        (last.collectivity_id == Project.collectivity_id)
        & (last.project_id == Project.id)
        & (last.number == number)
    )
    return last, condition


def _working_view(project: Project, axis: Axis, last: ProjectRevision | None) -> WorkingProject:
    return WorkingProject(
        collectivity_id=project.collectivity_id,
        id=project.id,
        number=project.number,
        axis=axis_view(axis),
        principles=tuple(project.principles),
        budget_mad=project.budget_mad,
        milestones=milestones_of(project.milestones),
        change_cause=project.change_cause,
        change_note=project.change_note,
        change_causes=project.change_causes,
        updated_by=project.updated_by,
        updated_at=project.updated_at,
        removed=project.removed_at is not None,
        row_version=project.row_version,
        published=last is not None,
        changed=last is None or not same_words(project, last),
        missing=missing_in(project),
        completeness=completeness(project),
        **{name: getattr(project, name) for name in TEXTS},
    )


def working_projects(collectivity_id: int, plan_id: int, number: int | None = None) -> list[WorkingProject]:
    """Return the working copies of a plan's projects (or of one), removed ones too, by number."""
    last, condition = _last_revision()
    wanted = [] if number is None else [Project.number == number]
    rows = db.session.execute(
        sa.select(Project, Axis, last)
        .select_from(Project)
        .join(Axis, within_collectivity(Project, Axis, Project.axis_id))
        .outerjoin(last, condition)
        .where(Project.collectivity_id == collectivity_id, Project.plan_id == plan_id, *wanted)
        .order_by(Project.number)
        .execution_options(populate_existing=True)
    )
    return [_working_view(*row) for row in rows]


def working_project(collectivity_id: int, plan_id: int, number: int) -> WorkingProject | None:
    """Return the working copy of one project, or None."""
    return next(iter(working_projects(collectivity_id, plan_id, number)), None)


@dataclass(frozen=True)
class PlanHead:
    """What stands above every desk page of a plan."""

    collectivity_id: int
    id: int
    cycle: str
    title: Words
    summary: Words
    stage: Stage
    starts_on: date
    ends_on: date
    row_version: int


def plan_head(collectivity_id: int, plan_id: int) -> PlanHead:
    """Return a plan without its projects. Raises NotFound."""
    row = db.session.scalar(
        sa.select(ActionPlan).where(ActionPlan.collectivity_id == collectivity_id, ActionPlan.id == plan_id)
    )
    if row is None:
        raise NotFound
    return PlanHead(
        row.collectivity_id,
        row.id,
        row.cycle,
        row.title,
        row.summary,
        row.stage,
        row.starts_on,
        row.ends_on,
        row.row_version,
    )


def plans_of(collectivity_id: int) -> list[PlanHead]:
    """Return the plans of a collectivity, the newest cycle first."""
    rows = db.session.scalars(
        sa.select(ActionPlan)
        .where(ActionPlan.collectivity_id == collectivity_id, ActionPlan.shell.is_(False))
        .order_by(ActionPlan.cycle.desc())
    )
    return [
        PlanHead(
            r.collectivity_id,
            r.id,
            r.cycle,
            r.title,
            r.summary,
            r.stage,
            r.starts_on,
            r.ends_on,
            r.row_version,
        )
        for r in rows
    ]
