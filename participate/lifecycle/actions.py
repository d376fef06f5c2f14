"""The moves of a plan. Each locks the consultation, then the plan, reads the clock, asks the law, then writes.

`ActionPlan.stage` and `Consultation.state` are written here only. Nothing here commits.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from participate.consultations import actions as consultations
from participate.consultations.models import Consultation, Extension
from participate.council.models import Deliberation, ProjectVote
from participate.db import Words, add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.journal.encoding import canonical, sha256
from participate.journal.models import Chain
from participate.lifecycle import queries
from participate.moderation import actions as moderation
from participate.monitoring.models import Milestone
from participate.network.models import Collectivity
from participate.plans import actions as plans
from participate.plans.models import ActionPlan, PlanVersion, Project, ProjectRevision, VersionProject
from participate.plans.queries import Keyed, written
from participate.positions import actions as positions
from participate.positions.models import Priority, Statement
from participate.responses import actions as responses
from participate.rules import lifecycle as law
from participate.rules.lifecycle import Facts, MoveName, MoveRefusedError, Stage
from participate.rules.outcomes import (
    DECISIONS_ADOPTING,
    ConsultationKind,
    ConsultationState,
    ProjectDecision,
    VersionKind,
)
from participate.rules.policy import Act, Actor, Place, require
from participate.rules.windows import Window, notice_days
from participate.synthesis import actions as synthesis

OPENINGS = {
    ConsultationKind.CALL_FOR_IDEAS: MoveName.OPEN_CALL,
    ConsultationKind.DRAFT_REVIEW: MoveName.OPEN_REVIEW,
}
CLOSINGS = {
    ConsultationKind.CALL_FOR_IDEAS: MoveName.CLOSE_CALL,
    ConsultationKind.DRAFT_REVIEW: MoveName.CLOSE_REVIEW,
}


class NoSuchConsultationError(Exception):
    """The consultation that was named does not exist here."""


class NoReasonError(Exception):
    """A move that the public must be able to understand came without its reason."""


class AlreadyOpenError(Exception):
    """The dates of a consultation that has opened can only be extended; holds its state."""


class NotAdoptedError(Exception):
    """The council's recorded decision says otherwise; holds its outcome."""


# --- locking -------------------------------------------------------------------------------------


def _locked_consultation(key: Keyed) -> Consultation:
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


def _locked_round(plan: Keyed) -> list[Consultation]:
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


def _place(plan: ActionPlan, consultation: Consultation | None = None) -> Place:
    return Place(
        collectivity_id=plan.collectivity_id,
        plan_id=plan.id,
        stage=plan.stage,
        consultation_id=consultation.id if consultation else None,
        consultation_state=consultation.state if consultation else None,
        ids={"plan": plan.id},
        cycle=plan.cycle,
    )


def _both(actor: Actor, act: Act, key: Keyed) -> tuple[Consultation, ActionPlan]:
    """Lock a consultation and its plan, and ask the policy."""
    consultation = _locked_consultation(key)
    plan = plans.locked_plan(consultation.collectivity_id, consultation.plan_id)
    require(actor, act, _place(plan, consultation))
    return consultation, plan


def _move_to(plan: ActionPlan, stage: Stage, now: datetime) -> None:
    if plan.stage is not stage:
        plan.stage = stage
        plan.stage_since = now
    db.session.flush()


def _of(consultation: Consultation) -> journal.ChainRef:
    return journal.of_consultation(consultation.collectivity_id, consultation.id)


def _on(plan: ActionPlan) -> journal.ChainRef:
    return journal.of_plan(plan.collectivity_id, plan.id)


def _origin(collectivity_id: int) -> str:
    """Return the name under which checkpoints of a collectivity's chains are signed."""
    slug = db.session.scalar(sa.select(Collectivity.slug).where(Collectivity.id == collectivity_id))
    return f"participate/{slug}"


def _reason(reason: Words | None) -> Words:
    given = written(reason)
    if not given:
        raise NoReasonError
    return given


# --- before the opening -----------------------------------------------------------------------------


def reschedule(actor: Actor, consultation: Keyed, opens_at: datetime, closes_at: datetime) -> Consultation:
    """Give new dates to a consultation that has not opened; it must be announced again.

    Raises AlreadyOpenError; EmptyWindowError when it would close before it opens.
    """
    row, _plan = _both(actor, Act.CONSULTATION_PLAN, consultation)
    if row.state not in (ConsultationState.PLANNED, ConsultationState.ANNOUNCED):
        raise AlreadyOpenError(row.state)
    window = Window(opens_at, closes_at)
    row.opens_at, row.closes_at = window.opens_at, window.closes_at
    row.state = ConsultationState.PLANNED
    row.announced_at = None
    row.notice_override = None
    db.session.flush()
    journal.record(
        actor.person_id,
        "consultation:planned",
        _of(row),
        f"consultation:{row.id}",
        public={
            "consultation": row.id,
            "kind": row.kind,
            "opens_at": row.opens_at,
            "closes_at": row.closes_at,
        },
    )
    return row


