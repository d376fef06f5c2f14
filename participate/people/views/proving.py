"""Showing again that it is you, before what cannot be undone or must not fall into other hands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import current_app, request, url_for

from participate.db import db
from participate.people import actions, factor_queries, queries
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
from participate.web.access import actor, guard, own_id
from participate.web.errors import typed
from participate.web.hooks import hooks
from participate.web.limits import TooOftenError

FRESH = timedelta(minutes=15)
"""How long a code lasts as proof that whoever holds the browser is its owner."""


def is_fresh() -> bool:
    """Whether the owner of the account was here a moment ago; staff by their second factor."""
    at = browser().strong_at if _by_second_factor() else browser().auth_at
    return at is not None and machine_now() - at <= FRESH


def _by_second_factor() -> bool:
    """Whether this account proves itself by the second factor: a mailbox alone is less than what it has set."""
    person = actor()
    return person.works and (browser().strong or factor_queries.factors_of(own_id()).complete)


def detour(back: str | None = None) -> Any:
    """Return the way to the page that asks for proof, or None when it was given a moment ago."""
    if is_fresh():
        return None
    endpoint = "people.second" if _by_second_factor() else "people.prove"
    return pages.leave_for(url_for(endpoint, next=back or request.path))


def fresh(page: str | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a view run only a moment after proof was given; wear it under `@guard`.

    What a form held is kept for `page`, the endpoint on which it is shown (without one, its own address).
    """

    def wear(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def proved(place: Place) -> Any:
            if is_fresh():
                return view(place)
            back = url_for(page, **(request.view_args or {})) if page else request.path
            if request.method == "POST":
                hooks.park_draft(back, {n: v for n, v in typed() if n not in {"key", "form_path"}})
            return detour(back)

        return proved

    return wear


@bp.get("/me/prove")
@guard(Act.ACCOUNT_USE)
def prove(place: Place) -> Any:
    """Offer to send a code, or ask for the one that was sent."""
    del place
    if _by_second_factor():
        return pages.see(url_for("people.second", next=wanted_address() or None))
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
