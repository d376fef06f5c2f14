"""Where the pages that gather rooms have their addresses."""

from __future__ import annotations

from flask import Blueprint

from participate.rules.policy import Place

bp = Blueprint("portal", __name__, url_prefix="/<lang:lang>")
blueprints = (bp,)
PLAN = "/<slug:slug>/plans/<cycle:cycle>"


def collectivity_of(place: Place) -> int:
    """Return the collectivity of a place that has one."""
    assert place.collectivity_id is not None
    return place.collectivity_id
