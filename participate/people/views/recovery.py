"""Losing what one signs in with: asking, and the two administrators who decide."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.db import db
from participate.network import queries as network
from participate.people import actions, factor_queries
from participate.people.forms import LostForm, ReasonForm
from participate.people.models import FactorRecovery
from participate.people.views.blueprint import bp
from participate.people.views.proving import fresh
from participate.people.views.telling import tell
from participate.rules.policy import Act, Place
from participate.web import i18n, pages
from participate.web.access import actor, guard, own_id


@bp.get("/me/lost")
@guard(Act.FACTOR_USE)
def lost(place: Place) -> Any:
    """Say what to do without phone, paper or password, and let the person ask."""
    del place
    return _lost_page(_lost_form())


def _lost_form() -> LostForm:
    form = LostForm()
    places = factor_queries.workplaces_of(own_id())
    form.where.choices = [(one.slug, i18n.plain(one.name)) for one in places]
    if len(places) == 1 and form.where.data is None:
        form.where.data = places[0].slug
    return form


def _lost_page(form: LostForm, status: int = 200) -> Any:
    pages.needs_csrf()
    return pages.page(
        "people/lost.html",
        status=status,
        form=form,
        waiting=factor_queries.is_waiting(own_id()),
        has=factor_queries.factors_of(own_id()),
    )


@bp.post("/me/lost")
@guard(Act.FACTOR_USE)
def ask_recovery(place: Place) -> Any:
    """Ask; the person and those who decide are told."""
    del place
    form = _lost_form()
    if not form.validate():
        return _lost_page(form, 422)
    person_id = own_id()
    where = next(one for one in factor_queries.workplaces_of(person_id) if one.slug == form.where.data)
    try:
        actions.ask_recovery(actor(), where.collectivity_id)
    except actions.RecoveryOpenError:
        db.session.rollback()
        flash(_("You have already asked. Two administrators decide."), "info")
        return pages.see(url_for("people.lost"))
    tell(
        person_id,
        "recovery",
        lambda: _("You asked to set your sign-in anew"),
        lambda: [
            _("Two administrators decide. Talk to them: they must know that it is really you."),
            _("If it was not you who asked, tell an administrator of your commune at once."),
        ],
        "people.lost",
    )
    deciders = factor_queries.administrators(where.collectivity_id)
    if factor_queries.administers_network(person_id):
        deciders = factor_queries.network_administrators()
    elif factor_queries.network_decides(where.collectivity_id, person_id):
        deciders |= factor_queries.network_administrators()
    for one in sorted(deciders - {person_id}):
        tell(
            one,
            "recovery",
            lambda: _("A colleague lost their sign-in: %(place)s", place=i18n.plain(where.name)),
            lambda: [
                _("Somebody who holds a role asks to set password and application anew."),
                _("Call them or see them before you approve. Two administrators must."),
            ],
            "people.recoveries",
            slug=where.slug,
        )
    db.session.commit()
    return pages.see(url_for("people.lost"))


@bp.get("/desk/<slug:slug>/recoveries")
@guard(Act.RECOVERY_DECIDE, network.collectivity_place)
@fresh()
def recoveries(place: Place) -> Any:
    """List who waits, for those who decide."""
    return _recoveries_page(place)


def _recoveries_page(place: Place, form: ReasonForm | None = None, status: int = 200) -> Any:
    assert place.collectivity_id is not None
    rows = factor_queries.recoveries(place.collectivity_id)
    by = actor()
    return pages.page(
        "people/desk_recoveries.html",
        status=status,
        place=place,
        csrf=pages.needs_csrf(),
        rows=[
            (
                one,
                actions.may_decide(by, one.collectivity_id, one.person_id),
                one.first_by == by.person_id,
                form if form is not None and form.recovery.data == str(one.id) else None,
            )
            for one in rows
        ],
        form=form,
    )


@bp.post("/desk/<slug:slug>/recoveries/approve")
@guard(Act.RECOVERY_DECIDE, network.collectivity_place)
@fresh("people.recoveries")
def approve_recovery(place: Place) -> Any:
    """Approve: the second one lets the person begin anew."""
    form = ReasonForm()
    return _decide(place, form, approve=True)


@bp.post("/desk/<slug:slug>/recoveries/refuse")
@guard(Act.RECOVERY_DECIDE, network.collectivity_place)
@fresh("people.recoveries")
def refuse_recovery(place: Place) -> Any:
    """Refuse: one who doubts is enough."""
    form = ReasonForm()
    return _decide(place, form, approve=False)


def _decide(place: Place, form: ReasonForm, *, approve: bool) -> Any:
    assert place.collectivity_id is not None
    key = request.form.get("recovery", "")
    if not key.isascii() or not key.isdecimal() or len(key) > 19:
        raise NotFound
    if not form.validate():
        return _recoveries_page(place, form, 422)
    act = actions.approve_recovery if approve else actions.refuse_recovery
    try:
        row = act(actor(), place.collectivity_id, min(int(key), 2**63 - 1), str(form.reason.data))
    except actions.RecoveryOverError:
        db.session.rollback()
        flash(_("This was decided meanwhile, or you have approved it already."), "info")
        return pages.see(url_for("people.recoveries", slug=place.slug))
    _tell_step(row, approve=approve)
    db.session.commit()
    if not approve:
        flash(_("Refused. The person is told."), "ok")
    elif row.ended_at is None:
        flash(_("Approved. A second administrator must approve too."), "ok")
    else:
        flash(_("Approved twice. The person signs in by mail code and sets everything anew."), "ok")
    return pages.see(url_for("people.recoveries", slug=place.slug))


def _tell_step(row: FactorRecovery, *, approve: bool) -> None:
    def lines() -> list[str]:
        warning = _("If it was not you who asked, tell an administrator of your commune at once.")
        if not approve:
            return [_("An administrator did not approve. Talk to them, then ask again."), warning]
        if row.ended_at is None:
            return [_("One administrator has approved. A second one must."), warning]
        return [
            _(
                "Two administrators have approved. Sign in by mail code: you set password and application anew."
            ),
            _("All your sessions have ended."),
            warning,
        ]

    tell(row.person_id, "recovery", lambda: _("Your request to set your sign-in anew"), lines)
