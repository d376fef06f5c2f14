"""The guard every view wears: who acts, where, and whether the policy allows it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, request
from werkzeug.exceptions import NotFound

from participate.db import clock
from participate.rules.policy import Act, Actor, Place, RefusedError, may, waits_for_proof, why_not
from participate.web import limits
from participate.web.hooks import hooks

NOWHERE = Place()
SAFE = {"GET", "HEAD", "OPTIONS"}
REFUSED = 400


def nowhere(**_values: object) -> Place:
    """Return the place of pages that belong to no collectivity."""
    return NOWHERE


def actor() -> Actor:
    """Return whoever acts in this request, resolved once."""
    if "actor" not in g:
        g.actor = hooks.load_actor()
    found: Actor = g.actor
    return found


def own_id() -> int:
    """Return the account that acts: for views whose act asks for one (`has_account`)."""
    found = actor().person_id
    assert found is not None
    return found


def now() -> Any:
    """Return the platform's time as this request first saw it: for pages. Acts read `db.clock` themselves."""
    if "now" not in g:
        g.now = clock()
    return g.now


def guard(
    act: Act, place_of: Callable[..., Place] = nowhere
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a view run only when the policy allows `act` at the place its address names.

    The view is called with the place; what it needs from the address is in `place.ids` or
    `request.view_args`. Loaders raise NotFound themselves, so an unknown id is 404 before 403.
    """

    def wear(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(**values: Any) -> Any:
            now()
            place = place_of(**values)
            if request.method not in SAFE and place.collectivity_id is not None:
                hooks.run_due(place.collectivity_id)
                place = place_of(**values)
            g.place = place
            unmet = why_not(actor(), act, place)
            if unmet == ("published",) and not waits_for_proof(actor(), act, place):
                raise NotFound  # a plan nobody was told of is not there
            if unmet:
                raise RefusedError(act, unmet)
            if request.method in SAFE:
                return view(place)
            limits.require_room(act, actor().person_id)
            answer = view(place)
            if getattr(answer, "status_code", REFUSED) < REFUSED:
                limits.count_done(act, actor().person_id)
            return answer

        guarded.guard_act = act  # type: ignore[attr-defined]
        return guarded

    return wear


def allowed(act: Act, place: Place | None = None) -> bool:
    """Whether the present actor may do `act` here: for showing or leaving out a control."""
    return may(actor(), act, place or g.place)


def refusal(act: Act, place: Place | None = None) -> tuple[str, ...]:
    """Return why the present actor may not do `act` here; () when they may."""
    return why_not(actor(), act, place or g.place)
