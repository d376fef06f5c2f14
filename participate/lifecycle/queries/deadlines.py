"""What is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.contributions.models import Contribution
from participate.db import db
from participate.plans.models import ActionPlan
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ConsultationState, PublishState


@dataclass(frozen=True)
class Due:
    """A consultation whose moment has come: to open or to close."""

    collectivity_id: int
    consultation_id: int
    opening: bool


def due(collectivity_id: int | None, now: datetime) -> tuple[list[Due], set[int]]:
    """Return the openings and closings whose moment has come, and where a promise of moderation is over.

    One statement; `collectivity_id` None looks everywhere.
    """
    opening = (Consultation.state == ConsultationState.ANNOUNCED) & (Consultation.opens_at <= now)
    closing = (Consultation.state == ConsultationState.OPEN) & (Consultation.closes_at <= now)
    living = ActionPlan.stage.in_([Stage.PREPARATION, Stage.CONSULTATION])
    windows_due = (
        sa.select(
            Consultation.collectivity_id,
            Consultation.id.label("consultation_id"),
            sa.case((opening, 1), else_=0).label("opening"),
            Consultation.opens_at.label("at"),
        )
        .join(
            ActionPlan,
            (ActionPlan.collectivity_id == Consultation.collectivity_id)
            & (ActionPlan.id == Consultation.plan_id),
        )
        .where(sa.or_(opening, closing), living)
    )
    late = (
        sa.select(
            Contribution.collectivity_id,
            sa.literal(0).label("consultation_id"),
            sa.literal(-1).label("opening"),
            sa.func.min(Contribution.due_at).label("at"),
        )
        .where(
            Contribution.state.in_([PublishState.WAITING, PublishState.RETURNED]), Contribution.due_at <= now
        )
        .group_by(Contribution.collectivity_id)
    )
    if collectivity_id is not None:
        windows_due = windows_due.where(Consultation.collectivity_id == collectivity_id)
        late = late.where(Contribution.collectivity_id == collectivity_id)
    rows = db.session.execute(sa.union_all(windows_due, late).order_by("at")).all()
    return (
        [Due(row[0], row[1], bool(row[2])) for row in rows if row[2] >= 0],
        {row[0] for row in rows if row[2] < 0},
    )
