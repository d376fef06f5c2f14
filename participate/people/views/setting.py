"""Setting what staff prove themselves with: password, application, recovery codes."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from participate.db import aside, db, writing
from participate.people import actions, factor_queries, factors, queries
from participate.people.forms import AppForm, PasswordForm
from participate.people.hooks import browser
from participate.people.sessions import now as machine_now
from participate.people.views.blueprint import bp
from participate.people.views.proving import fresh
from participate.people.views.second import INSIDE, wait_words
from participate.people.views.signing_in import wanted_address
from participate.people.views.telling import tell
from participate.rules.passwords import Weakness
from participate.rules.policy import Act, Place
from participate.rules.text import safe_next
from participate.web import i18n, pages
from participate.web.access import actor, guard, own_id


@bp.get("/me/factors")
@guard(Act.FACTOR_USE)
def own_factors(place: Place) -> Any:
    """Show what is set, and where each can be changed."""
    del place
    return pages.page("people/factors.html", has=factor_queries.factors_of(own_id()))


# --- the password --------------------------------------------------------------------------------


@bp.get("/me/factors/password")
@guard(Act.FACTOR_USE)
@fresh()
def password_form(place: Place) -> Any:
    """Ask for a new password."""
    del place
    return _password_page(PasswordForm(data={"next": wanted_address()}))


def _password_page(form: PasswordForm, status: int = 200) -> Any:
    has = factor_queries.factors_of(own_id())
    pages.needs_csrf()
    return pages.page(
        "people/password.html",
        status=status,
        form=form,
        has=has,
        address=queries.account(own_id()).email,
    )


@bp.post("/me/factors/password")
@guard(Act.FACTOR_USE)
@fresh()
def save_password(place: Place) -> Any:
    """Set the password; other sessions end."""
    del place
    form = PasswordForm()
    if not form.validate():
        return _password_page(form, 422)
    person_id, password = own_id(), str(form.password.data)
    address = queries.account(person_id).email
    names = [name for one in factor_queries.workplaces_of(person_id) for name in one.name.values()]
    try:
        actions.check_password(actor(), password, address, [*names, "Participate"])
    except actions.WeakPasswordError as error:
        form.password.errors = [_weak(error.why)]
        return _password_page(form, 422)
    with aside():
        kept = factors.hash_password(password)
    actions.set_password(actor(), kept)
    actions.end_other_sessions(person_id, browser().id_hash)
    tell(
        person_id,
        "sign_in_changed",
        lambda: _("Your password was changed"),
        lambda: [
            _("A new password was set for your account on Participate."),
            _("If it was not you, tell an administrator of your commune at once."),
        ],
    )
    db.session.commit()
    has = factor_queries.factors_of(person_id)
    wanted = safe_next(form.next.data)
    if not has.app:
        return pages.see(url_for("people.app_form", next=wanted or None))
    return pages.see(wanted or url_for("people.own_factors"))


def _weak(why: Weakness) -> str:
    return {
        Weakness.SHORT: _("Write at least 15 characters. A sentence of your own is easy to remember."),
        Weakness.LONG: _("Write at most 128 characters."),
        Weakness.COMMON: _("Many people think of this one first. Write a sentence of your own."),
        Weakness.REPEATED: _("This repeats the same signs. Write a sentence of your own."),
        Weakness.TELLING: _("Leave out your address and the name of your commune: others try them first."),
    }[why]


# --- the application -----------------------------------------------------------------------------


@bp.get("/me/factors/app")
@guard(Act.FACTOR_USE)
@fresh()
def app_form(place: Place) -> Any:
    """Show the secret for an application, as a drawing and as text."""
    del place
    return _app_page(AppForm(data={"next": wanted_address()}))


def _app_page(form: AppForm, status: int = 200, wait: int = 0) -> Any:
    form.code.data = None
    person_id = own_id()
    address = queries.account(person_id).email
    places = factor_queries.workplaces_of(person_id)
    name = f"Participate – {i18n.plain(places[0].name)}" if places else "Participate"
    with writing():
        secret = actions.offer_app(actor())
        db.session.commit()
    link = factors.app_address(secret, address, name)
    pages.needs_csrf()
    return pages.page(
        "people/app.html",
        status=status,
        headers={"Retry-After": str(wait)} if wait else {},
        form=form,
        has=factor_queries.factors_of(person_id),
        drawing=Markup(factors.qr_code(link)),  # noqa: S704  drawn by us, of modules only
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        link=link,
    )


@bp.post("/me/factors/app")
@guard(Act.FACTOR_USE)
@fresh()
def save_app(place: Place) -> Any:
    """Confirm the application by a code of it; roles count in this browser from now on."""
    del place
    form = AppForm()
    if not form.validate():
        return _app_page(form, 422)
    person_id = own_id()
    try:
        actions.count_try(INSIDE, str(person_id))
    except actions.TooSoonError as error:
        db.session.rollback()
        form.code.errors = [wait_words(error.wait)]
        return _app_page(form, 429, error.wait)
    db.session.commit()
    if not actions.confirm_app(actor(), str(form.code.data)):
        db.session.rollback()
        form.code.errors = [
            _("This is not the code your application shows now. Check that the phone’s clock is right.")
        ]
        return _app_page(form, 422)
    actions.forget_tries(INSIDE, str(person_id))
    actions.end_other_sessions(person_id, browser().id_hash)
    tell(
        person_id,
        "sign_in_changed",
        lambda: _("An application was set for your sign-in"),
        lambda: [
            _("From now on your roles on Participate open with a code of the application you have just set."),
            _("If it was not you, tell an administrator of your commune at once."),
        ],
    )
    db.session.commit()
    if factor_queries.factors_of(person_id).complete:
        browser().sign_in(person_id, machine_now(), "password", strong=True)
    return pages.see(url_for("people.recovery_codes", next=safe_next(form.next.data) or None))


# --- recovery codes ------------------------------------------------------------------------------


@bp.get("/me/factors/codes")
@guard(Act.FACTOR_USE)
@fresh()
def recovery_codes(place: Place) -> Any:
    """Say how many are left, and offer ten new ones."""
    del place
    if not factor_queries.factors_of(own_id()).app:
        return pages.see(url_for("people.second"))
    pages.needs_csrf()
    return _codes_page([])


def _codes_page(codes: list[str]) -> Any:
    return pages.page(
        "people/codes.html",
        codes=codes,
        has=factor_queries.factors_of(own_id()),
        address=queries.account(own_id()).email,
        wanted=wanted_address(),
    )


@bp.post("/me/factors/codes")
@guard(Act.FACTOR_USE)
@fresh()
def make_codes(place: Place) -> Any:
    """Make ten and show them this once: no other page ever holds them, so this one answers the form."""
    del place
    try:
        codes = actions.make_recovery_codes(actor())
    except actions.NotStaffError:
        db.session.rollback()
        return pages.see(url_for("people.second"))
    db.session.commit()
    return _codes_page(codes)
