"""Signing in with password and application, and showing them again."""

from __future__ import annotations

from typing import Any

from flask import current_app, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participate.db import aside, db
from participate.people import actions, factor_queries, factors, queries
from participate.people.forms import SecondForm, StaffSignInForm
from participate.people.hooks import browser
from participate.people.sessions import now as machine_now
from participate.people.views.blueprint import bp
from participate.people.views.signing_in import landing, wanted_address
from participate.rules.policy import Act, Place
from participate.rules.text import safe_next
from participate.web import limits, pages
from participate.web.access import actor, guard, own_id
from participate.web.limits import TooOftenError

OUTSIDE, INSIDE = "outside", "inside"
"""The door for whoever knows an address, and the one behind its mailbox: tries are counted apart."""
SIGN_INS_OF_A_DEVICE = "30/hour"
BY_PROVIDER = "by_provider"
"""Set in a session that an identity provider opened: it stands for the password."""


def wait_words(seconds: int) -> str:
    """Return the sentence that says how long to wait."""
    minutes = -(-seconds // 60)
    return str(
        ngettext(
            "Too many tries. Wait %(num)d minute, then try again.",
            "Too many tries. Wait %(num)d minutes, then try again.",
            minutes,
        )
    )


# --- signing in ----------------------------------------------------------------------------------


@bp.get("/sign-in/staff")
@guard(Act.ACCOUNT_SIGN_IN)
def staff_sign_in(place: Place) -> Any:
    """Ask staff for address, password and code."""
    del place
    if actor().person_id is not None:
        return pages.see(url_for("people.second", next=wanted_address() or None))
    pages.needs_csrf()
    return _sign_in_page(StaffSignInForm(data={"next": wanted_address()}))


def _sign_in_page(form: StaffSignInForm, status: int = 200, wait: int = 0) -> Any:
    form.code.data = None
    headers = {"Retry-After": str(wait)} if wait else {}
    return pages.page(
        "people/staff_sign_in.html",
        status=status,
        headers=headers,
        form=form,
        demo=current_app.config["DEMO"],
    )


@bp.post("/sign-in/staff")
@guard(Act.ACCOUNT_SIGN_IN)
def use_password(place: Place) -> Any:
    """Sign in, or say that the three do not fit: never which, nor whether anybody has this address."""
    del place
    form = StaffSignInForm()
    if not form.validate():
        return _sign_in_page(form, 422)
    email = str(form.email.data)
    try:
        limits.count("sign-in of a device", browser().begin(), SIGN_INS_OF_A_DEVICE)
        actions.count_try(OUTSIDE, email)
    except (TooOftenError, actions.TooSoonError) as error:
        db.session.rollback()
        form.password.errors = [wait_words(error.wait)]
        return _sign_in_page(form, 429, error.wait)
    db.session.commit()  # a wrong try counts too
    person_id, kept = factor_queries.password_at(email)
    with aside():
        right = factors.is_password(str(form.password.data), kept)
    # The code is looked for even where the password is wrong, under nobody's name: the work is the same.
    if not actions.use_code(person_id if right else 0, str(form.code.data)):
        db.session.rollback()
        form.password.errors = [
            _(
                "Address, password and code do not fit together. Check them, and wait for the next code: each works once."
            )
        ]
        return _sign_in_page(form, 422)
    actions.forget_tries(OUTSIDE, email)
    db.session.commit()
    browser().sign_in(person_id, machine_now(), "password", strong=True)
    return pages.see(safe_next(form.next.data) or home_of_staff(person_id))


def home_of_staff(person_id: int) -> str:
    """Return the desk where somebody works, or their own page."""
    places = factor_queries.workplaces_of(person_id)
    return pages.home_of("desk", slug=places[0].slug) if places else landing(None)


# --- showing it again ----------------------------------------------------------------------------


@bp.get("/me/second")
@guard(Act.FACTOR_USE)
def second(place: Place) -> Any:
    """Ask for the second factor, or lead to setting it."""
    del place
    missing = setting_left(own_id(), wanted_address())
    return missing or _second_page(_second_form({"next": wanted_address()}))


def setting_left(person_id: int, wanted: str) -> Any:
    """Return the way to what is still to be set, or None when the second factor is complete."""
    has = factor_queries.factors_of(person_id)
    if has.complete:
        return None
    endpoint = "people.app_form" if has.password or has.linked else "people.password_form"
    return pages.see(url_for(endpoint, next=wanted or None))


def _second_form(data: dict[str, Any] | None = None) -> SecondForm:
    """Return the form; the password was shown when this session began, or a provider stands for it."""
    form = SecondForm(data=data) if data is not None else SecondForm()
    if browser().strong or session.get(BY_PROVIDER):
        del form.password
    return form


def _second_page(form: SecondForm, status: int = 200, wait: int = 0) -> Any:
    form.code.data = None
    pages.needs_csrf()
    return pages.page(
        "people/second.html",
        status=status,
        headers={"Retry-After": str(wait)} if wait else {},
        form=form,
        again=browser().strong,
        address=queries.account(own_id()).email,
        demo=current_app.config["DEMO"],
    )


@bp.post("/me/second")
@guard(Act.FACTOR_USE)
def give_second(place: Place) -> Any:
    """Take password and code, and go on under a new session in which roles count."""
    del place
    person_id = own_id()
    form = _second_form()
    if not form.validate():
        return _second_page(form, 422)
    try:
        actions.count_try(INSIDE, str(person_id))
    except actions.TooSoonError as error:
        db.session.rollback()
        form.code.errors = [wait_words(error.wait)]
        return _second_page(form, 429, error.wait)
    db.session.commit()  # a wrong try counts too
    right, means = True, browser().means or "password"
    if "password" in form:
        kept, means = factor_queries.password_of(person_id), "password"
        with aside():
            right = factors.is_password(str(form.password.data), kept)
    if not right or not actions.use_code(person_id, str(form.code.data)):
        db.session.rollback()
        words = (
            _(
                "Password and code do not fit together. Check them, and wait for the next code: each works once."
            )
            if "password" in form
            else _("This is not the code your application shows now. Wait for the next one: each works once.")
        )
        (form.password if "password" in form else form.code).errors = [words]
        return _second_page(form, 422)
    actions.forget_tries(INSIDE, str(person_id))
    db.session.commit()
    browser().sign_in(person_id, machine_now(), means, strong=True)
    return pages.see(safe_next(form.next.data) or home_of_staff(person_id))
