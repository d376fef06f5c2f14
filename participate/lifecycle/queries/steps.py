"""The seven steps and the timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from werkzeug.exceptions import NotFound

from participate.consultations.models import Consultation
from participate.council.models import CouncilSession, Deliberation
from participate.council.queries import rules_of
from participate.db import Words, db
from participate.lifecycle.queries.gathered import plan_row
from participate.lifecycle.queries.rounds import ConsultationRow, consultations_of
from participate.plans.models import ActionPlan, PlanVersion
from participate.plans.queries import Keyed, versions_of
from participate.rules import lifecycle as law
from participate.rules import windows
from participate.rules.lifecycle import Stage, Step, StepState
from participate.rules.outcomes import ConsultationKind, ConsultationState, VersionKind


@dataclass(frozen=True)
class CycleStep:
    """One star of the strip: which step, how it is drawn, and the moments that belong to it.

    `ends` is exclusive. `day` is a date where the step has one instead of a window.
    """

    key: Step
    state: StepState
    starts: datetime | None = None
    ends: datetime | None = None
    day: date | None = None
    until: date | None = None
    open: bool = False


@dataclass(frozen=True)
class _Steps:
    plan: ActionPlan
    call: Consultation | None
    review: Consultation | None
    session: date | None
    draft: datetime | None


def cycle_steps(plan: Keyed) -> tuple[CycleStep, ...]:
    """Return the seven steps of a plan with their state and dates, in one statement.

    The words are the page's: see `lifecycle.words.strip`.
    """
    return _drawn(_steps(plan))


def session_and_draft() -> tuple[Any, Any]:
    """Return two columns for a statement on ActionPlan: its session's day, and when its draft was published."""
    session = (
        sa.select(sa.func.max(CouncilSession.opens_on))
        .where(
            CouncilSession.collectivity_id == ActionPlan.collectivity_id,
            CouncilSession.plan_id == ActionPlan.id,
        )
        .scalar_subquery()
    )
    draft = (
        sa.select(sa.func.max(PlanVersion.published_at))
        .where(
            PlanVersion.collectivity_id == ActionPlan.collectivity_id,
            PlanVersion.plan_id == ActionPlan.id,
            PlanVersion.kind == VersionKind.DRAFT,
        )
        .scalar_subquery()
    )
    return session, draft


def steps_of(
    plan: ActionPlan, consultations: Iterable[Consultation], session: date | None, draft: datetime | None
) -> tuple[CycleStep, ...]:
    """Return `cycle_steps` of what a page already read: consultations by their opening, planned ones left out."""
    # The latest of each kind: a plan that came back from the council has older ones.
    latest = {one.kind: one for one in consultations}
    return _drawn(
        _Steps(
            plan,
            latest.get(ConsultationKind.CALL_FOR_IDEAS),
            latest.get(ConsultationKind.DRAFT_REVIEW),
            session,
            draft,
        )
    )


def _drawn(known: _Steps) -> tuple[CycleStep, ...]:
    call_state = known.call.state if known.call else None
    if call_state is None and known.draft is None and known.plan.stage is Stage.PREPARATION:
        # Nothing has happened in public yet: the ideas are to come, they are not behind us.
        call_state = ConsultationState.PLANNED
    drawn = dict(law.stars(known.plan.stage, call_state))
    made = {
        Step.IDEAS: _window_step(Step.IDEAS, drawn, known.call),
        Step.DRAFT: CycleStep(
            Step.DRAFT, drawn[Step.DRAFT], day=windows.casablanca_date(known.draft) if known.draft else None
        ),
        Step.REVIEW: _window_step(Step.REVIEW, drawn, known.review),
        Step.ANSWERS: CycleStep(
            Step.ANSWERS,
            drawn[Step.ANSWERS],
            starts=known.review.closes_at
            if known.review and known.review.state is not ConsultationState.ARCHIVED
            else None,
        ),
        Step.COUNCIL: CycleStep(Step.COUNCIL, drawn[Step.COUNCIL], day=known.session),
        Step.IMPLEMENTATION: CycleStep(
            Step.IMPLEMENTATION,
            drawn[Step.IMPLEMENTATION],
            day=known.plan.starts_on,
            until=known.plan.ends_on,
        ),
        Step.EVALUATION: CycleStep(Step.EVALUATION, drawn[Step.EVALUATION], day=known.plan.ends_on),
    }
    return tuple(made[step] for step in Step)


def _steps(plan: Keyed) -> _Steps:
    rows = db.session.execute(
        sa.select(ActionPlan, Consultation, *session_and_draft())
        .outerjoin(
            Consultation,
            (Consultation.collectivity_id == ActionPlan.collectivity_id)
            & (Consultation.plan_id == ActionPlan.id)
            & (Consultation.state != ConsultationState.PLANNED),
        )
        .where(ActionPlan.collectivity_id == plan.collectivity_id, ActionPlan.id == plan.id)
        .order_by(Consultation.opens_at)
    ).all()
    if not rows:
        raise NotFound
    latest = {row[1].kind: row[1] for row in rows if row[1] is not None}
    return _Steps(
        rows[0][0],
        latest.get(ConsultationKind.CALL_FOR_IDEAS),
        latest.get(ConsultationKind.DRAFT_REVIEW),
        rows[0][2],
        rows[0][3],
    )


