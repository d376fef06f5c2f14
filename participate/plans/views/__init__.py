"""Pages of plans: the officers' desk, and what changed between versions for everybody."""

from __future__ import annotations

# Each of these registers its pages when it is loaded.
from participate.plans.views import axes, causes, plans, public, publishing, working
from participate.plans.views.blueprint import blueprints
from participate.plans.views.causes import cause_sentence
from participate.plans.views.wiring import init_app
from participate.plans.views.words import field_words, section_titles

__all__ = [
    "axes",
    "blueprints",
    "cause_sentence",
    "causes",
    "field_words",
    "init_app",
    "plans",
    "public",
    "publishing",
    "section_titles",
    "working",
]
