"""The draft act and the extract of the minutes: to read, to print, to paste."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.council import documents, queries
from participate.council.views.around import decision_of
from participate.council.views.blueprint import bp, here, keys
from participate.network import queries as network
from participate.plans.queries import plan_head, plan_place
from participate.post.text import in_language
from participate.rules.policy import Act, Place
from participate.web import pages
from participate.web.access import allowed, guard

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _facts(place: Place) -> documents.Facts:
    """Return what the documents are filled with: for those who prepare them, then for everybody."""
    session = queries.session_of(*keys(place))
    decision = decision_of(session, queries.votes_of(*keys(place)))
    if session is None or decision is None:
        raise NotFound
    if not decision.performed and not allowed(Act.DOSSIER_READ_DRAFT, place):
        raise NotFound
    return documents.Facts(
        network.slugs_of({keys(place)[0]})[keys(place)[0]][1],
        plan_head(*keys(place)).title,
        session,
        decision,
        {one.number: one for one in queries.before_the_council(*keys(place))},
        queries.positions_of(*keys(place)),
    )


def _lines(facts: documents.Facts) -> tuple[documents.Line, ...]:
    with in_language(documents.LANG):
        return documents.BUILDERS[(request.view_args or {})["which"]](facts)


@bp.get("/council/<any(act, minutes):which>/")
@guard(Act.PUBLIC_READ, plan_place)
def document(place: Place) -> Any:
    """Show the draft act or the extract of the minutes in Arabic, made from what was recorded."""
    facts = _facts(place)
    which = (request.view_args or {})["which"]
    return pages.page(
        "council/document.html",
        place=place,
        which=which,
        lines=_lines(facts),
        lang=documents.LANG,
        draft=not facts.decision.performed,
        files=[
            (kind.upper(), here("council.document_file", place, which=which, kind=kind))
            for kind in ("docx", "txt")
        ],
        title=_("Draft act") if which == "act" else _("Extract of the minutes"),
    )


@bp.get("/council/<any(act, minutes):which>.<any(docx, txt):kind>")
@guard(Act.PUBLIC_READ, plan_place)
def document_file(place: Place) -> Any:
    """Give it out as DOCX or plain text."""
    facts = _facts(place)
    lines = _lines(facts)
    named = request.view_args or {}
    with in_language(documents.LANG):
        body: bytes = (
            documents.docx(lines, facts) if named["kind"] == "docx" else documents.plain_text(lines).encode()
        )
    response = Response(body, mimetype=DOCX if named["kind"] == "docx" else "text/plain")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{place.slug}-{place.cycle}-{named["which"]}.{named["kind"]}"'
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return response
