"""Pages of the answers: the committee's desk for ideas, themes and responses, and what everybody reads."""

from __future__ import annotations

# Each of these registers its pages when it is loaded.
from participate.responses.views import (
    grouping,
    ideas,
    judging,
    projects,
    public,
    second_reader,
    themes,
    writing,
)
from participate.responses.views.blueprint import blueprints
from participate.responses.views.wiring import init_app, response_of

__all__ = [
    "blueprints",
    "grouping",
    "ideas",
    "init_app",
    "judging",
    "projects",
    "public",
    "response_of",
    "second_reader",
    "themes",
    "writing",
]
