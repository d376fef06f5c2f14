"""The council's page for everybody, and the secretary's desk."""

from __future__ import annotations

# Each of these registers its pages when it is loaded.
from participate.council.views import (
    amendments,
    calendar,
    control,
    decision,
    documents,
    public,
    questions,
    reading,
    sessions,
    settings,
)
from participate.council.views.blueprint import blueprints
from participate.council.views.wiring import init_app

__all__ = [
    "amendments",
    "blueprints",
    "calendar",
    "control",
    "decision",
    "documents",
    "init_app",
    "public",
    "questions",
    "reading",
    "sessions",
    "settings",
]
