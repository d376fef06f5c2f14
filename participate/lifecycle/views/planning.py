"""Planning a consultation and moving its dates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash
from flask_babel import gettext as _

from participate.consultations import actions as consultations
from participate.db import db
from participate.lifecycle import actions, queries
from participate.lifecycle.forms import ConsultationForm, DatesForm
from participate.lifecycle.views.around import consultation_key, desk_page, row_here
from participate.lifecycle.views.blueprint import desk, here, keys
from participate.plans.queries import plan_place
from participate.rules import windows
from participate.rules.outcomes import (
    Accepts,
    ConsultationKind,
    ConsultationState,
    Eligibility,
    Level,
    ModerationMode,
)
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import actor, guard, now
from participate.web.forms import first_reply, keep_reply


def _offer(form: ConsultationForm) -> ConsultationForm:
    form.kind.choices = [(k.value, labels.consultation_kind(k)) for k in ConsultationKind]
    form.accepts.choices = [(a.value, labels.accepts(a)) for a in Accepts]
    form.moderation.choices = [(m.value, labels.moderation_mode(m)) for m in ModerationMode]
    form.eligibility.choices = [(e.value, labels.eligibility(e)) for e in Eligibility]
    form.min_level.choices = [(level.value, labels.level(level.value)) for level in Level]
    return form


@desk.get("/new")
@guard(Act.CONSULTATION_PLAN, plan_place)
def new(place: Place) -> Any:
    """Show the form of a new consultation, beginning far enough ahead for its notice."""
    kind = ConsultationKind.CALL_FOR_IDEAS
    taken = {
        row.kind
        for row in queries.consultations_of(*keys(place))
        if row.state is not ConsultationState.ARCHIVED
    }
    if kind in taken:
        kind = ConsultationKind.DRAFT_REVIEW
    first = windows.casablanca_date(now()) + timedelta(days=windows.MIN_NOTICE_DAYS + 1)
    length = (
        windows.MIN_WINDOW_DAYS
        if kind is ConsultationKind.CALL_FOR_IDEAS
        else windows.RECOMMENDED_WINDOW_DAYS
    )
    form = ConsultationForm(
        data={
            "kind": kind.value,
            "first_day": first,
            "last_day": first + timedelta(days=length - 1),
            "moderation": ModerationMode.PRE_FIRST_THREE.value,
            "eligibility": Eligibility.DECLARES.value,
            "min_level": 1,
            "priorities_max": 3,
        }
    )
    return desk_page("lifecycle/consultation.html", place, form=_offer(form))


@desk.post("/new")
@guard(Act.CONSULTATION_PLAN, plan_place)
def plan_consultation(place: Place) -> Any:
    """Plan a consultation; it stays private until it is announced."""
    form = _offer(ConsultationForm())
    if not form.validate_on_submit():
        return desk_page("lifecycle/consultation.html", place, 422, form=form)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    window = _window(form)
    row = consultations.plan_consultation(
        actor(),
        *keys(place),
        ConsultationKind(form.kind.data),
        {lang: text for lang, text in (("ar", form.title_ar.data), ("fr", form.title_fr.data)) if text},
        window.opens_at,
        window.closes_at,
        # Nothing ticked: what this kind of consultation usually takes.
        accepts=[Accepts(value) for value in form.accepts.data] if form.accepts.data else None,
        moderation=ModerationMode(form.moderation.data),
        eligibility=Eligibility(form.eligibility.data),
        min_level=int(form.min_level.data),
        priorities_max=int(form.priorities_max.data or 0),
    )
    location = here("lifecycle_desk.announce", place, consultation_id=row.id)
    keep_reply(form, location)
    db.session.commit()
    flash(_("Planned. Nobody sees it before you make the dates public."), "ok")
    return pages.see(location)


def _window(form: DatesForm) -> windows.Window:
    first, last = form.first_day.data, form.last_day.data
    assert first is not None
    assert last is not None
    return windows.window_of_days(first, last)


@desk.get("/<int(max=9223372036854775807):consultation_id>/dates")
@guard(Act.CONSULTATION_PLAN, queries.consultation_place)
def dates(place: Place) -> Any:
    """Show the dates of a consultation that has not opened."""
    row = row_here(place)
    form = DatesForm(data={"first_day": windows.casablanca_date(row.opens_at), "last_day": row.last_day})
    return desk_page("lifecycle/dates.html", place, form=form, row=row)


@desk.post("/<int(max=9223372036854775807):consultation_id>/dates")
@guard(Act.CONSULTATION_PLAN, queries.consultation_place)
def reschedule(place: Place) -> Any:
    """Give a consultation new dates; it must be announced again."""
    form = DatesForm()
    if not form.validate_on_submit():
        return desk_page("lifecycle/dates.html", place, 422, form=form, row=row_here(place))
    window = _window(form)
    actions.reschedule(actor(), consultation_key(place), window.opens_at, window.closes_at)
    db.session.commit()
    flash(_("New dates. Make them public again so that the notice counts."), "ok")
    return pages.see(here("lifecycle_desk.announce", place, consultation_id=place.consultation_id))
