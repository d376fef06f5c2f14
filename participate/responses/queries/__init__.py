"""Reading answers: what still needs one, what was drafted, and what everybody may read.

The public reads published responses only; an idea's fate is public from the moment it is decided.
"""

from __future__ import annotations

from participate.responses.queries.answering import (
    ProjectPoint,
    WrittenView,
    projects,
    response_counts,
    response_on,
    written,
)
from participate.responses.queries.assessed import (
    PAGE_ROWS,
    FateDraft,
    IdeaPoint,
    idea,
    idea_counts,
    ideas,
    next_undecided,
)
from participate.responses.queries.conditions import GIVEN
from participate.responses.queries.judged import (
    Judged,
    before_their_session,
    judged,
    judged_publicly,
    judgement_of,
    may_be_judged,
)
from participate.responses.queries.owed import Coverage, coverage
from participate.responses.queries.places import Round, response_place, rounds
from participate.responses.queries.published import (
    AnswerView,
    PointView,
    fates,
    ids_with_fate,
    own_outcomes,
    published_points,
    response_for,
    response_of_projects,
)
from participate.responses.queries.texts import About, Point, point, ungrouped, ungrouped_counts
from participate.responses.queries.themed import ResponseView, ThemeView, members, theme, themes

__all__ = [
    "GIVEN",
    "PAGE_ROWS",
    "About",
    "AnswerView",
    "Coverage",
    "FateDraft",
    "IdeaPoint",
    "Judged",
    "Point",
    "PointView",
    "ProjectPoint",
    "ResponseView",
    "Round",
    "ThemeView",
    "WrittenView",
    "before_their_session",
    "coverage",
    "fates",
    "idea",
    "idea_counts",
    "ideas",
    "ids_with_fate",
    "judged",
    "judged_publicly",
    "judgement_of",
    "may_be_judged",
    "members",
    "next_undecided",
    "own_outcomes",
    "point",
    "projects",
    "published_points",
    "response_counts",
    "response_for",
    "response_of_projects",
    "response_on",
    "response_place",
    "rounds",
    "theme",
    "themes",
    "ungrouped",
    "ungrouped_counts",
    "written",
]
