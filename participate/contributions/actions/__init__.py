"""What people do with words: submit, edit, withdraw, send again, co-sign, file an opinion.

`set_state` is the only place that changes `Contribution.state`; it keeps the counters and the
statement's `votable` true.
"""

from __future__ import annotations

from participate.contributions.actions.bodies import file_opinion
from participate.contributions.actions.cosigning import cosign
from participate.contributions.actions.refusals import (
    AlreadyCosignedError,
    NotInThisConsultationError,
    NotReturnedError,
    NoWordingError,
    TooLateToRewriteError,
)
from participate.contributions.actions.rewriting import edit, resubmit, withdraw
from participate.contributions.actions.states import set_state
from participate.contributions.actions.submitting import BODY_CHARS, submit_comment, submit_idea

__all__ = [
    "BODY_CHARS",
    "AlreadyCosignedError",
    "NoWordingError",
    "NotInThisConsultationError",
    "NotReturnedError",
    "TooLateToRewriteError",
    "cosign",
    "edit",
    "file_opinion",
    "resubmit",
    "set_state",
    "submit_comment",
    "submit_idea",
    "withdraw",
]
