"""Conditions that several readings of answers share."""

from __future__ import annotations

from typing import Any

from participate.rules.outcomes import READABLE_STATES, ConsultationState, ResponseState

GIVEN = (ResponseState.APPROVED, ResponseState.PUBLISHED)
"""States in which an answer counts: a second person has read it."""
LIVE = (ConsultationState.ANNOUNCED, ConsultationState.OPEN, ConsultationState.CLOSED)
READABLE = sorted(READABLE_STATES)


def same_collectivity(one: Any, two: Any) -> Any:
    """Return the condition that two rows belong to the same collectivity."""
    return one.collectivity_id == two.collectivity_id
