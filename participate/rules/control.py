"""What becomes of a council's act after the vote: sent for control, then enforceable or refused.

Source: LO 113-14 art. 115–118 through ``reference/domain.md`` §3: general knowledge that no jurist
has confirmed, so no delay is counted here; the days are recorded as they happen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from typing import Final


@unique
class Control(StrEnum):
    """Where an act stands with the authority that controls it."""

    AWAITING = "awaiting"
    ENFORCEABLE = "enforceable"
    REFUSED = "refused"


FOLLOWS: Final[Mapping[Control | None, frozenset[Control]]] = {
    None: frozenset(Control),
    Control.AWAITING: frozenset(Control),
    Control.ENFORCEABLE: frozenset(),
    Control.REFUSED: frozenset(),
}
"""What may be recorded after what: a settled control is final."""


@unique
class ControlTrouble(StrEnum):
    """Why a control cannot be recorded."""

    SETTLED = "settled"
    SENT_BEFORE_DECIDED = "sent_before_decided"
    SETTLED_MISSING = "settled_missing"
    SETTLED_TOO_EARLY = "settled_too_early"
    IN_THE_FUTURE = "in_the_future"
    REASON_MISSING = "reason_missing"


@dataclass(frozen=True, slots=True)
class ControlFacts:
    """What is said of the control of one act."""

    state: Control
    sent_on: date
    settled_on: date | None
    has_reason: bool


def trouble(
    before: Control | None, facts: ControlFacts, decided_on: date, today: date
) -> ControlTrouble | None:
    """Return what stands in the way of recording ``facts``, or None."""
    if facts.state not in FOLLOWS[before]:
        return ControlTrouble.SETTLED
    if facts.sent_on < decided_on:
        return ControlTrouble.SENT_BEFORE_DECIDED
    if max(facts.sent_on, facts.settled_on or facts.sent_on) > today:
        return ControlTrouble.IN_THE_FUTURE
    if facts.state is Control.AWAITING:
        return None
    if facts.settled_on is None:
        return ControlTrouble.SETTLED_MISSING
    if facts.settled_on < facts.sent_on:
        return ControlTrouble.SETTLED_TOO_EARLY
    if facts.state is Control.REFUSED and not facts.has_reason:
        return ControlTrouble.REASON_MISSING
    return None
