"""What the rooms know of a plan, gathered for the moves; the strip of seven steps; the timeline."""

from __future__ import annotations

from participate.lifecycle.queries.closing import final_statements, final_tally
from participate.lifecycle.queries.deadlines import Due, due
from participate.lifecycle.queries.gathered import (
    LIVE,
    council_facts,
    deliberation_of,
    facts,
    reviewable_version,
)
from participate.lifecycle.queries.needs import Checklist, checklist
from participate.lifecycle.queries.places import consultation_place
from participate.lifecycle.queries.rounds import ConsultationRow, consultations_of
from participate.lifecycle.queries.steps import (
    CycleStep,
    Event,
    TimelineEvent,
    cycle_steps,
    session_and_draft,
    session_day,
    steps_of,
    timeline,
)

__all__ = [
    "LIVE",
    "Checklist",
    "ConsultationRow",
    "CycleStep",
    "Due",
    "Event",
    "TimelineEvent",
    "checklist",
    "consultation_place",
    "consultations_of",
    "council_facts",
    "cycle_steps",
    "deliberation_of",
    "due",
    "facts",
    "final_statements",
    "final_tally",
    "reviewable_version",
    "session_and_draft",
    "session_day",
    "steps_of",
    "timeline",
]
