"""Every change of a plan with its cause, from its first version to its last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import sqlalchemy as sa

from participate.db import Words, db
from participate.plans.models import Axis, PlanVersion, Project, ProjectRevision, VersionProject
from participate.plans.queries.changes import (
    FieldDifference,
    MilestoneText,
    field_differences,
    milestone_text,
)
from participate.plans.queries.published import within_collectivity
from participate.rules.changes import PROJECT, CauseCount, ChangeKind, Stated, count, stated_for
from participate.rules.outcomes import ChangeCause, VersionKind


def _none_known(_collectivity_id: int, _plan_id: int, _refs: Sequence[str]) -> Mapping[str, str]:
    return {}


@dataclass
class Later:
    """What a later room answers: `known_refs(collectivity_id, plan_id, typed)`, set by the contributions' `init_app`.

    It gives each typed reference of a readable contribution of the plan, as it is written.
    """

    known_refs: Callable[[int, int, Sequence[str]], Mapping[str, str]] = _none_known


later = Later()


@dataclass(frozen=True)
class CausedChange:
    """One change: a field that reads differently, or a project added or left out; `fields` by language."""

    number: int
    title: Words
    version: int
    version_kind: VersionKind
    kind: ChangeKind
    field: str | None
    stated: Stated
    note: Words | None
    fields: tuple[FieldDifference, ...]


@dataclass(frozen=True)
class CausedChanges:
    """Every change of a plan in the order of projects and versions, and how many by cause."""

    changes: tuple[CausedChange, ...]
    count: CauseCount

    def of(self, number: int) -> tuple[CausedChange, ...]:
        """Return the changes of one project."""
        return tuple(one for one in self.changes if one.number == number)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the projects that changed."""
        return tuple(dict.fromkeys(one.number for one in self.changes))


def caused_changes(
    collectivity_id: int,
    plan_id: int,
    *,
    after: int = 0,
    milestone_text: MilestoneText = milestone_text,
) -> CausedChanges:
    """Return every change between the versions of a plan, each with its cause. One statement.

    `after`: only what changed after the version of this number.
    """
    rows = db.session.execute(
        sa.select(PlanVersion, Project, ProjectRevision, Axis)
        .select_from(PlanVersion)
        .join(
            VersionProject,
            (VersionProject.collectivity_id == PlanVersion.collectivity_id)
            & (VersionProject.version_id == PlanVersion.id),
        )
        .join(Project, within_collectivity(VersionProject, Project, VersionProject.project_id))
        .join(
            ProjectRevision, within_collectivity(VersionProject, ProjectRevision, VersionProject.revision_id)
        )
        .join(Axis, within_collectivity(ProjectRevision, Axis, ProjectRevision.axis_id))
        .where(PlanVersion.collectivity_id == collectivity_id, PlanVersion.plan_id == plan_id)
        .order_by(PlanVersion.number, Project.number)
    ).all()
    titles: dict[int, Words] = {axis.id: axis.title for *_, axis in rows}
    pinned: dict[int, tuple[PlanVersion, dict[int, tuple[Project, ProjectRevision]]]] = {}
    for version, project, revision, _axis in rows:
        pinned.setdefault(version.number, (version, {}))[1][project.number] = (project, revision)
    found: list[CausedChange] = []
    for (_old, before), (version, now) in pairwise(pinned.values()):
        if version.number > after:
            for number in sorted(before.keys() | now.keys()):
                found += _between(version, before.get(number), now.get(number), titles, milestone_text)
    found.sort(key=lambda one: (one.number, one.version))
    return CausedChanges(tuple(found), count(one.stated for one in found))


Pinned = tuple[Project, ProjectRevision]


def _between(
    version: PlanVersion,
    old: Pinned | None,
    new: Pinned | None,
    titles: Mapping[int, Words],
    milestone_text: MilestoneText,
) -> list[CausedChange]:
    """Return what happened to one project from one version to the next."""
    project, shown = new or old or (None, None)
    assert project is not None
    assert shown is not None

    def change(
        kind: ChangeKind, stated: Stated, note: Words | None, *fields: FieldDifference
    ) -> CausedChange:
        field = fields[0].name if fields else None
        return CausedChange(
            project.number, shown.title, version.number, version.kind, kind, field, stated, note, fields
        )

    if new is None:
        # Left out by the council, or by the officers, whose working copy says why.
        adopted = version.kind is VersionKind.ADOPTED
        cause = ChangeCause.COUNCIL if adopted else project.change_cause
        stated = Stated(cause) if adopted else stated_for(PROJECT, cause, project.change_causes)
        return [change(ChangeKind.REMOVED, stated, None if adopted else project.change_note)]
    revision = new[1]
    if old is None:
        stated = stated_for(PROJECT, revision.change_cause, revision.change_causes)
        return [change(ChangeKind.ADDED, stated, revision.change_note)]
    if old[1].id == revision.id:
        return []
    fields: dict[str, list[FieldDifference]] = {}
    for one in field_differences(old[1], revision, axis_titles=titles, milestone_text=milestone_text):
        fields.setdefault(one.name, []).append(one)
    return [
        change(
            ChangeKind.FIELD,
            stated_for(name, revision.change_cause, revision.change_causes),
            revision.change_note,
            *listed,
        )
        for name, listed in fields.items()
    ]
