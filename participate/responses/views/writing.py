"""Writing an answer, saving it, sending it to a second reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, abort, flash
from flask_babel import gettext as _

from participate.contributions import queries as contributions
from participate.db import db
from participate.people.queries import names_of
from participate.plans.queries import plan_place
from participate.responses import actions, pieces, queries
from participate.responses.actions import Subject
from participate.responses.forms import ResponseForm, words_of
from participate.responses.queries import Point, ResponseView
from participate.responses.views.around import address_part, desk_page, ids_of
from participate.responses.views.blueprint import DESK, bp
from participate.rules.outcomes import Outcome, ResponseState
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import actor, allowed, guard
from participate.web.forms import first_reply, keep_reply

OUTCOME_KEYS = dict(zip(Outcome, "123456", strict=True))


def response_data(response: ResponseView | None) -> dict[str, Any]:
    """Return what the form of an answer holds when it is opened."""
    if response is None:
        return {"row_version": 0}
    return {
        "outcome": response.outcome.value,
        "text_ar": response.text.get("ar", ""),
        "text_fr": response.text.get("fr", ""),
        "reason_ar": response.reason.get("ar", ""),
        "reason_fr": response.reason.get("fr", ""),
        "changed": response.changed,
        "row_version": response.row_version,
    }


def answer_page(
    template: str,
    place: Place,
    current: str,
    response: ResponseView | None,
    form: ResponseForm,
    *,
    status: int = 200,
    **context: Any,
) -> Response:
    """Render a page that ends with an answer: its form while it is a draft, else its words and what may follow."""
    draft = response is None or response.state is ResponseState.DRAFT
    may_approve = (
        response is not None
        and response.state is ResponseState.DRAFT
        and allowed(Act.RESPONSE_APPROVE, replace(place, written_by=response.written_by))
    )
    names = names_of([key for key in (response.written_by, response.approved_by) if key]) if response else {}
    return desk_page(
        template,
        place,
        current,
        status=status,
        form=form,
        response=response,
        shown=pieces.draft_piece(response) if response else None,
        editable=draft and allowed(Act.RESPONSE_WRITE, place),
        own=response is not None and response.written_by == actor().person_id,
        may_approve=may_approve,
        may_reopen=response is not None
        and response.state is ResponseState.APPROVED
        and allowed(Act.RESPONSE_WRITE, place),
        approve_url=pieces.address(place, "approve", response_id=response.id) if response else None,
        reopen_url=pieces.address(place, "reopen", response_id=response.id) if response else None,
        writer=names.get(response.written_by) if response else None,
        reader=names.get(response.approved_by) if response and response.approved_by else None,
        outcomes=[
            {
                "value": one.value,
                "label": labels.outcome(one),
                "key": OUTCOME_KEYS[one],
                "checked": form.outcome.data == one.value,
            }
            for one in Outcome
        ],
        text_chars=4000,
        reason_chars=1000,
        **context,
    )


def write_answer(subject: Subject, again: Callable[[ResponseForm, int], Response], location: str) -> Response:
    """Write an answer from the form, or show the form again."""
    form = ResponseForm()
    if not form.validate_on_submit():
        return again(form, 422)
    if reply := first_reply(form):
        return pages.see(reply.location)
    actions.write_response(
        actor(),
        subject,
        Outcome(form.outcome.data),
        words_of(form.text_ar.data, form.text_fr.data),
        words_of(form.reason_ar.data, form.reason_fr.data),
        bool(form.changed.data),
        row_version=form.row_version.data,
    )
    keep_reply(form, location)
    db.session.commit()
    flash(_("The draft is saved. A second person of the committee reads it before it counts."), "ok")
    return pages.see(location)


@bp.get(f"{DESK}/responses/contributions/<ref:ref>")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def answer_text(place: Place) -> Response:
    """Show one contribution and the answer to it alone."""
    found = _point(place)
    response = queries.response_on(ids_of(place)[0], found.consultation_id, contribution_id=found.id)
    return _text_page(place, found, response, ResponseForm(formdata=None, data=response_data(response)))


def _point(place: Place) -> Point:
    here, plan_id = ids_of(place)
    return queries.point(here, plan_id, contributions.typed_ref(address_part("ref"))) or abort(404)


def _text_page(
    place: Place, found: Point, response: ResponseView | None, form: ResponseForm, status: int = 200
) -> Response:
    return answer_page(
        "responses/text.html",
        place,
        "desk",
        response,
        form,
        status=status,
        text=pieces.text_piece(found, place),
        assess_url=pieces.address(place, "assess", ref=found.ref) if found.title else None,
        back_url=pieces.address(place, "desk", round=str(found.consultation_id)),
    )


@bp.post(f"{DESK}/responses/contributions/<ref:ref>")
@guard(Act.RESPONSE_WRITE, plan_place)
def write_text(place: Place) -> Response:
    """Write the answer to one contribution."""
    found = _point(place)
    here, _plan_id = ids_of(place)

    def again(form: ResponseForm, status: int) -> Response:
        response = queries.response_on(here, found.consultation_id, contribution_id=found.id)
        return _text_page(place, found, response, form, status)

    subject = Subject(here, found.consultation_id, contribution_id=found.id)
    return write_answer(subject, again, pieces.address(place, "answer_text", ref=found.ref))
