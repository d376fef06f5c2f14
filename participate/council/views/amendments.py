"""What the council rewrote."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.council import actions, queries
from participate.council.forms import amended, amendment_form
from participate.council.views.around import around_page, done_once
from participate.council.views.blueprint import desk, keys
from participate.db import db
from participate.plans.forms import MILESTONES_MAX, ProjectBase, data_of, rows_sent
from participate.plans.queries import WorkingProject, plan_place
from participate.plans.views import section_titles
from participate.rules.policy import Act, Place
from participate.web import pages
from participate.web.access import actor, guard
from participate.web.forms import first_reply


def _amended(place: Place) -> tuple[WorkingProject, queries.VoteView]:
    found = queries.amended_project(*keys(place), (request.view_args or {})["number"])
    if found is None:
        raise NotFound
    return found


def _amendment_page(
    place: Place, project: WorkingProject, vote: queries.VoteView, form: ProjectBase, status: int = 200
) -> Any:
    return around_page(
        "council/amendment.html",
        place,
        status,
        project=project,
        vote=vote,
        form=form,
        titles=section_titles(),
    )


@desk.get("/amendments/<int(max=99999):number>")
@guard(Act.SESSION_RECORD, plan_place)
def amendment(place: Place) -> Any:
    """Show the form of what the council made of a project it adopted with an amendment."""
    project, vote = _amended(place)
    rows = min(len(project.milestones) + 1, MILESTONES_MAX)
    return _amendment_page(place, project, vote, amendment_form(rows, data=data_of(project)))


@desk.post("/amendments/<int(max=99999):number>")
@guard(Act.SESSION_RECORD, plan_place)
def write_amendment(place: Place) -> Any:
    """Keep what the council rewrote: the adopted version takes it over."""
    project, vote = _amended(place)
    form = amendment_form(rows_sent(request.form))
    if not form.validate_on_submit() or not form.require_milestones(
        title=_("Write this milestone in Arabic."),
        dates=_("Give this milestone its two days."),
        order=_("The last day comes after the first."),
    ):
        return _amendment_page(place, project, vote, form, 422)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    try:
        actions.write_amendment(actor(), place, project.id, amended(form))
    except actions.NothingAmendedError:
        db.session.rollback()
        form.form_errors.append(
            _(
                "Nothing differs from what the council received. Change the text, the budget or the milestones."
            )
        )
        return _amendment_page(place, project, vote, form, 422)
    return done_once(form, place, _("The amended text is kept. The adopted version takes it over."))
