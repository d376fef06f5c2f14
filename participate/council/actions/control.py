"""What the authority of control made of the act."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from participate.council.actions.standing import keys, locked, written
from participate.council.models import ActControl, Deliberation
from participate.db import Words, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.rules.control import Control, ControlFacts, ControlTrouble, trouble
from participate.rules.policy import Act, Actor, Place, require
from participate.rules.windows import casablanca_date


class ControlError(Exception):
    """A control that cannot be recorded; holds why."""

    def __init__(self, cause: ControlTrouble) -> None:
        super().__init__(cause)
        self.cause = cause


class NoActError(Exception):
    """The council has not decided about this plan."""


def record_control(
    actor: Actor,
    place: Place,
    state: Control,
    sent_on: date,
    settled_on: date | None = None,
    reason: Words | None = None,
) -> ActControl:
    """Record where the council's latest act on the plan stands with the authority of control.

    While it is awaited it can be written over; once settled it is final. Raises NoActError, ControlError.
    """
    require(actor, Act.CONTROL_RECORD, place)
    here, plan_id = keys(place)
    locked(place)
    decided = db.session.scalars(
        sa.select(Deliberation)
        .where(Deliberation.collectivity_id == here, Deliberation.plan_id == plan_id)
        .order_by(Deliberation.recorded_at.desc(), Deliberation.id.desc())
        .limit(1)
    ).one_or_none()
    if decided is None:
        raise NoActError
    row = db.session.scalar(
        for_update(
            sa.select(ActControl).where(
                ActControl.collectivity_id == here, ActControl.deliberation_id == decided.id
            )
        )
    )
    now = clock()
    settled_on = None if state is Control.AWAITING else settled_on
    reason = written(reason) if state is Control.REFUSED else None
    facts = ControlFacts(state, sent_on, settled_on, reason is not None)
    found = trouble(
        Control(row.state) if row is not None else None, facts, decided.decided_on, casablanca_date(now)
    )
    if found is not None:
        raise ControlError(found)
    if row is None:
        row = ActControl(collectivity_id=here, id=new_id(), deliberation_id=decided.id)
    assert actor.person_id is not None, "the policy asks for the secretary"
    row.state, row.sent_on, row.settled_on, row.reason = state.value, sent_on, settled_on, reason
    row.recorded_by, row.recorded_at = actor.person_id, now
    db.session.add(row)
    db.session.flush()
    journal.record(
        actor.person_id,
        "control:recorded",
        journal.of_plan(here, plan_id),
        f"deliberation:{decided.id}",
        public={
            "reference": decided.reference,
            "state": state.value,
            "sent_on": sent_on,
            "settled_on": settled_on,
            "reason": reason,
        },
    )
    return row
