"""Where an answer stands: its place in the policy, the rounds of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from werkzeug.exceptions import NotFound

from participate.consultations.models import Consultation
from participate.db import Words, db
from participate.network.models import Collectivity
from participate.plans.models import ActionPlan
from participate.responses.models import Response
from participate.responses.queries.conditions import LIVE, same_collectivity
from participate.rules.outcomes import ConsultationKind, ConsultationState, ResponseState
from participate.rules.policy import Place

# --- places ------------------------------------------------------------


def response_place(slug: str, cycle: str, response_id: int, **_rest: object) -> Place:
    """Return the place of a response, with who wrote it. Raises NotFound.

    `ids` holds "plan", "consultation" and "response".
    """
    row = db.session.execute(
        sa.select(
            ActionPlan.collectivity_id,
            ActionPlan.id.label("plan_id"),
            ActionPlan.stage,
            Response.id,
            Response.consultation_id,
            Response.written_by,
            Response.state,
        )
        .join(Collectivity, Collectivity.id == ActionPlan.collectivity_id)
        .join(
            Consultation,
            same_collectivity(Consultation, ActionPlan) & (Consultation.plan_id == ActionPlan.id),
        )
        .join(
            Response,
            same_collectivity(Response, Consultation) & (Response.consultation_id == Consultation.id),
        )
        .where(Collectivity.slug == slug, ActionPlan.cycle == cycle, Response.id == response_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Place(
        collectivity_id=row.collectivity_id,
        plan_id=row.plan_id,
        stage=row.stage,
        consultation_id=row.consultation_id,
        written_by=row.written_by,
        settled=row.state is ResponseState.PUBLISHED,
        ids={"plan": row.plan_id, "consultation": row.consultation_id, "response": row.id},
        slug=slug,
        cycle=cycle,
    )


# --- rounds ------------------------------------------------------------


@dataclass(frozen=True)
class Round:
    """A consultation whose contributions are answered."""

    id: int
    kind: ConsultationKind
    state: ConsultationState
    title: Words
    closes_at: datetime

    @property
    def closed(self) -> bool:
        """Whether directional figures may be seen."""
        return self.state in (ConsultationState.CLOSED, ConsultationState.ARCHIVED)


def rounds(collectivity_id: int, plan_id: int) -> tuple[Round, ...]:
    """Return the consultations of the plan's present round, the newest first."""
    rows = db.session.execute(
        sa.select(
            Consultation.id, Consultation.kind, Consultation.state, Consultation.title, Consultation.closes_at
        )
        .where(
            Consultation.collectivity_id == collectivity_id,
            Consultation.plan_id == plan_id,
            Consultation.state.in_(LIVE),
        )
        .order_by(Consultation.opens_at.desc(), Consultation.id.desc())
    )
    return tuple(Round(*row) for row in rows)
