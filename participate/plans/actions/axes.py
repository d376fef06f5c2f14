"""Axes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.db import Words, add, db, new_id
from participate.journal import actions as journal
from participate.plans.actions.beginning import locked_plan, place_of_plan
from participate.plans.actions.refusals import AxisExistsError, AxisInUseError, NoSuchThingError
from participate.plans.models import Axis
from participate.plans.queries import written
from participate.rules.policy import Act, Actor, require


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
    require(actor, Act.PLAN_EDIT, place_of_plan(plan))
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
    axis = axis_row(collectivity_id, plan_id, axis_id) if axis_id else Axis(id=new_id())
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
    require(actor, Act.PLAN_EDIT, place_of_plan(plan))
    axis = axis_row(collectivity_id, plan_id, axis_id)
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


def axis_row(collectivity_id: int, plan_id: int, axis_id: int) -> Axis:
    """Return an axis of the plan. Raises NoSuchThingError."""
    axis = db.session.scalar(
        sa.select(Axis).where(
            Axis.collectivity_id == collectivity_id, Axis.plan_id == plan_id, Axis.id == axis_id
        )
    )
    if axis is None:
        raise NoSuchThingError("axis", axis_id)
    return axis
