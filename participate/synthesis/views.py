"""The dossier: what people said and what changed, for everybody once sealed, for the council before."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.db import db
from participate.files import making
from participate.files.making import Progress
from participate.files.views import sent
from participate.plans.queries import plan_place
from participate.responses import queries as responses
from participate.rules.lifecycle import Stage
from participate.rules.policy import Act, Place
from participate.rules.text import csv_cell
from participate.synthesis import actions, bundle, drawn, queries, tendencies, tendency_words, words
from participate.synthesis import shapes as s
from participate.synthesis.additions import later
from participate.synthesis.papers import setting
from participate.synthesis.papers import words as paper_words
from participate.web import i18n, labels, pages
from participate.web.access import actor, allowed, guard
from participate.web.forms import Form

AFTER_THE_SESSION = frozenset({Stage.IMPLEMENTATION, Stage.EVALUATION, Stage.CLOSED})

bp = Blueprint("synthesis", __name__, url_prefix="/<lang:lang>/<slug:slug>/plans/<cycle:cycle>")
blueprints = (bp,)


def init_app(_app: Any) -> None:
    """Say where results live."""
    pages.register_homes({"results": "synthesis.results", "project_results": "synthesis.project"})


def here(place: Place, endpoint: str, **values: Any) -> str:
    """Return the address of one of this room's pages for the same plan."""
    return url_for(f"synthesis.{endpoint}", slug=place.slug, cycle=place.cycle, **values)


def dossier(place: Place) -> tuple[queries.Head | None, s.Reading | None]:
    """Return the consultation and the reading that this reader may see.

    Everybody reads the sealed one; before the seal, once the consultation is closed, those who
    prepare or decide read the draft. Nobody reads figures of an open consultation.
    """
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    head = queries.head(place.collectivity_id, place.plan_id)
    if head is None or not head.over:
        return head, None
    if head.sealed is not None:
        return head, head.sealed.reading
    if allowed(Act.DOSSIER_READ_DRAFT, place):
        return head, queries.reading(head.id)
    return head, None


@bp.get("/results/")
@guard(Act.PUBLIC_READ, plan_place)
def results(place: Place) -> Any:
    """Show the dossier, or what will be here and when."""
    head, reading = dossier(place)
    if head is None or reading is None:
        return pages.page("synthesis/soon.html", place=place, head=head, words=words)
    signed = i18n.plain(reading.about.collectivity_name)
    return pages.page(
        "synthesis/results.html",
        place=place,
        head=head,
        reading=reading,
        words=words,
        drawn=drawn,
        labels=labels,
        signed=signed,
        bars=[words.bar(one, here(place, "project", number=one.number)) for one in reading.projects],
        seal=_seal(place, head),
        addenda=_addenda(head),
        may_prepare=allowed(Act.PAPERS_PREPARE, place),
        authors=_authors(place, head),
        authors_url=_authors_url(place, head),
        here=here,
    )


@bp.get("/results/<int:number>")
@guard(Act.PUBLIC_READ, plan_place)
def project(place: Place) -> Any:
    """Show one project of the dossier on a page of its own."""
    head, reading = dossier(place)
    if head is None or reading is None:
        return pages.page("synthesis/soon.html", place=place, head=head, words=words)
    found = reading.project((request.view_args or {})["number"])
    if found is None:
        raise NotFound
    return pages.page(
        "synthesis/project.html",
        place=place,
        head=head,
        reading=reading,
        project=found,
        words=words,
        labels=labels,
        signed=i18n.plain(reading.about.collectivity_name),
        audiences=[
            (words.dimension(table.dimension), words.audience_rows(table), table.dimension)
            for table in found.audiences
            if words.audience_rows(table)
        ],
        seal=_seal(place, head),
        authors=[one for one in _authors(place, head) if one.number == found.number],
        addenda=[one for one in _addenda(head) if one.project_number == found.number],
        here=here,
    )


