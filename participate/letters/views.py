"""The letters a person got, to read again."""

from __future__ import annotations

import re

from flask import Blueprint, Flask, Response, request, url_for
from flask_babel import gettext as _

from participate.letters import queries
from participate.rules.policy import Act, Place
from participate.web import pages
from participate.web.access import guard, own_id

bp = Blueprint("letters", __name__, url_prefix="/<lang:lang>/me")
blueprints = (bp,)
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
        me_url=pages.home_of("me") if pages.has_home("me") else None,
    )


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
