"""What changed from one version to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.db import Words, db
from participate.plans.models import Axis, PlanVersion, Project, ProjectRevision, ProjectText, VersionProject
from participate.plans.queries.fields import LANGS, TEXTS, Keyed
from participate.plans.queries.published import (
    MilestoneView,
    axes,
    latest_number,
    milestones_of,
    within_collectivity,
)
from participate.rules.outcomes import ChangeCause, Principle
from participate.rules.text import Change, word_diff


class Status(StrEnum):
    """What happened to a project between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True)
class FieldDifference:
    """One field that changed. `lang` is None where the field has no language; `pieces` compare word by word."""

    name: str
    lang: str | None
    before: str
    after: str
    pieces: tuple[Change, ...]


@dataclass(frozen=True)
class Cause:
    """Why a revision differs from the one before it."""

    cause: ChangeCause
    note: Words | None


@dataclass(frozen=True)
class ProjectDifference:
    """What became of one project between two versions, and why."""

    project_id: int
    number: int
    title: Words
    status: Status
    causes: tuple[Cause, ...]
    fields: tuple[FieldDifference, ...]


@dataclass(frozen=True)
class Differences:
    """What changed between two versions, per project in order of number."""

    projects: tuple[ProjectDifference, ...]

    def of(self, status: Status) -> tuple[ProjectDifference, ...]:
        """Return the projects to which this happened."""
        return tuple(one for one in self.projects if one.status is status)

    @property
    def any(self) -> bool:
        """Whether anything changed at all."""
        return any(one.status is not Status.SAME for one in self.projects)


MilestoneText = Callable[[MilestoneView, str], str]
AxisTitles = Mapping[int, Words]


def milestone_text(milestone: MilestoneView, lang: str) -> str:
    """Return a milestone as one line of text: title, days in ISO form, indicator."""
    days = " – ".join(day.isoformat() for day in (milestone.starts, milestone.ends) if day)
    parts = [milestone.title.get(lang, ""), f"({days})" if days else "", milestone.indicator.get(lang, "")]
    return " · ".join(part for part in parts if part)


def field_differences(
    old: ProjectText | None,
    new: ProjectText | None,
    *,
    axis_titles: AxisTitles,
    milestone_text: MilestoneText = milestone_text,
) -> tuple[FieldDifference, ...]:
    """Compare two texts of a project, field by field and language by language; None counts as empty."""
    found = []
    for name in TEXTS:
        before, after = (getattr(one, name) if one is not None else {} for one in (old, new))
        found += [_compared(name, lang, before.get(lang, ""), after.get(lang, "")) for lang in LANGS]
    listed = [milestones_of(one.milestones) if one is not None else () for one in (old, new)]
    for lang in LANGS:
        if any(m.title.get(lang) for side in listed for m in side):
            before, after = ("\n".join(milestone_text(m, lang) for m in side) for side in listed)
            found.append(_compared("milestones", lang, before, after))
    for lang in LANGS:
        before, after = (
            axis_titles.get(one.axis_id, {}).get(lang, "") if one is not None else "" for one in (old, new)
        )
        found.append(_compared("axis", lang, before, after))
    budgets = ["" if one is None or one.budget_mad is None else str(one.budget_mad) for one in (old, new)]
    found.append(_compared("budget_mad", None, *budgets))
    served = [
        " ".join(p.value for p in Principle if one is not None and p.value in one.principles)
        for one in (old, new)
    ]
    found.append(_compared("principles", None, *served))
    return tuple(one for one in found if one.before != one.after)


def _compared(name: str, lang: str | None, before: str, after: str) -> FieldDifference:
    return FieldDifference(name, lang, before, after, word_diff(before, after) if before != after else ())


def differences(
    version_a: Keyed, version_b: Keyed, *, milestone_text: MilestoneText = milestone_text
) -> Differences:
    """Return what changed from one version to a later one of the same plan, with every cause in between."""
    pin_a, pin_b = aliased(VersionProject), aliased(VersionProject)
    old, new = aliased(ProjectRevision), aliased(ProjectRevision)
    first = sa.func.coalesce(old.number, new.number)
    last = sa.func.coalesce(new.number, old.number)
    rows = db.session.execute(
        sa.select(Project, ProjectRevision, old.id, new.id, Axis)
        .select_from(Project)
        .join(
            ProjectRevision,
            (ProjectRevision.collectivity_id == Project.collectivity_id)
            & (ProjectRevision.project_id == Project.id),
        )
        .join(Axis, within_collectivity(ProjectRevision, Axis, ProjectRevision.axis_id))
        .outerjoin(
            pin_a,
            (pin_a.collectivity_id == Project.collectivity_id)
            & (pin_a.project_id == Project.id)
            & (pin_a.version_id == version_a.id),
        )
        .outerjoin(
            pin_b,
            (pin_b.collectivity_id == Project.collectivity_id)
            & (pin_b.project_id == Project.id)
            & (pin_b.version_id == version_b.id),
        )
        .outerjoin(old, (old.collectivity_id == pin_a.collectivity_id) & (old.id == pin_a.revision_id))
        .outerjoin(new, (new.collectivity_id == pin_b.collectivity_id) & (new.id == pin_b.revision_id))
        .where(
            Project.collectivity_id == version_a.collectivity_id,
            sa.or_(old.id.is_not(None), new.id.is_not(None)),
            ProjectRevision.number.between(first, last),
        )
        .order_by(Project.number, ProjectRevision.number)
    ).all()
    titles: dict[int, Words] = {axis.id: axis.title for *_, axis in rows}
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row[0].id, []).append(row)
    return Differences(tuple(_difference(group, titles, milestone_text) for group in found.values()))


