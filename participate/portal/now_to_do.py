"""The one thing to do now on a collectivity's home, as words, and the plan in numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participate.consultations.queries import ConsultationView
from participate.plans.queries import PlanView
from participate.portal.queries import Frame
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ConsultationKind, ConsultationState
from participate.rules.tallies import Floored
from participate.rules.windows import Window
from participate.web import i18n


def people_words(people: Floored) -> str:
    """Return a floored count in words."""
    if people.fewer_than_ten:
        return _("fewer than 10")
    return i18n.number(people.at_least)


def current(rows: list[ConsultationView], now: datetime) -> ConsultationView | None:
    """Return the consultation that is open, else the one announced."""
    is_open = [row for row in rows if row.is_open(now)]
    if is_open:
        return is_open[0]
    coming = [row for row in rows if row.state is ConsultationState.ANNOUNCED and row.opens_at > now]
    return coming[0] if coming else None


def last_day(row: ConsultationView) -> str:
    """Return the last day on which something is accepted, in words."""
    return i18n.day(Window(row.opens_at, row.closes_at).last_day)


def picture_of_the_network(people: int, *, invite: bool) -> dict[str, Any] | None:
    """Return the picture of everybody who took part anywhere; none before there are ten."""
    floored = people // 10 * 10
    if not floored:
        return None
    more = ngettext("more than %(num)d person", "more than %(num)d people", floored)
    return {
        "people": floored,
        "associations": 0,
        "label": _("%(people)s took part", people=more),
        "invite": _("your place") if invite else None,
    }


def picture(rows: list[ConsultationView], now: datetime, *, invite: bool) -> dict[str, Any] | None:
    """Return the picture of who takes part, of the consultation that runs or the last one."""
    running = [row for row in rows if row.is_open(now)]
    row = running[0] if running else next((r for r in reversed(rows) if r.ended), None)
    if row is None:
        return None
    people = row.people.at_least // 10 * 10
    associations = row.associations.at_least
    if not people and not associations:
        label = (
            _("Fewer than 10 people have taken part so far.") if row.is_open(now) else _("Nobody took part.")
        )
    elif associations:
        label = _(
            "%(people)s and %(associations)s took part",
            people=ngettext("%(num)d person", "%(num)d people", row.people.at_least)
            if row.ended
            else ngettext("more than %(num)d person", "more than %(num)d people", people),
            associations=ngettext("%(num)d association", "%(num)d associations", associations),
        )
    else:
        label = _(
            "%(people)s took part",
            people=ngettext("%(num)d person", "%(num)d people", row.people.at_least)
            if row.ended
            else ngettext("more than %(num)d person", "more than %(num)d people", people),
        )
    return {
        "people": people,
        "associations": associations,
        "label": label,
        "invite": _("your place") if invite else None,
        "note": _("Positions stay closed until the end.") if row.is_open(now) else None,
    }


def hero(around: Frame, plan: PlanView | None, rows: list[ConsultationView], now: datetime) -> dict[str, Any]:
    """Return the one thing to do now, in the shape of `ui.hero`."""
    if around.plan is None or plan is None:
        return {
            "title": _("No plan has begun here yet"),
            "text": _(
                "When the commune begins its openness action plan, this page shows how to take part and until when."
            ),
            "label": _("See where plans are under way"),
            "url": url_for("portal.home"),
            "second": {"label": _("How it works"), "url": url_for("portal.help_page")},
        }
    urls = {
        "plan": url_for("portal.plan", slug=around.slug, cycle=plan.cycle),
        "ideas": url_for("contributions.ideas", slug=around.slug, cycle=plan.cycle),
        "new_idea": url_for("contributions.idea_form", slug=around.slug, cycle=plan.cycle),
        "results": url_for("synthesis.results", slug=around.slug, cycle=plan.cycle),
        "council": url_for("council.show", slug=around.slug, cycle=plan.cycle),
        "follow": url_for("monitoring.follow_up", slug=around.slug, cycle=plan.cycle),
    }
    row = current(rows, now)
    if row is not None:
        return _of_consultation(row, plan, urls, rows, now)
    return _of_stage(plan, urls, rows, now)


def _of_consultation(
    row: ConsultationView,
    plan: PlanView,
    urls: dict[str, Any],
    rows: list[ConsultationView],
    now: datetime,
) -> dict[str, Any]:
    how = {"label": _("How does my opinion count?"), "url": url_for("portal.help_page") + "#counting"}
    if row.state is ConsultationState.ANNOUNCED:
        return {
            "title": _("Soon: your views on the draft plan")
            if row.kind is ConsultationKind.DRAFT_REVIEW
            else _("Soon: your ideas for the plan"),
            "text": _(
                "It opens on %(opens)s and stays open until the end of %(closes)s.",
                opens=i18n.day(row.opens_at),
                closes=last_day(row),
            ),
            "label": _("Read the plan"),
            "url": urls["plan"],
            "second": how,
            "picture": picture(rows, now, invite=False),
        }
    if row.kind is ConsultationKind.CALL_FOR_IDEAS:
        return {
            "title": _("Your turn: what should the plan change?"),
            "text": _(
                "Send an idea until the end of %(closes)s. The committee decides what becomes of each one and says why.",
                closes=last_day(row),
            ),
            "label": _("Send an idea"),
            "url": urls["new_idea"] or urls["plan"],
            "second": {"label": _("Read the ideas"), "url": urls["ideas"] or urls["plan"]},
            "picture": picture(rows, now, invite=True),
        }
    return {
        "title": ngettext(
            "Your turn: say what you think of %(num)d project",
            "Your turn: say what you think of %(num)d projects",
            len(plan.projects),
        ),
        "text": _(
            "The draft plan is open to you until the end of %(closes)s. The commune answers every contribution, then the council votes with the file in front of it.",
            closes=last_day(row),
        ),
        "label": _("See the projects"),
        "url": urls["plan"],
        "second": how,
        "picture": picture(rows, now, invite=True),
    }


def _of_stage(
    plan: PlanView, urls: dict[str, Any], rows: list[ConsultationView], now: datetime
) -> dict[str, Any]:
    shown = {
        Stage.PREPARATION: (
            _("The draft is being written"),
            _(
                "The committee reads the ideas and the officers write the projects. The draft is published before anybody decides on it."
            ),
            _("Read the ideas"),
            urls["ideas"],
        ),
        Stage.CONSULTATION: (
            _("The consultation is about to close"),
            _("What was said is being counted."),
            _("See the projects"),
            urls["plan"],
        ),
        Stage.SYNTHESIS: (
            _("The commune is answering"),
            _(
                "The consultation is closed. Every contribution gets a reasoned answer, then the file goes to the council."
            ),
            _("See the results"),
            urls["results"],
        ),
        Stage.COUNCIL: (
            _("The plan is before the council"),
            _(
                "The file is sealed: what people said, what the commune answered and what changed. The council decides next."
            ),
            _("Read the file of the council"),
            urls["results"],
        ),
        Stage.IMPLEMENTATION: (
            _("The plan is adopted: follow its projects"),
            _("The council has decided. Each milestone has a date, and what is late is said here."),
            _("Follow the projects"),
            urls["follow"],
        ),
        Stage.EVALUATION: (
            _("What did the plan change?"),
            _("The plan is being evaluated, with residents and associations."),
            _("Follow the projects"),
            urls["follow"],
        ),
        Stage.CLOSED: (
            _("This plan is finished"),
            _("What was done, what was late and what was learnt stays public."),
            _("See the results"),
            urls["results"],
        ),
        Stage.WITHDRAWN: (
            _("This plan was withdrawn"),
            _("Everything people wrote stays public."),
            _("Read the plan"),
            urls["plan"],
        ),
    }
    title, text, label, url = shown[plan.stage]
    return {
        "title": title,
        "text": text,
        "label": label if url else _("Read the plan"),
        "url": url or urls["plan"],
        "second": {"label": _("Read the plan"), "url": urls["plan"]} if url and url != urls["plan"] else None,
        "picture": picture(rows, now, invite=False),
    }


def numbers(
    plan: PlanView | None, rows: list[ConsultationView], texts: int, now: datetime
) -> list[dict[str, Any]]:
    """Return the plan in numbers, in the shape of `ui.numbers`."""
    if plan is None or (plan.version is None and not rows):
        return []
    found: list[dict[str, Any]] = []
    if plan.projects:
        many = len(plan.projects)
        found.append({"value": many, "label": ngettext("project", "projects", many)})
    row = next((r for r in rows if r.is_open(now)), None) or next(
        (r for r in reversed(rows) if r.ended), None
    )
    if row is not None:
        people = (
            people_words(row.people) if row.ended or row.people.fewer_than_ten else f"{row.people.at_least}+"
        )
        found.append({"value": people, "label": _("people took part")})
        found.append({"value": texts, "label": ngettext("contribution", "contributions", texts)})
        if row.is_open(now):
            days = (row.closes_at - now).days
            found.append(
                {
                    "value": max(days, 0),
                    "label": ngettext("day before it closes", "days before it closes", days),
                }
            )
    if plan.version and plan.version.number > 1:
        found.append({"value": plan.version.number, "label": _("version of the plan")})
    return found
