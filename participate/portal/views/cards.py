"""The pictures of shared links: for whoever may read the page, at one address each."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request
from werkzeug.exceptions import NotFound

from participate.db import db
from participate.plans import queries as plans
from participate.portal import cards, frame
from participate.portal.views.blueprint import PLAN, bp, collectivity_of
from participate.portal.views.project import project_place
from participate.rules.policy import Act, Place
from participate.web import press
from participate.web.access import guard, now
from participate.web.assets import STATIC, YEAR

PLAIN = STATIC / "icons" / "share.png"
"""The platform's own card, where another could not be drawn."""
MINUTES = "public, max-age=600"
SOON = "public, max-age=60"
PRIVATE = "private, no-cache"


@bp.get(f"{PLAN}/card.png")
@guard(Act.PUBLIC_READ, plans.plan_place)
def plan_card(place: Place) -> Any:
    """Show the card of a plan."""
    around = frame.present()
    assert around is not None
    assert place.plan_id is not None
    found = plans.published_plan(collectivity_of(place), place.plan_id)
    assert found is not None
    return _picture(cards.card(around, place, found.title, cards.decision_on(place), now()), place)


@bp.get(f"{PLAN}/projects/<int(max=99999):number>/card.png")
@guard(Act.PUBLIC_READ, project_place)
def project_card(place: Place) -> Any:
    """Show the card of a project, as the latest version that holds it names it."""
    around = frame.present()
    number = (request.view_args or {})["number"]
    assert around is not None
    assert place.plan_id is not None
    found = plans.published_project(collectivity_of(place), place.plan_id, number)
    if found is None:
        raise NotFound
    shown = cards.card(around, place, found.title, cards.decision_on(place), now(), number=number)
    return _picture(shown, place)


def _picture(card: cards.Card, place: Place) -> Response:
    """Answer with the picture, with nothing when the reader has it, or with the platform's own."""
    response = current_app.response_class(mimetype="image/png")
    response.set_etag(card.digest[:32])
    named = request.args.get("v") == card.digest[: cards.DIGEST_CHARS]
    response.headers["Cache-Control"] = PRIVATE if not place.public else YEAR if named else MINUTES
    # Other sites may show it: that is what it is for.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin" if place.public else "same-origin"
    if card.digest[:32] in request.if_none_match:
        response.status_code = 304
        return response
    db.session.rollback()  # nothing is read any more: the connection need not wait for the press
    try:
        folder = current_app.config["SETTINGS"].instance / "cards"
        response.set_data(press.kept(folder, card.name, cards.SHEET, card.content))
    except press.NotDrawnError:
        response.set_data(PLAIN.read_bytes())
        response.headers["Cache-Control"] = SOON
        del response.headers["ETag"]
    return response
