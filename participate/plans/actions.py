"""What officers do with a plan: its axes, its projects, its versions. `ActionPlan.stage` is not written here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypedDict

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from participate.db import Words, add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.journal.encoding import canonical, sha256
from participate.plans.models import (
    ActionPlan,
    Axis,
    PlanVersion,
    Project,
    ProjectRevision,
    VersionProject,
)
from participate.plans.queries import TEXTS, same_words, written
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ChangeCause, VersionKind
from participate.rules.policy import Act, Actor, Place, require

EDITING_SESSION = timedelta(minutes=15)
"""Saves of one person within this long of one another are one edit in the journal."""

STAGE_OF_KIND = {
    VersionKind.DRAFT: Stage.PREPARATION,
    VersionKind.REVISED: Stage.SYNTHESIS,
    VersionKind.ADOPTED: Stage.COUNCIL,
}
"""At which stage each kind of version is published. Source: design/8, Lifecycle."""


class PlanExistsError(Exception):
    """The collectivity has a plan for this cycle already; holds the cycle."""


class AxisExistsError(Exception):
    """The plan has an axis with this address or at this place already; holds both."""


class AxisInUseError(Exception):
    """Projects stand under the axis, so it cannot be taken away."""


class NoSuchThingError(Exception):
    """The row that was named does not exist in this plan; holds its kind and key."""


class ChangedMeanwhileError(StaleDataError):
    """Somebody saved the project after this text was read; holds the project's key and row version."""


class WrongKindError(Exception):
    """A version of this kind is not published at this stage; holds the kind and the stage."""


class NothingToPublishError(Exception):
    """A version would hold no project, or would be the last one again."""


class ProjectTexts(TypedDict, total=False):
    """What can be written of a project; what is left out stays as it is."""

    axis_id: int
    title: Words
    summary: Words
    problem: Words
    solution: Words
    expected_result: Words
    lead: Words
    partners: Words
    principles: list[str]
    budget_mad: int | None
    milestones: list[dict[str, Any]]
    change_cause: ChangeCause
    change_note: Words | None


def _place(plan: ActionPlan) -> Place:
    return Place(
        collectivity_id=plan.collectivity_id,
        plan_id=plan.id,
        stage=plan.stage,
        ids={"plan": plan.id},
        cycle=plan.cycle,
    )


def locked_plan(collectivity_id: int, plan_id: int) -> ActionPlan:
    """Return the plan's row, fresh and locked until commit. Raises NoSuchThingError."""
    plan = db.session.scalar(
        for_update(
            sa.select(ActionPlan).where(
                ActionPlan.collectivity_id == collectivity_id, ActionPlan.id == plan_id
            )
        ).execution_options(populate_existing=True)
    )
    if plan is None:
        raise NoSuchThingError("plan", plan_id)
    return plan


def create_plan(
    actor: Actor,
    collectivity_id: int,
    cycle: str,
    title: Words,
    summary: Words,
    starts_on: date,
    ends_on: date,
) -> ActionPlan:
    """Begin the plan of a cycle, in preparation, with its journal.

    Raises PlanExistsError.
    """
    require(actor, Act.PLAN_CREATE, Place(collectivity_id=collectivity_id))
    plan = ActionPlan(
        collectivity_id=collectivity_id,
        id=new_id(),
        cycle=cycle,
        title=written(title),
        summary=written(summary),
        stage=Stage.PREPARATION,
        stage_since=clock(),
        starts_on=starts_on,
        ends_on=ends_on,
    )
    try:
        with db.session.begin_nested():
            add(plan)
    except IntegrityError as error:
        raise PlanExistsError(cycle) from error
    journal.open_chain(
        journal.of_plan(collectivity_id, plan.id), parent=journal.of_collectivity(collectivity_id)
    )
    journal.record(
        actor.person_id,
        "plan:created",
        journal.of_plan(collectivity_id, plan.id),
        f"plan:{plan.id}",
        public={"cycle": cycle},
    )
    return plan


def save_plan(
    actor: Actor,
    collectivity_id: int,
    plan_id: int,
    row_version: int,
    *,
    title: Words,
    summary: Words,
    starts_on: date,
    ends_on: date,
) -> ActionPlan:
    """Change the name, the summary or the days of a plan. Raises ChangedMeanwhileError."""
    plan = locked_plan(collectivity_id, plan_id)
    require(actor, Act.PLAN_EDIT, _place(plan))
    if plan.row_version != row_version:
        raise ChangedMeanwhileError(plan_id, plan.row_version)
    plan.title, plan.summary = written(title), written(summary)
    plan.starts_on, plan.ends_on = starts_on, ends_on
    db.session.flush()
    journal.record(
        actor.person_id,
        "plan:edited",
        journal.of_plan(collectivity_id, plan_id),
        f"plan:{plan_id}",
        public={"row_version": plan.row_version},
    )
    return plan


