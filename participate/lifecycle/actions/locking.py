"""What every move locks, asks and records."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.db import Words, db, for_update
from participate.journal import actions as journal
from participate.lifecycle import queries
from participate.lifecycle.actions.refusals import NoReasonError, NoSuchConsultationError
from participate.network.models import Collectivity
from participate.plans import actions as plans
from participate.plans.models import ActionPlan
from participate.plans.queries import Keyed, written
from participate.rules.lifecycle import Stage
from participate.rules.policy import Act, Actor, Place, require


def locked_consultation(key: Keyed) -> Consultation:
    """Return a consultation, held until commit. Raises NoSuchConsultationError."""
    row = db.session.scalar(
        for_update(
            sa.select(Consultation).where(
                Consultation.collectivity_id == key.collectivity_id, Consultation.id == key.id
            )
        ).execution_options(populate_existing=True)
    )
    if row is None:
        raise NoSuchConsultationError(key.id)
    return row


def locked_round(plan: Keyed) -> list[Consultation]:
    """Lock every consultation of the present round, in the order of their keys."""
    return list(
        db.session.scalars(
            for_update(
                sa.select(Consultation)
                .where(
                    Consultation.collectivity_id == plan.collectivity_id,
                    Consultation.plan_id == plan.id,
                    Consultation.state.in_(queries.LIVE),
                )
                .order_by(Consultation.id)
            ).execution_options(populate_existing=True)
        )
    )


def place_of_plan(plan: ActionPlan, consultation: Consultation | None = None) -> Place:
    """Return the place of a plan, or of its consultation, as the policy reads it."""
    return Place(
        collectivity_id=plan.collectivity_id,
        plan_id=plan.id,
        stage=plan.stage,
        consultation_id=consultation.id if consultation else None,
        consultation_state=consultation.state if consultation else None,
        ids={"plan": plan.id},
        cycle=plan.cycle,
    )


def both(actor: Actor, act: Act, key: Keyed) -> tuple[Consultation, ActionPlan]:
    """Lock a consultation and its plan, and ask the policy."""
    consultation = locked_consultation(key)
    plan = plans.locked_plan(consultation.collectivity_id, consultation.plan_id)
    require(actor, act, place_of_plan(plan, consultation))
    return consultation, plan


def move_to(plan: ActionPlan, stage: Stage, now: datetime) -> None:
    """Bring a plan to a stage, unless it stands there."""
    if plan.stage is not stage:
        plan.stage = stage
        plan.stage_since = now
    db.session.flush()


def chain_of(consultation: Consultation) -> journal.ChainRef:
    """Return the chain of the journal of a consultation."""
    return journal.of_consultation(consultation.collectivity_id, consultation.id)


def chain_of_plan(plan: ActionPlan) -> journal.ChainRef:
    """Return the chain of the journal of a plan."""
    return journal.of_plan(plan.collectivity_id, plan.id)


def origin(collectivity_id: int) -> str:
    """Return the name under which checkpoints of a collectivity's chains are signed."""
    slug = db.session.scalar(sa.select(Collectivity.slug).where(Collectivity.id == collectivity_id))
    return f"participate/{slug}"


def reason_given(reason: Words | None) -> Words:
    """Return a reason in the languages it was given. Raises NoReasonError."""
    given = written(reason)
    if not given:
        raise NoReasonError
    return given
