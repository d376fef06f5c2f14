"""Before the opening: dates, announcement, notice."""

from __future__ import annotations

from datetime import datetime

from participate.consultations.models import Consultation
from participate.db import Words, clock, db
from participate.journal import actions as journal
from participate.lifecycle import queries
from participate.lifecycle.actions.locking import both, chain_of, reason_given
from participate.lifecycle.actions.refusals import AlreadyOpenError
from participate.plans.queries import Keyed, written
from participate.rules import lifecycle as law
from participate.rules.lifecycle import MoveName
from participate.rules.outcomes import ConsultationState
from participate.rules.policy import Act, Actor
from participate.rules.windows import Window, notice_days


def reschedule(actor: Actor, consultation: Keyed, opens_at: datetime, closes_at: datetime) -> Consultation:
    """Give new dates to a consultation that has not opened; it must be announced again.

    Raises AlreadyOpenError; EmptyWindowError when it would close before it opens.
    """
    row, _plan = both(actor, Act.CONSULTATION_PLAN, consultation)
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
        chain_of(row),
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
    row, plan = both(actor, Act.CONSULTATION_ANNOUNCE, consultation)
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
        chain_of(row),
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
    row, _plan = both(actor, Act.CONSULTATION_ANNOUNCE, consultation)
    if row.state is not ConsultationState.ANNOUNCED or row.announced_at is None:
        raise AlreadyOpenError(row.state)
    row.notice_override = reason_given(reason)
    db.session.flush()
    journal.record(
        actor.person_id,
        "notice:overridden",
        chain_of(row),
        f"consultation:{row.id}",
        public={
            "consultation": row.id,
            "notice_days": notice_days(row.announced_at, row.opens_at),
            "reason": row.notice_override,
        },
    )
    return row
