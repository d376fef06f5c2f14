"""A plan, with what every room has to say of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.consultations import queries as consultations
from participate.contributions import queries as contributions
from participate.plans import queries as plans
from participate.portal import cards, frame, now_to_do
from participate.portal.views.blueprint import PLAN, bp, collectivity_of
from participate.portal.views.homes import project_card, surroundings
from participate.rules.outcomes import Principle
from participate.rules.policy import Act, Place
from participate.web import i18n, labels, pages
from participate.web.access import guard, now


@bp.get(f"{PLAN}/")
@guard(Act.PUBLIC_READ, plans.plan_place)
def plan(place: Place) -> Any:
    """Show the projects of a version, by axis, with what changed and what can be downloaded."""
    assert place.plan_id is not None
    versions = plans.versions_of(collectivity_of(place), place.plan_id)
    number = request.args.get("version", type=int)
    if number is not None and number not in {one.number for one in versions}:
        raise NotFound
    found = plans.published_plan(collectivity_of(place), place.plan_id, number=number)
    assert found is not None
    axes = plans.axes(collectivity_of(place), place.plan_id)
    axis = request.args.get("axis", "")
    principle = request.args.get("principle", "")
    shown = [
        one
        for one in found.projects
        if (not axis or one.axis.slug == axis) and (not principle or principle in one.principles)
    ]
    counts = contributions.counts_of_projects(collectivity_of(place), [one.project_id for one in shown])
    around = frame.present()
    assert around is not None
    current = consultations.current_consultation(collectivity_of(place), place.plan_id)
    decision = cards.decision_on(place)
    return pages.page(
        "portal/plan.html",
        decided_url=url_for("council.show", slug=place.slug, cycle=place.cycle)
        if decision is not None and decision.performed
        else None,
        share=cards.share(cards.card(around, place, found.title, decision, now()), found.summary),
        place=place,
        around=around,
        plan=found,
        versions=versions,
        groups=[
            (one, [project_card(p, place.slug, place.cycle, counts) for p in shown if p.axis.id == one.id])
            for one in axes
        ],
        axes=axes,
        axis_filters=_axis_filters(found, axes, axis, principle, number, place),
        principle_filters=_principle_filters(found, axis, principle, number, place),
        current=current,
        can_add_idea=can_add(current, "idea"),
        today=now(),
        last_day=now_to_do.last_day,
        version_words=_version_words,
        version_choices=[
            {
                "label": _version_words(one),
                "url": _plan_url(place, version=one.number),
                "current": found.version is not None and one.number == found.version.number,
            }
            for one in versions
        ],
        changes_url=url_for("plans.changes", slug=place.slug, cycle=place.cycle),
        ideas_url=url_for("contributions.ideas", slug=place.slug, cycle=place.cycle),
        idea_url=url_for("contributions.idea_form", slug=place.slug, cycle=place.cycle),
        more=[
            (
                _("Comment on the plan as a whole"),
                url_for("contributions.plan_comments", slug=place.slug, cycle=place.cycle),
            ),
            *surroundings(place.slug, place.cycle),
        ],
    )


def _version_words(version: plans.VersionView) -> str:
    return _(
        "Version %(number)s, %(kind)s, published on %(day)s",
        number=version.number,
        kind=labels.version_kind(version.kind),
        day=i18n.short_day(version.published_at),
    )


def can_add(current: Any, what: str) -> bool:
    """Return whether the present consultation accepts this kind of text now."""
    return current is not None and current.is_open(now()) and what in {one.value for one in current.accepts}


def _plan_url(place: Place, **args: Any) -> str:
    kept = {name: value for name, value in args.items() if value}
    query = f"?{urlencode(kept)}" if kept else ""
    return url_for("portal.plan", slug=place.slug, cycle=place.cycle) + query


def _axis_filters(
    found: plans.PlanView,
    axes: list[plans.AxisView],
    axis: str,
    principle: str,
    version: int | None,
    place: Place,
) -> list[dict[str, Any]]:
    rows = [
        {
            "label": _("All axes"),
            "count": len(found.projects),
            "url": _plan_url(place, principle=principle, version=version),
            "current": not axis,
        }
    ]
    rows += [
        {
            "label": i18n.plain(one.title),
            "count": sum(project.axis.id == one.id for project in found.projects),
            "url": _plan_url(place, axis=one.slug, principle=principle, version=version),
            "current": axis == one.slug,
        }
        for one in axes
    ]
    return rows


def _principle_filters(
    found: plans.PlanView, axis: str, principle: str, version: int | None, place: Place
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "label": _("All principles"),
            "url": _plan_url(place, axis=axis, version=version),
            "current": not principle,
        }
    ]
    for one in Principle:
        count = sum(one.value in project.principles for project in found.projects)
        if count:
            rows.append(
                {
                    "label": labels.principle(one),
                    "count": count,
                    "url": _plan_url(place, axis=axis, principle=one.value, version=version),
                    "current": principle == one.value,
                }
            )
    return rows
