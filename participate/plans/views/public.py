"""Versions and what changed, for everybody."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import ngettext
from werkzeug.exceptions import NotFound

from participate.plans import queries
from participate.plans.queries import LANGS
from participate.plans.views.blueprint import bp, keys
from participate.plans.views.causes import cause_sentence
from participate.plans.views.words import field_words, listed, milestone_line
from participate.rules.lifecycle import Stage
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import guard


@bp.get("/changes/")
@guard(Act.PUBLIC_READ, queries.plan_place)
def changes(place: Place) -> Any:
    """Show the versions of a plan, and what changed between two of them."""
    versions = queries.versions_of(*keys(place))
    later, earlier = _pair(versions)
    found = (
        queries.differences(earlier, later, milestone_text=milestone_line)
        if earlier is not None and later is not None
        else None
    )
    return pages.page(
        "plans/changes.html",
        place=place,
        plan=queries.plan_head(*keys(place)),
        versions=versions,
        earlier=earlier,
        later=later,
        differences=found,
        sentence=cause_sentence(queries.caused_changes(*keys(place)).count) if len(versions) > 1 else None,
        Status=queries.Status,
        labels=labels,
        field_words=field_words,
        langs_shown=LANGS,
    )


def _pair(
    versions: list[queries.VersionView],
) -> tuple[queries.VersionView | None, queries.VersionView | None]:
    """Return the two versions the address asks to compare: by default the last and the one before."""
    by_number = {version.number: version for version in versions}
    later = by_number.get(request.args.get("to", 0, type=int)) or (versions[-1] if versions else None)
    if later is None:
        return None, None
    wanted = by_number.get(request.args.get("from", 0, type=int))
    if wanted is None or wanted.number >= later.number:
        wanted = by_number.get(later.number - 1)
    return later, wanted


@bp.get("/versions/<int(max=99999):number>/")
@guard(Act.PUBLIC_READ, queries.plan_place)
def version(place: Place) -> Any:
    """Show the projects of one version, whole."""
    number = int((request.view_args or {})["number"])
    plan = queries.published_plan(*keys(place), number=number)
    if plan is None or plan.version is None:
        raise NotFound
    return pages.page(
        "plans/version.html",
        place=place,
        plan=plan,
        labels=labels,
        others=[v for v in queries.versions_of(*keys(place)) if v.number != number],
        withdrawn=plan.stage is Stage.WITHDRAWN,
        count=ngettext("%(num)d project", "%(num)d projects", len(plan.projects)),
    )


@bp.get("/projects/<int(max=99999):number>/history/")
@guard(Act.PUBLIC_READ, queries.project_place)
def history(place: Place) -> Any:
    """Show every published wording of a project, each against the one before, with its cause."""
    number = int((request.view_args or {})["number"])
    steps = queries.history(*keys(place), number=number, milestone_text=milestone_line)
    if not steps:
        raise NotFound
    return pages.page(
        "plans/history.html",
        place=place,
        plan=queries.plan_head(*keys(place)),
        number=number,
        steps=steps,
        labels=labels,
        field_words=field_words,
        versions_words=lambda step: listed([str(one) for one in step.versions]),
    )
