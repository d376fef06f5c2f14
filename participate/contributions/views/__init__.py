"""Pages of contributions: each form at its own address, each text at its own, ideas as a list."""

from __future__ import annotations

# Each of these registers its pages when it is loaded.
from participate.contributions.views import bodies, comments, ideas, own, plan_comments, single
from participate.contributions.views.blueprint import blueprints
from participate.contributions.views.wiring import init_app

__all__ = [
    "blueprints",
    "bodies",
    "comments",
    "ideas",
    "init_app",
    "own",
    "plan_comments",
    "single",
]
