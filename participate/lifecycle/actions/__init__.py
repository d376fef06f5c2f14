"""The moves of a plan. Each locks the consultation, then the plan, reads the clock, asks the law, then writes.

`ActionPlan.stage` and `Consultation.state` are written here only. Nothing here commits.
"""

from __future__ import annotations

from participate.lifecycle.actions.announcing import announce, override_notice, reschedule
from participate.lifecycle.actions.deadlines import run_due
from participate.lifecycle.actions.plan_moves import (
    adopt,
    close_plan,
    return_,
    start_evaluation,
    transmit,
    withdraw,
)
from participate.lifecycle.actions.refusals import (
    AlreadyOpenError,
    NoReasonError,
    NoSuchConsultationError,
    NotAdoptedError,
)
from participate.lifecycle.actions.windows import CLOSINGS, OPENINGS, close, extend, open_, tally_hash

__all__ = [
    "CLOSINGS",
    "OPENINGS",
    "AlreadyOpenError",
    "NoReasonError",
    "NoSuchConsultationError",
    "NotAdoptedError",
    "adopt",
    "announce",
    "close",
    "close_plan",
    "extend",
    "open_",
    "override_notice",
    "reschedule",
    "return_",
    "run_due",
    "start_evaluation",
    "tally_hash",
    "transmit",
    "withdraw",
]
