"""The pages where the rooms meet."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask

from participate.network import queries as network
from participate.portal import frame, queries
from participate.rules.policy import Act, Place
from participate.web import pages
from participate.web.access import guard, now

bp = Blueprint("portal", __name__, url_prefix="/<lang:lang>")
blueprints = (bp,)


def init_app(app: Flask) -> None:
    """Give every page its frame, and say where the things of this room live."""
    del app
    for provider in frame.PROVIDERS:
        pages.provide(provider)
    pages.register_homes(
        {
            "network": "portal.home",
            "collectivity": "portal.collectivity",
            "plan": "portal.plan",
            "project": "portal.project",
            "me": "portal.me",
            "desk": "portal.desk",
            "transparency": "portal.transparency",
        }
    )


@bp.get("/")
@guard(Act.PUBLIC_READ)
def home(place: Place) -> Any:
    """Show what is open now anywhere, how to find one's commune, and the network in numbers."""
    del place
    return pages.page(
        "portal/home.html",
        open_now=queries.open_anywhere(now()),
        spaces=network.hosted(),
        network=network.the_network(),
        figures=queries.network_figures(),
    )
