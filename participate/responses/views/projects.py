"""Answers to whole projects."""

from __future__ import annotations

from flask import Response, abort
from flask_babel import gettext as _
from flask_babel import ngettext

from participate.plans.queries import plan_place
from participate.responses import pieces, queries
from participate.responses.actions import Subject
from participate.responses.forms import ResponseForm
from participate.responses.queries import Round
from participate.responses.views.around import address_part, desk_page, ids_of
from participate.responses.views.blueprint import DESK, bp
from participate.responses.views.writing import answer_page, response_data, write_answer
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import guard
from participate.web.i18n import said


@bp.get(f"{DESK}/responses/projects/")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def projects(place: Place) -> Response:
    """List the projects under review with the state of their general answers."""
    review = _review(place)
    found = queries.projects(ids_of(place)[0], review.id) if review else ()
    return desk_page(
        "responses/projects.html",
        place,
        "projects",
        rows=[
            {
                "number": one.number,
                "title": said(one.title),
                "url": pieces.address(place, "answer_project", number=one.number),
                "texts": ngettext("%(num)d text", "%(num)d texts", one.texts),
                "liked": pieces.liked(one.agree, one.disagree),
                "state": labels.response_state(one.response.state) if one.response else _("no answer yet"),
                "state_kind": pieces.state_kind(one.response),
                "outcome": labels.outcome(one.response.outcome) if one.response else None,
            }
            for one in found
        ],
        closed=review.closed if review else False,
    )


def _review(place: Place) -> Round | None:
    found = [one for one in queries.rounds(*ids_of(place)) if one.kind.value == "draft_review"]
    return found[0] if found else None


def _project_point(place: Place) -> tuple[Round, queries.ProjectPoint]:
    review = _review(place) or abort(404)
    found = queries.projects(ids_of(place)[0], review.id)
    return review, next((one for one in found if one.number == address_part("number")), None) or abort(404)


@bp.get(f"{DESK}/responses/projects/<int(max=99999):number>")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def answer_project(place: Place) -> Response:
    """Show the general answer to what people think of a project."""
    review, found = _project_point(place)
    return _project_page(
        place, review, found, ResponseForm(formdata=None, data=response_data(found.response))
    )


def _project_page(
    place: Place, review: Round, found: queries.ProjectPoint, form: ResponseForm, status: int = 200
) -> Response:
    themes = [
        one for one in queries.themes(ids_of(place)[0], review.id) if one.project_number == found.number
    ]
    return answer_page(
        "responses/project.html",
        place,
        "projects",
        found.response,
        form,
        status=status,
        number=found.number,
        title=said(found.title),
        counts=ngettext("%(num)d text", "%(num)d texts", found.texts),
        liked=pieces.liked(found.agree, found.disagree),
        themes=[pieces.theme_piece(one, place) for one in themes],
        project_url=pages.home_of("project", slug=place.slug, cycle=place.cycle, number=found.number)
        if pages.has_home("project")
        else None,
        back_url=pieces.address(place, "projects"),
    )


@bp.post(f"{DESK}/responses/projects/<int(max=99999):number>")
@guard(Act.RESPONSE_WRITE, plan_place)
def write_project(place: Place) -> Response:
    """Write the general answer to a project."""
    review, found = _project_point(place)
    subject = Subject(ids_of(place)[0], review.id, project_id=found.id)
    return write_answer(
        subject,
        lambda form, status: _project_page(place, review, found, form, status),
        pieces.address(place, "answer_project", number=found.number),
    )
