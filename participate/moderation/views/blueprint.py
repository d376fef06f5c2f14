"""Where moderation has its addresses, and the places its pages stand in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort

from participate.moderation import queries
from participate.rules.moderation import Decision
from participate.rules.policy import Place

bp = Blueprint("moderation", __name__, url_prefix="/<lang:lang>")
blueprints = (bp,)
DESK = "/desk/<slug:slug>/moderation"
KEYS = {
    Decision.PUBLISH: "p",
    Decision.PUBLISH_REDACTED: "r",
    Decision.RETURN: "e",
    Decision.MOVE: "m",
    Decision.MERGE: "g",
    Decision.HIDE: "h",
    Decision.REMOVE: "x",
}


def space(slug: str, **_values: Any) -> Place:
    """Return the place of a collectivity's desk."""
    return queries.space(slug) or abort(404)


def case_place(slug: str, ref: str) -> Place:
    """Return the place of a contribution."""
    return queries.contribution_place(slug, ref) or abort(404)


def appeal_place(slug: str, ref: str) -> Place:
    """Return the place of an appeal, by its decision's reference."""
    return queries.appeal_place(slug, ref) or abort(404)


def decision_place(slug: str, ref: str) -> Place:
    """Return the place of a decision."""
    return queries.decision_place(slug, ref) or abort(404)


def collectivity_of(place: Place) -> int:
    """Return the collectivity of a place that has one."""
    assert place.collectivity_id is not None
    return place.collectivity_id
