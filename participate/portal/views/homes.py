"""The network's home and a collectivity's."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participate.consultations import queries as consultations
from participate.contributions import queries as contributions
from participate.network import queries as network
from participate.plans import queries as plans
from participate.portal import frame, now_to_do, queries
from participate.portal.views.blueprint import bp
from participate.rules.policy import Act, Place
from participate.rules.tallies import Floored
from participate.rules.windows import CASABLANCA
from participate.web import i18n, labels, pages
from participate.web.access import guard, now

RECENT = 2


# --- the network's home ------------------------------------------------


@bp.get("/")
@guard(Act.PUBLIC_READ)
def home(place: Place) -> Any:
    """Show what is open now anywhere, how to find one's commune, and the network in numbers."""
    del place
    open_now, figures = queries.open_anywhere(now()), queries.network_figures()
    return pages.page(
        "portal/home.html",
        open_now=open_now,
        picture=now_to_do.picture_of_the_network(figures.people, invite=bool(open_now)),
        spaces=network.hosted(),
        network=network.the_network(),
        figures=figures,
        people=people_words,
    )


def people_words(people: int) -> str:
    """Return a live count of people in words: floored to ten, “fewer than 10” below."""
    found = people if isinstance(people, Floored) else Floored(people // 10 * 10)
    if found.fewer_than_ten:
        return _("fewer than 10")
    return _("more than %(count)s", count=i18n.number(found.at_least))


# --- a collectivity's home ---------------------------------------------


@bp.get("/<slug:slug>/")
@guard(Act.PUBLIC_READ, network.collectivity_place)
def collectivity(place: Place) -> Any:
    """Show the one thing to do now, the plan in numbers, the next meeting, news and the calendar."""
    around = frame.present()
    assert around is not None
    plan = plans.published_plan(around.id, around.plan.id) if around.plan else None
    rows = consultations.consultations_of(around.id, around.plan.id) if around.plan else []
    counts = (
        contributions.counts_of_projects(around.id, [p.project_id for p in plan.projects]) if plan else {}
    )
    coming, held = queries.meetings_around(around.id, now())
    return pages.page(
        "portal/collectivity.html",
        place=place,
        around=around,
        plan=plan,
        hero=now_to_do.hero(around, plan, rows, now()),
        numbers=now_to_do.numbers(plan, rows, sum(one.total for one in counts.values()), now()),
        cards=[project_card(project, place.slug, plan.cycle, counts) for project in plan.projects]
        if plan
        else [],
        coming=coming,
        held=held,
        news=network.news_of(around.id, now()),
        **_calendar(network.calendar_of(around.id)),
        today=now().astimezone(CASABLANCA),
        meeting_url=lambda meeting: url_for("meetings.one", slug=place.slug, meeting=meeting),
        links=surroundings(place.slug, around.plan.cycle if around.plan else None),
    )


def _calendar(events: list[network.EventView]) -> dict[str, Any]:
    """Return the dated events as lines of a timeline: those long past apart from the rest."""
    today = now().astimezone(CASABLANCA).date()
    lines = [
        {
            "date": _days(one.starts_on, one.ends_on),
            "title": i18n.said(one.title),
            "text": i18n.said(one.description) if one.description else None,
            "state": "done"
            if (one.ends_on or one.starts_on) < today
            else "now"
            if one.starts_on <= today
            else "todo",
            "assumed": not one.attested,
        }
        for one in events
    ]
    begins = max(0, sum(line["state"] == "done" for line in lines) - RECENT)
    return {"earlier": lines[:begins], "calendar": lines[begins:]}


def _days(first: date, last: date | None) -> str:
    """Return one day, a span of days, or the month that a span fills."""
    if last is None:
        return i18n.day(first)
    if first.day == 1 and last == first.replace(day=monthrange(first.year, first.month)[1]):
        return i18n.month(first)
    return f"{i18n.day(first)} – {i18n.day(last)}"


def surroundings(slug: str, cycle: str | None) -> list[tuple[str, str | None]]:
    """Return the further pages of a collectivity."""
    in_plan: dict[str, Any] = {"slug": slug, "cycle": cycle}
    of_plan = (
        [
            (_("Read the ideas"), url_for("contributions.ideas", **in_plan)),
            (_("How to take part"), url_for("consultations.participate", **in_plan)),
            (_("Results and dossier"), url_for("synthesis.results", **in_plan)),
            (_("Answers of the commune"), url_for("responses.answers", **in_plan)),
            (_("What the council decided"), url_for("council.show", **in_plan)),
            (_("Follow the projects"), url_for("monitoring.follow_up", **in_plan)),
            (_("Evaluation"), url_for("evaluation.show", **in_plan)),
            (_("Dates of the plan"), url_for("lifecycle.timeline", **in_plan)),
        ]
        if cycle
        else []
    )
    return [
        *of_plan,
        (_("All meetings"), url_for("meetings.index", slug=slug)),
        (_("Associations"), url_for("people.associations", slug=slug)),
        (_("Charter of participation"), url_for("moderation.charter", slug=slug)),
        (_("Moderation log"), url_for("moderation.log", slug=slug)),
        (_("Transparency"), url_for("portal.transparency", slug=slug)),
        (_("Open data"), url_for("opendata.index", slug=slug)),
    ]


def project_card(project: plans.ProjectView, slug: str, cycle: str, counts: Any) -> dict[str, Any]:
    """Shape a project for a list: its title, its principles, how many took a position."""
    total = counts[project.project_id].total if project.project_id in counts else 0
    return {
        "url": url_for("portal.project", slug=slug, cycle=cycle, number=project.number),
        "number": project.number,
        "title": i18n.said(project.title),
        "principles": [labels.principle(one) for one in project.principles],
        "comments_text": ngettext("%(num)d contribution", "%(num)d contributions", total) if total else None,
    }
