"""Where the council has its addresses, and the places its pages stand in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for

from participate.rules.policy import Place

bp = Blueprint("council", __name__, url_prefix="/<lang:lang>/<slug:slug>/plans/<cycle:cycle>")
desk = Blueprint(
    "council_desk", __name__, url_prefix="/<lang:lang>/desk/<slug:slug>/plan/<cycle:cycle>/council"
)
blueprints = (bp, desk)


def keys(place: Place) -> tuple[int, int]:
    """Return the collectivity and the plan of a place that has both."""
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    return place.collectivity_id, place.plan_id


def here(endpoint: str, place: Place, **values: Any) -> str:
    """Return the address of a page about the same plan."""
    return url_for(endpoint, slug=place.slug, cycle=place.cycle, **values)
