"""Deciding on a case: a decision, its undoing, a removal, a suspension."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, request
from flask_babel import gettext as _

from participate.db import db
from participate.moderation import actions, forms, queries
from participate.moderation.views.blueprint import DESK, bp, case_place, collectivity_of, decision_place
from participate.moderation.views.case import case_page
from participate.moderation.views.desk import address
from participate.moderation.views.shown import author_name, marked, typed_lang
from participate.rules.moderation import Decision, DecisionRefusal, DecisionRefusedError
from participate.rules.outcomes import Section
from participate.rules.policy import Act, Place
from participate.web import pages
from participate.web.access import actor, guard, now
from participate.web.forms import first_reply, keep_reply


@bp.post(f"{DESK}/<ref:ref>")
@guard(Act.CASE_DECIDE, case_place)
def decide(place: Place) -> Response:
    """Take the decision and go on to the next text."""
    form = forms.DecisionForm()
    view = forms.view_of(form.view.data)
    if reply := first_reply(form):
        return pages.see(reply.location)
    if not form.validate():
        return case_page(place, form, view, 422)
    try:
        _act(place, form)
    except DecisionRefusedError as error:
        db.session.rollback()
        form.blame(_at_field(form, error.refusals))
        return case_page(place, form, view, 422)
    except (actions.NothingMaskedError, actions.UnknownTargetError) as error:
        db.session.rollback()
        _blame_target(form, error)
        return case_page(place, form, view, 422)
    following = queries.next_case(actor(), collectivity_of(place), view, now())
    location = (
        address(place, "case", ref=following, view=view.value)
        if following
        else address(place, "queue", view=view.value)
    )
    keep_reply(form, location)
    db.session.commit()
    return pages.see(location)


def _act(place: Place, form: forms.DecisionForm) -> None:
    chosen = form.chosen
    shared: dict[str, Any] = {
        "article": form.article.data or "",
        "lang": typed_lang(form.facts.data),
        "source": "authority" if form.by_authority.data else None,
        "seen": form.row_version.data,
    }
    contribution_id = place.ids["contribution"]
    facts = form.facts.data or ""
    if chosen is Decision.REMOVE:
        actions.ask_removal(actor(), place, contribution_id, form.reason_code, facts, **shared)
        flash(_("A colleague has been asked to confirm the removal."), "info")
        return
    actions.decide(
        actor(),
        place,
        contribution_id,
        chosen,
        form.reason_code if chosen is not Decision.PUBLISH else None,
        facts,
        redacted=form.masked if chosen is Decision.PUBLISH_REDACTED else None,
        merged_into=_merge_target(place, form) if chosen is Decision.MERGE else None,
        moved_to=_destination(form.target.data) if chosen is Decision.MOVE else None,
        **shared,
    )


def _at_field(form: forms.DecisionForm, refusals: tuple[DecisionRefusal, ...]) -> list[DecisionRefusal]:
    """Put a missing target beside the field of its own decision."""
    if DecisionRefusal.TARGET_MISSING in refusals and form.chosen is Decision.MERGE:
        form.merge_ref.errors = [*form.merge_ref.errors, _("Give the reference of the text that stays.")]
        return [one for one in refusals if one is not DecisionRefusal.TARGET_MISSING]
    return list(refusals)


def _merge_target(place: Place, form: forms.DecisionForm) -> int | None:
    if not form.merge_ref.data:
        return None
    found = queries.contribution_id_of(collectivity_of(place), form.merge_ref.data)
    if found is None:
        raise actions.UnknownTargetError("contribution", form.merge_ref.data)
    return found


def _destination(value: str | None) -> actions.Destination | None:
    first, _colon, second = (value or "").partition(":")
    if first == "axis" and second.isascii() and second.isdigit():
        return actions.Destination(axis_id=min(int(second), (1 << 63) - 1))
    if first.isascii() and first.isdigit() and second in set(Section):
        return actions.Destination(project_id=min(int(first), (1 << 63) - 1), section=Section(second))
    return None


def _blame_target(form: forms.DecisionForm, error: Exception) -> None:
    if isinstance(error, actions.NothingMaskedError):
        words = _("Replace what must not be read by […] and change nothing else.")
        for name in forms.MASKABLE:
            field = form._fields[f"masked_{name}"]
            if field.data:
                field.errors = [*field.errors, words]
                return
        form.form_errors.append(words)
    elif form.chosen is Decision.MERGE:
        form.merge_ref.errors = [
            *form.merge_ref.errors,
            _("This must be another public text of the same kind and plan."),
        ]
    else:
        form.target.errors = [*form.target.errors, _("The text cannot be moved there.")]


@bp.post(f"{DESK}/decisions/<ref:ref>/undo")
@guard(Act.DECISION_UNDO, decision_place)
def undo(place: Place) -> Response:
    """Take a decision back, with those of the same bulk."""
    form = forms.PlainForm()
    if reply := first_reply(form):
        return pages.see(reply.location)
    taken_back = actions.undo(actor(), place.ids["decision"])
    flash(_("Taken back. The author hears nothing of it."), "ok")
    refs = queries.decision(collectivity_of(place), taken_back[0].id)
    location = (
        address(place, "case", ref=refs.contribution_ref)
        if refs and len(taken_back) == 1
        else address(place, "queue")
    )
    keep_reply(form, location)
    db.session.commit()
    return pages.see(location)


@bp.post(f"{DESK}/<ref:ref>/removal")
@guard(Act.CASE_DECIDE, case_place)
def removal(place: Place) -> Response:
    """Confirm or refuse a removal as the second moderator, or take one's own request back."""
    found = queries.case(actor(), collectivity_of(place), place.ids["contribution"]) or abort(404)
    location = address(place, "case", ref=found.row.ref)
    if found.removal is None:
        return pages.see(location)
    if request.form.get("answer") == "confirm":
        actions.confirm_removal(actor(), place, found.removal.id)
        flash(_("Removed by two moderators. The author is told why."), "ok")
    else:
        actions.decline_removal(actor(), place, found.removal.id)
        flash(_("The text is not removed."), "info")
    db.session.commit()
    return pages.see(location)


@bp.route(f"{DESK}/<ref:ref>/suspend", methods=["GET", "POST"])
@guard(Act.PERSON_SUSPEND, case_place)
def suspend(place: Place) -> Response:
    """Suspend the account of an author, with a reason that they are told."""
    found = queries.case(actor(), collectivity_of(place), place.ids["contribution"]) or abort(404)
    pages.needs_csrf()
    form = forms.SuspendForm()
    location = address(place, "case", ref=found.row.ref)
    status = 200
    if request.method == "POST":
        if reply := first_reply(form):
            return pages.see(reply.location)
        status = 422
        if form.validate():
            try:
                actions.decide(
                    actor(),
                    place,
                    found.row.id,
                    Decision.SUSPEND,
                    form.reason_code,
                    form.facts.data or "",
                    lang=typed_lang(form.facts.data),
                )
            except DecisionRefusedError as error:
                db.session.rollback()
                form.blame(error.refusals)
            else:
                keep_reply(form, location)
                db.session.commit()
                return pages.see(location)
    return pages.page(
        "moderation/suspend.html",
        status=status,
        form=form,
        author=author_name(found.row.author),
        text=marked(found.row.body, found.row.lang),
        back_url=location,
    )