@bp.get("/results/tendencies", endpoint="tendencies")
@guard(Act.PUBLIC_READ, plan_place)
def show_tendencies(place: Place) -> Any:
    """Show whether opinions go together, or why nothing is shown."""
    head, reading = dossier(place)
    if head is None or reading is None:
        return pages.page("synthesis/soon.html", place=place, head=head, words=words)
    return pages.page(
        "synthesis/tendencies.html",
        place=place,
        reading=reading,
        found=tendencies.find(head.collectivity_id, head.id),
        box=(tendencies.WIDTH, tendencies.HEIGHT),
        words=words,
        tell=tendency_words,
        here=here,
    )


def _addenda(head: queries.Head) -> Sequence[Any]:
    """Return what was attached since the seal: it stands beside the sealed figures, never in them."""
    return later.addenda_of(head.collectivity_id, head.id) if head.sealed is not None else ()


def _authors(place: Place, head: queries.Head) -> Sequence[responses.Judged]:
    """Return what authors said of the revised text, for everybody, once the session is over and nothing moves."""
    if head.sealed is None or place.stage not in AFTER_THE_SESSION:
        return ()
    assert place.plan_id is not None
    rounds = responses.rounds(head.collectivity_id, place.plan_id)
    return responses.judged_publicly(head.collectivity_id, *(one.id for one in rounds))


def _author_row(one: responses.Judged) -> dict[str, int | None]:
    """Return one row as the file has it; null: hidden by the rule of small cells."""
    return {
        "project": one.number,
        "authors": one.authors,
        "yes": one.yes,
        "partly": one.partly,
        "no": one.no,
        "unsaid": one.unsaid,
    }


def _authors_url(place: Place, head: queries.Head) -> str | None:
    if head.sealed is None or not allowed(Act.DOSSIER_READ_DRAFT, place):
        return None
    return pages.home_of("satisfaction", slug=place.slug, cycle=place.cycle)


def _seal(place: Place, head: queries.Head) -> dict[str, Any] | None:
    if head.sealed is None:
        return None
    found = _papers(head)
    return {
        "hash": head.sealed.sha256,
        "at": head.sealed.sealed_at,
        "key": head.sealed.public_key,
        "url": here(place, "proof"),
        "files": [
            {"label": "JSON", "url": here(place, "download")},
            {"label": "CSV", "url": here(place, "table")},
            *_files(place, found),
        ],
    }


def _sealed(place: Place) -> queries.Sealed:
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    head = queries.head(place.collectivity_id, place.plan_id)
    if head is None or head.sealed is None:
        raise NotFound
    return head.sealed


# --- papers -----------------------------------------------------------------------------------------


def _papers(head: queries.Head) -> Progress | None:
    """Return how far the papers are: of the sealed figures once there is a seal, else of the draft."""
    source = head.sealed.sha256 if head.sealed else None
    return making.progress(head.collectivity_id, actions.PAPERS, actions.papers_of(head.id), source)


def _paper_url(place: Place, name: str) -> str:
    kind, lang = paper_words.parts(name)
    return here(place, "paper", paper=lang, kind=kind)


def _files(place: Place, found: Progress | None) -> list[dict[str, str]]:
    if found is None or not found.done:
        return []
    return [
        {"label": paper_words.file_label(name), "url": _paper_url(place, name)}
        for name in sorted(found.files, key=paper_words.order)
    ]


def _readable(place: Place) -> queries.Head:
    """Return the review whose papers this reader may have: as the page of the dossier. Raises NotFound."""
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    head = queries.head(place.collectivity_id, place.plan_id)
    if head is None or not head.over:
        raise NotFound
    if head.sealed is None and not allowed(Act.DOSSIER_READ_DRAFT, place):
        raise NotFound
    return head


