"""Where the demo can stand, and on which day."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from participate.rules.windows import CASABLANCA


def casablanca(year: int, month: int, day_: int, hour: int = 10, minute: int = 0) -> datetime:
    """Return a moment of the story, by the clock of the commune."""
    return datetime(year, month, day_, hour, minute, tzinfo=CASABLANCA)


class Step(StrEnum):
    """Where the demo can stand."""

    CALL_FOR_IDEAS = "call_for_ideas"
    DRAFT_REVIEW = "draft_review"
    SYNTHESIS = "synthesis"
    COUNCIL = "council"
    IMPLEMENTATION = "implementation"


ANCHORS = {
    Step.CALL_FOR_IDEAS: casablanca(2023, 6, 22),
    Step.DRAFT_REVIEW: casablanca(2023, 8, 22, 9),
    Step.SYNTHESIS: casablanca(2023, 9, 8, 9),
    Step.COUNCIL: casablanca(2023, 9, 22, 9),
    Step.IMPLEMENTATION: casablanca(2024, 7, 1, 9),
}
