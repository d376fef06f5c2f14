"""Pages on which anybody checks the record: entries, checkpoints, archives, the way of one receipt."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.db import clock
from participate.journal import queries as journal
from participate.opendata import queries, words
from participate.positions.queries import attested
from participate.rules.policy import Act, Place
from participate.rules.references import NotAReferenceError
from participate.web import i18n, labels, pages
from participate.web.access import actor, guard

bp = Blueprint("record", __name__, url_prefix="/<lang:lang>/<slug:slug>")

SHOWN = 12
PROGRAM = "participate/journal/verifier.py"
HOMES = {"record": "record.index", "how_to_check": "record.how_to_check"}


def collectivity_of(place: Place) -> int:
    """Return the key of the collectivity of a place that has one."""
    assert place.collectivity_id is not None
    return place.collectivity_id


@bp.get("/transparency/record/")
@guard(Act.PUBLIC_READ, queries.collectivity_place)
def index(place: Place) -> Any:
    """Show what can be taken away and checked: archives, chains, checkpoints, keys."""
    here = collectivity_of(place)
    return pages.page(
        "opendata/record.html",
        place=place,
        archives=[
            {
                "title": f"{labels.consultation_kind(one.kind)} · {one.cycle}",
                "sha256": one.sha256,
                "size": i18n.number(round(one.size / 1024, 1)) if one.size else None,
                "url": url_for("record.archive", slug=place.slug, consultation=one.consultation_id)
                if one.sha256
                else None,
            }
            for one in queries.archives_of(here)
        ],
        chains=[(one, words.chain(one)) for one in queries.chains_of(here)],
        notes=[(one, words.chain_kind(one.kind)) for one in queries.checkpoints_of(here, SHOWN)],
        keys=journal.signing_keys(),
        program=PROGRAM,
    )


@bp.get("/transparency/archives/<int:consultation>.zip")
@guard(Act.PUBLIC_READ, queries.collectivity_place)
def archive(place: Place) -> Any:
    """Give out the archive of a closed consultation."""
    key = (request.view_args or {})["consultation"]
    content = queries.content_of(collectivity_of(place), key) if key < 1 << 63 else None
    if content is None:
        raise NotFound
    response = Response(content, mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{place.slug}-{key}.zip"'
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@bp.get("/transparency/checkpoints.atom")
@guard(Act.PUBLIC_READ, queries.collectivity_place)
def feed(place: Place) -> Any:
    """Give out the latest checkpoints as a feed: a reader that keeps it holds copies out of our reach."""
    found = queries.checkpoints_of(collectivity_of(place))
    index_url = url_for("record.index", slug=place.slug, _external=True)
    updated = (found[0].at if found else clock()).isoformat()
    entries = [
        f"<entry><id>{escape(index_url)}#{one.chain_id}.{one.seq}</id>"
        f"<title>{escape(words.chain_kind(one.kind))} {one.seq}</title><updated>{one.at.isoformat()}</updated>"
        f'<link href="{escape(index_url)}"/><content type="text">{escape(one.note)}</content></entry>'
        for one in found
    ]
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{escape(index_url)}</id><title>{escape(_('Signed checkpoints'))} · {place.slug}</title>"
        f"<updated>{updated}</updated><author><name>{place.slug}</name></author>"
        f'<link href="{escape(index_url)}"/>{"".join(entries)}</feed>\n'
    )
    response = Response(text, mimetype="application/atom+xml")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@bp.get("/transparency/record/<int:chain>/")
@guard(Act.PUBLIC_READ, queries.collectivity_place)
def entries(place: Place) -> Any:
    """List the entries of a chain, oldest first, from a number on."""
    key = (request.view_args or {})["chain"]
    found = queries.chain_head(collectivity_of(place), key) if key < 1 << 63 else None
    if found is None:
        raise NotFound
    start = request.args.get("start", "1")
    number = int(start) if start.isascii() and start.isdigit() and len(start) <= len(str(1 << 62)) else 1
    lines = queries.entry_lines(found, number)

    def page_from(seq: int | None) -> str | None:
        return url_for("record.entries", slug=place.slug, chain=key, start=seq) if seq else None

    return pages.page(
        "opendata/entries.html",
        place=place,
        chain=found,
        title=words.chain(found),
        lines=[
            (
                one,
                words.entry(one.type),
                json.dumps(one.public, ensure_ascii=False) if one.public is not None else None,
            )
            for one in lines.rows
        ],
        before_url=page_from(lines.before),
        after_url=page_from(lines.after),
        last_url=page_from(max(1, found.entries - queries.PAGE_LINES + 1)) if lines.after else None,
    )


@bp.get("/receipts/how-to-check")
@guard(Act.RECEIPT_CHECK, queries.collectivity_place)
def how_to_check(place: Place) -> Any:
    """Explain step by step how to check a receipt oneself; with one's own values when coming from it."""
    here = collectivity_of(place)
    typed = request.args.get("code", "")
    try:
        found = attested(here, typed, actor().person_id) if typed else None
    except NotAReferenceError:
        found = None
    path = queries.path_of(here, found.code, found.own) if found else None
    return pages.page(
        "opendata/how_to_check.html",
        place=place,
        path=path,
        current=found.current if found else None,
        receipt_url=url_for("positions.receipt", slug=place.slug, code=found.code) if found else None,
        check_url=url_for("positions.check", slug=place.slug),
        entry_url=url_for("record.entries", slug=place.slug, chain=path.chain_id, start=path.seq)
        + f"#e{path.seq}"
        if path
        else None,
        key=journal.signing_keys()[-1],
        unknown=bool(typed) and path is None,
        program=PROGRAM,
    )
