"""Reading plans: places for the guards, published words, the working copy, and what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from participate.db import Words, db
from participate.network.models import Collectivity
from participate.plans.models import (
    ActionPlan,
    Axis,
    PlanVersion,
    Project,
    ProjectRevision,
    ProjectText,
    VersionProject,
)
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ChangeCause, Principle, VersionKind
from participate.rules.policy import Place
from participate.rules.text import Change, is_blank, word_diff

TEXTS = ("title", "summary", "problem", "solution", "expected_result", "lead", "partners")
"""The fields of a project that are written in several languages."""

LANGS = ("ar", "fr", "en")
"""Languages in which the words of a plan are written."""

REQUIRED = ("title", "problem", "solution")
"""What a project must say in Arabic before its review. Source: design/1, "Lifecycle of a plan"."""


class Keyed(Protocol):
    """Anything that names one row of one collectivity: a model or a view."""

    @property
    def collectivity_id(self) -> int:
        """Owner of the row."""
        ...

    @property
    def id(self) -> int:
        """Key of the row."""
        ...


# --- places --------------------------------------------------------------------------------------


def collectivity_place(slug: str, **_rest: object) -> Place:
    """Return the place of a collectivity's plans, where a new one can begin.

    Raises NotFound when no collectivity with a space here has this address.
    """
    found = db.session.scalar(
        sa.select(Collectivity.id).where(Collectivity.slug == slug, Collectivity.hosted)
    )
    if found is None:
        raise NotFound
    return Place(collectivity_id=found, stage=Stage.PREPARATION, slug=slug)


def plan_place(slug: str, cycle: str, **_rest: object) -> Place:
    """Return the place of a plan by its address. Raises NotFound."""
    row = db.session.execute(
        sa.select(ActionPlan.collectivity_id, ActionPlan.id, ActionPlan.stage, ActionPlan.public_since)
        .join(Collectivity, Collectivity.id == ActionPlan.collectivity_id)
        .where(Collectivity.slug == slug, ActionPlan.cycle == cycle)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Place(
        collectivity_id=row.collectivity_id,
        plan_id=row.id,
        stage=row.stage,
        public=row.public_since is not None,
        ids={"plan": row.id},
        slug=slug,
        cycle=cycle,
    )


def project_place(slug: str, cycle: str, number: int, **_rest: object) -> Place:
    """Return the place of a project by its number; `readable` once a version holds it. Raises NotFound.

    `ids` holds "plan" and "project".
    """
    pinned = (
        sa.exists()
        .where(
            VersionProject.collectivity_id == Project.collectivity_id,
            VersionProject.project_id == Project.id,
        )
        .label("pinned")
    )
    row = db.session.execute(
        sa.select(
            ActionPlan.collectivity_id,
            ActionPlan.id,
            ActionPlan.stage,
            Project.id.label("project_id"),
            pinned,
        )
        .join(Collectivity, Collectivity.id == ActionPlan.collectivity_id)
        .join(
            Project,
            (Project.collectivity_id == ActionPlan.collectivity_id) & (Project.plan_id == ActionPlan.id),
        )
        .where(Collectivity.slug == slug, ActionPlan.cycle == cycle, Project.number == number)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Place(
        collectivity_id=row.collectivity_id,
        plan_id=row.id,
        stage=row.stage,
        readable=row.pinned,
        ids={"plan": row.id, "project": row.project_id},
        slug=slug,
        cycle=cycle,
    )


# --- what was published -----------------------------------------------------------------------------


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


def _axis_view(axis: Axis) -> AxisView:
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
        axis=_axis_view(axis),
        change_cause=revision.change_cause,
        change_note=revision.change_note,
        **{name: getattr(revision, name) for name in TEXTS},
    )


def _latest(collectivity_id: Any, plan_id: Any) -> sa.ScalarSelect[Any]:
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
    return PlanVersion.number == _latest(ActionPlan.collectivity_id, ActionPlan.id)


def _within(left: Any, right: Any, column: Any) -> Any:
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
        .outerjoin(Project, _within(VersionProject, Project, VersionProject.project_id))
        .outerjoin(ProjectRevision, _within(VersionProject, ProjectRevision, VersionProject.revision_id))
        .outerjoin(Axis, _within(ProjectRevision, Axis, ProjectRevision.axis_id))
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
        .join(PlanVersion, _within(VersionProject, PlanVersion, VersionProject.version_id))
        .join(ProjectRevision, _within(VersionProject, ProjectRevision, VersionProject.revision_id))
        .join(Axis, _within(ProjectRevision, Axis, ProjectRevision.axis_id))
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
        .join(PlanVersion, _within(VersionProject, PlanVersion, VersionProject.version_id))
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
    return [_axis_view(row) for row in rows]


# --- the working copy -----------------------------------------------------------------------------


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
        axis=_axis_view(axis),
        principles=tuple(project.principles),
        budget_mad=project.budget_mad,
        milestones=milestones_of(project.milestones),
        change_cause=project.change_cause,
        change_note=project.change_note,
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
        .join(Axis, _within(Project, Axis, Project.axis_id))
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
        .where(ActionPlan.collectivity_id == collectivity_id)
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


# --- what changed -----------------------------------------------------------------------------------


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
        .join(Axis, _within(ProjectRevision, Axis, ProjectRevision.axis_id))
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
        .join(Axis, _within(ProjectRevision, Axis, ProjectRevision.axis_id))
        .join(
            VersionProject,
            (VersionProject.collectivity_id == ProjectRevision.collectivity_id)
            & (VersionProject.revision_id == ProjectRevision.id),
        )
        .join(PlanVersion, _within(VersionProject, PlanVersion, VersionProject.version_id))
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
            PlanVersion.number == _latest(collectivity_id, plan_id),
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
