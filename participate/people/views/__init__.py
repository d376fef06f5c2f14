"""Signing in and out, one's account, and the desk's pages about people and associations."""

from __future__ import annotations

# Each of these registers its pages when it is loaded.
from participate.people.views import (
    account,
    associations,
    bodies,
    desk,
    provider,
    proving,
    recovery,
    second,
    setting,
    signing_in,
)
from participate.people.views.blueprint import blueprints
from participate.people.views.wiring import init_app

__all__ = [
    "account",
    "associations",
    "blueprints",
    "bodies",
    "desk",
    "init_app",
    "provider",
    "proving",
    "recovery",
    "second",
    "setting",
    "signing_in",
]
