"""The moderators' desk, the author's appeal, the citizen's report, the public log and the charter."""

from __future__ import annotations

# Each of these registers its pages when it is loaded.
from participate.moderation.views import appeals, case, deciding, log, queue, reports
from participate.moderation.views.blueprint import blueprints
from participate.moderation.views.wiring import init_app

__all__ = [
    "appeals",
    "blueprints",
    "case",
    "deciding",
    "init_app",
    "log",
    "queue",
    "reports",
]
