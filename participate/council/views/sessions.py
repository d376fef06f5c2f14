"""The desk: a session announced, its sittings recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from participate.council import actions, queries
from participate.council.forms import SessionForm, SittingForm
from participate.council.views import calendar
from participate.council.views.around import (
    around_page,
    call_words,
    day_words,
    decision_of,
    done_once,
    follow_link,
    said_words,
    session_here,
)
from participate.council.views.blueprint import desk, keys
from participate.council.views.control import control_words
from participate.db import db
from participate.plans.queries import plan_place
from participate.rules import council as law
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ProjectDecision
from participate.rules.policy import Act, Place
from participate.rules.windows import CASABLANCA, casablanca_date
from participate.web import pages
from participate.web.access import actor, allowed, guard, now
from participate.web.forms import first_reply


@desk.get("/", endpoint="desk")
@guard(Act.DOSSIER_READ_DRAFT, plan_place)
def desk_page(place: Place) -> Any:
    """Show where the session stands and the one thing to do next."""
    session = queries.session_of(*keys(place))
    decision = decision_of(session, queries.votes_of(*keys(place)))
    return around_page(
        "council/desk.html",
        place,
        session=session,
        decision=decision,
        amendments=[
            vote
            for vote in (decision.votes if decision else ())
            if vote.decision is ProjectDecision.ADOPTED_AMENDED
        ],
        may_record=allowed(Act.SESSION_RECORD, place),
        before_council=place.stage is Stage.COUNCIL,
        follow=follow_link(place, decision),
        calendar=calendar.rows(session, queries.calendar_of(session, decision, casablanca_date(now())))
        if session
        else [],
        control=control_words(queries.control_of(keys(place)[0], decision.id)) if decision else None,
        may_control=allowed(Act.CONTROL_RECORD, place),
        may_set=allowed(Act.COUNCIL_SET, place),
    )


@desk.get("/session")
@guard(Act.SESSION_RECORD, plan_place)
def session_form(place: Place) -> Any:
    """Show the form of a session."""
    return around_page("council/session.html", place, form=SessionForm())


@desk.post("/session")
@guard(Act.SESSION_RECORD, plan_place)
def announce(place: Place) -> Any:
    """Announce a session."""
    form = SessionForm()
    if not form.validate_on_submit():
        return around_page("council/session.html", place, 422, form=form)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    opens_on = form.opens_on.data
    assert opens_on is not None
    try:
        actions.announce_session(
            actor(), place, form.kind.data, opens_on, said_words(form.agenda_ar.data, form.agenda_fr.data)
        )
    except law.SessionOutsideCalendarError:
        trouble = _(
            "An ordinary session opens in February, May or October. Choose another day, or an extraordinary session."
        )
    except actions.InThePastError:
        trouble = _("This day has passed: a session is announced before it opens.")
    except actions.SessionExistsError:
        trouble = _("A session on this day is already announced.")
    else:
        return done_once(form, place, _("The session is announced. Its date is public."))
    db.session.rollback()
    form.opens_on.errors = [trouble]
    return around_page("council/session.html", place, 422, form=form)


@desk.get("/sitting")
@guard(Act.SESSION_RECORD, plan_place)
def sitting_form(place: Place) -> Any:
    """Show the form of the next sitting."""
    session = session_here(place)
    last = session.sittings[-1] if session.sittings else None
    local = now().astimezone(CASABLANCA)
    form = SittingForm(
        data={
            "call": (session.next_call or law.Call.FIRST).value,
            "held_on": local.date(),
            "held_at": local.time().replace(second=0, microsecond=0),
            "in_office": last.in_office if last else None,
            "excused": 0,
        }
    )
    return around_page("council/sitting.html", place, form=form, session=session)


@desk.post("/sitting")
@guard(Act.SESSION_RECORD, plan_place)
def record_sitting(place: Place) -> Any:
    """Record a sitting, with or without its quorum."""
    session = session_here(place)
    form = SittingForm()
    if not form.validate_on_submit():
        return around_page("council/sitting.html", place, 422, form=form, session=session)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    trouble = _sit(form, place, session)
    if trouble is None:
        found = queries.session_of(*keys(place))
        said = (
            _("The quorum is reached: the council can decide.")
            if found and found.sitting
            else _("Recorded without quorum: the council could not decide.")
        )
        return done_once(form, place, said)
    db.session.rollback()
    name, words = trouble
    form[name].errors = [words]
    return around_page("council/sitting.html", place, 422, form=form, session=session)


def _sit(form: SittingForm, place: Place, session: queries.SessionView) -> tuple[str, str] | None:
    """Record the sitting; return the field and the sentence of what stands in the way."""
    day, hour = form.held_on.data, form.held_at.data
    assert day is not None
    assert hour is not None
    try:
        actions.record_sitting(
            actor(),
            place,
            session.id,
            form.call.data,
            datetime.combine(day, hour, CASABLANCA),
            form.in_office.data or 0,
            form.present.data or 0,
            form.excused.data or 0,
        )
    except law.PresentExceedInOfficeError:
        return "present", _("More members present than in office.")
    except actions.CountsError:
        return "excused", _("Present and excused together are more than the members in office.")
    except actions.CallOutOfOrderError as error:
        if error.expected is None:
            return "call", _("The council could already decide, or no convocation is left.")
        return "call", _("The next one is the %(call)s.", call=call_words(error.expected))
    except actions.WrongDayError as error:
        return "held_on", day_words(error.days)
    except actions.NotYetHeldError:
        return "held_on", _("This day has not come yet.")
    return None
