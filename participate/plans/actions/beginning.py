"""The plan itself: begun, its settings, its lock."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.db import Words, add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.plans.actions.refusals import ChangedMeanwhileError, NoSuchThingError, PlanExistsError
from participate.plans.models import ActionPlan
from participate.plans.queries import written
from participate.rules.lifecycle import Stage
from participate.rules.policy import Act, Actor, Place, require


def place_of_plan(plan: ActionPlan) -> Place:
    """Return the place of a plan as the policy reads it."""
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
    require(actor, Act.PLAN_EDIT, place_of_plan(plan))
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
