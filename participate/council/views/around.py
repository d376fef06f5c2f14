"""What stands around every page of the secretary's desk."""

from __future__ import annotations

from typing import Any

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.council import actions, queries
from participate.council.views.blueprint import here, keys
from participate.db import Words, db
from participate.plans.queries import plan_head
from participate.rules import council as law
from participate.rules.lifecycle import Stage
from participate.rules.policy import Act, Place
from participate.web import i18n, labels, pages
from participate.web.access import allowed
from participate.web.forms import Form, keep_reply


def call_words(call: law.Call) -> str:
    """Return the words for a convocation."""
    return {
        law.Call.FIRST: _("first convocation"),
        law.Call.SECOND: _("second convocation"),
        law.Call.THIRD: _("third convocation"),
    }[call]


def kind_words(kind: str) -> str:
    """Return the words for a kind of session."""
    return _("ordinary session") if kind == law.SessionKind.ORDINARY else _("extraordinary session")


def decision_of(
    session: queries.SessionView | None, decision: queries.DecisionView | None
) -> queries.DecisionView | None:
    """Return the decision if it was taken in this session: an earlier round has its own."""
    if session is None or decision is None:
        return None
    return decision if any(one.id == decision.sitting_id for one in session.sittings) else None


# --- the secretary's desk ----------------------------------------------


def around_page(template: str, place: Place, status: int = 200, **context: Any) -> Any:
    """Render a page of the secretary's desk, with its places beside it."""
    return pages.page(
        template,
        status=status,
        place=place,
        plan=plan_head(*keys(place)),
        labels=labels,
        words={"call": call_words, "kind": kind_words},
        here=here,
        nav=_nav(place),
        **context,
    )


def _nav(place: Place) -> list[dict[str, Any]]:
    rows = []
    if allowed(Act.DOSSIER_READ_DRAFT, place):
        rows.append((_("The council's session"), here("council_desk.desk", place)))
    if allowed(Act.DOSSIER_STUDY, place):
        rows.append((_("Read, note and ask"), here("council_desk.reading", place)))
    if allowed(Act.RESPONSE_READ_DRAFT, place):
        rows.append((_("Questions of councillors"), here("council_desk.questions", place)))
    rows += [
        (_("The council’s dossier"), pages.home_of("results", slug=place.slug, cycle=place.cycle)),
        (_("The council (public page)"), here("council.show", place)),
        (_("The whole desk"), pages.home_of("desk", slug=place.slug)),
    ]
    return [{"label": label, "url": url, "current": url == request.path} for label, url in rows]


def follow_link(place: Place, decision: queries.DecisionView | None) -> dict[str, str] | None:
    """Return the way to the page where the plan follows the decision; it belongs to a later room."""
    if decision is None or decision.performed or place.stage is not Stage.COUNCIL:
        return None
    if decision.outcome == actions.RETURNED:
        if not allowed(Act.PLAN_RETURN, place):
            return None
        url = pages.home_of("plan_return", slug=place.slug, cycle=place.cycle)
        return {"url": url, "label": _("Return the plan to preparation")}
    if not allowed(Act.PLAN_ADOPT, place):
        return None
    url = pages.home_of("plan_adopt", slug=place.slug, cycle=place.cycle)
    return {"url": url, "label": _("Publish the adopted plan")}


def done_once(form: Form, place: Place, said: str) -> Any:
    """Keep what was done and lead back to the desk; a form sent again gets the same answer."""
    location = here("council_desk.desk", place)
    keep_reply(form, location)
    db.session.commit()
    flash(said, "ok")
    return pages.see(location)


def said_words(arabic: str | None, french: str | None) -> Words | None:
    """Return what was typed, by language; none when nothing was."""
    found = {lang: text for lang, text in (("ar", arabic), ("fr", french)) if text}
    return found or None


def session_here(place: Place) -> queries.SessionView:
    """Return the announced session of this plan."""
    found = queries.session_of(*keys(place))
    if found is None:
        raise NotFound
    return found


def day_words(days: law.MeetingDays) -> str:
    """Say on which days a sitting can be held."""
    if days.last is None:
        return _("This sitting can be held from %(day)s on.", day=i18n.day(days.first))
    return _(
        "This sitting can be held from %(first)s to %(last)s.",
        first=i18n.day(days.first),
        last=i18n.day(days.last),
    )


# --- the decision ------------------------------------------------------


def sitting_here(place: Place) -> tuple[queries.SessionView, queries.SittingView]:
    """Return the session of this plan and its sitting."""
    session = session_here(place)
    if session.sitting is None:
        raise NotFound
    return session, session.sitting
