"""The letters a person got, to read again."""

from __future__ import annotations

import re

from flask import Blueprint, Flask, Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.db import db
from participate.letters import actions, queries, receipts
from participate.letters.forms import ChoiceForm
from participate.rules.policy import Act, Place
from participate.web import pages
from participate.web.access import actor, guard, own_id

bp = Blueprint("letters", __name__, url_prefix="/<lang:lang>/me")
outside = Blueprint("letters_outside", __name__, url_prefix="/<lang:lang>/letters")
blueprints = (bp, outside)
_LINK = re.compile(r"\s*(https?://\S+)")


@bp.get("/letters/")
@guard(Act.ACCOUNT_USE)
def mine(_place: Place) -> Response:
    """Show the letters sent to the reader, newest first."""
    person_id = own_id()
    rows, more = queries.letters_of(person_id, request.args.get("after"))
    return pages.page(
        "letters/mine.html",
        letters=[
            {
                "id": one.id,
                "subject": one.subject,
                "text": _LINK.sub("", one.body),
                "lang": {"zgh": "ar"}.get(one.lang, one.lang),
                "at": one.at,
                "link": _link(one.body),
            }
            for one in rows
        ],
        next_url=url_for("letters.mine", after=more) if more else None,
        receipts_url=url_for("letters_outside.receipts_form", proof=receipts.token_of(person_id)),
        me_url=pages.home_of("me") if pages.has_home("me") else None,
    )


@outside.get("/receipts/<ref:proof>")
@guard(Act.LETTER_CHOOSE)
def receipts_form(_place: Place) -> Response:
    """Ask whoever opens the link of a letter whether they still want it; looking changes nothing."""
    return _receipts_page(ChoiceForm())


@outside.post("/receipts/<ref:proof>")
@guard(Act.LETTER_CHOOSE)
def receipts_choice(_place: Place) -> Response:
    """Turn the daily letter of receipts off, or on again."""
    form = ChoiceForm()
    if not form.validate():
        return _receipts_page(form, 422)
    wanted = form.receipts.data == "on"
    actions.choose_receipts(actor(), _reader(), wanted=wanted)
    db.session.commit()
    flash(
        _("You get the daily letter of receipts again.")
        if wanted
        else _("You get no daily letter of receipts any more. Your receipts stay on your page."),
        "ok",
    )
    return pages.see(request.path)


def _reader() -> int:
    found = receipts.person_of(str((request.view_args or {})["proof"]))
    if found is None:
        raise NotFound
    return found


def _receipts_page(form: ChoiceForm, status: int = 200) -> Response:
    pages.needs_csrf()
    return pages.page("letters/receipts.html", status=status, form=form, wanted=receipts.wanted_by(_reader()))


def _link(body: str) -> dict[str, str] | None:
    """Return the letter's one link, kept to its path: the address of the site may have changed since."""
    found = _LINK.search(body)
    if found is None:
        return None
    path = re.sub(r"^https?://[^/]+", "", found.group(1))
    return {"url": path or "/", "label": _("Open what this letter is about")}


def init_app(app: Flask) -> None:  # noqa: ARG001
    """Say where a person's letters are."""
    pages.register_homes({"letters": "letters.mine"})
