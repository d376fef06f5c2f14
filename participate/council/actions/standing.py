"""What the verbs of the council stand on: the plan, locked, and the keys of a place."""

from __future__ import annotations

import sqlalchemy as sa

from participate.db import Words, db, for_update
from participate.plans.models import ActionPlan
from participate.rules.lifecycle import Stage
from participate.rules.policy import Act, Place, RefusedError
from participate.rules.text import is_blank


def keys(place: Place) -> tuple[int, int]:
    """Return the collectivity and the plan of a place that has both."""
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    return place.collectivity_id, place.plan_id


def locked(place: Place) -> ActionPlan | None:
    """Lock the plan of a place and read it anew."""
    here, plan_id = keys(place)
    return db.session.scalar(
        for_update(
            sa.select(ActionPlan).where(ActionPlan.collectivity_id == here, ActionPlan.id == plan_id)
        ).execution_options(populate_existing=True)
    )


def before_the_council(place: Place, act: Act = Act.SESSION_RECORD) -> ActionPlan:
    """Lock the plan; sittings, decisions and questions need it to be before the council."""
    plan = locked(place)
    if plan is None or plan.stage is not Stage.COUNCIL:
        raise RefusedError(act, ("during_council",))
    return plan


def written(words: Words | None) -> Words | None:
    """Return the languages in which something is written; None when there is none."""
    found = {lang: text for lang, text in (words or {}).items() if not is_blank(text)}
    return found or None
