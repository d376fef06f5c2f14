"""The settings of a council: delays, convocations and majority, each with its source."""

from __future__ import annotations

from typing import Any

from flask import flash
from flask_babel import gettext as _

from participate.council import actions, queries
from participate.council.forms import SETTING_LABELS, AgendaForm, settings_form
from participate.council.views.around import around_page, done_once, session_here
from participate.council.views.blueprint import desk, here, keys
from participate.db import db
from participate.plans.queries import plan_place
from participate.rules.council import MajorityRule
from participate.rules.policy import Act, Place
from participate.rules.session_calendar import CALLS, DELAYS, PRACTICE, SOURCES, CouncilRules
from participate.rules.windows import DelaysOutOfOrderError, casablanca_date
from participate.web import pages
from participate.web.access import actor, allowed, guard, now
from participate.web.forms import Form, first_reply, keep_reply

SECTIONS = (
    ("delays", DELAYS),
    ("calls", CALLS),
    ("majority", ("majority",)),
)


def _filled(rules: CouncilRules) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(rules.delays, name) for name in DELAYS}
    values |= {name: getattr(rules.quorum, name) for name in CALLS}
    values["majority"] = rules.majority.value
    for name in SOURCES:
        source = rules.source(name)
        values[f"source_{name}"] = "" if source == PRACTICE else source
        values[f"verified_{name}"] = name in rules.verified
    return values


def _back(place: Place) -> str:
    """Return where the page leads back to: an administrator has no desk of the council."""
    if allowed(Act.DOSSIER_READ_DRAFT, place):
        return here("council_desk.desk", place)
    return here("council_desk.settings_page", place)


def _page(place: Place, form: Form, status: int = 200) -> Any:
    return around_page(
        "council/settings.html",
        place,
        status,
        form=form,
        sections=SECTIONS,
        setting_labels=SETTING_LABELS,
        back=_back(place),
    )


@desk.get("/settings")
@guard(Act.COUNCIL_SET, plan_place)
def settings_page(place: Place) -> Any:
    """Show the settings of this council."""
    return _page(place, settings_form(data=_filled(queries.rules_of(keys(place)[0]))))


@desk.post("/settings")
@guard(Act.COUNCIL_SET, plan_place)
def set_rules(place: Place) -> Any:
    """Change them; the journal keeps what changed."""
    form = settings_form()
    if not form.validate():
        return _page(place, form, 422)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    try:
        actions.set_rules(
            actor(),
            place,
            {name: form[name].data for name in (*DELAYS, *CALLS)},
            MajorityRule(form["majority"].data),
            {name: form[f"source_{name}"].data or PRACTICE for name in SOURCES},
            frozenset(name for name in SOURCES if form[f"verified_{name}"].data),
        )
    except DelaysOutOfOrderError as error:
        db.session.rollback()
        form[error.later.value if error.later.value in form else "review_closes"].errors = [
            _("These steps would cross: each must come after the one before it.")
        ]
        return _page(place, form, 422)
    except actions.CallsOutOfOrderError:
        db.session.rollback()
        form["second_to"].errors = [_("The last day of the second convocation comes before its first.")]
        return _page(place, form, 422)
    location = _back(place)
    keep_reply(form, location)
    db.session.commit()
    flash(_("The settings are kept. The calendar follows them."), "ok")
    return pages.see(location)


@desk.get("/agenda")
@guard(Act.SESSION_RECORD, plan_place)
def agenda_form(place: Place) -> Any:
    """Ask on which day the agenda went to the governor."""
    session = session_here(place)
    form = AgendaForm(data={"sent_on": session.agenda_sent_on or casablanca_date(now())})
    return around_page("council/agenda.html", place, form=form, session=session)


@desk.post("/agenda")
@guard(Act.SESSION_RECORD, plan_place)
def send_agenda(place: Place) -> Any:
    """Record it."""
    session = session_here(place)
    form = AgendaForm()
    if not form.validate():
        return around_page("council/agenda.html", place, 422, form=form, session=session)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    assert form.sent_on.data is not None
    try:
        actions.send_agenda(actor(), place, session.id, form.sent_on.data)
    except actions.NotYetHeldError:
        db.session.rollback()
        form.sent_on.errors = [_("This day has not come yet.")]
        return around_page("council/agenda.html", place, 422, form=form, session=session)
    return done_once(form, place, _("The day is recorded."))