def save_axis(
    actor: Actor,
    collectivity_id: int,
    plan_id: int,
    *,
    slug: str,
    title: Words,
    description: Words,
    position: int | None = None,
    axis_id: int | None = None,
) -> Axis:
    """Write a new axis, or change one. Without a position, a new axis comes last.

    Raises AxisExistsError when the slug or the position is taken, NoSuchThingError.
    """
    plan = locked_plan(collectivity_id, plan_id)
    require(actor, Act.PLAN_EDIT, _place(plan))
    if position is None:
        position = (
            db.session.scalar(
                sa.select(sa.func.max(Axis.position)).where(
                    Axis.collectivity_id == collectivity_id,
                    Axis.plan_id == plan_id,
                    Axis.id != (axis_id or 0),
                )
            )
            or 0
        ) + 1
    axis = _axis(collectivity_id, plan_id, axis_id) if axis_id else Axis(id=new_id())
    try:
        with db.session.begin_nested():
            axis.collectivity_id = collectivity_id
            axis.plan_id = plan_id
            axis.slug = slug
            axis.position = position
            axis.title = written(title)
            axis.description = written(description)
            add(axis)
    except IntegrityError as error:
        raise AxisExistsError(slug, position) from error
    journal.record(
        actor.person_id,
        "axis:saved",
        journal.of_plan(collectivity_id, plan_id),
        f"axis:{axis.id}",
        public={"axis": slug},
    )
    return axis


def remove_axis(actor: Actor, collectivity_id: int, plan_id: int, axis_id: int) -> None:
    """Take away an axis that no project or idea names. Raises AxisInUseError, NoSuchThingError."""
    plan = locked_plan(collectivity_id, plan_id)
    require(actor, Act.PLAN_EDIT, _place(plan))
    axis = _axis(collectivity_id, plan_id, axis_id)
    slug = axis.slug
    try:
        with db.session.begin_nested():
            db.session.delete(axis)
            db.session.flush()
    except IntegrityError as error:
        raise AxisInUseError(slug) from error
    journal.record(
        actor.person_id,
        "axis:removed",
        journal.of_plan(collectivity_id, plan_id),
        f"axis:{axis_id}",
        public={"axis": slug},
    )


def _axis(collectivity_id: int, plan_id: int, axis_id: int) -> Axis:
    axis = db.session.scalar(
        sa.select(Axis).where(
            Axis.collectivity_id == collectivity_id, Axis.plan_id == plan_id, Axis.id == axis_id
        )
    )
    if axis is None:
        raise NoSuchThingError("axis", axis_id)
    return axis


def create_project(
    actor: Actor,
    collectivity_id: int,
    plan_id: int,
    axis_id: int,
    texts: ProjectTexts | Mapping[str, Any] | None = None,
    *,
    number: int | None = None,
) -> Project:
    """Begin a project: its working copy. Its number is the next one, unless given.

    Raises NoSuchThingError for an axis of another plan.
    """
    plan = locked_plan(collectivity_id, plan_id)
    require(actor, Act.PLAN_EDIT, _place(plan))
    _axis(collectivity_id, plan_id, axis_id)
    if number is None:
        highest = sa.select(sa.func.max(Project.number)).where(
            Project.collectivity_id == collectivity_id, Project.plan_id == plan_id
        )
        number = (db.session.scalar(highest) or 0) + 1
    project = Project(
        collectivity_id=collectivity_id,
        id=new_id(),
        plan_id=plan_id,
        number=number,
        axis_id=axis_id,
        principles=[],
        budget_mad=None,
        milestones=[],
        updated_by=actor.person_id,
        updated_at=clock(),
        **{name: {} for name in TEXTS},
    )
    _write(project, texts or {})
    add(project)
    journal.record(
        actor.person_id,
        "project:created",
        journal.of_plan(collectivity_id, plan_id),
        f"project:{project.id}",
        public={"number": number},
    )
    return project


def _write(project: Project, texts: Mapping[str, Any]) -> None:
    """Put new texts in a working copy, touching only what differs."""
    for name, new in changes_to(project, texts).items():
        setattr(project, name, new)


