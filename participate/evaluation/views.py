"""Pages of the evaluation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, url_for
from flask_babel import gettext as _

from participate.db import Words, db
from participate.evaluation import actions, queries
from participate.evaluation.forms import EvaluationForm
from participate.plans.queries import plan_place
from participate.rules.policy import Act, Place
from participate.web import errors, pages
from participate.web.access import actor, allowed, guard
from participate.web.forms import first_reply, keep_reply

bp = Blueprint("evaluation", __name__, url_prefix="/<lang:lang>/<slug:slug>/plans/<cycle:cycle>")
desk = Blueprint("evaluation_desk", __name__, url_prefix="/<lang:lang>/desk/<slug:slug>/plan/<cycle:cycle>")
blueprints = (bp, desk)


def init_app(_app: Any) -> None:
    """Say what this room's refusals mean."""
    errors.explain(
        actions.AlreadyEvaluatedError,
        lambda _error: errors.Trouble(
            409,
            _("This plan already has its evaluation"),
            _("It is public and cannot be edited; a correction is published beside it."),
        ),
    )


def scores() -> list[tuple[str, str]]:
    """Return the four scores in words (OGP completion scale)."""
    return [
        ("1", _("1: no evidence")),
        ("2", _("2: limited")),
        ("3", _("3: substantial")),
        ("4", _("4: complete")),
    ]


@bp.get("/evaluation/")
@guard(Act.PUBLIC_READ, plan_place)
def show(place: Place) -> Any:
    """Show the joint evaluation, or what will be evaluated and when."""
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    return pages.page(
        "evaluation/show.html",
        evaluation=queries.evaluation_of(place.collectivity_id, place.plan_id),
        scores=dict(scores()),
        may_record=allowed(Act.EVALUATION_RECORD, place),
        place=place,
    )


@desk.get("/evaluation")
@guard(Act.EVALUATION_RECORD, plan_place)
def form(place: Place) -> Any:
    """Show the form."""
    return _page(place, EvaluationForm())


@desk.post("/evaluation")
@guard(Act.EVALUATION_RECORD, plan_place)
def record(place: Place) -> Any:
    """Record the evaluation."""
    sent = EvaluationForm()
    _offer(sent)
    if not sent.validate_on_submit():
        return _page(place, sent, 422)
    reply = first_reply(sent)
    if reply:
        return pages.see(reply.location)
    held_on = sent.held_on.data
    assert held_on is not None
    criteria = []
    for entry in sent.criteria:
        question = _words(entry.question_ar.data, entry.question_fr.data)
        if question and not entry.score.data:
            entry.form.score.errors = [_("Give a score to this question.")]
            sent.form_errors.append(_("Give a score to each question you wrote."))
            return _page(place, sent, 422)
        if question:
            criteria.append(
                actions.Criterion(
                    question, int(entry.score.data), _words(entry.comment_ar.data, entry.comment_fr.data)
                )
            )
    try:
        actions.record_evaluation(
            actor(),
            place,
            held_on=held_on,
            lessons=_words(sent.lessons_ar.data, sent.lessons_fr.data),
            criteria=criteria,
        )
    except actions.NoCriterionError:
        db.session.rollback()
        sent.criteria[0].form.question_ar.errors = [_("Write at least one question.")]
        sent.form_errors.append(_("Write at least one question."))
        return _page(place, sent, 422)
    location = url_for("evaluation.show", slug=place.slug, cycle=place.cycle)
    keep_reply(sent, location)
    db.session.commit()
    flash(_("The evaluation is public."), "ok")
    return pages.see(location)


def _words(arabic: str | None, french: str | None) -> Words:
    return {lang: text for lang, text in (("ar", arabic), ("fr", french)) if text}


def _offer(sent: EvaluationForm) -> None:
    for entry in sent.criteria:
        entry.form.score.choices = scores()


def _page(place: Place, sent: EvaluationForm, status: int = 200) -> Any:
    _offer(sent)
    return pages.page("evaluation/form.html", status=status, form=sent, place=place)
