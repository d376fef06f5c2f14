"""The plans of a collectivity: beginning one, its settings."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from participate.db import db
from participate.plans import actions, queries
from participate.plans.forms import PlanForm, words_of
from participate.plans.views.around import desk_page, row_version
from participate.plans.views.blueprint import desk, here, keys
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import actor, allowed, guard
from participate.web.forms import first_reply, keep_reply


@desk.get("/plans/")
@guard(Act.DESK_ENTER, queries.collectivity_place)
def plans(place: Place) -> Any:
    """List the plans of a collectivity."""
    assert place.collectivity_id is not None
    return pages.page(
        "plans/plans.html",
        place=place,
        plans=queries.plans_of(place.collectivity_id),
        labels=labels,
        may_create=allowed(Act.PLAN_CREATE, place),
    )


@desk.get("/plans/new")
@guard(Act.PLAN_CREATE, queries.collectivity_place)
def new_plan(place: Place) -> Any:
    """Show the form of a new plan."""
    return pages.page("plans/plan_form.html", place=place, form=PlanForm(), new=True)


@desk.post("/plans/new")
@guard(Act.PLAN_CREATE, queries.collectivity_place)
def create_plan(place: Place) -> Any:
    """Begin a plan."""
    assert place.collectivity_id is not None
    form = PlanForm()
    if not form.validate_on_submit():
        return pages.page("plans/plan_form.html", status=422, place=place, form=form, new=True)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    starts_on, ends_on = form.starts_on.data, form.ends_on.data
    assert starts_on is not None
    assert ends_on is not None
    cycle = form.cycle.data or ""
    try:
        actions.create_plan(
            actor(),
            place.collectivity_id,
            cycle,
            words_of(form, "title"),
            words_of(form, "summary"),
            starts_on,
            ends_on,
        )
    except actions.PlanExistsError:
        db.session.rollback()
        form.cycle.errors = [_("This collectivity already has a plan for these two years.")]
        return pages.page("plans/plan_form.html", status=422, place=place, form=form, new=True)
    location = url_for("plans_desk.overview", slug=place.slug, cycle=cycle)
    keep_reply(form, location)
    db.session.commit()
    flash(_("The plan exists. Begin with its axes, then add projects."), "ok")
    return pages.see(location)


@desk.get("/plan/<cycle:cycle>/settings")
@guard(Act.PLAN_READ_WORKING, queries.plan_place)
def settings(place: Place) -> Any:
    """Show the name, summary and days of a plan."""
    plan = queries.plan_head(*keys(place))
    data: dict[str, Any] = {"cycle": plan.cycle, "starts_on": plan.starts_on, "ends_on": plan.ends_on}
    for lang in ("ar", "fr"):
        data |= {f"title_{lang}": plan.title.get(lang, ""), f"summary_{lang}": plan.summary.get(lang, "")}
    return desk_page("plans/settings.html", place, "settings", form=PlanForm(data=data))


@desk.post("/plan/<cycle:cycle>/settings")
@guard(Act.PLAN_EDIT, queries.plan_place)
def save_settings(place: Place) -> Any:
    """Change the name, summary or days of a plan."""
    form = PlanForm()
    if not form.validate_on_submit():
        return desk_page("plans/settings.html", place, "settings", 422, form=form)
    plan = queries.plan_head(*keys(place))
    starts_on, ends_on = form.starts_on.data, form.ends_on.data
    assert starts_on is not None
    assert ends_on is not None
    actions.save_plan(
        actor(),
        *keys(place),
        row_version(request.form.get("row_version")),
        title={**plan.title, **words_of(form, "title")},
        summary={**plan.summary, **words_of(form, "summary")},
        starts_on=starts_on,
        ends_on=ends_on,
    )
    db.session.commit()
    flash(_("Saved."), "ok")
    return pages.see(here("plans_desk.overview", place))
