"""Versions: published, pinned, hashed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from participate.db import Words, add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.journal.encoding import canonical, sha256
from participate.plans.actions.beginning import locked_plan, place_of_plan
from participate.plans.actions.projects import write_texts
from participate.plans.actions.refusals import NothingToPublishError, WrongKindError
from participate.plans.models import ActionPlan, PlanVersion, Project, ProjectRevision, VersionProject
from participate.plans.queries import TEXTS, same_words, written
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ChangeCause, VersionKind
from participate.rules.policy import Act, Actor, require

STAGE_OF_KIND = {
    VersionKind.DRAFT: Stage.PREPARATION,
    VersionKind.REVISED: Stage.SYNTHESIS,
    VersionKind.ADOPTED: Stage.COUNCIL,
}
"""At which stage each kind of version is published. Source: design/8, Lifecycle."""


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
    require(actor, Act.VERSION_PUBLISH, place_of_plan(plan))
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
            write_texts(project, amendment.texts)
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
            change_causes=project.change_causes if amendment is None else None,
            published_at=now,
            **{name: getattr(project, name) for name in TEXTS},
        )
    )
    stated = (project.change_cause, project.change_note, project.change_causes)
    if stated != (ChangeCause.NONE_STATED, None, None):
        project.change_cause, project.change_note, project.change_causes = ChangeCause.NONE_STATED, None, None
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
