"""The moves of the plan, before and after the council."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.council.models import Deliberation, ProjectVote
from participate.db import Words, clock, db, new_id
from participate.journal import actions as journal
from participate.lifecycle import queries
from participate.lifecycle.actions.locking import chain_of_plan, locked_round, move_to, place_of_plan
from participate.lifecycle.actions.refusals import NotAdoptedError
from participate.lifecycle.actions.windows import shut
from participate.monitoring.models import Milestone
from participate.plans import actions as plans
from participate.plans.models import ActionPlan, PlanVersion, Project, ProjectRevision, VersionProject
from participate.plans.queries import Keyed, written
from participate.responses import actions as responses
from participate.rules import lifecycle as law
from participate.rules.lifecycle import Facts, MoveName
from participate.rules.outcomes import (
    DECISIONS_ADOPTING,
    ConsultationKind,
    ConsultationState,
    ProjectDecision,
    VersionKind,
)
from participate.rules.policy import Act, Actor, require
from participate.synthesis import actions as synthesis


def _for_plan(actor: Actor, act: Act, key: Keyed) -> tuple[list[Consultation], ActionPlan]:
    """Lock the round's consultations, then the plan, and ask the policy."""
    consultations = locked_round(key)
    plan = plans.locked_plan(key.collectivity_id, key.id)
    require(actor, act, place_of_plan(plan))
    return consultations, plan


def transmit(actor: Actor, plan: Keyed, note: Words | None = None) -> PlanVersion:
    """Send the plan to the council: the revised version, every response and the seal, all at once.

    A revised version that already says what the working copy says is kept. Raises MoveRefusedError.
    """
    consultations, row = _for_plan(actor, Act.PLAN_TRANSMIT, plan)
    now = clock()
    stage = law.perform(MoveName.TRANSMIT, queries.facts(row, now=now))
    version = _revised(actor, row, note)
    closed = [one for one in consultations if one.state is ConsultationState.CLOSED]
    published = sum(_published(responses.publish_all(one.id, now)) for one in closed)
    review = max(
        (one for one in closed if one.kind is ConsultationKind.DRAFT_REVIEW), key=lambda one: one.closes_at
    )
    seal = synthesis.seal(actor.person_id, review.id, now)
    move_to(row, stage, now)
    journal.record(
        actor.person_id,
        "plan:transmitted",
        chain_of_plan(row),
        f"plan:{row.id}",
        public={"version": version.number, "seal": seal.sha256, "responses": published},
    )
    return version


def _published(found: Any) -> int:
    """Return how many responses were published: a count or the responses themselves."""
    return found if isinstance(found, int) else len(found or ())


def _revised(actor: Actor, plan: ActionPlan, note: Words | None) -> PlanVersion:
    try:
        return plans.pin_version(actor.person_id, plan, VersionKind.REVISED, note)
    except plans.NothingToPublishError:
        latest = _latest_version(plan)
        if latest is None or latest.kind is not VersionKind.REVISED:
            raise
        return latest


def _latest_version(plan: ActionPlan) -> PlanVersion | None:
    return db.session.scalar(
        sa.select(PlanVersion)
        .where(PlanVersion.collectivity_id == plan.collectivity_id, PlanVersion.plan_id == plan.id)
        .order_by(PlanVersion.number.desc())
        .limit(1)
    )


def _decided(plan: ActionPlan, outcome: str) -> Deliberation | None:
    found = queries.deliberation_of(plan)
    if found is None:
        return None
    if found[0].outcome != outcome:
        raise NotAdoptedError(found[0].outcome)
    return found[0]


def adopt(actor: Actor, plan: Keyed, note: Words | None = None) -> PlanVersion:
    """Follow the council's adoption: publish what was adopted, and begin its implementation.

    The adopted version holds the adopted projects and those adopted with an amendment, which get a
    new revision with the text and the budget that the council gave them. Their dated milestones become the ones that are followed.
    Raises MoveRefusedError, NotAdoptedError, NothingToPublishError when no project was adopted.
    """
    _consultations, row = _for_plan(actor, Act.PLAN_ADOPT, plan)
    now = clock()
    deliberation = _decided(row, "adopted")
    stage = law.perform(MoveName.ADOPT, queries.facts(row, now=now))
    assert deliberation is not None, "the law asks for a dated one"
    votes = list(
        db.session.scalars(
            sa.select(ProjectVote).where(
                ProjectVote.collectivity_id == row.collectivity_id,
                ProjectVote.deliberation_id == deliberation.id,
                ProjectVote.decision.in_(DECISIONS_ADOPTING),
            )
        )
    )
    version = plans.pin_version(
        actor.person_id,
        row,
        VersionKind.ADOPTED,
        note,
        only={vote.project_id for vote in votes},
        amended={
            vote.project_id: plans.Amendment(vote.amendment or {}, vote.amended_text or {})
            for vote in votes
            if vote.decision is ProjectDecision.ADOPTED_AMENDED
        },
    )
    _begin_milestones(row, version)
    deliberation.performed_at = now
    move_to(row, stage, now)
    journal.record(
        actor.person_id,
        "plan:adopted",
        chain_of_plan(row),
        f"plan:{row.id}",
        public={
            "version": version.number,
            "reference": deliberation.reference,
            "decided_on": deliberation.decided_on,
        },
    )
    return version