def announce(actor: Actor, consultation: Keyed, override: Words | None = None) -> Consultation:
    """Make the calendar of a consultation public: from now on the notice counts.

    `override` is the public reason for a notice shorter than 14 days. Raises MoveRefusedError.
    """
    row, plan = _both(actor, Act.CONSULTATION_ANNOUNCE, consultation)
    now = clock()
    law.perform(MoveName.ANNOUNCE, queries.facts(plan, row, now=now))
    row.state = ConsultationState.ANNOUNCED
    row.announced_at = now
    plan.public_since = plan.public_since or now
    row.notice_override = written(override) or None
    db.session.flush()
    journal.record(
        actor.person_id,
        "consultation:announced",
        _of(row),
        f"consultation:{row.id}",
        public={
            "consultation": row.id,
            "opens_at": row.opens_at,
            "closes_at": row.closes_at,
            "notice_days": notice_days(now, row.opens_at),
            "override": row.notice_override,
        },
    )
    return row


def override_notice(actor: Actor, consultation: Keyed, reason: Words) -> Consultation:
    """Accept a notice shorter than 14 days, with a reason that everybody reads.

    Raises NoReasonError, AlreadyOpenError.
    """
    row, _plan = _both(actor, Act.CONSULTATION_ANNOUNCE, consultation)
    if row.state is not ConsultationState.ANNOUNCED or row.announced_at is None:
        raise AlreadyOpenError(row.state)
    row.notice_override = _reason(reason)
    db.session.flush()
    journal.record(
        actor.person_id,
        "notice:overridden",
        _of(row),
        f"consultation:{row.id}",
        public={
            "consultation": row.id,
            "notice_days": notice_days(row.announced_at, row.opens_at),
            "reason": row.notice_override,
        },
    )
    return row


# --- opening, extending, closing -----------------------------------------------------------------------


def open_(actor: Actor, consultation: Keyed) -> Consultation:
    """Open a consultation whose moment has come. Normally a due action does it: see `run_due`.

    A review binds the latest version, which must be a draft. Raises MoveRefusedError.
    """
    row, plan = _both(actor, Act.CONSULTATION_OPEN, consultation)
    return _open(actor.person_id, row, plan)


def _open(person_id: int | None, row: Consultation, plan: ActionPlan) -> Consultation:
    now = clock()
    stage = law.perform(OPENINGS[row.kind], queries.facts(plan, row, now=now))
    if row.kind is ConsultationKind.DRAFT_REVIEW:
        draft = queries.reviewable_version(plan)
        assert draft is not None, "the law asks for one"
        row.version_id = draft.id
    row.state = ConsultationState.OPEN
    row.opened_at = now
    _move_to(plan, stage, now)
    if row.version_id is not None:
        positions.open_project_statements(row, row.version_id)
    journal.record(
        person_id,
        "consultation:opened",
        _of(row),
        f"consultation:{row.id}",
        public={"consultation": row.id, "version": row.version_id},
    )
    journal.checkpoint(_of(row), _origin(row.collectivity_id))
    return row


def extend(actor: Actor, consultation: Keyed, new_closes_at: datetime, reason: Words) -> Consultation:
    """Move the deadline later, at least 48 h before the end, with a reason that everybody reads.

    Raises MoveRefusedError.
    """
    row, plan = _both(actor, Act.CONSULTATION_EXTEND, consultation)
    given = written(reason)
    now = clock()
    known = replace(queries.facts(plan, row, now=now), new_closes_at=new_closes_at, public_reason=bool(given))
    law.perform(MoveName.EXTEND, known)
    old, row.closes_at = row.closes_at, new_closes_at
    add(
        Extension(
            collectivity_id=row.collectivity_id,
            id=new_id(),
            consultation_id=row.id,
            old_closes_at=old,
            new_closes_at=new_closes_at,
            reason=given,
            at=now,
        )
    )
    journal.record(
        actor.person_id,
        "consultation:extended",
        _of(row),
        f"consultation:{row.id}",
        public={
            "consultation": row.id,
            "old_closes_at": old,
            "new_closes_at": new_closes_at,
            "reason": given,
        },
    )
    return row


def close(actor: Actor, consultation: Keyed) -> Consultation:
    """Close a consultation whose end has come. Normally a due action does it: see `run_due`.

    Raises MoveRefusedError.
    """
    row, plan = _both(actor, Act.CONSULTATION_CLOSE, consultation)
    return _close(actor.person_id, row, plan)


