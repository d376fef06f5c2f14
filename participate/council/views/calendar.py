"""The calendar before a session, and the same as a file for calendars."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import NotFound

from participate.council import queries
from participate.council.views.around import decision_of, session_here
from participate.council.views.blueprint import bp, desk, here, keys
from participate.plans.queries import plan_head, plan_place
from participate.rules.policy import Act, Place
from participate.rules.session_calendar import PRACTICE, DatedStep, Entry, StepStanding, ical
from participate.rules.windows import Step, casablanca_date
from participate.web import i18n
from participate.web.access import guard, now

PUBLIC = frozenset(
    {Step.AGENDA_TO_GOVERNOR, Step.DOSSIER_TO_COUNCILLORS, Step.SESSION, Step.DECISIONS_PUBLISHED}
)
"""Steps that everybody may follow; the others are the office's own."""
SETTING_OF = {
    Step.NOTICE: "notice",
    Step.REVIEW_OPENS: "review_lasts",
    Step.REVIEW_CLOSES: "review_closes",
    Step.RESPONSES_APPROVED: "responses_approved",
    Step.AGENDA_TO_GOVERNOR: "agenda_to_governor",
    Step.DOSSIER_TO_COUNCILLORS: "dossier_to_councillors",
    Step.DECISIONS_PUBLISHED: "decisions_published",
}


def step_words(step: Step) -> str:
    """Return what must be done by a day counted back from the session."""
    return {
        Step.NOTICE: _("The dates of the review are made public"),
        Step.REVIEW_OPENS: _("The review of the draft opens"),
        Step.REVIEW_CLOSES: _("The review of the draft is closed"),
        Step.RESPONSES_APPROVED: _("Last day to approve the answers"),
        Step.AGENDA_TO_GOVERNOR: _("The agenda of the session goes to the governor"),
        Step.DOSSIER_TO_COUNCILLORS: _("Councillors receive the dossier"),
        Step.SESSION: _("The council's session opens"),
        Step.DECISIONS_PUBLISHED: _("Last day to publish the council's decisions"),
    }[step]


def source_words(session: queries.SessionView, step: Step) -> str:
    """Say where the delay of a step comes from, and that nobody has verified it while nobody has."""
    name = SETTING_OF.get(step)
    if name is None:
        return ""
    source = session.rules.source(name)
    if source == PRACTICE:
        return _("practice of the network, not a legal delay")
    if name in session.rules.verified:
        return source
    return _("%(source)s, not yet verified by a jurist", source=source)


def standing_words(one: DatedStep) -> str:
    """Say how a step stands."""
    if one.standing is StepStanding.DONE and one.done_on is not None:
        return _("done on %(day)s", day=i18n.short_day(one.done_on))
    if one.standing is StepStanding.DONE_LATE and one.done_on is not None:
        return _("done on %(day)s, %(days)s late", day=i18n.short_day(one.done_on), days=_days(one.days_late))
    if one.standing is StepStanding.LATE:
        return _("%(days)s late", days=_days(one.days_late))
    if one.standing is StepStanding.SOON:
        return _("soon")
    return _("to come")


def _days(count: int) -> str:
    return ngettext("%(num)d day", "%(num)d days", count)


KIND = {
    StepStanding.DONE: "ok",
    StepStanding.DONE_LATE: "warn",
    StepStanding.LATE: "error",
    StepStanding.SOON: "warn",
    StepStanding.TO_COME: None,
}


def rows(session: queries.SessionView, steps: tuple[DatedStep, ...]) -> list[dict[str, Any]]:
    """Return the calendar as the desk shows it."""
    return [
        {
            "title": step_words(one.step),
            "at_latest": one.at_latest,
            "standing": standing_words(one),
            "kind": KIND[one.standing],
            "source": source_words(session, one.step),
        }
        for one in steps
    ]


def steps_of(place: Place, session: queries.SessionView) -> tuple[DatedStep, ...]:
    """Return the dated steps around the announced session."""
    decision = decision_of(session, queries.votes_of(*keys(place)))
    return queries.calendar_of(session, decision, casablanca_date(now()))


def _file(place: Place, session: queries.SessionView, steps: tuple[DatedStep, ...], link: str) -> Response:
    plan = plan_head(*keys(place))
    if plan is None:
        raise NotFound
    host = urlsplit(current_app.config["BASE_URL"]).hostname or "participate"
    name = i18n.plain(plan.title)
    entries = [
        Entry(
            f"{session.id}-{one.step.value}@{host}",
            one.at_latest,
            step_words(one.step),
            "\n".join(part for part in (name, source_words(session, one.step), link) if part),
        )
        for one in steps
    ]
    response = Response(ical(entries, name=name, stamp=session.announced_at), mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'attachment; filename="{place.slug}-{place.cycle}-session.ics"'
    return response


@bp.get("/council/session.ics")
@guard(Act.PUBLIC_READ, plan_place)
def session_ics(place: Place) -> Any:
    """Give out the public days around the session for a calendar."""
    session = session_here(place)
    steps = tuple(one for one in steps_of(place, session) if one.step in PUBLIC)
    return _file(place, session, steps, current_app.config["BASE_URL"] + here("council.show", place))


@desk.get("/calendar.ics")
@guard(Act.DOSSIER_READ_DRAFT, plan_place)
def calendar_ics(place: Place) -> Any:
    """Give out every step before the session for the calendars of those who prepare it."""
    session = session_here(place)
    link = current_app.config["BASE_URL"] + here("council_desk.desk", place)
    response = _file(place, session, steps_of(place, session), link)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
