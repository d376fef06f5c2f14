"""What stands around every page of the calendar."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.lifecycle import queries, words
from participate.lifecycle.queries import ConsultationRow
from participate.lifecycle.views.blueprint import Key, here, keys
from participate.plans import queries as plan_queries
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import allowed


def plan_key(place: Place) -> Key:
    """Return the key of the plan of a place that has one."""
    return Key(*keys(place))


def consultation_key(place: Place) -> Key:
    """Return the key of the consultation of a place that has one."""
    assert place.collectivity_id is not None
    assert place.consultation_id is not None
    return Key(place.collectivity_id, place.consultation_id)


def desk_page(template: str, place: Place, status: int = 200, **context: Any) -> Response:
    """Render a page of the plan's desk, with its places beside it."""
    return pages.page(
        template,
        status=status,
        place=place,
        plan=plan_queries.plan_head(*keys(place)),
        labels=labels,
        words=words,
        nav=_nav(place),
        **context,
    )


def _nav(place: Place) -> list[dict[str, Any]]:
    """Return the links of the plan's desk that this reader may follow; the calendar is where we are."""
    calendar_url = here("lifecycle_desk.calendar", place)
    rows = [
        (Act.PLAN_READ_WORKING, _("The projects"), _home("plan_desk", place)),
        (Act.PLAN_READ_WORKING, _("The axes"), _home("plan_axes", place)),
        (Act.PLAN_READ_WORKING, _("Publish a version"), _home("plan_publish", place)),
        (Act.PLAN_READ_WORKING, _("Calendar and steps"), calendar_url),
        (Act.RESPONSE_READ_DRAFT, _("Ideas to assess"), _home("ideas_desk", place)),
        (Act.RESPONSE_READ_DRAFT, _("Answers"), _home("answers_desk", place)),
        (Act.DOSSIER_READ_DRAFT, _("Council"), _home("council_desk", place)),
        (Act.PUBLIC_READ, _("Timeline (public)"), here("lifecycle.timeline", place)),
        (Act.DESK_ENTER, _("The whole desk"), pages.home_of("desk", slug=place.slug)),
    ]
    return [
        {"label": label, "url": url, "current": url == calendar_url}
        for act, label, url in rows
        if url and allowed(act, place)
    ]


def _home(kind: str, place: Place) -> str | None:
    return pages.home_of(kind, slug=place.slug, cycle=place.cycle) if pages.has_home(kind) else None


def way_back(place: Place) -> str:
    """Return where a move's page leads back: the calendar, or the council's desk for its secretary."""
    if allowed(Act.PLAN_READ_WORKING, place):
        return here("lifecycle_desk.calendar", place)
    return _home("council_desk", place) or pages.home_of("desk", slug=place.slug)


def row_here(place: Place) -> ConsultationRow:
    """Return the consultation of the place as the desk shows it."""
    for row in queries.consultations_of(*keys(place)):
        if row.id == place.consultation_id:
            return row
    raise NotFound
