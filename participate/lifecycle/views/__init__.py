"""The calendar of a plan for officers, its moves with their checklists, and the public timeline."""

from __future__ import annotations

# Each of these registers its pages when it is loaded.
from participate.lifecycle.views import calendar, consultation_moves, plan_moves, planning, public
from participate.lifecycle.views.blueprint import blueprints
from participate.lifecycle.views.wiring import init_app

__all__ = [
    "blueprints",
    "calendar",
    "consultation_moves",
    "init_app",
    "plan_moves",
    "planning",
    "public",
]
