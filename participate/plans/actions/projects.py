"""Projects of the working copy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, TypedDict

import sqlalchemy as sa

from participate.db import Words, add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.plans.actions.axes import axis_row
from participate.plans.actions.beginning import locked_plan, place_of_plan
from participate.plans.actions.refusals import ChangedMeanwhileError, NoSuchThingError
from participate.plans.models import Project
from participate.plans.queries import TEXTS, written
from participate.rules.outcomes import ChangeCause
from participate.rules.policy import Act, Actor, Place, require

EDITING_SESSION = timedelta(minutes=15)
"""Saves of one person within this long of one another are one edit in the journal."""


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
    require(actor, Act.PLAN_EDIT, place_of_plan(plan))
    axis_row(collectivity_id, plan_id, axis_id)
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
    write_texts(project, texts or {})
    add(project)
    journal.record(
        actor.person_id,
        "project:created",
        journal.of_plan(collectivity_id, plan_id),
        f"project:{project.id}",
        public={"number": number},
    )
    return project


def write_texts(project: Project, texts: Mapping[str, Any]) -> None:
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
    require(actor, Act.PLAN_EDIT, place_of_plan(plan))
    project = _locked_project(plan.collectivity_id, plan.id, project_id)
    if project.row_version != row_version:
        raise ChangedMeanwhileError(project_id, project.row_version)
    if "axis_id" in texts:
        axis_row(plan.collectivity_id, plan.id, texts["axis_id"])
    now = clock()
    write_texts(project, texts)
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
    require(actor, Act.PLAN_EDIT, place_of_plan(plan))
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