@bp.get("/results/papers/")
@guard(Act.PUBLIC_READ, plan_place)
def papers(place: Place) -> Any:
    """Show the papers of the dossier, or how far they are, or the button that has them made."""
    head = _readable(place)
    found = _papers(head)
    return pages.page(
        "synthesis/papers.html",
        place=place,
        head=head,
        found=found,
        rows=[
            {
                "label": paper_words.file_label(name),
                "what": paper_words.what(name),
                "size": paper_words.size(found.files[name]),
                "url": _paper_url(place, name),
            }
            for name in sorted(found.files, key=paper_words.order)
        ]
        if found
        else [],
        doing=paper_words.doing(found.state, found.doing) if found else "",
        form=Form() if allowed(Act.PAPERS_PREPARE, place) else None,
        here=here,
    )


@bp.post("/results/papers/")
@guard(Act.PAPERS_PREPARE, plan_place)
def prepare_papers(place: Place) -> Any:
    """Ask the worker for the papers."""
    if not Form().validate_on_submit():
        abort(400)
    try:
        asked = actions.ask_papers(actor(), place)
    except actions.NotClosedError:
        raise NotFound from None
    db.session.commit()
    if not asked:
        flash(_("The papers are there already, or on their way."), "info")
    return pages.see(here(place, "papers"))


@bp.get("/results/papers/dossier-<any(ar, fr):paper>.<any(pdf, docx, xlsx):kind>")
@guard(Act.PUBLIC_READ, plan_place)
def paper(place: Place) -> Any:
    """Give out one paper, to whom the page of the dossier is open."""
    head = _readable(place)
    found = _papers(head)
    named = request.view_args or {}
    name = setting.name_of(named["kind"], named["paper"])
    file = making.made(head.collectivity_id, found.id, name) if found and found.done else None
    if file is None:
        raise NotFound
    response = sent(replace(file, name=f"{place.slug}-{place.cycle}-{file.name}"))
    if head.sealed is not None:
        response.headers["Cache-Control"] = "public, max-age=300"
    return response


@bp.get("/results/verification")
@guard(Act.PUBLIC_READ, plan_place)
def proof(place: Place) -> Any:
    """Say what the seal proves and how to check it without this site."""
    return pages.page("synthesis/proof.html", place=place, sealed=_sealed(place), here=here)


def _attachment(body: str, media_type: str, name: str) -> Response:
    response = Response(body, mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@bp.get("/results/dossier.json")
@guard(Act.PUBLIC_READ, plan_place)
def download(place: Place) -> Any:
    """Give out the sealed snapshot with what proves it."""
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    head = queries.head(place.collectivity_id, place.plan_id)
    if head is None or head.sealed is None:
        raise NotFound
    found = head.sealed
    text = bundle.bundle(
        found.snapshot,
        found.sha256,
        found.signature,
        found.public_key,
        found.sealed_at.isoformat(),
        found.entry_hash,
        beside={"authors": [_author_row(one) for one in _authors(place, head)]},
    )
    return _attachment(text, "application/json", f"{place.slug}-{place.cycle}-dossier.json")


@bp.get("/results/projects.csv")
@guard(Act.PUBLIC_READ, plan_place)
def table(place: Place) -> Any:
    """Give out the positions on each project as a spreadsheet opens them."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        (
            "project",
            "title_ar",
            "title_fr",
            "agree",
            "disagree",
            "pass",
            "not_seen",
            "n",
            "base",
            "label",
            "priorities",
        )
    )
    for one in _sealed(place).reading.projects:
        tally = one.tally
        row = (
            one.number,
            one.title.get("ar", ""),
            one.title.get("fr", ""),
            tally.agree,
            tally.disagree,
            tally.pass_,
            tally.not_seen,
            tally.n,
            one.base,
            one.label,
            one.priorities,
        )
        writer.writerow([csv_cell(cell) for cell in row])
    return _attachment("\ufeff" + out.getvalue(), "text/csv", f"{place.slug}-{place.cycle}-projects.csv")
