"""Where a consultation stands in the policy."""

from __future__ import annotations

import sqlalchemy as sa
from werkzeug.exceptions import NotFound

from participate.consultations.models import Consultation
from participate.db import db
from participate.network.models import Collectivity
from participate.plans.models import ActionPlan
from participate.rules.policy import Place


def consultation_place(slug: str, cycle: str, consultation_id: int, **_rest: object) -> Place:
    """Return the place of one consultation of a plan, by its key. Raises NotFound.

    `ids` holds "plan" and "consultation".
    """
    row = db.session.execute(
        sa.select(
            ActionPlan.collectivity_id,
            ActionPlan.id,
            ActionPlan.stage,
            Consultation.id.label("consultation_id"),
            Consultation.state,
        )
        .join(Collectivity, Collectivity.id == ActionPlan.collectivity_id)
        .join(
            Consultation,
            (Consultation.collectivity_id == ActionPlan.collectivity_id)
            & (Consultation.plan_id == ActionPlan.id),
        )
        .where(Collectivity.slug == slug, ActionPlan.cycle == cycle, Consultation.id == consultation_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Place(
        collectivity_id=row.collectivity_id,
        plan_id=row.id,
        stage=row.stage,
        consultation_id=row.consultation_id,
        consultation_state=row.state,
        ids={"plan": row.id, "consultation": row.consultation_id},
        slug=slug,
        cycle=cycle,
    )
