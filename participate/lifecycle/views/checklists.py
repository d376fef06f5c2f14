"""The officer's checklist: each need in words, with the way to meet it."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from participate.lifecycle import words
from participate.lifecycle.queries import Checklist
from participate.lifecycle.views.blueprint import here
from participate.rules.lifecycle import Facts, Need
from participate.rules.policy import Place
from participate.web import pages


def check_rows(checklist: Checklist, known: Facts, place: Place) -> list[dict[str, Any]]:
    """Return a checklist as the page shows it: sentence, figures, and the way to what is missing."""
    rows: list[dict[str, Any]] = []
    for row in checklist.rows:
        text = words.detail(row.need, known)
        link = None if row.ok else _fix(row.need, place, known)
        detail: Any = text
        if link is not None:
            label, url = link
            detail = Markup("{} <a href='{}'>{}</a>").format(text or "", url, label)
        override = None
        if (
            row.need is Need.NOTICE_GIVEN
            and place.consultation_id is not None
            and known.announced_at is not None
        ):
            override = here("lifecycle_desk.notice", place, consultation_id=place.consultation_id)
        rows.append({"ok": row.ok, "label": words.need(row.need), "detail": detail, "override_url": override})
    return rows


ELSEWHERE: dict[Need, str] = {
    Need.NOTHING_PENDING: "moderation.queue",
    Need.NO_OPEN_APPEAL: "moderation.appeals",
    Need.EVERY_IDEA_HAS_FATE: "responses.ideas",
    Need.EVERY_PROJECT_HAS_RESPONSE: "responses.projects",
    Need.COVERAGE_COMPLETE: "responses.desk",
    Need.QUORUM_REACHED: "council_desk.desk",
    Need.EVERY_PROJECT_DECIDED: "council_desk.desk",
    Need.DELIBERATION_DATED: "council_desk.desk",
    Need.AMENDMENTS_WRITTEN: "council_desk.desk",
    Need.EVALUATION_RECORDED: "evaluation_desk.form",
}
"""The desk page of another room where a need can be met."""


def _fix(need: Need, place: Place, known: Facts) -> tuple[str, str] | None:
    """Return the link to the page where what is missing can be mended."""
    if need is Need.HAS_ARABIC_AXIS:
        return _("Add an axis"), pages.home_of("plan_axes", slug=place.slug, cycle=place.cycle)
    if need in (Need.HAS_PUBLISHED_DRAFT, Need.PROJECTS_COMPLETE):
        if known.incomplete_projects or need is Need.PROJECTS_COMPLETE:
            return _("Complete them, then publish a version"), pages.home_of(
                "plan_desk", slug=place.slug, cycle=place.cycle
            )
        return _("Publish a draft"), pages.home_of("plan_publish", slug=place.slug, cycle=place.cycle)
    if need is Need.REVISED_VERSION_READY:
        return _("Complete the projects"), pages.home_of("plan_desk", slug=place.slug, cycle=place.cycle)
    if need is Need.WINDOW_LONG_ENOUGH and place.consultation_id is not None:
        return _("Change the dates"), here(
            "lifecycle_desk.dates", place, consultation_id=place.consultation_id
        )
    if need in ELSEWHERE:
        return _("Go there"), _address(ELSEWHERE[need], place)
    return None


def _address(endpoint: str, place: Place) -> str:
    values: dict[str, Any] = {"slug": place.slug}
    if current_app.url_map.is_endpoint_expecting(endpoint, "cycle"):
        values["cycle"] = place.cycle
    return url_for(endpoint, **values)
