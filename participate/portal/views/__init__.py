"""The pages where the rooms meet."""

from __future__ import annotations

# Each of these registers its pages when it is loaded.
from participate.portal.views import association, cards, desk, homes, leaving, own, plan, project, standing
from participate.portal.views.blueprint import blueprints
from participate.portal.views.wiring import init_app

__all__ = [
    "association",
    "blueprints",
    "cards",
    "desk",
    "homes",
    "init_app",
    "leaving",
    "own",
    "plan",
    "project",
    "standing",
]
