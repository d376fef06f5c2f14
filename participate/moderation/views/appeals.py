"""A moderator's decisions, and the appeals of authors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participate.db import db
from participate.moderation import actions, forms, notices, queries
from participate.moderation.views.blueprint import DESK, appeal_place, bp, case_place, collectivity_of, space
from participate.moderation.views.desk import address, desk_around, list_keys
from participate.moderation.views.shown import (
    author_name,
    history_row,
    marked,
    span,
    subject_line,
    typed_lang,
)
from participate.rules.moderation import (
    AppealFacts,
    AppealOutcome,
    AppealRefusal,
    Authorship,
    Decision,
    Hand,
    appeal_refusals,
    may_undo,
    rewriting_deadline,
)
from participate.rules.outcomes import PublishState
from participate.rules.policy import Act, Place
from participate.web import i18n, labels, pages
from participate.web.access import actor, guard, now
from participate.web.forms import first_reply, keep_reply, restored


@bp.get(f"{DESK}/mine/")
@guard(Act.CASE_READ, space)
def mine(place: Place) -> Response:
    """Show the moderator's own decisions."""
    rows, more = queries.my_decisions(
        actor().person_id or 0, collectivity_of(place), request.args.get("after")
    )
    at = now()
    return pages.page(
        "moderation/mine.html",
        title=_("My decisions"),
        rows=[
            {
                **history_row(one),
                "where": {
                    "label": one.contribution_ref,
                    "url": address(place, "case", ref=one.contribution_ref),
                },
                "undo_url": address(place, "undo", ref=one.ref)
                if one.undone_at is None and may_undo(one.decided_at, at)
                else None,
            }
            for one in rows
        ],
        next_url=address(place, "mine", after=more) if more else None,
        **desk_around(place, queries.counts(collectivity_of(place), at), "mine"),
    )


@bp.get(f"{DESK}/appeals/")
@guard(Act.CASE_READ, space)
def appeals(place: Place) -> Response:
    """Show the open appeals, oldest first."""
    rows, more = queries.appeals(actor(), collectivity_of(place), after=request.args.get("after"))
    at = now()
    numbers = queries.counts(collectivity_of(place), at)
    return pages.page(
        "moderation/appeals.html",
        title=ngettext("%(num)d open appeal", "%(num)d open appeals", numbers.appeals),
        rows=[_appeal(one, place, at) for one in rows],
        next_url=address(place, "appeals", after=more) if more else None,
        **desk_around(place, numbers, "appeals", keys=list_keys() if rows else None),
    )


def _appeal(one: queries.AppealRow, place: Place, at: datetime) -> dict[str, Any]:
    late = one.due_at < at
    return {
        "ref": one.decision.ref,
        "contribution_ref": one.contribution_ref,
        "url": address(place, "answer", ref=one.decision.ref),
        "action": labels.decision(one.decision.decision),
        "reason": notices.reason_line(one.decision.reason),
        "text": one.text,
        "lang": one.lang,
        "late": late,
        "due_text": _("late by %(time)s", time=span(at - one.due_at))
        if late
        else _("%(time)s left", time=i18n.until(one.due_at, at)),
        "by_me": one.by_me,
        "filed_at": one.filed_at,
    }


@bp.get(f"{DESK}/appeals/<ref:ref>")
@guard(Act.CASE_READ, appeal_place)
def answer(place: Place) -> Response:
    """Show an appeal with the first decision, and the form of the answer to whoever may give it."""
    return _answer_page(place, forms.AnswerForm(formdata=None))


def _answer_page(place: Place, form: forms.AnswerForm, status: int = 200) -> Response:
    pages.needs_csrf()
    rows, _more = queries.appeals(actor(), collectivity_of(place), appeal_id=place.ids["appeal"])
    found = queries.case(actor(), collectivity_of(place), place.ids["contribution"])
    if not rows or found is None:
        abort(404)
    asked = rows[0]
    form.about(asked.decision.decision)
    return pages.page(
        "moderation/answer.html",
        status=status,
        title=_("Appeal against decision %(ref)s", ref=asked.decision.ref),
        asked=_appeal(asked, place, now()),
        state=asked.state,
        outcome=labels.appeal_outcome(AppealOutcome(asked.state)) if asked.state != "open" else None,
        explanation=asked.explanation,
        facts=asked.decision.facts,
        facts_lang=asked.decision.lang,
        text=marked(found.row.body, found.row.lang),
        masked=[(one.redacted, found.row.lang) for one in found.fields if one.redacted],
        author=author_name(found.row.author),
        about=subject_line(found.row.subject),
        form=form,
        back_url=address(place, "appeals"),
        **desk_around(place, queries.counts(collectivity_of(place), now()), "appeals"),
    )


