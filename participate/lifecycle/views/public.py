"""The public timeline."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _

from participate.lifecycle import queries, words
from participate.lifecycle.views.around import plan_key
from participate.lifecycle.views.blueprint import bp, keys
from participate.plans import queries as plan_queries
from participate.plans.queries import plan_place
from participate.rules import windows
from participate.rules.policy import Act, Place
from participate.web import i18n, labels, pages
from participate.web.access import guard, now


@bp.get("/timeline/")
@guard(Act.PUBLIC_READ, plan_place)
def timeline(place: Place) -> Any:
    """Show the dated life of a plan: what was done, what is to come."""
    found = queries.timeline(plan_key(place), now())
    today = windows.casablanca_date(now())
    return pages.page(
        "lifecycle/timeline.html",
        place=place,
        plan=plan_queries.plan_head(*keys(place)),
        labels=labels,
        events=[_line(event, today, place) for event in found],
    )


def _line(event: queries.TimelineEvent, today: date, place: Place) -> dict[str, Any]:
    state = "done" if event.done else "now" if event.day == today else "todo"
    url = None
    if event.event is queries.Event.VERSION:
        url = pages.home_of("plan_version", slug=place.slug, cycle=place.cycle, number=event.version)
    text = i18n.plain(event.note) if event.note else None
    if event.planned:
        text = _("Counted back from the session, as the law's delays ask.")
    return {"date": event.day, "title": words.event(event), "text": text, "state": state, "url": url}
