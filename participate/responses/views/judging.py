"""An author says whether the revised text satisfies them; those who prepare and decide read what authors said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, url_for
from flask_babel import gettext as _

from participate.contributions import queries as contributions
from participate.contributions.models import Contribution
from participate.contributions.pieces import excerpt
from participate.contributions.queries import CommentRow, IdeaRow
from participate.db import db
from participate.plans import queries as plans
from participate.plans.queries import plan_place
from participate.responses import actions, pieces, queries
from participate.responses.forms import JudgeForm
from participate.responses.views.around import ids_of
from participate.responses.views.blueprint import DESK, bp
from participate.rules.outcomes import Satisfied
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import actor, allowed, guard
from participate.web.forms import first_reply, keep_reply
from participate.web.i18n import plain


def text_place(slug: str, ref: str, **_rest: object) -> Place:
    """Return the place of a text. Raises NotFound."""
    return contributions.place_of(slug, ref)


def judge_address(slug: str, ref: str) -> str:
    """Return where an author says whether the revised text satisfies them."""
    return url_for("responses.judge_form", slug=slug, ref=ref)


def to_judge(place: Place, contribution_id: int) -> dict[str, Any] | None:
    """Answer the contributions room: what an author said of the revised text, and where they say it."""
    assert place.collectivity_id is not None
    said = queries.judgement_of(place.collectivity_id, [contribution_id]).get(contribution_id)
    may = allowed(Act.ANSWER_JUDGE, place) and queries.may_be_judged(place.collectivity_id, contribution_id)
    if said is None and not may:
        return None
    return {
        "url": judge_address(place.slug, _row(place).ref) if may else None,
        "said": labels.satisfied(said.satisfied) if said else None,
        "note": said.note if said else "",
        "lang": said.lang if said else "",
    }


def _row(place: Place) -> CommentRow | IdeaRow:
    assert place.collectivity_id is not None
    base = db.session.get_one(Contribution, (place.collectivity_id, place.ids["contribution"]))
    return contributions.seen(base, actor())


def _own_page(place: Place, form: JudgeForm, status: int = 200) -> Response:
    row = _row(place)
    answer = queries.response_for(row.collectivity_id, [row.id]).get(row.id)
    if answer is None or not queries.may_be_judged(row.collectivity_id, row.id):
        raise actions.NotJudgeableError(row.id)
    where = contributions.address_of(row.collectivity_id, row.id)
    number = where.project_number or answer.project_number
    return pages.page(
        "responses/judge.html",
        status=status,
        form=form,
        place=place,
        row=row,
        answer=pieces.answer_piece(answer, place.slug, place.cycle),
        text=excerpt(row.body if isinstance(row, CommentRow) else row.proposal, 400),
        back=_reading(place, row),
        revised_url=pages.home_of("project", slug=place.slug, cycle=place.cycle, number=number)
        if number
        else pages.home_of("plan", slug=place.slug, cycle=place.cycle),
        revised=_("Project %(number)s", number=number)
        if number
        else _("The plan %(cycle)s", cycle=place.cycle),
    )


def _reading(place: Place, row: CommentRow | IdeaRow) -> str:
    kind = "contributions.idea" if isinstance(row, IdeaRow) else "contributions.one"
    return url_for(kind, slug=place.slug, ref=row.ref)


@bp.get("/<slug:slug>/c/<ref:ref>/satisfied")
@guard(Act.ANSWER_JUDGE, text_place)
def judge_form(place: Place) -> Response:
    """Show an author the answer they got and ask whether the revised text satisfies them."""
    assert place.collectivity_id is not None
    key = place.ids["contribution"]
    said = queries.judgement_of(place.collectivity_id, [key]).get(key)
    data = {"satisfied": said.satisfied.value, "note": said.note} if said else {}
    return _own_page(place, JudgeForm(data=data))


@bp.post("/<slug:slug>/c/<ref:ref>/satisfied")
@guard(Act.ANSWER_JUDGE, text_place)
def judge(place: Place) -> Response:
    """Keep what the author says; it can be changed until the session."""
    form = JudgeForm()
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    if not form.validate():
        return _own_page(place, form, 422)
    actions.judge(actor(), place, Satisfied(form.satisfied.data), form.note.data or "")
    location = _reading(place, _row(place))
    keep_reply(form, location)
    db.session.commit()
    flash(_("Kept. The council reads it with the dossier; you can change it until the session."), "ok")
    return pages.see(location)


@bp.get(f"{DESK}/satisfaction/")
@guard(Act.DOSSIER_READ_DRAFT, plan_place)
def satisfaction(place: Place) -> Response:
    """Show what the authors say of the revised text, exactly and with their sentences, to those who decide."""
    here, plan_id = ids_of(place)
    found = queries.judged(here, *[one.id for one in queries.rounds(here, plan_id)])
    return pages.page(
        "responses/satisfaction.html",
        place=place,
        title=plain(plans.plan_head(here, plan_id).title),
        back=pages.home_of("results", slug=place.slug, cycle=place.cycle),
        rows=[
            {
                "name": project_name(one.number),
                "cells": cells(one),
                "notes": [
                    {
                        "ref": note.ref,
                        "url": url_for("contributions.one", slug=place.slug, ref=note.ref),
                        "said": labels.satisfied(note.satisfied),
                        "text": note.text,
                        "lang": note.lang,
                        "at": note.at,
                    }
                    for note in one.notes
                ],
            }
            for one in found
        ],
    )


def project_name(number: int | None) -> str:
    """Return what the authors of one row wrote about."""
    return _("Project %(number)s", number=number) if number else _("the whole plan")


def cells(one: queries.Judged) -> Sequence[int | None]:
    """Return one row of figures: authors, yes, partly, no, have not said."""
    return (one.authors, one.yes, one.partly, one.no, one.unsaid)
