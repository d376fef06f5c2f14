"""Reading the council's work: sessions, decisions, the councillors' space, the calendar before a session."""

from __future__ import annotations

from participate.council.queries.control import (
    ControlView,
    control_of,
)
from participate.council.queries.planning import (
    calendar_of,
    rules_of,
)
from participate.council.queries.reading import (
    Addendum,
    NoteView,
    QuestionView,
    addenda_of,
    notes_of,
    questions_of,
)
from participate.council.queries.sessions import (
    AMENDABLE,
    DecisionView,
    OnTheTable,
    SessionView,
    SittingView,
    VoteView,
    against_the_voices,
    amended_project,
    amendments_shown,
    before_the_council,
    missing,
    positions_of,
    projects_on_the_table,
    session_of,
    votes_of,
)

__all__ = [
    "AMENDABLE",
    "Addendum",
    "ControlView",
    "DecisionView",
    "NoteView",
    "OnTheTable",
    "QuestionView",
    "SessionView",
    "SittingView",
    "VoteView",
    "addenda_of",
    "against_the_voices",
    "amended_project",
    "amendments_shown",
    "before_the_council",
    "calendar_of",
    "control_of",
    "missing",
    "notes_of",
    "positions_of",
    "projects_on_the_table",
    "questions_of",
    "rules_of",
    "session_of",
    "votes_of",
]
