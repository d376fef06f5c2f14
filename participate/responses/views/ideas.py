"""The desk for ideas: what becomes of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from flask import Response, abort, flash, request
from flask_babel import gettext as _
from flask_babel import ngettext

from participate.contributions import queries as contributions
from participate.db import db
from participate.plans import queries as plans
from participate.plans.queries import plan_place
from participate.responses import actions, pieces, queries
from participate.responses.forms import BulkFateForm, FateForm, picked
from participate.responses.views.around import address_part, desk_page, ids_of, project_id_of, projects_of
from participate.responses.views.blueprint import DESK, bp
from participate.rules.outcomes import FATES_NEEDING_REASON, Fate
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import actor, allowed, guard
from participate.web.forms import Form, first_reply, keep_reply
from participate.web.i18n import plain

FATE_KEYS = {
    Fate.RETAINED: "r",
    Fate.MERGED: "m",
    Fate.DEFERRED: "d",
    Fate.DECLINED: "n",
    Fate.OUTSIDE_COMPETENCE: "o",
}


def _ideas_view() -> dict[str, str]:
    """Return the filters of the board as they stand in the address."""
    return {key: request.args[key] for key in ("axis", "fate") if request.args.get(key)}


@bp.get(f"{DESK}/ideas/")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def ideas(place: Place) -> Response:
    """Show the ideas of the round, those without a decision first."""
    form = BulkFateForm(formdata=None)
    form.offer(projects_of(place))
    return _ideas_page(place, form, _ideas_view())


def _ideas_page(place: Place, form: BulkFateForm, view: Mapping[str, str], status: int = 200) -> Response:
    here, plan_id = ids_of(place)
    axes = plans.axes(here, plan_id)
    axis = next((one for one in axes if one.slug == view.get("axis")), None)
    wanted = next((one for one in Fate if one.value == view.get("fate")), None)
    undecided = view.get("fate") == "none"
    found = queries.ideas(
        here,
        plan_id,
        axis=axis.slug if axis else None,
        fate=wanted,
        undecided=undecided,
        after=request.args.get("after"),
    )
    counts = queries.idea_counts(here, plan_id)
    form.view.data = "&".join(f"{key}={value}" for key, value in view.items())
    may = allowed(Act.IDEA_ASSESS, place)

    def link(**chosen: str | None) -> str:
        return pieces.address(place, "ideas", **{**view, **chosen})

    return desk_page(
        "responses/ideas.html",
        place,
        "ideas",
        status=status,
        rows=[
            pieces.row_piece(
                one.point,
                pieces.address(place, "assess", ref=one.point.ref, axis=axis.slug if axis else None),
                pick="bulk" if may else None,
                why=pieces.fate_words(one),
            )
            for one in found.rows
        ],
        next_url=link(after=found.after) if found.after else None,
        states=[
            {
                "label": _("All"),
                "url": link(fate=None),
                "count": sum(counts.values()),
                "current": not view.get("fate"),
            },
            {
                "label": _("Without a decision"),
                "url": link(fate="none"),
                "count": counts.get(None, 0),
                "current": undecided,
            },
            *(
                {
                    "label": labels.fate(one),
                    "url": link(fate=one.value),
                    "count": counts.get(one, 0),
                    "current": one is wanted,
                }
                for one in Fate
            ),
        ],
        axes=[
            {"label": _("All axes"), "url": link(axis=None), "current": axis is None},
            *(
                {"label": plain(one.title), "url": link(axis=one.slug), "current": one == axis}
                for one in axes
            ),
        ],
        filtered=bool(view),
        form=form,
        may=may,
        action=pieces.address(place, "ideas_bulk"),
        choices=_fate_choices(form, keys=False),
        needs_reason=[one.value for one in FATES_NEEDING_REASON],
        key_help=[("J", _("next")), ("K", _("previous")), ("X", _("tick"))],
    )


def _fate_choices(form: Form, *, keys: bool = True) -> list[dict[str, Any]]:
    return [
        {
            "value": one.value,
            "label": labels.fate(one),
            "key": FATE_KEYS[one] if keys else None,
            "checked": form["fate"].data == one.value,
        }
        for one in Fate
    ]


@bp.post(f"{DESK}/ideas/")
@guard(Act.IDEA_ASSESS, plan_place)
def ideas_bulk(place: Place) -> Response:
    """Take one decision on all the ideas ticked."""
    form = BulkFateForm()
    form.offer(projects_of(place))
    picks = picked(request.form.getlist("pick"))
    valid = form.validate_on_submit()
    view = {key: value for key, value in parse_qsl(form.view.data or "") if key in ("axis", "fate")}
    if not valid or not picks:
        if not picks:
            form.form_errors.append(_("Tick at least one idea first."))
        return _ideas_page(place, form, view, 422)
    if reply := first_reply(form):
        return pages.see(reply.location)
    target = _merged_into(place, form)
    if form.errors:
        return _ideas_page(place, form, view, 422)
    project_id = project_id_of(place, form.number)
    left = 0
    for one in picks:
        try:
            actions.assess_idea(
                actor(),
                ids_of(place)[0],
                one,
                form.chosen,
                reason=form.reason,
                project_id=project_id,
                merged_into=target,
            )
        except (actions.NotAnswerableError, actions.NoSuchThingError, actions.MergedWithItselfError):
            left += 1
    location = pieces.address(place, "ideas", **view)
    keep_reply(form, location)
    db.session.commit()
    if len(picks) > left:
        flash(
            ngettext(
                "%(num)d idea has its answer, public now.",
                "%(num)d ideas have their answer, public now.",
                len(picks) - left,
            ),
            "ok",
        )
    if left:
        flash(
            ngettext(
                "%(num)d idea was left as it was: open it to see why.",
                "%(num)d ideas were left as they were: open them to see why.",
                left,
            ),
            "warn",
        )
    return pages.see(location)


def _merged_into(place: Place, form: Any) -> int | None:
    """Return the key of the idea whose reference was typed; an unknown one is an error of the field."""
    typed = (form.merged_ref.data or "").strip()
    if form.chosen is not Fate.MERGED or not typed:
        return None
    here, plan_id = ids_of(place)
    found = queries.idea(here, plan_id, contributions.typed_ref(typed))
    if found is None:
        form.merged_ref.errors = [_("No public idea of this plan has this reference.")]
        return None
    return found.point.id


@bp.get(f"{DESK}/ideas/<ref:ref>")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def assess(place: Place) -> Response:
    """Show one idea and the form of the decision."""
    found = _idea(place)
    form = FateForm(formdata=None, data=_fate_data(found))
    form.offer(projects_of(place))
    return _assess_page(place, found, form)


def _idea(place: Place) -> queries.IdeaPoint:
    here, plan_id = ids_of(place)
    return queries.idea(here, plan_id, contributions.typed_ref(address_part("ref"))) or abort(404)


def _fate_data(found: queries.IdeaPoint) -> dict[str, Any]:
    if found.fate is None:
        return {"row_version": 0}
    return {
        "fate": found.fate.fate.value,
        "project": str(found.fate.project_number or ""),
        "merged_ref": found.fate.merged_ref or "",
        "reason_ar": found.fate.reason.get("ar", ""),
        "reason_fr": found.fate.reason.get("fr", ""),
        "row_version": found.fate.row_version,
    }


def _assess_page(place: Place, found: queries.IdeaPoint, form: FateForm, status: int = 200) -> Response:
    here, plan_id = ids_of(place)
    axis = request.values.get("axis") or None
    waiting = queries.ideas(here, plan_id, axis=axis, undecided=True).rows
    rows = [
        pieces.row_piece(
            one.point,
            pieces.address(place, "assess", ref=one.point.ref, axis=axis),
            why=pieces.fate_words(one),
        )
        for one in waiting
        if one.point.id != found.point.id
    ]
    rows.insert(
        next((n for n, one in enumerate(waiting) if one.point.id == found.point.id), 0),
        pieces.row_piece(
            replace(found.point),
            pieces.address(place, "assess", ref=found.point.ref, axis=axis),
            why=pieces.fate_words(found),
            current=True,
        ),
    )
    return desk_page(
        "responses/assess.html",
        place,
        "ideas",
        status=status,
        rows=rows,
        idea=pieces.text_piece(found.point, place),
        cosigners=found.cosigners,
        decided=found.fate,
        form=form,
        axis=axis,
        may=allowed(Act.IDEA_ASSESS, place),
        choices=_fate_choices(form),
        back_url=pieces.address(place, "ideas", axis=axis),
        answer_url=pieces.address(place, "answer_text", ref=found.point.ref),
        key_help=[("J", _("next")), ("K", _("previous")), ("R", _("retain")), ("N", _("not retain"))],
    )


@bp.post(f"{DESK}/ideas/<ref:ref>")
@guard(Act.IDEA_ASSESS, plan_place)
def assess_post(place: Place) -> Response:
    """Take the decision on one idea, then show the next without one."""
    found = _idea(place)
    form = FateForm()
    form.offer(projects_of(place))
    if not form.validate_on_submit():
        return _assess_page(place, found, form, 422)
    if reply := first_reply(form):
        return pages.see(reply.location)
    target = _merged_into(place, form)
    if form.errors:
        return _assess_page(place, found, form, 422)
    here, plan_id = ids_of(place)
    try:
        actions.assess_idea(
            actor(),
            here,
            found.point.id,
            form.chosen,
            reason=form.reason,
            project_id=project_id_of(place, form.number),
            merged_into=target,
            row_version=form.row_version.data,
        )
    except actions.MergedWithItselfError:
        db.session.rollback()
        form.merged_ref.errors = [_("An idea cannot be merged with itself, nor with one merged into it.")]
        return _assess_page(place, found, form, 422)
    axis = request.values.get("axis") or None
    following = queries.next_undecided(here, plan_id, axis)
    location = (
        pieces.address(place, "assess", ref=following, axis=axis)
        if following
        else pieces.address(place, "ideas", axis=axis)
    )
    keep_reply(form, location)
    db.session.commit()
    flash(_("The decision is public on the idea's page."), "ok")
    return pages.see(location)
