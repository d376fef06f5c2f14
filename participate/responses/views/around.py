"""What stands around every page of the desk."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from participate.plans import queries as plans
from participate.responses import pieces, queries
from participate.responses.queries import Round
from participate.rules.outcomes import ResponseState
from participate.rules.policy import Place
from participate.web import labels, pages
from participate.web.i18n import plain


def ids_of(place: Place) -> tuple[int, int]:
    """Return the collectivity and the plan of a place that has both."""
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    return place.collectivity_id, place.plan_id


def address_part(name: str) -> Any:
    """Return one part of the address that was asked for, as its converter read it."""
    return (request.view_args or {})[name]


def desk_page(
    template: str, place: Place, current: str, *, status: int = 200, block: str | None = None, **context: Any
) -> Response:
    """Render a page of the answers' desk, with its places and what waits in each."""
    here, plan_id = ids_of(place)
    found = queries.rounds(here, plan_id)
    waiting = queries.idea_counts(here, plan_id).get(None, 0)
    drafts = queries.response_counts(here, [one.id for one in found]).get(ResponseState.DRAFT, 0)
    rows = [
        ("ideas", _("Ideas to assess"), pieces.address(place, "ideas"), waiting),
        ("desk", _("Group what was said"), pieces.address(place, "desk"), None),
        ("themes", _("Themes and their answers"), pieces.address(place, "themes"), None),
        ("projects", _("Answers by project"), pieces.address(place, "projects"), None),
        ("to_approve", _("To approve"), pieces.address(place, "to_approve"), drafts),
        ("answers", _("What people will read"), pieces.address(place, "answers"), None),
        ("calendar", _("Calendar and steps"), pieces.home("plan_calendar", place), None),
        ("whole", _("The whole desk"), pieces.home("desk", place), None),
    ]
    return pages.page(
        template,
        block=block,
        status=status,
        place=place,
        desk_title=plain(plans.plan_head(here, plan_id).title),
        nav=[
            {"label": label, "url": url, "count": count, "current": key == current}
            for key, label, url, count in rows
            if url
        ],
        csrf=pages.needs_csrf(),
        labels=labels,
        **context,
    )


def projects_of(place: Place) -> list[tuple[int, str]]:
    """Return number and title of the plan's projects, the working copy's words."""
    return [
        (one.number, plain(one.title) or _("(no title yet)"))
        for one in plans.working_projects(*ids_of(place))
        if not one.removed
    ]


def project_id_of(place: Place, number: int | None) -> int | None:
    """Return the row of the project with this number in the plan."""
    if number is None:
        return None
    return plans.project_place(place.slug, place.cycle, number).ids["project"]


def chosen_round(place: Place, wanted: str | None) -> tuple[tuple[Round, ...], Round | None]:
    """Return the present round's consultations and the chosen one: the newest unless another is asked for."""
    found = queries.rounds(*ids_of(place))
    chosen = next((one for one in found if str(one.id) == wanted), None)
    return found, chosen or (found[0] if found else None)
