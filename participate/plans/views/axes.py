"""Axes."""

from __future__ import annotations

from typing import Any

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.db import db
from participate.plans import actions, queries
from participate.plans.forms import AxisForm, words_of
from participate.plans.queries import LANGS
from participate.plans.views.around import desk_page
from participate.plans.views.blueprint import desk, here, keys
from participate.rules.policy import Act, Place
from participate.web import pages
from participate.web.access import actor, guard
from participate.web.forms import first_reply, keep_reply


@desk.get("/plan/<cycle:cycle>/axes/")
@guard(Act.PLAN_READ_WORKING, queries.plan_place)
def axes(place: Place) -> Any:
    """List the axes of a plan."""
    counts: dict[int, int] = {}
    for working in queries.working_projects(*keys(place)):
        if not working.removed:
            counts[working.axis.id] = counts.get(working.axis.id, 0) + 1
    return desk_page("plans/axes.html", place, "axes", axes=queries.axes(*keys(place)), counts=counts)


def _axis_form(place: Place, axis_id: int | None) -> AxisForm:
    if request.method == "POST" or axis_id is None:
        return AxisForm()
    axis = next((one for one in queries.axes(*keys(place)) if one.id == axis_id), None)
    if axis is None:
        raise NotFound
    data = {"slug": axis.slug}
    for lang in LANGS:
        data |= {
            f"title_{lang}": axis.title.get(lang, ""),
            f"description_{lang}": axis.description.get(lang, ""),
        }
    return AxisForm(data=data)


def _axis_id() -> int | None:
    found = (request.view_args or {}).get("axis_id")
    return int(found) if found is not None else None


@desk.get("/plan/<cycle:cycle>/axes/new")
@guard(Act.PLAN_EDIT, queries.plan_place)
def new_axis(place: Place) -> Any:
    """Show the form of a new axis."""
    return desk_page("plans/axis.html", place, "axes", form=_axis_form(place, None), new=True)


@desk.post("/plan/<cycle:cycle>/axes/new")
@guard(Act.PLAN_EDIT, queries.plan_place)
def create_axis(place: Place) -> Any:
    """Add an axis."""
    return _save_axis(place)


@desk.get("/plan/<cycle:cycle>/axes/<int(max=9223372036854775807):axis_id>")
@guard(Act.PLAN_EDIT, queries.plan_place)
def axis(place: Place) -> Any:
    """Show the form of an axis."""
    return desk_page("plans/axis.html", place, "axes", form=_axis_form(place, _axis_id()), new=False)


@desk.post("/plan/<cycle:cycle>/axes/<int(max=9223372036854775807):axis_id>")
@guard(Act.PLAN_EDIT, queries.plan_place)
def save_axis(place: Place) -> Any:
    """Change an axis, or take it away."""
    if "remove" in request.form:
        actions.remove_axis(actor(), *keys(place), axis_id=_axis_id() or 0)
        db.session.commit()
        flash(_("The axis is gone."), "ok")
        return pages.see(here("plans_desk.axes", place))
    return _save_axis(place)


def _save_axis(place: Place) -> Any:
    axis_id = _axis_id()
    form = _axis_form(place, axis_id)
    if not form.validate_on_submit():
        return desk_page("plans/axis.html", place, "axes", 422, form=form, new=axis_id is None)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    known = {one.id: one for one in queries.axes(*keys(place))}
    if axis_id is not None and axis_id not in known:
        raise NotFound
    try:
        actions.save_axis(
            actor(),
            *keys(place),
            slug=form.slug.data or "",
            title=words_of(form, "title"),
            description=words_of(form, "description"),
            axis_id=axis_id,
            position=known[axis_id].position if axis_id is not None else None,
        )
    except actions.AxisExistsError:
        db.session.rollback()
        form.slug.errors = [_("Another axis of this plan has this short name.")]
        return desk_page("plans/axis.html", place, "axes", 422, form=form, new=axis_id is None)
    location = here("plans_desk.axes", place)
    keep_reply(form, location)
    db.session.commit()
    flash(_("Saved."), "ok")
    return pages.see(location)
