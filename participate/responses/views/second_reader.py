"""The second reader approves what a first one wrote."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, request
from flask_babel import gettext as _

from participate.contributions.models import Contribution
from participate.db import db
from participate.plans import queries as plans
from participate.plans.queries import plan_place
from participate.responses import actions, pieces, queries
from participate.responses.forms import DecideForm
from participate.responses.views.around import desk_page, ids_of
from participate.responses.views.blueprint import DESK, KEY, bp
from participate.rules.outcomes import ResponseState
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import actor, guard


@bp.get(f"{DESK}/responses/to-approve/")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def to_approve(place: Place) -> Response:
    """List the drafts that wait for a second reader, and what was approved or published."""
    here, plan_id = ids_of(place)
    every = [one.id for one in queries.rounds(here, plan_id)]
    state = next(
        (one for one in ResponseState if one.value == request.args.get("state")), ResponseState.DRAFT
    )
    counts = queries.response_counts(here, every)
    return desk_page(
        "responses/to_approve.html",
        place,
        "to_approve",
        states=[
            {
                "label": labels.response_state(one),
                "url": pieces.address(place, "to_approve", state=one.value),
                "count": counts.get(one, 0),
                "current": one is state,
            }
            for one in ResponseState
        ],
        state=state.value,
        rows=[pieces.written_piece(one, place) for one in queries.written(here, every, state)],
        key_help=[("J", _("next")), ("K", _("previous"))],
    )


@bp.post(f"{DESK}/responses/<{KEY}:response_id>/approve")
@guard(Act.RESPONSE_APPROVE, queries.response_place)
def approve(place: Place) -> Response:
    """Approve an answer somebody else wrote, as it was read."""
    form = DecideForm()
    if not form.validate_on_submit():
        abort(400)
    actions.approve(actor(), ids_of(place)[0], place.ids["response"], row_version=form.row_version.data)
    db.session.commit()
    flash(_("Approved. It is published with all the others when the plan goes to the council."), "ok")
    return pages.see(pieces.address(place, "to_approve"))


@bp.post(f"{DESK}/responses/<{KEY}:response_id>/reopen")
@guard(Act.RESPONSE_WRITE, queries.response_place)
def reopen(place: Place) -> Response:
    """Turn an approved answer into a draft again."""
    form = DecideForm()
    if not form.validate_on_submit():
        abort(400)
    row = actions.reopen(actor(), ids_of(place)[0], place.ids["response"])
    location = _page_of(place, row)
    db.session.commit()
    flash(_("The answer is a draft again: a second person must approve it once more."), "ok")
    return pages.see(location)


def _page_of(place: Place, row: Any) -> str:
    if row.theme_id is not None:
        return pieces.address(place, "theme", theme_id=row.theme_id)
    if row.contribution_id is not None:
        ref = db.session.get_one(Contribution, (row.collectivity_id, row.contribution_id)).ref
        return pieces.address(place, "answer_text", ref=ref)
    number = next(
        (one.number for one in plans.working_projects(*ids_of(place)) if one.id == row.project_id), None
    )
    return (
        pieces.address(place, "answer_project", number=number)
        if number
        else pieces.address(place, "projects")
    )
