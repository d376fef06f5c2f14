"""Makers of the lifecycle's tests: a plan brought to the edge of each move, by rows."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from participate.council.models import CouncilSession, Deliberation, ProjectVote, Sitting
from participate.db import add, clock, db, new_id, set_clock
from participate.evaluation.models import Evaluation
from participate.plans import actions as plans
from participate.plans.models import Project
from participate.responses.models import Response
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import (
    ConsultationKind,
    ConsultationState,
    Outcome,
    ProjectDecision,
    ResponseState,
    VersionKind,
)
from participate.rules.policy import Role
from participate.rules.windows import casablanca_date, casablanca_midnight
from tests import makers


def actor(made, role):
    """Somebody with one role in the plan's commune, as an actor."""
    return makers.actor_of(makers.staff(made.collectivity, role))


def midnight(days, made=None):
    """Midnight in Casablanca, so many days from today."""
    return casablanca_midnight(casablanca_date(clock()) + timedelta(days=days))


def planned(made, kind=ConsultationKind.DRAFT_REVIEW, *, starts=20, lasts=20):
    """A consultation planned, opening in so many days."""
    return makers.a_consultation(
        made,
        kind,
        state=ConsultationState.PLANNED,
        announced_at=None,
        opened_at=None,
        opens_at=midnight(starts),
        closes_at=midnight(starts + lasts),
        version_id=None,
    )


def a_draft(made):
    """Publish the working copy as a draft."""
    made.version = plans.publish_version(actor(made, Role.OFFICER), made.plan, VersionKind.DRAFT)
    return made.version


def at(moment: datetime):
    """Move the clock."""
    set_clock(moment)


def answered(made):
    """Give every project of a closed review its approved response."""
    writer, reader = makers.a_person(), makers.a_person()
    for project in made.projects:
        add(
            Response(
                collectivity_id=made.collectivity.id,
                id=new_id(),
                consultation_id=made.review.id,
                project_id=project.id,
                outcome=Outcome.ACCEPTED,
                text=makers.words("answer"),
                state=ResponseState.APPROVED,
                written_by=writer.id,
                written_at=clock(),
                approved_by=reader.id,
                approved_at=clock(),
            )
        )


def deliberated(made, *, outcome="adopted", quorum=True, decisions=None):
    """Record a sitting and its decision; by default every project is adopted."""
    here, who = made.collectivity.id, makers.a_person().id
    session = add(
        CouncilSession(
            collectivity_id=here,
            id=new_id(),
            plan_id=made.plan.id,
            opens_on=casablanca_date(clock()),
            announced_at=clock(),
        )
    )
    sitting = add(
        Sitting(
            collectivity_id=here,
            id=new_id(),
            session_id=session.id,
            call=1,
            held_at=clock(),
            in_office=39,
            present=30,
            excused=4,
            absent=5,
            quorum=quorum,
            recorded_by=who,
            recorded_at=clock(),
        )
    )
    row = add(
        Deliberation(
            collectivity_id=here,
            id=new_id(),
            sitting_id=sitting.id,
            plan_id=made.plan.id,
            reference="12/2023",
            decided_on=casablanca_date(clock()),
            outcome=outcome,
            reason=makers.words("why") if outcome == "returned" else None,
            recorded_by=who,
            recorded_at=clock(),
        )
    )
    for project in made.projects:
        decision = (decisions or {}).get(project.number, ProjectDecision.ADOPTED)
        if decision is None:
            continue
        db.session.add(
            ProjectVote(
                collectivity_id=here,
                deliberation_id=row.id,
                project_id=project.id,
                decision=decision,
                present=30,
                in_favour=20,
                against=5,
                abstain=5,
                reason=makers.words("reason")
                if decision in (ProjectDecision.POSTPONED, ProjectDecision.REJECTED)
                else None,
                amendment={"ar": "تعديل المجلس"} if decision is ProjectDecision.ADOPTED_AMENDED else None,
            )
        )
    db.session.flush()
    return row


def evaluated(made):
    """Record the joint evaluation."""
    add(
        Evaluation(
            collectivity_id=made.collectivity.id,
            id=new_id(),
            plan_id=made.plan.id,
            held_on=casablanca_date(clock()),
            lessons=makers.words("lessons"),
            recorded_by=makers.a_person().id,
            recorded_at=clock(),
        )
    )


def ready_for_council(made):
    """Answer everything and let the appeal window end."""
    answered(made)


def projects_of(made):
    """The working copies, by number."""
    return db.session.scalars(
        sa.select(Project).where(Project.plan_id == made.plan.id).order_by(Project.number)
    ).all()


__all__ = ["Stage"]
