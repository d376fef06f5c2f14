"""Opening, extending and closing a consultation."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from participate.consultations import actions as consultations
from participate.consultations.models import Consultation, Extension
from participate.db import Words, add, clock, db, new_id
from participate.journal import actions as journal
from participate.journal.encoding import sha256
from participate.journal.models import Chain
from participate.lifecycle import queries
from participate.lifecycle.actions.locking import both, chain_of, move_to, origin
from participate.plans.models import ActionPlan
from participate.plans.queries import Keyed, written
from participate.positions import actions as positions
from participate.rules import lifecycle as law
from participate.rules.lifecycle import MoveName
from participate.rules.outcomes import ConsultationKind, ConsultationState
from participate.rules.policy import Act, Actor

OPENINGS = {
    ConsultationKind.CALL_FOR_IDEAS: MoveName.OPEN_CALL,
    ConsultationKind.DRAFT_REVIEW: MoveName.OPEN_REVIEW,
}
CLOSINGS = {
    ConsultationKind.CALL_FOR_IDEAS: MoveName.CLOSE_CALL,
    ConsultationKind.DRAFT_REVIEW: MoveName.CLOSE_REVIEW,
}


def open_(actor: Actor, consultation: Keyed) -> Consultation:
    """Open a consultation whose moment has come. Normally a due action does it: see `run_due`.

    A review binds the latest version, which must be a draft. Raises MoveRefusedError.
    """
    row, plan = both(actor, Act.CONSULTATION_OPEN, consultation)
    return perform_opening(actor.person_id, row, plan)


def perform_opening(person_id: int | None, row: Consultation, plan: ActionPlan) -> Consultation:
    """Open a consultation, and bring the plan to the stage that goes with it."""
    now = clock()
    stage = law.perform(OPENINGS[row.kind], queries.facts(plan, row, now=now))
    if row.kind is ConsultationKind.DRAFT_REVIEW:
        draft = queries.reviewable_version(plan)
        assert draft is not None, "the law asks for one"
        row.version_id = draft.id
    row.state = ConsultationState.OPEN
    row.opened_at = now
    move_to(plan, stage, now)
    if row.version_id is not None:
        positions.open_project_statements(row, row.version_id)
    journal.record(
        person_id,
        "consultation:opened",
        chain_of(row),
        f"consultation:{row.id}",
        public={"consultation": row.id, "version": row.version_id},
    )
    journal.checkpoint(chain_of(row), origin(row.collectivity_id))
    return row


def extend(actor: Actor, consultation: Keyed, new_closes_at: datetime, reason: Words) -> Consultation:
    """Move the deadline later, at least 48 h before the end, with a reason that everybody reads.

    Raises MoveRefusedError.
    """
    row, plan = both(actor, Act.CONSULTATION_EXTEND, consultation)
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
        chain_of(row),
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
    row, plan = both(actor, Act.CONSULTATION_CLOSE, consultation)
    return perform_closing(actor.person_id, row, plan)


def perform_closing(person_id: int | None, row: Consultation, plan: ActionPlan) -> Consultation:
    """Close a consultation, and bring the plan to the stage that follows."""
    now = clock()
    stage = law.perform(CLOSINGS[row.kind], queries.facts(plan, row, now=now))
    move_to(plan, stage, now)
    return shut(person_id, row, now)


def shut(person_id: int | None, row: Consultation, now: datetime) -> Consultation:
    """Write the end of a consultation in the journal: its entries so far and the hash of its tally."""
    row.state = ConsultationState.CLOSED
    row.closed_at = now
    db.session.flush()
    consultations.settle_levels(row)
    entries = (
        db.session.scalar(sa.select(Chain.seq).where(Chain.kind == chain_of(row).kind, Chain.ref == row.id))
        or 0
    )
    journal.record(
        person_id,
        "consultation:closed",
        chain_of(row),
        f"consultation:{row.id}",
        public={
            "consultation": row.id,
            "entries": entries,
            "tally_sha256": tally_hash(row),
            "statements_sha256": sha256(queries.final_statements(row)),
        },
    )
    journal.checkpoint(chain_of(row), origin(row.collectivity_id))
    return row


def tally_hash(consultation: Consultation) -> str:
    """Return the SHA-256 of a consultation's final tally."""
    return sha256(queries.final_tally(consultation))