def _begin_milestones(plan: ActionPlan, version: PlanVersion) -> None:
    """Follow every dated milestone of the adopted version, in the order of its dates."""
    revisions = db.session.scalars(
        sa.select(ProjectRevision)
        .join(
            VersionProject,
            (VersionProject.collectivity_id == ProjectRevision.collectivity_id)
            & (VersionProject.revision_id == ProjectRevision.id),
        )
        .join(
            Project,
            (Project.collectivity_id == ProjectRevision.collectivity_id)
            & (Project.id == ProjectRevision.project_id),
        )
        .where(
            VersionProject.collectivity_id == plan.collectivity_id, VersionProject.version_id == version.id
        )
        .order_by(Project.number)
    )
    for revision in revisions:
        dated = [row for row in revision.milestones if row.get("starts") and row.get("ends")]
        for position, row in enumerate(sorted(dated, key=lambda m: (m["starts"], m["ends"])), start=1):
            db.session.add(
                Milestone(
                    collectivity_id=plan.collectivity_id,
                    id=new_id(),
                    plan_id=plan.id,
                    project_id=revision.project_id,
                    position=position,
                    title=row["title"],
                    indicator=row.get("indicator") or {},
                    starts_on=date.fromisoformat(row["starts"]),
                    ends_on=date.fromisoformat(row["ends"]),
                )
            )
    db.session.flush()


def return_(actor: Actor, plan: Keyed) -> ActionPlan:
    """Follow the council's decision to return the plan: it is prepared again, with new consultations.

    The consultations of this round are archived, and stay public. Raises MoveRefusedError,
    NotAdoptedError when the council's decision was another.
    """
    consultations, row = _for_plan(actor, Act.PLAN_RETURN, plan)
    now = clock()
    deliberation = _decided(row, "returned")
    stage = law.perform(MoveName.RETURN, queries.facts(row, now=now))
    assert deliberation is not None, "the law asks for a dated one"
    for one in consultations:
        if one.state is ConsultationState.CLOSED:
            one.state = ConsultationState.ARCHIVED
    deliberation.performed_at = now
    move_to(row, stage, now)
    journal.record(
        actor.person_id,
        "plan:returned",
        chain_of_plan(row),
        f"plan:{row.id}",
        public={"reference": deliberation.reference, "reason": deliberation.reason},
    )
    return row


def start_evaluation(actor: Actor, plan: Keyed) -> ActionPlan:
    """Begin the evaluation of a plan whose last day has come. Raises MoveRefusedError."""
    return _simple(actor, Act.EVALUATION_START, MoveName.START_EVALUATION, plan, "evaluation:started")


def close_plan(actor: Actor, plan: Keyed) -> ActionPlan:
    """Close an evaluated plan. Raises MoveRefusedError."""
    return _simple(actor, Act.PLAN_CLOSE, MoveName.CLOSE_PLAN, plan, "plan:closed")


def _simple(actor: Actor, act: Act, move: MoveName, key: Keyed, event: str) -> ActionPlan:
    _consultations, row = _for_plan(actor, act, key)
    now = clock()
    stage = law.perform(move, queries.facts(row, now=now))
    move_to(row, stage, now)
    journal.record(actor.person_id, event, chain_of_plan(row), f"plan:{row.id}")
    return row


def withdraw(actor: Actor, plan: Keyed, reason: Words) -> ActionPlan:
    """Withdraw a plan before its adoption, with a reason that everybody reads.

    Open consultations close at once. Everything published stays public. Raises MoveRefusedError.
    """
    consultations, row = _for_plan(actor, Act.PLAN_WITHDRAW, plan)
    given = written(reason)
    now = clock()
    known: Facts = replace(queries.facts(row, now=now), public_reason=bool(given))
    stage = law.perform(MoveName.WITHDRAW, known)
    for one in consultations:
        if one.state is ConsultationState.OPEN:
            shut(actor.person_id, one, now)
    row.withdrawn_reason = given
    move_to(row, stage, now)
    journal.record(
        actor.person_id, "plan:withdrawn", chain_of_plan(row), f"plan:{row.id}", public={"reason": given}
    )
    return row
