"""Pages of the network: members, charter, and a collectivity's news."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.db import db
from participate.network import actions, outlines, queries
from participate.network.forms import NewsForm
from participate.rules.policy import Act, Place
from participate.rules.text import clean_line
from participate.web import forms, pages
from participate.web.access import actor, guard, now

SEARCH_CHARS = 200

bp = Blueprint("network", __name__, url_prefix="/<lang:lang>")
blueprints = (bp,)


@bp.get("/members/")
@guard(Act.PUBLIC_READ)
def members(place: Place) -> Any:
    """Show who belongs to the network, by region; search forgives accents and hamza."""
    del place
    search = clean_line(request.args.get("q", "")[:SEARCH_CHARS], SEARCH_CHARS)
    directory = queries.directory(search)
    return pages.page(
        "network/members.html",
        search=search,
        directory=directory,
        map=None if search else _map(directory),
        network=queries.the_network(),
    )


def _map(directory: queries.Directory) -> dict[str, Any]:
    """Return the regions with their members counted, as `ui.region_map` takes them."""
    members = {region.code: region.members for region in directory.regions}
    shapes = [
        {
            "points": shape.points,
            "x": shape.x,
            "y": shape.y,
            "n": len(members.get(shape.code, ())),
            "marked": any(member.hosted for member in members.get(shape.code, ())),
        }
        for shape in outlines.SHAPES
    ]
    return {"shapes": shapes, "width": outlines.WIDTH, "height": outlines.HEIGHT}


@bp.get("/charter")
@guard(Act.PUBLIC_READ)
def charter(place: Place) -> Any:
    """Show what members promise."""
    del place
    return pages.page("network/charter.html", charter=queries.charter(), network=queries.the_network())


@bp.get("/<slug:slug>/news/")
@guard(Act.PUBLIC_READ, queries.collectivity_place)
def news_list(place: Place) -> Any:
    """Show every press release of a collectivity."""
    assert place.collectivity_id is not None
    return pages.page(
        "network/news_list.html", place=place, news=queries.news_of(place.collectivity_id, now(), limit=200)
    )


@bp.get("/<slug:slug>/news/<slug:news>")
@guard(Act.PUBLIC_READ, queries.collectivity_place)
def news(place: Place) -> Any:
    """Show one press release."""
    assert place.collectivity_id is not None
    found = queries.news_one(place.collectivity_id, (request.view_args or {})["news"], now())
    if found is None:
        raise NotFound
    return pages.page("network/news.html", place=place, news=found)


@bp.get("/desk/<slug:slug>/news/new")
@guard(Act.COLLECTIVITY_EDIT, queries.collectivity_place)
def write_news(place: Place) -> Any:
    """Show the form of a press release."""
    return pages.page("network/news_form.html", place=place, form=forms.restored(NewsForm))


@bp.post("/desk/<slug:slug>/news/new")
@guard(Act.COLLECTIVITY_EDIT, queries.collectivity_place)
def publish_news(place: Place) -> Any:
    """Publish a press release."""
    assert place.collectivity_id is not None
    form = NewsForm()
    if not form.validate():
        return pages.page("network/news_form.html", status=422, place=place, form=form)
    reply = forms.first_reply(form)
    if reply:
        return pages.see(reply.location)
    try:
        actions.publish_news(
            actor(),
            place.collectivity_id,
            slug=form.slug.data or "",
            title={"ar": form.title_ar.data or "", "fr": form.title_fr.data or ""},
            body={"ar": form.body_ar.data or "", "fr": form.body_fr.data or ""},
        )
    except actions.AddressTakenError:
        form.slug.errors = [_("Another text already has this address. Choose another one.")]
        return pages.page("network/news_form.html", status=422, place=place, form=form)
    location = url_for("network.news", slug=place.slug, news=form.slug.data)
    forms.keep_reply(form, location)
    db.session.commit()
    return pages.see(location)