def _window_step(step: Step, drawn: dict[Step, StepState], row: Consultation | None) -> CycleStep:
    if row is None:
        return CycleStep(step, drawn[step])
    return CycleStep(
        step,
        drawn[step],
        starts=row.opens_at,
        ends=row.closes_at,
        open=row.state is ConsultationState.OPEN,
    )


class Event(StrEnum):
    """What the timeline of a plan tells."""

    ANNOUNCED = "announced"
    OPENS = "opens"
    EXTENDED = "extended"
    CLOSES = "closes"
    VERSION = "version"
    RESPONSES_APPROVED = "responses_approved"
    AGENDA_TO_GOVERNOR = "agenda_to_governor"
    DOSSIER_TO_COUNCILLORS = "dossier_to_councillors"
    SESSION = "session"
    DECIDED = "decided"
    DECISIONS_PUBLISHED = "decisions_published"
    WITHDRAWN = "withdrawn"
    STARTS = "starts"
    ENDS = "ends"


@dataclass(frozen=True)
class TimelineEvent:
    """One dated line: performed, or to come. `planned` marks a day that a delay gives, not a decision."""

    event: Event
    day: date
    done: bool
    kind: ConsultationKind | None = None
    version: int | None = None
    version_kind: VersionKind | None = None
    note: Words | None = None
    planned: bool = False
    outcome: str | None = None


def session_day(plan: Keyed) -> date | None:
    """Return the day the council's session opens, once announced."""
    return db.session.scalar(
        sa.select(sa.func.max(CouncilSession.opens_on)).where(
            CouncilSession.collectivity_id == plan.collectivity_id, CouncilSession.plan_id == plan.id
        )
    )


_PLANNED = {
    windows.Step.RESPONSES_APPROVED: Event.RESPONSES_APPROVED,
    windows.Step.AGENDA_TO_GOVERNOR: Event.AGENDA_TO_GOVERNOR,
    windows.Step.DOSSIER_TO_COUNCILLORS: Event.DOSSIER_TO_COUNCILLORS,
    windows.Step.DECISIONS_PUBLISHED: Event.DECISIONS_PUBLISHED,
}


def timeline(plan: Keyed, now: datetime) -> list[TimelineEvent]:
    """Return the dated life of a plan in order: what was performed, and what is to come.

    What is only planned, and private, is left out: a consultation appears once announced.
    """
    today = windows.casablanca_date(now)
    row = plan_row(plan.collectivity_id, plan.id)
    found: list[TimelineEvent] = []
    for one in consultations_of(plan.collectivity_id, plan.id):
        found += _consultation_events(one)
    for version in versions_of(plan.collectivity_id, plan.id):
        found.append(
            TimelineEvent(
                Event.VERSION,
                windows.casablanca_date(version.published_at),
                done=True,
                version=version.number,
                version_kind=version.kind,
                note=version.note,
            )
        )
    session = session_day(plan)
    if session is not None:
        found.append(TimelineEvent(Event.SESSION, session, done=session < today))
        if row.stage in law.BEFORE_ADOPTION:
            found += [
                TimelineEvent(_PLANNED[step.step], step.at_latest, done=False, planned=True)
                for step in windows.back_planning(session, rules_of(plan.collectivity_id).delays)
                if step.step in _PLANNED and step.at_latest >= today
            ]
    found += _deliberations(plan)
    if row.stage is Stage.WITHDRAWN:
        day = windows.casablanca_date(row.stage_since)
        found.append(TimelineEvent(Event.WITHDRAWN, day, done=True, note=row.withdrawn_reason))
    else:
        found.append(TimelineEvent(Event.STARTS, row.starts_on, done=row.stage not in law.BEFORE_ADOPTION))
        found.append(TimelineEvent(Event.ENDS, row.ends_on, done=row.stage is Stage.CLOSED))
    return sorted(found, key=lambda event: event.day)


def _consultation_events(one: ConsultationRow) -> list[TimelineEvent]:
    if one.announced_at is None:
        return []
    day = windows.casablanca_date
    found = [
        TimelineEvent(
            Event.ANNOUNCED, day(one.announced_at), done=True, kind=one.kind, note=one.notice_override
        ),
        TimelineEvent(Event.OPENS, day(one.opens_at), done=one.opened_at is not None, kind=one.kind),
        TimelineEvent(Event.CLOSES, one.last_day, done=one.closed_at is not None, kind=one.kind),
    ]
    return found + [
        TimelineEvent(Event.EXTENDED, day(e.at), done=True, kind=one.kind, note=e.reason)
        for e in one.extensions
    ]


def _deliberations(plan: Keyed) -> list[TimelineEvent]:
    rows = db.session.scalars(
        sa.select(Deliberation).where(
            Deliberation.collectivity_id == plan.collectivity_id,
            Deliberation.plan_id == plan.id,
            Deliberation.performed_at.is_not(None),
        )
    )
    return [
        TimelineEvent(Event.DECIDED, row.decided_on, done=True, note=row.reason, outcome=row.outcome)
        for row in rows
    ]
