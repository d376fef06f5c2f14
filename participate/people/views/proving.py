"""Showing again that it is you, before what cannot be undone or must not fall into other hands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, request, url_for

from participate.db import db
from participate.people import actions, queries
from participate.people.forms import CodeForm
from participate.people.hooks import browser
from participate.people.sessions import now as machine_now
from participate.people.views.blueprint import bp
from participate.people.views.signing_in import (
    landing,
    pending_here,
    problem_words,
    send_code,
    too_often_words,
    wanted_address,
)
from participate.rules.policy import Act, Place
from participate.rules.text import safe_next
from participate.web import i18n, pages
from participate.web.access import guard, own_id
from participate.web.limits import TooOftenError

FRESH = timedelta(minutes=15)
"""How long a code lasts as proof that whoever holds the browser is its owner."""


def detour() -> Any:
    """Return the way to the page that asks for a code, or None when one was typed a moment ago."""
    at = browser().auth_at
    if at is not None and machine_now() - at <= FRESH:
        return None
    return pages.see(url_for("people.prove", next=request.path))


@bp.get("/me/prove")
@guard(Act.ACCOUNT_USE)
def prove(place: Place) -> Any:
    """Offer to send a code, or ask for the one that was sent."""
    del place
    return _page(CodeForm(data={"next": wanted_address()}), wanted_address())


def _page(form: CodeForm, wanted: str, status: int = 200, problem: str | None = None) -> Any:
    person_id = own_id()
    address = queries.account(person_id).email
    pending = pending_here()
    return pages.page(
        "people/prove.html",
        status=status,
        form=form,
        address=address,
        wanted=wanted,
        sent=pending is not None and pending.email == address,
        problem=problem,
        demo=current_app.config["DEMO"],
    )


@bp.post("/me/prove/ask")
@guard(Act.ACCOUNT_USE)
def ask_proof(place: Place) -> Any:
    """Send a code to one's own address."""
    del place
    person_id = own_id()
    try:
        send_code(str(queries.account(person_id).email), wanted_address() or None)
    except TooOftenError as error:
        return _page(CodeForm(formdata=None), wanted_address(), 429, too_often_words(error))
    return pages.see(url_for("people.prove", next=wanted_address() or None))


@bp.post("/me/prove")
@guard(Act.ACCOUNT_USE)
def give_proof(place: Place) -> Any:
    """Take the typed code and go on where one was going."""
    del place
    form = CodeForm()
    wanted = safe_next(request.form.get("next")) or ""
    if not form.validate():
        return _page(form, wanted, 422)
    found = actions.redeem(browser().begin(), i18n.lang(), code=str(form.code.data))
    db.session.commit()  # a wrong try counts too
    if found.person_id is None:
        form.code.errors = [problem_words(found)]
        return _page(form, wanted, 422)
    browser().sign_in(found.person_id, machine_now(), "code")
    return pages.see(landing(wanted))