@bp.post(f"{DESK}/appeals/<ref:ref>")
@guard(Act.APPEAL_DECIDE, appeal_place)
def answer_post(place: Place) -> Response:
    """Answer an appeal as another person."""
    form = forms.AnswerForm()
    if reply := first_reply(form):
        return pages.see(reply.location)
    if not form.validate():
        return _answer_page(place, form, 422)
    actions.decide_appeal(
        actor(),
        place.ids["appeal"],
        AppealOutcome(form.outcome.data),
        form.explanation.data or "",
        typed_lang(form.explanation.data),
    )
    flash(_("The author is told what you answered."), "ok")
    location = address(place, "appeals")
    keep_reply(form, location)
    db.session.commit()
    return pages.see(location)


@bp.route("/<slug:slug>/c/<ref:ref>/appeal", methods=["GET", "POST"])
@guard(Act.APPEAL_FILE, case_place)
def appeal(place: Place) -> Response:
    """Let an author ask somebody else to look again, once for each decision, in time.

    Without `decision` in the address it is about the last one; earlier ones have links of their own.
    """
    pages.needs_csrf()
    every = queries.appealables(collectivity_of(place), place.ids["contribution"], now())
    wanted = request.args.get("decision")
    found = next((one for one in every if wanted in (None, one.decision.ref)), None)
    if found is None and wanted is not None:
        abort(404)
    ref = (request.view_args or {})["ref"]
    back = f"/{i18n.lang()}/{place.slug}/c/{ref}"
    form = restored(forms.AppealForm)
    status = 200
    refusals = _appeal_refusals(found)
    if request.method == "POST" and found is not None:
        if reply := first_reply(form):
            return pages.see(reply.location)
        status = 422
        if form.validate():
            actions.appeal(actor(), found.decision.id, form.text.data, typed_lang(form.text.data))
            location = url_for("moderation.appeal", slug=place.slug, ref=ref, decision=wanted)
            keep_reply(form, location)
            db.session.commit()
            return pages.see(location)
    return pages.page(
        "moderation/appeal.html",
        status=status,
        form=form,
        ref=ref,
        found=found,
        notice=_own_notice(found) if found else None,
        refused=[appeal_words(one) for one in refusals if one is not AppealRefusal.ALREADY_APPEALED],
        asked=found.appeal if found else None,
        outcome=labels.appeal_outcome(found.decision.appeal_outcome) if found and found.appeal else None,
        back_url=back,
        others=[_other(one, place, ref) for one in every if one is not found],
        earlier=bool(found) and found is not every[0],
    )


def _other(one: queries.Appealable, place: Place, ref: str) -> dict[str, Any]:
    may = not _appeal_refusals(one)
    return {
        "label": _(
            "%(decision)s, %(day)s",
            decision=labels.decision(one.decision.decision),
            day=i18n.day(one.notified_at),
        ),
        "url": url_for("moderation.appeal", slug=place.slug, ref=ref, decision=one.decision.ref),
        "state": _("you can appeal until %(moment)s", moment=i18n.moment(one.deadline))
        if may
        else labels.appeal_outcome(one.decision.appeal_outcome)
        if one.decision.appeal_outcome
        else _("the time to appeal is over"),
    }


def _appeal_refusals(found: queries.Appealable | None) -> tuple[AppealRefusal, ...]:
    if found is None:
        return (AppealRefusal.NOTHING_TO_APPEAL,)
    mine = str(actor().person_id)
    return appeal_refusals(
        AppealFacts(found.decision.decision, found.notified_at, found.closes_at, found.appeal is not None),
        Hand(mine),
        # The guard has already let only the author through.
        Authorship(mine),
        now(),
    )


def appeal_words(refusal: AppealRefusal) -> str:
    """Return the sentence for a refused appeal."""
    return {
        AppealRefusal.NOT_THE_AUTHOR: _("Only the person who wrote this can do that."),
        AppealRefusal.NOTHING_TO_APPEAL: _(
            "No decision was taken against this text: there is nothing to appeal."
        ),
        AppealRefusal.ALREADY_APPEALED: _("You have already appealed against this decision."),
        AppealRefusal.TOO_LATE: _("The time to appeal against this decision is over."),
    }[refusal]


def _own_notice(found: queries.Appealable) -> notices.Notice:
    made = found.decision
    return notices.notice(
        notices.Told(
            made.contribution_ref,
            made.decision,
            made.reason,
            made.facts,
            made.article,
            rewrite_until=rewriting_deadline(made.decided_at)
            if made.decision is Decision.RETURN and made.contribution_state is PublishState.RETURNED
            else None,
            appeal_until=found.deadline if found.appeal is None else None,
            by_due_action=made.decided_by is None,
        )
    )
