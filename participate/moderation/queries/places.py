"""Where a text, a decision, an appeal stand in the policy."""

from __future__ import annotations

import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.contributions.models import Contribution
from participate.contributions.queries import typed_ref
from participate.db import Words, db
from participate.moderation.models import Appeal, ModerationDecision
from participate.network.models import Collectivity
from participate.plans.models import ActionPlan
from participate.rules.outcomes import READABLE_STATES
from participate.rules.policy import Place


def space(slug: str) -> Place | None:
    """Return the place of a collectivity's desk and log."""
    found = db.session.scalar(
        sa.select(Collectivity.id).where(Collectivity.slug == slug, Collectivity.hosted.is_(True))
    )
    return Place(collectivity_id=found, slug=slug) if found is not None else None


def space_name(collectivity_id: int) -> Words:
    """Return the name of a collectivity."""
    return db.session.execute(
        sa.select(Collectivity.name).where(Collectivity.id == collectivity_id)
    ).scalar_one()


def contribution_place(slug: str, ref: str) -> Place | None:
    """Return the place of a contribution: whose it is, whether it is public."""
    found = db.session.execute(
        sa.select(Contribution, Participant, Consultation.plan_id, ActionPlan.stage, ActionPlan.cycle)
        .join(Collectivity, Collectivity.id == Contribution.collectivity_id)
        .join(
            Participant,
            sa.and_(
                Participant.collectivity_id == Contribution.collectivity_id,
                Participant.id == Contribution.participant_id,
            ),
        )
        .join(
            Consultation,
            sa.and_(
                Consultation.collectivity_id == Contribution.collectivity_id,
                Consultation.id == Contribution.consultation_id,
            ),
        )
        .join(
            ActionPlan,
            sa.and_(
                ActionPlan.collectivity_id == Contribution.collectivity_id,
                ActionPlan.id == Consultation.plan_id,
            ),
        )
        .where(Collectivity.slug == slug, Collectivity.hosted.is_(True), Contribution.ref == typed_ref(ref))
    ).one_or_none()
    if found is None:
        return None
    contribution, participant, plan_id, stage, cycle = found
    return Place(
        collectivity_id=contribution.collectivity_id,
        plan_id=plan_id,
        stage=stage,
        consultation_id=contribution.consultation_id,
        readable=contribution.state in READABLE_STATES,
        owner_person_id=contribution.acting_person_id or participant.person_id,
        owner_association_id=participant.association_id,
        ids={"contribution": contribution.id},
        slug=slug,
        cycle=cycle,
    )


def decision_place(slug: str, ref: str) -> Place | None:
    """Return the place of a decision: who took it."""
    found = db.session.execute(
        sa.select(ModerationDecision)
        .join(Collectivity, Collectivity.id == ModerationDecision.collectivity_id)
        .where(Collectivity.slug == slug, ModerationDecision.ref == typed_ref(ref))
    ).scalar_one_or_none()
    if found is None:
        return None
    return Place(
        collectivity_id=found.collectivity_id,
        decided_by=found.decided_by,
        settled=found.undone_at is not None,
        ids={"decision": found.id, "contribution": found.contribution_id},
        slug=slug,
    )


def appeal_place(slug: str, ref: str) -> Place | None:
    """Return the place of an appeal, by its decision's reference: who decided first, whose text it is."""
    found = db.session.execute(
        sa.select(Appeal, Contribution, Participant)
        .join(
            ModerationDecision,
            sa.and_(
                ModerationDecision.collectivity_id == Appeal.collectivity_id,
                ModerationDecision.id == Appeal.decision_id,
            ),
        )
        .join(Collectivity, Collectivity.id == Appeal.collectivity_id)
        .join(
            Contribution,
            sa.and_(
                Contribution.collectivity_id == Appeal.collectivity_id,
                Contribution.id == Appeal.contribution_id,
            ),
        )
        .join(
            Participant,
            sa.and_(
                Participant.collectivity_id == Contribution.collectivity_id,
                Participant.id == Contribution.participant_id,
            ),
        )
        .where(Collectivity.slug == slug, ModerationDecision.ref == typed_ref(ref))
    ).one_or_none()
    if found is None:
        return None
    asked, contribution, participant = found
    return Place(
        collectivity_id=asked.collectivity_id,
        decided_by=asked.first_decided_by,
        owner_person_id=contribution.acting_person_id or participant.person_id,
        owner_association_id=participant.association_id,
        settled=asked.state != "open",
        ids={"appeal": asked.id, "decision": asked.decision_id, "contribution": asked.contribution_id},
        slug=slug,
    )
