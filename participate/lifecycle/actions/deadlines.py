"""What is due, performed."""

from __future__ import annotations

from datetime import datetime

from participate.db import clock, db
from participate.lifecycle import queries
from participate.lifecycle.actions.locking import locked_consultation
from participate.lifecycle.actions.windows import perform_closing, perform_opening
from participate.moderation import actions as moderation
from participate.plans import actions as plans
from participate.rules.lifecycle import MoveRefusedError
from participate.rules.outcomes import ConsultationState


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
    row = locked_consultation(key)
    plan = plans.locked_plan(row.collectivity_id, row.plan_id)
    if due.opening and row.state is ConsultationState.ANNOUNCED:
        perform_opening(None, row, plan)
        return [f"opened:{row.id}"]
    if not due.opening and row.state is ConsultationState.OPEN:
        perform_closing(None, row, plan)
        return [f"closed:{row.id}"]
    return []


class _Key:
    """A consultation by its key."""

    def __init__(self, collectivity_id: int, consultation_id: int) -> None:
        self.collectivity_id = collectivity_id
        self.id = consultation_id
