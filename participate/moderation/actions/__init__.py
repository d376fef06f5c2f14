"""What moderators decide, what authors and citizens may ask, and what happens when nobody decides.

Every change of state goes through `contributions.actions.set_state`. Lock order: consultation,
contribution, decision or appeal, person, chain.
"""

from __future__ import annotations

from participate.moderation.actions.appeals import appeal, decide_appeal
from participate.moderation.actions.deadlines import publish_due
from participate.moderation.actions.deciding import MARK, Destination, decide, decide_many, is_masking
from participate.moderation.actions.refusals import (
    AlreadyReportedError,
    AppealOpenError,
    AppealRefusedError,
    NobodyToSuspendError,
    NotDecidableError,
    NothingMaskedError,
    RemovalPendingError,
    UndoTooLateError,
    UnknownTargetError,
)
from participate.moderation.actions.removals import ask_removal, confirm_removal, decline_removal
from participate.moderation.actions.reports import report
from participate.moderation.actions.requirements import DECIDABLE
from participate.moderation.actions.undoing import undo

__all__ = [
    "DECIDABLE",
    "MARK",
    "AlreadyReportedError",
    "AppealOpenError",
    "AppealRefusedError",
    "Destination",
    "NobodyToSuspendError",
    "NotDecidableError",
    "NothingMaskedError",
    "RemovalPendingError",
    "UndoTooLateError",
    "UnknownTargetError",
    "appeal",
    "ask_removal",
    "confirm_removal",
    "decide",
    "decide_appeal",
    "decide_many",
    "decline_removal",
    "is_masking",
    "publish_due",
    "report",
    "undo",
]
