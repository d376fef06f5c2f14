"""What stands around every page of the plan's desk."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.plans import queries
from participate.plans.queries import WorkingProject
from participate.plans.views.blueprint import here, keys
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import allowed


def nav(place: Place, current: str) -> list[dict[str, Any]]:
    """Return the links of a plan's desk, to the rooms that this installation has."""
    rows = [
        ("overview", _("The projects"), here("plans_desk.overview", place)),
        ("axes", _("The axes"), here("plans_desk.axes", place)),
        ("causes", _("Why each field changes"), here("plans_desk.causes_form", place))
        if allowed(Act.PLAN_EDIT, place)
        else ("", "", None),
        ("publish", _("Publish a version"), here("plans_desk.publish", place)),
        ("calendar", _("Calendar and steps"), _home("plan_calendar", place)),
        ("ideas", _("Ideas to assess"), _home("ideas_desk", place)),
        ("answers", _("Answers"), _home("answers_desk", place)),
        ("council", _("Council"), _home("council_desk", place)),
        ("settings", _("Name and dates of the plan"), here("plans_desk.settings", place)),
        ("changes", _("Versions and changes (public)"), here("plans.changes", place)),
        ("desk", _("The whole desk"), pages.home_of("desk", slug=place.slug)),
    ]
    return [{"label": label, "url": url, "current": key == current} for key, label, url in rows if url]


def _home(kind: str, place: Place) -> str | None:
    return pages.home_of(kind, slug=place.slug, cycle=place.cycle) if pages.has_home(kind) else None


def desk_page(template: str, place: Place, current: str, status: int = 200, **context: Any) -> Response:
    """Render a page of a plan's desk."""
    return pages.page(
        template,
        status=status,
        place=place,
        plan=queries.plan_head(*keys(place)),
        nav=nav(place, current),
        labels=labels,
        may_edit=allowed(Act.PLAN_EDIT, place),
        **context,
    )


def working_here(place: Place) -> WorkingProject:
    """Return the working copy of the project of this address."""
    found = queries.working_project(*keys(place), number=int((request.view_args or {})["number"]))
    if found is None:
        raise NotFound
    return found


def row_version(sent: str | None) -> int:
    """Return the version a page was read at; 0, which nothing ever had, if that is no number."""
    return int(sent) if sent and sent.isdecimal() and len(sent) < 18 else 0
