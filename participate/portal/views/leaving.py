"""One's data as a file, and closing one's account."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, current_app, url_for
from flask_babel import gettext as _

from participate.db import clock, db
from participate.people import actions as people
from participate.people import queries as accounts
from participate.people.hooks import browser
from participate.people.views.proving import detour
from participate.portal import actions, own_data
from participate.portal.forms import TAKE_BACK, LeaveForm
from participate.portal.views.blueprint import bp
from participate.post import actions as post
from participate.post import text
from participate.rules.policy import Act, Place
from participate.web import i18n, pages
from participate.web.access import actor, guard, own_id


@bp.get("/me/data.json")
@guard(Act.ACCOUNT_USE)
def my_data(place: Place) -> Any:
    """Give a person everything that is held of them, as one file."""
    del place
    elsewhere = detour()
    if elsewhere:
        return elsewhere
    person_id = own_id()
    body = {
        "made_at": clock().isoformat(),
        "from": current_app.config["BASE_URL"],
        "held": own_data.own_data(person_id),
    }
    answer = Response(json.dumps(body, ensure_ascii=False, indent=2), mimetype="application/json")
    answer.headers["Content-Disposition"] = "attachment; filename=participate-my-data.json"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/me/close")
@guard(Act.ACCOUNT_USE)
def leave_form(place: Place) -> Any:
    """Say what closing the account does, or why it cannot be closed yet."""
    del place
    return detour() or _page(LeaveForm())


def _page(form: LeaveForm, status: int = 200, *, works: bool = False) -> Any:
    person = actor()
    assert person.person_id is not None
    return pages.page(
        "portal/leave.html",
        status=status,
        form=form,
        suspended=person.suspended,
        works=works or person.works,
        seats=own_data.open_seats(person.person_id),
    )


@bp.post("/me/close")
@guard(Act.ACCOUNT_USE)
def leave(place: Place) -> Any:
    """Close the account, tell its address, and forget this browser's session."""
    del place
    elsewhere = detour()
    if elsewhere:
        return elsewhere
    form = LeaveForm()
    if not form.validate():
        return _page(form, 422)
    person_id = own_id()
    lang = accounts.account(person_id).lang
    try:
        address = actions.leave(actor(), take_back=form.texts.data == TAKE_BACK)
    except (actions.StillCountedError, actions.StillSuspendedError):
        db.session.rollback()
        return _page(LeaveForm(formdata=None), 409)
    except people.RolesToReturnError:
        db.session.rollback()
        return _page(LeaveForm(formdata=None), 409, works=True)
    _tell(address, lang)
    db.session.commit()
    browser().end()
    return pages.see(url_for("portal.left"))


@bp.get("/account-closed")
@guard(Act.PUBLIC_READ)
def left(place: Place) -> Any:
    """Say that it is done, to a browser that is nobody's any more."""
    del place
    return pages.page("portal/left.html")


def _tell(address: str, lang: str) -> None:
    """Send the last letter: closing without the owner's knowledge must not go unnoticed."""
    with text.in_language(lang):
        lines = [
            _("Your account on Participate is closed, as you asked."),
            _(
                "Your address and your name are no longer kept. What you wrote stays without your name, or was taken back."
            ),
            _("If it was not you, write to your commune."),
        ]
        post.send(
            address,
            None,
            i18n.lang(),
            "closed",
            _("Your account is closed"),
            text.letter(lines, current_app.config["BASE_URL"]),
        )