def changes_to(project: Project, texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return which fields would differ from a working copy, in the shape they are stored in."""
    changed: dict[str, Any] = {}
    for name, value in texts.items():
        if name not in ProjectTexts.__annotations__:
            raise NoSuchThingError("field", name)
        new = written(value) if name in TEXTS else value
        if name == "milestones":
            new = [_milestone(row) for row in value]
        if name == "change_note":
            new = written(value) or None
        if name == "principles":
            new = list(value)
        if getattr(project, name) != new:
            changed[name] = new
    return changed


def _milestone(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": written(row.get("title")),
        "starts": _iso(row.get("starts")),
        "ends": _iso(row.get("ends")),
        "indicator": written(row.get("indicator")),
    }


def _iso(value: date | str | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value or None


def _locked_project(collectivity_id: int, plan_id: int, project_id: int) -> Project:
    project = db.session.scalar(
        for_update(
            sa.select(Project).where(
                Project.collectivity_id == collectivity_id,
                Project.plan_id == plan_id,
                Project.id == project_id,
            )
        ).execution_options(populate_existing=True)
    )
    if project is None:
        raise NoSuchThingError("project", project_id)
    return project


def save_project(
    actor: Actor, place: Place, project_id: int, row_version: int, texts: ProjectTexts | Mapping[str, Any]
) -> Project:
    """Write the working copy of a project, if nobody did since `row_version` was read.

    Raises ChangedMeanwhileError (a StaleDataError), NoSuchThingError. Saves of one person within
    a quarter of an hour are one entry of the journal: autosave would drown it.
    """
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    plan = locked_plan(place.collectivity_id, place.plan_id)
    require(actor, Act.PLAN_EDIT, _place(plan))
    project = _locked_project(plan.collectivity_id, plan.id, project_id)
    if project.row_version != row_version:
        raise ChangedMeanwhileError(project_id, project.row_version)
    if "axis_id" in texts:
        _axis(plan.collectivity_id, plan.id, texts["axis_id"])
    now = clock()
    _write(project, texts)
    if not db.session.is_modified(project):
        return project
    same_session = project.updated_by == actor.person_id and now - project.updated_at < EDITING_SESSION
    project.updated_by = actor.person_id
    project.updated_at = now
    db.session.flush()
    if not same_session:
        journal.record(
            actor.person_id,
            "project:edited",
            journal.of_plan(plan.collectivity_id, plan.id),
            f"project:{project.id}",
            public={"number": project.number, "row_version": project.row_version},
        )
    return project


def remove_project(actor: Actor, place: Place, project_id: int) -> Project:
    """Take a project out of the next version. What was published of it stays public."""
    return _set_removed(actor, place, project_id, removed=True)


def restore_project(actor: Actor, place: Place, project_id: int) -> Project:
    """Put a removed project back into the next version."""
    return _set_removed(actor, place, project_id, removed=False)


def _set_removed(actor: Actor, place: Place, project_id: int, *, removed: bool) -> Project:
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    plan = locked_plan(place.collectivity_id, place.plan_id)
    require(actor, Act.PLAN_EDIT, _place(plan))
    project = _locked_project(plan.collectivity_id, plan.id, project_id)
    if (project.removed_at is not None) is removed:
        return project
    now = clock()
    project.removed_at = now if removed else None
    project.updated_by = actor.person_id
    project.updated_at = now
    db.session.flush()
    journal.record(
        actor.person_id,
        "project:removed" if removed else "project:restored",
        journal.of_plan(plan.collectivity_id, plan.id),
        f"project:{project.id}",
        public={"number": project.number},
    )
    return project


# --- versions -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Amendment:
    """What the council changed in a project: its note, and the fields it rewrote (`ProjectTexts`)."""

    note: Words
    texts: Mapping[str, Any]


def publish_version(
    actor: Actor, plan: ActionPlan, kind: VersionKind, note: Words | None = None
) -> PlanVersion:
    """Publish the working copy as the next version, immutable from here on.

    A project unchanged since its last revision keeps pinning that revision; the others get a new one
    with the cause and note of the working copy, which then starts again without a cause. Raises
    WrongKindError at another stage than the kind's, NothingToPublishError.
    """
    plan = locked_plan(plan.collectivity_id, plan.id)
    require(actor, Act.VERSION_PUBLISH, _place(plan))
    return pin_version(actor.person_id, plan, kind, note)


def pin_version(
    person_id: int | None,
    plan: ActionPlan,
    kind: VersionKind,
    note: Words | None = None,
    *,
    only: Collection[int] | None = None,
    amended: Mapping[int, Amendment] | None = None,
) -> PlanVersion:
    """Publish a version of a plan already locked and allowed to: for `publish_version` and `lifecycle`.

    `only` keeps these projects (keys) alone. `amended` names the projects that the council amended: what
    it rewrote becomes their text, in a new revision with that cause.
    """
    if plan.stage is not STAGE_OF_KIND[kind]:
        raise WrongKindError(kind, plan.stage)
    now = clock()
    projects = _projects_to_pin(plan, only)
    if not projects:
        raise NothingToPublishError
    revisions = _last_revisions(plan)
    pinned: list[tuple[Project, ProjectRevision]] = []
    for project in projects:
        amendment = (amended or {}).get(project.id)
        if amendment is not None:
            _write(project, amendment.texts)
        note_of_council = amendment.note if amendment is not None else None
        pinned.append((project, _revision(project, revisions.get(project.id), now, note_of_council)))
    before = _last_version(plan)
    if before is not None and before[0].kind is kind and before[1] == {p.id: r.id for p, r in pinned}:
        raise NothingToPublishError
    plan.public_since = plan.public_since or now
    version = add(
        PlanVersion(
            collectivity_id=plan.collectivity_id,
            id=new_id(),
            plan_id=plan.id,
            number=before[0].number + 1 if before else 1,
            kind=kind,
            note=written(note) or None,
            published_at=now,
            published_by=person_id,
        )
    )
    for project, revision in pinned:
        db.session.add(
            VersionProject(
                collectivity_id=plan.collectivity_id,
                version_id=version.id,
                project_id=project.id,
                revision_id=revision.id,
            )
        )
    db.session.flush()
    journal.record(
        person_id,
        "version:published",
        journal.of_plan(plan.collectivity_id, plan.id),
        f"version:{version.id}",
        public={
            "number": version.number,
            "kind": kind,
            "projects": [[project.number, revision.number] for project, revision in pinned],
            "sha256": version_hash(version, pinned),
        },
    )
    return version


def _projects_to_pin(plan: ActionPlan, only: Collection[int] | None) -> list[Project]:
    rows = db.session.scalars(
        for_update(
            sa.select(Project)
            .where(
                Project.collectivity_id == plan.collectivity_id,
                Project.plan_id == plan.id,
                Project.removed_at.is_(None),
            )
            .order_by(Project.number)
        ).execution_options(populate_existing=True)
    )
    return [row for row in rows if only is None or row.id in only]


def _last_revisions(plan: ActionPlan) -> dict[int, ProjectRevision]:
    rows = db.session.scalars(
        sa.select(ProjectRevision)
        .join(
            Project,
            (Project.collectivity_id == ProjectRevision.collectivity_id)
            & (Project.id == ProjectRevision.project_id),
        )
        .where(Project.collectivity_id == plan.collectivity_id, Project.plan_id == plan.id)
        .order_by(ProjectRevision.number)
    )
    return {row.project_id: row for row in rows}


def _last_version(plan: ActionPlan) -> tuple[PlanVersion, dict[int, int]] | None:
    rows = db.session.execute(
        sa.select(PlanVersion, VersionProject.project_id, VersionProject.revision_id)
        .outerjoin(
            VersionProject,
            (VersionProject.collectivity_id == PlanVersion.collectivity_id)
            & (VersionProject.version_id == PlanVersion.id),
        )
        .where(
            PlanVersion.collectivity_id == plan.collectivity_id,
            PlanVersion.plan_id == plan.id,
            PlanVersion.number
            == sa.select(sa.func.max(PlanVersion.number))
            .where(PlanVersion.collectivity_id == plan.collectivity_id, PlanVersion.plan_id == plan.id)
            .scalar_subquery(),
        )
    ).all()
    if not rows:
        return None
    return rows[0][0], {project: revision for _, project, revision in rows if project is not None}


def _revision(
    project: Project, last: ProjectRevision | None, now: datetime, amendment: Words | None
) -> ProjectRevision:
    """Return the revision to pin: the last one if the words are the same, else a new one."""
    if last is not None and amendment is None and same_words(project, last):
        return last
    revision = add(
        ProjectRevision(
            collectivity_id=project.collectivity_id,
            id=new_id(),
            project_id=project.id,
            number=last.number + 1 if last else 1,
            axis_id=project.axis_id,
            principles=list(project.principles),
            budget_mad=project.budget_mad,
            milestones=list(project.milestones),
            change_cause=project.change_cause if amendment is None else ChangeCause.COUNCIL,
            change_note=project.change_note if amendment is None else amendment,
            published_at=now,
            **{name: getattr(project, name) for name in TEXTS},
        )
    )
    if project.change_cause is not ChangeCause.NONE_STATED or project.change_note is not None:
        project.change_cause = ChangeCause.NONE_STATED
        project.change_note = None
        db.session.flush()
    return revision


def version_hash(version: PlanVersion, pinned: list[tuple[Project, ProjectRevision]]) -> str:
    """Return the SHA-256 of a version's canonical JSON: its number, kind, note and every word it pins."""
    return sha256(
        canonical(
            {
                "number": version.number,
                "kind": version.kind,
                "note": version.note,
                "projects": [
                    {
                        "number": project.number,
                        "revision": revision.number,
                        "axis": revision.axis_id,
                        "principles": revision.principles,
                        "budget_mad": revision.budget_mad,
                        "milestones": revision.milestones,
                        **{name: getattr(revision, name) for name in TEXTS},
                    }
                    for project, revision in pinned
                ],
            }
        )
    )
