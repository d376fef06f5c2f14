"""Where a collectivity, a plan, a project stand in the policy."""

from __future__ import annotations

import sqlalchemy as sa
from werkzeug.exceptions import NotFound

from participate.db import db
from participate.network.models import Collectivity
from participate.plans.models import ActionPlan, Project, VersionProject
from participate.rules.lifecycle import Stage
from participate.rules.policy import Place


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
