"""Signing in by the installation's identity provider, and linking an identity to one's account."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, g, session, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.db import db, writing
from participate.people import actions, factor_queries, oidc, queries
from participate.people.hooks import browser
from participate.people.sessions import now as machine_now
from participate.people.views.blueprint import bp
from participate.people.views.proving import fresh
from participate.people.views.second import BY_PROVIDER
from participate.people.views.signing_in import landing, wanted_address
from participate.rules.policy import Act, Place
from participate.web import i18n, pages
from participate.web.access import actor, guard, own_id

GOING = "provider_going"
"""In the session while the browser is at the provider: where to go after, in which language, for whom."""


def _require_provider() -> None:
    if oidc.settings() is None:
        raise NotFound


def _leave(person_id: int | None) -> Any:
    """Go to the provider. It knows one address to come back to; the language waits in the session."""
    session[GOING] = {"next": wanted_address(), "lang": i18n.lang(), "for": person_id}
    back = current_app.config["BASE_URL"] + url_for("people.provider_back", lang="ar")
    try:
        return pages.see(oidc.way_to_provider(back))
    except oidc.ProviderError:
        return _failed()


def _failed() -> Any:
    endpoint = "people.sign_in" if actor().person_id is None else "people.account"
    flash(_("The identity provider did not sign you in. Try again, or use a code by mail."), "error")
    return pages.see(url_for(endpoint, lang=i18n.lang()))


@bp.get("/sign-in/provider")
@guard(Act.ACCOUNT_SIGN_IN)
def provider(place: Place) -> Any:
    """Go to the provider to sign in."""
    del place
    _require_provider()
    if actor().person_id is not None:
        return pages.see(landing(wanted_address()))
    return _leave(None)


@bp.get("/me/provider")
@guard(Act.ACCOUNT_USE)
@fresh()
def link_provider(place: Place) -> Any:
    """Go to the provider to link an identity to this account."""
    del place
    _require_provider()
    return _leave(own_id())


@bp.get("/sign-in/provider/back")
@guard(Act.ACCOUNT_SIGN_IN)
def provider_back(place: Place) -> Any:
    """Take the provider's answer: sign in whom it is linked to, or link it to whoever asked for that."""
    del place
    _require_provider()
    going = session.pop(GOING, None)
    if going is None:
        return _failed()
    g.lang = going["lang"]  # the provider comes back to one address, whatever the reader's language
    try:
        attested = oidc.come_back()
    except oidc.ProviderError:
        return _failed()
    if going["for"] is not None:
        return _link(attested, going)
    found = factor_queries.person_of_identity(attested.issuer, attested.sub)
    if found is None:
        flash(
            _(
                "This identity is not linked to an account yet. Sign in by mail, then link it in the settings."
            ),
            "info",
        )
        return pages.see(url_for("people.sign_in", lang=going["lang"], next=going["next"] or None))
    return _welcome(found, attested, going)


def _link(attested: oidc.Attested, going: dict[str, Any]) -> Any:
    """Link only to the account that set out from here, still signed in in this browser."""
    provider_is = oidc.settings()
    assert provider_is is not None
    if actor().person_id != going["for"]:
        return _failed()
    with writing():
        try:
            actions.link_identity(actor(), attested.issuer, attested.sub, citizen=provider_is.citizens)
            db.session.commit()
        except actions.IdentityTakenError:
            db.session.rollback()
            flash(_("This identity belongs to another account."), "error")
            return pages.see(url_for("people.account", lang=going["lang"]))
    flash(_("The identity is linked. You can sign in with it from now on."), "ok")
    return pages.see(url_for("people.account", lang=going["lang"]))


def _welcome(person_id: int, attested: oidc.Attested, going: dict[str, Any]) -> Any:
    """Begin a session. For staff the provider stands for the password, and for both where it says so."""
    known = oidc.settings()
    assert known is not None
    works = queries.actor_of(person_id).works
    strong = works and known.staff and attested.strong
    browser().sign_in(person_id, machine_now(), "oidc", strong=strong)
    if works and not strong:
        session[BY_PROVIDER] = known.staff
        return pages.see(url_for("people.second", lang=going["lang"], next=going["next"] or None))
    return pages.see(going["next"] or pages.home_of("me", lang=going["lang"]))
