"""Recording where the act stands with the authority of control."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.council import actions, queries
from participate.council.forms import ControlForm
from participate.council.views.around import around_page, done_once, said_words
from participate.council.views.blueprint import desk, keys
from participate.db import db
from participate.plans.queries import plan_place
from participate.rules.control import Control, ControlTrouble
from participate.rules.policy import Act, Place
from participate.web import i18n, pages
from participate.web.access import actor, guard
from participate.web.forms import first_reply


def control_words(found: queries.ControlView | None) -> str:
    """Say in a sentence where the act stands."""
    if found is None:
        return _("Not yet sent to the authority of control.")
    if found.state is Control.AWAITING:
        return _(
            "Sent to the authority of control on %(day)s; its answer is awaited.", day=i18n.day(found.sent_on)
        )
    assert found.settled_on is not None
    if found.state is Control.ENFORCEABLE:
        return _("Enforceable since %(day)s.", day=i18n.day(found.settled_on))
    return _("Refused by the authority of control on %(day)s.", day=i18n.day(found.settled_on))


def _offered(form: ControlForm) -> ControlForm:
    form.state.choices = [
        (Control.AWAITING.value, _("sent, the answer is awaited")),
        (Control.ENFORCEABLE.value, _("enforceable")),
        (Control.REFUSED.value, _("refused")),
    ]
    return form


def _decided(place: Place) -> queries.DecisionView:
    found = queries.votes_of(*keys(place))
    if found is None:
        raise NotFound
    return found


@desk.get("/control")
@guard(Act.CONTROL_RECORD, plan_place)
def control_form(place: Place) -> Any:
    """Ask where the act stands."""
    decision = _decided(place)
    found = queries.control_of(keys(place)[0], decision.id)
    data: dict[str, Any] = {"state": Control.AWAITING.value}
    if found is not None:
        data = {"state": found.state.value, "sent_on": found.sent_on, "settled_on": found.settled_on}
    return around_page(
        "council/control.html",
        place,
        decision=decision,
        standing=control_words(found),
        form=_offered(ControlForm(data=data)),
    )


@desk.post("/control")
@guard(Act.CONTROL_RECORD, plan_place)
def record_control(place: Place) -> Any:
    """Record it."""
    decision = _decided(place)
    form = _offered(ControlForm())
    standing = control_words(queries.control_of(keys(place)[0], decision.id))
    if not form.validate():
        return around_page(
            "council/control.html", place, 422, decision=decision, standing=standing, form=form
        )
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    assert form.sent_on.data is not None
    try:
        actions.record_control(
            actor(),
            place,
            Control(form.state.data),
            form.sent_on.data,
            form.settled_on.data,
            said_words(form.reason_ar.data, form.reason_fr.data),
        )
    except actions.ControlError as error:
        db.session.rollback()
        name, words = _trouble_words(error.cause)
        form[name].errors = [words]
        return around_page(
            "council/control.html", place, 422, decision=decision, standing=standing, form=form
        )
    return done_once(form, place, _("Recorded. Everybody can read it."))


def _trouble_words(cause: ControlTrouble) -> tuple[str, str]:
    return {
        ControlTrouble.SETTLED: ("state", _("This control is settled: it is final.")),
        ControlTrouble.SENT_BEFORE_DECIDED: (
            "sent_on",
            _("An act is sent on the day of the decision or later."),
        ),
        ControlTrouble.IN_THE_FUTURE: ("sent_on", _("This day has not come yet.")),
        ControlTrouble.SETTLED_MISSING: ("settled_on", _("Say on which day it became so.")),
        ControlTrouble.SETTLED_TOO_EARLY: (
            "settled_on",
            _("The answer comes on the day of sending or later."),
        ),
        ControlTrouble.REASON_MISSING: ("reason_ar", _("Say why it was refused: everybody reads it.")),
    }[cause]