def _close(person_id: int | None, row: Consultation, plan: ActionPlan) -> Consultation:
    now = clock()
    stage = law.perform(CLOSINGS[row.kind], queries.facts(plan, row, now=now))
    _move_to(plan, stage, now)
    return _shut(person_id, row, now)


def _shut(person_id: int | None, row: Consultation, now: datetime) -> Consultation:
    """Write the end of a consultation in the journal: its entries so far and the hash of its tally."""
    row.state = ConsultationState.CLOSED
    row.closed_at = now
    db.session.flush()
    consultations.settle_levels(row)
    tally = tally_hash(row)
    entries = (
        db.session.scalar(sa.select(Chain.seq).where(Chain.kind == _of(row).kind, Chain.ref == row.id)) or 0
    )
    journal.record(
        person_id,
        "consultation:closed",
        _of(row),
        f"consultation:{row.id}",
        public={"consultation": row.id, "entries": entries, "tally_sha256": tally},
    )
    journal.checkpoint(_of(row), _origin(row.collectivity_id))
    return row


def tally_hash(consultation: Keyed) -> str:
    """Return the SHA-256 of a consultation's final tally as canonical JSON.

    {"statements": [[id, agree, disagree, passed] …], "priorities": [[statement, count] …]}, by id.
    """
    statements = db.session.execute(
        sa.select(Statement.id, Statement.agree, Statement.disagree, Statement.passed)
        .where(
            Statement.collectivity_id == consultation.collectivity_id,
            Statement.consultation_id == consultation.id,
        )
        .order_by(Statement.id)
    )
    priorities = db.session.execute(
        sa.select(Priority.statement_id, sa.func.count())
        .where(
            Priority.collectivity_id == consultation.collectivity_id,
            Priority.consultation_id == consultation.id,
        )
        .group_by(Priority.statement_id)
        .order_by(Priority.statement_id)
    )
    return sha256(
        canonical(
            {"statements": [list(row) for row in statements], "priorities": [list(row) for row in priorities]}
        )
    )


# --- before and after the council -----------------------------------------------------------------------


def _for_plan(actor: Actor, act: Act, key: Keyed) -> tuple[list[Consultation], ActionPlan]:
    """Lock the round's consultations, then the plan, and ask the policy."""
    consultations = _locked_round(key)
    plan = plans.locked_plan(key.collectivity_id, key.id)
    require(actor, act, _place(plan))
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
    _move_to(row, stage, now)
    journal.record(
        actor.person_id,
        "plan:transmitted",
        _on(row),
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
    _move_to(row, stage, now)
    journal.record(
        actor.person_id,
        "plan:adopted",
        _on(row),
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
    _move_to(row, stage, now)
    journal.record(
        actor.person_id,
        "plan:returned",
        _on(row),
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
    _move_to(row, stage, now)
    journal.record(actor.person_id, event, _on(row), f"plan:{row.id}")
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
            _shut(actor.person_id, one, now)
    row.withdrawn_reason = given
    _move_to(row, stage, now)
    journal.record(actor.person_id, "plan:withdrawn", _on(row), f"plan:{row.id}", public={"reason": given})
    return row


# --- due actions ------------------------------------------------------------------------------------


def run_due(collectivity_id: int | None = None, now: datetime | None = None) -> list[str]:
    """Perform the openings, closings and late publications whose moment has come; return what was done.

    Each happens once: it is looked at again under its consultation's lock. An opening that lacks
    something waits for the officer. `now` is a reading of the clock the caller already has; with
    nothing due this costs one statement. The caller is inside `db.writing()` and commits.
    """
    due, late = queries.due(collectivity_id, now or clock())
    done: list[str] = []
    for one in due:
        try:
            with db.session.begin_nested():
                done += _perform(one)
        except MoveRefusedError:
            continue
    for where in sorted(late):
        found = moderation.publish_due(where)
        if found:
            done.append(f"moderation:{where}")
    return done


def _perform(due: queries.Due) -> list[str]:
    key = _Key(due.collectivity_id, due.consultation_id)
    row = _locked_consultation(key)
    plan = plans.locked_plan(row.collectivity_id, row.plan_id)
    if due.opening and row.state is ConsultationState.ANNOUNCED:
        _open(None, row, plan)
        return [f"opened:{row.id}"]
    if not due.opening and row.state is ConsultationState.OPEN:
        _close(None, row, plan)
        return [f"closed:{row.id}"]
    return []


class _Key:
    """A consultation by its key."""

    def __init__(self, collectivity_id: int, consultation_id: int) -> None:
        self.collectivity_id = collectivity_id
        self.id = consultation_id
