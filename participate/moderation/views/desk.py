"""What surrounds every page of the moderators' desk."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participate.db import clock
from participate.moderation import queries
from participate.moderation.views.blueprint import collectivity_of
from participate.rules.policy import Place
from participate.web import i18n, pages
from participate.web.access import actor


def address(place: Place, name: str, **values: Any) -> str:
    """Return the address of a page of moderation in this space."""
    return url_for(
        f"moderation.{name}", slug=place.slug, **{k: v for k, v in values.items() if v is not None}
    )


def list_keys() -> list[tuple[str, str]]:
    """Return the keys that move along a list."""
    return [("J", _("next")), ("K", _("previous"))]


def queue_keys() -> list[tuple[str, str]]:
    """Return the keys of the queue, where one key ticks and decides for what is ticked."""
    return [*list_keys(), ("X", _("tick")), ("P", _("publish")), ("H", _("hide")), ("Z", _("undo"))]


def case_keys() -> list[tuple[str, str]]:
    """Return the keys of a case; each decision shows its own beside it."""
    return [*list_keys(), ("P", _("publish")), ("Z", _("undo"))]


def desk_around(
    place: Place, numbers: queries.Counts, current: str, keys: list[tuple[str, str]] | None = None
) -> dict[str, Any]:
    """Return what surrounds every page of the moderators' desk: its places, its keys, and what can be undone."""

    def entry(key: str, label: str, url: str, count: int | None = None) -> dict[str, Any]:
        return {"label": label, "url": url, "count": count, "current": key == current}

    places: list[dict[str, Any]] = [
        entry("waiting", _("To decide"), address(place, "queue"), numbers.waiting),
        entry("flagged", _("Flagged or reported"), address(place, "queue", view="flagged"), numbers.flagged),
        entry("late", _("Late"), address(place, "queue", view="late"), numbers.late),
        entry("appeals", _("Appeals"), address(place, "appeals"), numbers.appeals),
        entry("mine", _("My decisions"), address(place, "mine")),
        {"heading": i18n.plain(queries.space_name(collectivity_of(place))), "url": None},
        entry("log", _("Public log"), address(place, "log")),
        entry("charter", _("Participation charter"), address(place, "charter")),
    ]
    if pages.has_home("desk"):
        places.append(entry("desk", _("The whole desk"), pages.home_of("desk", slug=place.slug)))
    batch = queries.last_batch(actor().person_id or 0, collectivity_of(place), clock())
    return {
        "places": places,
        "desk_title": _("Moderation desk"),
        "key_help": keys,
        "undo": _undo(place, batch),
        "csrf": pages.needs_csrf(),
    }


def _undo(place: Place, batch: tuple[queries.DecisionRow, ...]) -> dict[str, Any] | None:
    if not batch:
        return None
    return {
        "url": address(place, "undo", ref=batch[0].ref),
        "text": ngettext(
            "%(num)d decision taken. You have ten seconds to take it back.",
            "%(num)d decisions taken. You have ten seconds to take them back.",
            len(batch),
        ),
    }
