"""One's account: sessions, public name, settings."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participate.db import db
from participate.people import actions, oidc, queries
from participate.people.forms import NameForm, SettingsForm
from participate.people.hooks import browser
from participate.people.views.blueprint import bp
from participate.people.views.signing_in import SESSION_REF, landing, wanted_address
from participate.rules.policy import Act, Place
from participate.rules.text import safe_next
from participate.web import labels, pages
from participate.web.access import actor, guard, own_id


@bp.get("/me/sessions")
@guard(Act.ACCOUNT_USE)
def sessions(place: Place) -> Any:
    """List the browsers in which one is signed in."""
    del place
    person_id = own_id()
    return pages.page(
        "people/sessions.html",
        csrf=pages.needs_csrf(),
        sessions=queries.sessions_of(person_id, browser().id_hash),
        means={
            "link": _("link in a mail"),
            "password": _("password and application"),
            "oidc": _("identity provider"),
            "demo": _("the demo’s page of sign-ins"),
        },
    )


@bp.post("/me/sessions")
@guard(Act.ACCOUNT_USE)
def end_sessions(place: Place) -> Any:
    """End one session, or all but this one."""
    del place
    person_id = own_id()
    wanted = request.form.get("session", "")
    current = browser().id_hash or ""
    if wanted == "others":
        ended = actions.end_other_sessions(person_id, current)
    elif wanted and current.startswith(wanted):
        browser().end()
        return pages.see(url_for("people.signed_out"))
    else:
        ended = actions.end_session(person_id, wanted) if SESSION_REF.fullmatch(wanted) else 0
    db.session.commit()
    if ended:
        flash(ngettext("%(num)d session has ended.", "%(num)d sessions have ended.", ended), "ok")
    else:
        flash(_("That session had already ended."), "info")
    return pages.see(url_for("people.sessions"))


@bp.get("/me/name")
@guard(Act.ACCOUNT_USE)
def name_form(place: Place) -> Any:
    """Ask under which name to print what one writes."""
    del place
    person_id = own_id()
    now_called = queries.account(person_id).display_name
    form = NameForm(data={"name": now_called, "next": wanted_address()})
    return pages.page("people/name.html", form=form, now_called=now_called)


@bp.post("/me/name")
@guard(Act.ACCOUNT_USE)
def save_name(place: Place) -> Any:
    """Set the name, or say why it cannot be this one."""
    del place
    person_id = own_id()
    form = NameForm()
    now_called = queries.account(person_id).display_name
    if form.validate():
        try:
            actions.choose_name(actor(), person_id, str(form.name.data))
        except actions.LookAlikeError:
            form.name.errors = [
                _(
                    "This name belongs to, or looks like, the commune, its staff or an association. Choose another one."
                )
            ]
        except actions.NameTooShortError:
            form.name.errors = [_("Write a name of at least two letters, and not an e-mail address.")]
        else:
            db.session.commit()
            wanted = safe_next(form.next.data)
            if not wanted:
                flash(_("Your name is saved."), "ok")
            return pages.see(landing(wanted))
    return pages.page("people/name.html", status=422, form=form, now_called=now_called)


@bp.get("/me/settings")
@guard(Act.ACCOUNT_USE)
def account(place: Place) -> Any:
    """Show what can be set."""
    del place
    person_id = own_id()
    found = queries.account(person_id)
    form = SettingsForm(data={"lang": found.lang, "row_version": found.row_version})
    return _settings_page(form, found)


def _settings_page(form: SettingsForm, found: queries.Account, status: int = 200) -> Any:
    return pages.page(
        "people/settings.html",
        status=status,
        form=form,
        account=found,
        level=labels.level(found.level),
        works=actor().works,
        provider=oidc.offered(),
    )


@bp.post("/me/settings")
@guard(Act.ACCOUNT_USE)
def save_settings(place: Place) -> Any:
    """Save the language of letters."""
    del place
    person_id = own_id()
    form = SettingsForm()
    version = str(form.row_version.data or "")
    if not form.validate() or not version.isdecimal():
        found = queries.account(person_id)
        return _settings_page(form, found, 422)
    actions.choose_language(actor(), str(form.lang.data), int(version[:18]))
    db.session.commit()
    flash(_("Saved."), "ok")
    return pages.see(url_for("people.account"))
