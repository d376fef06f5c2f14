"""Files for machines, and the page that says what is in them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, request, stream_with_context, url_for
from flask_babel import gettext as _

from participate.opendata import queries
from participate.plans.queries import plan_place
from participate.rules.policy import Act, Place
from participate.rules.text import csv_cell
from participate.web import pages
from participate.web.access import guard

bp = Blueprint("opendata", __name__, url_prefix="/<lang:lang>/<slug:slug>")
api = Blueprint("api", __name__, url_prefix="/api/v1/<slug:slug>/plans/<cycle:cycle>")

CACHE = "public, max-age=300"


def keys(place: Place) -> tuple[int, int]:
    """Return the collectivity and the plan of a place that has both."""
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    return place.collectivity_id, place.plan_id


def dictionary() -> list[tuple[str, str]]:
    """Return what each column of the contributions means."""
    return [
        ("ref", _("reference of the text, part of its address")),
        ("consultation", _("call_for_ideas or draft_review")),
        ("kind", _("idea or comment")),
        ("comment_kind", _("opinion, amendment or question")),
        ("project", _("number of the project it is about")),
        ("section", _("part of the project it is about")),
        ("axis", _("axis of an idea")),
        ("stance", _("what its author chose: for, against, undecided or none; never a position")),
        ("idea_ref, reply_to", _("the text it answers")),
        ("author_kind", _("citizen, association, staff or slip; people are not named")),
        ("association_ar, association_fr", _("name of the association, when one speaks")),
        ("lang", _("language of the text; ary-Latn is Darija in Latin letters")),
        ("title, text", _("the words, as everybody reads them on the site")),
        ("amend_from, amend_to", _("the wording an amendment would replace, and the new one")),
        ("published_at", _("moment of publication, UTC")),
        ("state", _("published, published_late (without review) or redacted (a part masked)")),
        (
            "answer",
            _("outcome of the answer given to this text alone, once published; its theme may have one too"),
        ),
    ]


@bp.get("/open-data/")
@guard(Act.PUBLIC_READ, queries.collectivity_place)
def index(place: Place) -> Any:
    """Say what is given out, under which licence, and what each column means."""
    assert place.collectivity_id is not None
    plans = queries.plans_of(place.collectivity_id)
    return pages.page(
        "opendata/index.html",
        place=place,
        plans=[(plan, _files(place.slug, plan.cycle)) for plan in plans],
        dictionary=dictionary(),
        licence=queries.LICENCE,
        licence_url=queries.LICENCE_URL,
    )


def _files(slug: str, cycle: str) -> list[dict[str, str]]:
    listed = [
        ("contributions_csv", "contributions.csv", _("Published contributions, for a spreadsheet")),
        ("contributions_json", "contributions.json", _("Published contributions")),
        ("projects", "projects.json", _("The projects, as the latest version has them")),
        ("results", "results.json", _("The sealed results; before the seal, only their state")),
        ("journal", "journal.json", _("The public journal, 500 entries a page")),
    ]
    return [
        {"url": url_for(f"api.{endpoint}", slug=slug, cycle=cycle), "name": name, "what": what}
        for endpoint, name, what in listed
    ]


def _given(response: Response) -> Response:
    response.headers["Cache-Control"] = CACHE
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _json(value: dict[str, Any], place: Place) -> Response:
    body = {"collectivity": place.slug, "cycle": place.cycle, "licence": queries.LICENCE, **value}
    return _given(Response(json.dumps(body, ensure_ascii=False), mimetype="application/json"))


@api.get("/contributions.json")
@guard(Act.PUBLIC_READ, plan_place)
def contributions_json(place: Place) -> Any:
    """Give out the published contributions, one JSON object, streamed."""
    head = {"collectivity": place.slug, "cycle": place.cycle, "licence": queries.LICENCE}

    def pieces() -> Iterator[str]:
        yield json.dumps(head, ensure_ascii=False)[:-1] + ', "contributions": ['
        for number, row in enumerate(queries.published(*keys(place))):
            yield (",\n" if number else "\n") + json.dumps(row, ensure_ascii=False)
        yield "\n]}\n"

    return _given(Response(stream_with_context(pieces()), mimetype="application/json"))


@api.get("/contributions.csv")
@guard(Act.PUBLIC_READ, plan_place)
def contributions_csv(place: Place) -> Any:
    """Give out the published contributions as a spreadsheet opens them: no cell runs as a formula."""
    rows = queries.published(*keys(place))
    response = _given(Response(stream_with_context(_csv(rows)), mimetype="text/csv"))
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{place.slug}-{place.cycle}-contributions.csv"'
    )
    return response


def _csv(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    def line(cells: Iterable[Any]) -> str:
        out = io.StringIO()
        csv.writer(out).writerow(cells)
        return out.getvalue()

    yield "\ufeff" + line(queries.CONTRIBUTION_FIELDS)
    for row in rows:
        yield line(csv_cell(row[name]) for name in queries.CONTRIBUTION_FIELDS)


@api.get("/projects.json")
@guard(Act.PUBLIC_READ, plan_place)
def projects(place: Place) -> Any:
    """Give out the projects."""
    return _json(queries.projects(*keys(place)), place)


@api.get("/results.json")
@guard(Act.PUBLIC_READ, plan_place)
def results(place: Place) -> Any:
    """Give out the sealed results."""
    return _json(queries.results(*keys(place)), place)


@api.get("/journal.json")
@guard(Act.PUBLIC_READ, plan_place)
def journal(place: Place) -> Any:
    """Give out the public journal, a page at a time."""
    found = queries.journal(*keys(place), request.args.get("after"))
    following = (
        url_for("api.journal", slug=place.slug, cycle=place.cycle, after=found.after) if found.after else None
    )
    return _json({"entries": found.rows, "next": following}, place)
