"""The desk's door."""

from __future__ import annotations

from typing import Any

from participate.network import queries as network
from participate.portal import desk as desks
from participate.portal import frame
from participate.portal.views.blueprint import bp
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import actor, guard, now


@bp.get("/desk/<slug:slug>/")
@guard(Act.DESK_ENTER, network.collectivity_place)
def desk(place: Place) -> Any:
    """Show each role what waits for it and where it works."""
    around = frame.present()
    assert around is not None
    return pages.page(
        "portal/desk.html",
        place=place,
        around=around,
        roles=[labels.role(one) for one in sorted(actor().roles_in(around.id))],
        groups=desks.groups(around, now()),
    )