def _difference(group: list[Any], titles: AxisTitles, milestone_text: MilestoneText) -> ProjectDifference:
    project, _, old_id, new_id, _ = group[0]
    revisions = {row[1].id: row[1] for row in group}
    old, new = revisions.get(old_id), revisions.get(new_id)
    causes = tuple(
        Cause(row[1].change_cause, row[1].change_note)
        for row in group
        if old is not None and row[1].number > old.number
    )
    return changed_project(project.id, project.number, old, new, causes, titles, milestone_text)


def changed_project(
    project_id: int,
    number: int,
    old: ProjectText | None,
    new: ProjectText | None,
    causes: tuple[Cause, ...],
    titles: AxisTitles,
    milestone_text: MilestoneText,
) -> ProjectDifference:
    """Return what became of one project; a project added or removed is not compared with nothing."""
    shown = new if new is not None else old
    assert shown is not None
    fields: tuple[FieldDifference, ...] = ()
    if old is None:
        status = Status.ADDED
    elif new is None:
        status = Status.REMOVED
    else:
        fields = field_differences(old, new, axis_titles=titles, milestone_text=milestone_text)
        # The council amends by a sentence of its own: a new revision whose words may be the same.
        amended = any(one.cause is ChangeCause.COUNCIL for one in causes)
        status = Status.CHANGED if fields or amended else Status.SAME
    return ProjectDifference(project_id, number, shown.title, status, causes, fields)


@dataclass(frozen=True)
class Wording:
    """One published wording of a project: when, in which versions, why, and against the one before."""

    number: int
    title: Words
    published_at: datetime
    versions: tuple[int, ...]
    cause: Cause
    fields: tuple[FieldDifference, ...]


def history(
    collectivity_id: int, plan_id: int, number: int, *, milestone_text: MilestoneText = milestone_text
) -> list[Wording]:
    """Return every published wording of a project, first to last; empty when none is public."""
    rows = db.session.execute(
        sa.select(ProjectRevision, PlanVersion.number, Axis)
        .select_from(Project)
        .join(
            ProjectRevision,
            (ProjectRevision.collectivity_id == Project.collectivity_id)
            & (ProjectRevision.project_id == Project.id),
        )
        .join(Axis, within_collectivity(ProjectRevision, Axis, ProjectRevision.axis_id))
        .join(
            VersionProject,
            (VersionProject.collectivity_id == ProjectRevision.collectivity_id)
            & (VersionProject.revision_id == ProjectRevision.id),
        )
        .join(PlanVersion, within_collectivity(VersionProject, PlanVersion, VersionProject.version_id))
        .where(
            Project.collectivity_id == collectivity_id, Project.plan_id == plan_id, Project.number == number
        )
        .order_by(ProjectRevision.number, PlanVersion.number)
    ).all()
    titles: dict[int, Words] = {axis.id: axis.title for *_, axis in rows}
    pinned: dict[int, tuple[ProjectRevision, list[int]]] = {}
    for revision, version, _axis in rows:
        pinned.setdefault(revision.id, (revision, []))[1].append(version)
    found: list[Wording] = []
    before: ProjectRevision | None = None
    for revision, numbers in pinned.values():
        fields = (
            field_differences(before, revision, axis_titles=titles, milestone_text=milestone_text)
            if before is not None
            else ()
        )
        cause = Cause(revision.change_cause, revision.change_note)
        found.append(
            Wording(revision.number, revision.title, revision.published_at, tuple(numbers), cause, fields)
        )
        before = revision
    return found


def unpublished_differences(
    collectivity_id: int, plan_id: int, *, milestone_text: MilestoneText = milestone_text
) -> Differences:
    """Return what the next version would change: the working copy against the latest version."""
    pin = aliased(VersionProject)
    latest = (
        sa.select(PlanVersion.id)
        .where(
            PlanVersion.collectivity_id == collectivity_id,
            PlanVersion.plan_id == plan_id,
            PlanVersion.number == latest_number(collectivity_id, plan_id),
        )
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Project, ProjectRevision)
        .select_from(Project)
        .outerjoin(
            pin,
            (pin.collectivity_id == Project.collectivity_id)
            & (pin.project_id == Project.id)
            & (pin.version_id == latest),
        )
        .outerjoin(
            ProjectRevision,
            (ProjectRevision.collectivity_id == pin.collectivity_id)
            & (ProjectRevision.id == pin.revision_id),
        )
        .where(
            Project.collectivity_id == collectivity_id,
            Project.plan_id == plan_id,
            sa.or_(Project.removed_at.is_(None), pin.project_id.is_not(None)),
        )
        .order_by(Project.number)
    ).all()
    titles: dict[int, Words] = {axis.id: axis.title for axis in axes(collectivity_id, plan_id)}
    return Differences(
        tuple(
            changed_project(
                project.id,
                project.number,
                revision,
                None if project.removed_at is not None else project,
                (Cause(project.change_cause, project.change_note),),
                titles,
                milestone_text,
            )
            for project, revision in rows
        )
    )
