"""A workshop with two groups that work at the same time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from participate.db import db
from participate.meetings import actions
from participate.meetings.actions import AgendaLine, Count, Group, Note
from participate.meetings.models import Meeting
from participate.rules.outcomes import MeetingAudience
from participate.rules.windows import CASABLANCA
from tests import makers


def at(hour: int, minute: int = 0, day: int = 11) -> datetime:
    """A moment of July 2023 in Casablanca."""
    return datetime(2023, 7, day, hour, minute, tzinfo=CASABLANCA)


def workshop(**changes: Any) -> dict[str, Any]:
    """What is said of the second workshop."""
    return {
        "slug": "workshop-2",
        "title": {"ar": "الورشة الثانية", "fr": "Deuxième atelier", "en": "Second workshop"},
        "venue": {"ar": "مركز مغيلة", "fr": "Centre Maghila"},
        "starts_at": at(9, 30),
        "ends_at": at(10, 55),
        "minutes": makers.words("minutes"),
        "agenda": (
            AgendaLine(at(9, 30), at(10), makers.words("welcome")),
            AgendaLine(at(10, 30), at(10, 55), makers.words("second room"), 2),
            AgendaLine(at(10, 30), at(10, 55), makers.words("first room"), 1),
        ),
        "groups": (
            Group(1, makers.words("papers"), (1, 3)),
            Group(2, makers.words("works"), (2,)),
        ),
        "attendance": (
            Count(MeetingAudience.ASSOCIATIONS, 13, 16),
            Count(MeetingAudience.CITIZENS, 21, 18, 2),
        ),
        "inputs": (
            Note("Quand la lampe sera-t-elle réparée ?", "fr", 2, 2),
            Note("نشر الوثائق قبل الدورة", "ar", 1, 1),
            Note("Merci à tous.", "fr"),
        ),
        **changes,
    }


def a_meeting(made: makers.APlan, officer: Any, **changes: Any) -> Meeting:
    """The second workshop of a plan."""
    row = actions.record_meeting(
        makers.actor_of(officer),
        made.collectivity.id,
        changes.pop("plan_id", made.plan.id),
        **workshop(**changes),
    )
    db.session.commit()
    return row
