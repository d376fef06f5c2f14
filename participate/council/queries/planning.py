"""The settings of a council and the calendar before its session: what is done, what is late."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.council.models import CouncilSetting
from participate.council.queries.sessions import DecisionView, SessionView
from participate.council.queries.settings import rules_from
from participate.db import db
from participate.responses import queries as responses
from participate.responses.models import Response
from participate.rules.outcomes import ConsultationKind, ConsultationState
from participate.rules.session_calendar import CouncilRules, DatedStep, dated
from participate.rules.windows import Step, back_planning, casablanca_date
from participate.synthesis import queries as synthesis


def rules_of(collectivity_id: int) -> CouncilRules:
    """Return the settings of a council. One statement."""
    return rules_from(
        db.session.scalar(
            sa.select(CouncilSetting)
            .where(CouncilSetting.collectivity_id == collectivity_id)
            .execution_options(populate_existing=True)
        )
    )


def calendar_of(session: SessionView, decision: DecisionView | None, today: date) -> tuple[DatedStep, ...]:
    """Return the steps around a session with what was done and what is late. A few statements."""
    planned = back_planning(session.opens_on, session.rules.delays)
    return dated(planned, _done(session, decision), today)


def _done(session: SessionView, decision: DecisionView | None) -> dict[Step, date | None]:
    review = db.session.scalars(
        sa.select(Consultation)
        .where(
            Consultation.collectivity_id == session.collectivity_id,
            Consultation.plan_id == session.plan_id,
            Consultation.kind == ConsultationKind.DRAFT_REVIEW,
            Consultation.state != ConsultationState.PLANNED,
        )
        .order_by(Consultation.opens_at.desc(), Consultation.id.desc())
        .limit(1)
    ).one_or_none()
    head = synthesis.head(session.collectivity_id, session.plan_id)
    sealed = head.sealed.sealed_at if head is not None and head.sealed is not None else None
    approved = sealed or (_all_approved(review) if review is not None else None)
    sat = session.sitting
    return {
        Step.NOTICE: _day(review.announced_at if review is not None else None),
        Step.REVIEW_OPENS: _day(review.opened_at if review is not None else None),
        Step.REVIEW_CLOSES: _day(review.closed_at if review is not None else None),
        Step.RESPONSES_APPROVED: _day(_last_approval(review) or approved if review is not None and approved else None),
        Step.AGENDA_TO_GOVERNOR: session.agenda_sent_on,
        Step.DOSSIER_TO_COUNCILLORS: _day(sealed),
        Step.SESSION: sat.day if sat is not None else None,
        Step.DECISIONS_PUBLISHED: _day(decision.performed_at if decision is not None else None),
    }  # fmt: skip


def _day(moment: datetime | None) -> date | None:
    return casablanca_date(moment) if moment is not None else None


def _last_approval(review: Consultation) -> datetime | None:
    return db.session.scalar(
        sa.select(sa.func.max(Response.approved_at)).where(
            Response.collectivity_id == review.collectivity_id, Response.consultation_id == review.id
        )
    )


def _all_approved(review: Consultation) -> datetime | None:
    """Return when the last answer was approved, once every contribution of a closed review has one."""
    if review.closed_at is None:
        return None
    covered = responses.coverage(review.collectivity_id, review.id)
    if covered.answered < covered.answerable:
        return None
    return _last_approval(review)
