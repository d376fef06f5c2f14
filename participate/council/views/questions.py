"""The questions of councillors, for the officers who answer them."""

from __future__ import annotations

from typing import Any

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.council import actions, queries
from participate.council.forms import AnswerForm
from participate.council.views.around import around_page
from participate.council.views.blueprint import desk, here, keys
from participate.db import db
from participate.plans.queries import plan_place
from participate.rules.policy import Act, Place
from participate.web import pages
from participate.web.access import actor, allowed, guard
from participate.web.forms import first_reply, keep_reply


@desk.get("/questions/")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def questions(place: Place) -> Any:
    """Show the questions that wait, and those that were answered."""
    found = queries.questions_of(*keys(place))
    return around_page(
        "council/questions.html",
        place,
        waiting=[one for one in found if one.answer is None],
        answered=[one for one in found if one.answer is not None],
        may_answer=allowed(Act.QUESTION_ANSWER, place),
    )


def _question(place: Place) -> queries.QuestionView:
    number = (request.view_args or {})["number"]
    found = next((one for one in queries.questions_of(*keys(place)) if one.number == number), None)
    if found is None:
        raise NotFound
    if found.answer is not None:
        raise actions.AnsweredError(number)
    return found


@desk.get("/questions/<int(max=99999):number>")
@guard(Act.QUESTION_ANSWER, plan_place)
def answer_form(place: Place) -> Any:
    """Show the form of an answer."""
    return around_page("council/answer.html", place, question=_question(place), form=AnswerForm())


@desk.post("/questions/<int(max=99999):number>")
@guard(Act.QUESTION_ANSWER, plan_place)
def answer(place: Place) -> Any:
    """Answer a question: both are attached to the sealed dossier."""
    form = AnswerForm()
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    question = _question(place)
    if not form.validate():
        return around_page("council/answer.html", place, 422, question=question, form=form)
    actions.answer(actor(), place, question.number, form.text.data or "")
    location = here("council_desk.questions", place)
    keep_reply(form, location)
    db.session.commit()
    flash(
        _("Answered. The question and the answer are attached to the dossier, and the councillor is told."),
        "ok",
    )
    return pages.see(location)
