"""The working copy: its overview and its projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, flash, request
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError

from participate.db import db
from participate.plans import actions, queries
from participate.plans.forms import (
    MILESTONE_FIELDS,
    ConfirmForm,
    NewProjectForm,
    ProjectBase,
    data_of,
    project_form,
    rows_sent,
    words_of,
)
from participate.plans.queries import TEXTS, WorkingProject
from participate.plans.views.around import desk_page, row_version, working_here
from participate.plans.views.blueprint import desk, here, keys
from participate.plans.views.clashes import conflict_page, resolved, texts_of
from participate.plans.views.words import field_labels, missing_words, saved_note, section_titles
from participate.rules.outcomes import ChangeCause, Principle
from participate.rules.policy import Act, Place
from participate.web import i18n, labels, pages
from participate.web.access import actor, allowed, guard
from participate.web.forms import first_reply, keep_reply

# --- the working copy --------------------------------------------------


@desk.get("/plan/<cycle:cycle>/")
@guard(Act.PLAN_READ_WORKING, queries.plan_place)
def overview(place: Place) -> Any:
    """Show every project of the working copy: what is written, in which language, what is missing."""
    projects = queries.working_projects(*keys(place))
    kept = [p for p in projects if not p.removed]
    return desk_page(
        "plans/overview.html",
        place,
        "overview",
        projects=kept,
        removed=[p for p in projects if p.removed],
        complete=sum(not p.missing for p in kept),
        changed=sum(p.changed for p in kept),
        axes=queries.axes(*keys(place)),
        versions=queries.versions_of(*keys(place)),
        missing_words=missing_words,
        fields=field_labels(),
    )


@desk.get("/plan/<cycle:cycle>/projects/new")
@guard(Act.PLAN_EDIT, queries.plan_place)
def new_project(place: Place) -> Any:
    """Show the form of a new project."""
    form = NewProjectForm()
    form.axis_id.choices = _axis_choices(place)
    return desk_page("plans/project_new.html", place, "overview", form=form)


@desk.post("/plan/<cycle:cycle>/projects/new")
@guard(Act.PLAN_EDIT, queries.plan_place)
def create_project(place: Place) -> Any:
    """Begin a project."""
    form = NewProjectForm()
    form.axis_id.choices = _axis_choices(place)
    if not form.validate_on_submit():
        return desk_page("plans/project_new.html", place, "overview", 422, form=form)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    project = actions.create_project(
        actor(), *keys(place), int(form.axis_id.data), {"title": words_of(form, "title")}
    )
    location = here("plans_desk.project", place, number=project.number)
    keep_reply(form, location)
    db.session.commit()
    return pages.see(location)


def _axis_choices(place: Place) -> list[tuple[int, str]]:
    return [(axis.id, i18n.plain(axis.title)) for axis in queries.axes(*keys(place))]


def _form_for(place: Place, rows: int, data: Mapping[str, Any] | None = None) -> ProjectBase:
    """Return the form of a project with its choices in the page's language."""
    form = project_form(rows)(data=data) if data is not None else project_form(rows)()
    form.axis_id.choices = _axis_choices(place)
    form.principles.choices = [(one.value, labels.principle(one)) for one in Principle]
    causes = [one for one in ChangeCause if one is not ChangeCause.NONE_STATED]
    form.change_cause.choices = [
        (one.value, labels.change_cause(one)) for one in (ChangeCause.NONE_STATED, *causes)
    ]
    return form


@desk.get("/plan/<cycle:cycle>/projects/<int(max=99999):number>")
@guard(Act.PLAN_READ_WORKING, queries.project_place)
def project(place: Place) -> Any:
    """Show the editor of a project, or its working copy to those who only read."""
    working = working_here(place)
    if not allowed(Act.PLAN_EDIT, place) or working.removed:
        return desk_page("plans/project_read.html", place, "overview", project=working, **_around(place))
    rows = len(working.milestones) + 1
    return _editor(place, working, _form_for(place, rows, data_of(working)))


def _around(place: Place) -> dict[str, Any]:
    """Return the numbers of the projects before and after this one."""
    number = int((request.view_args or {})["number"])
    numbers = [p.number for p in queries.working_projects(*keys(place)) if not p.removed]
    before = [n for n in numbers if n < number]
    after = [n for n in numbers if n > number]
    return {"before": before[-1] if before else None, "after": after[0] if after else None}


def _editor(place: Place, working: WorkingProject, form: ProjectBase, status: int = 200) -> Response:
    return desk_page(
        "plans/project.html",
        place,
        "overview",
        status,
        project=working,
        form=form,
        TEXTS=TEXTS,
        milestone_rows=range(form.rows),
        titles=section_titles(),
        milestone_fields=MILESTONE_FIELDS,
        missing=missing_words(working),
        **_around(place),
    )


@desk.post("/plan/<cycle:cycle>/projects/<int(max=99999):number>")
@guard(Act.PLAN_EDIT, queries.project_place)
def save_project(place: Place) -> Any:
    """Save the working copy: by the button, by autosave, or while adding and removing milestones."""
    form = _form_for(place, rows_sent(request.form))
    without = request.form.get("remove_milestone", type=int)
    autosave = pages.wants_block()
    good = form.validate()
    if good and not autosave and without is None:
        good = form.require_milestones(
            title=_("Write this milestone in Arabic."),
            dates=_("Give this milestone its two days."),
            order=_("The last day comes after the first."),
        )
    if not good:
        if autosave:
            return saved_note(
                working_here(place), _("Not saved yet: something in the form needs to be mended.")
            )
        return _editor(place, working_here(place), form, 422)
    texts = form.texts(without=without)
    working = working_here(place)
    theirs = texts_of(working)
    if request.form.get("resolve"):
        texts = resolved(texts, theirs)
    try:
        saved = actions.save_project(actor(), place, working.id, row_version(form.row_version.data), texts)
    except StaleDataError:
        db.session.rollback()
        return conflict_page(place, form, texts, autosave=autosave)
    db.session.commit()
    if autosave:
        return saved_note(
            working_here(place), _("Saved at %(time)s.", time=i18n.clock_time(saved.updated_at))
        )
    if without is not None or "add_milestone" in request.form:
        return pages.see(here("plans_desk.project", place, number=working.number, _anchor="milestones"))
    flash(_("Saved. The public reads it once you publish a version."), "ok")
    return pages.see(here("plans_desk.project", place, number=working.number))


# --- removing and restoring --------------------------------------------


@desk.get("/plan/<cycle:cycle>/projects/<int(max=99999):number>/remove")
@guard(Act.PLAN_EDIT, queries.project_place)
def ask_remove(place: Place) -> Any:
    """Ask before taking a project out."""
    return desk_page("plans/remove.html", place, "overview", project=working_here(place), form=ConfirmForm())


@desk.post("/plan/<cycle:cycle>/projects/<int(max=99999):number>/remove")
@guard(Act.PLAN_EDIT, queries.project_place)
def remove(place: Place) -> Any:
    """Take a project out of the next version, or put it back."""
    working = working_here(place)
    if working.removed:
        actions.restore_project(actor(), place, working.id)
        flash(_("The project is back in the next version."), "ok")
    else:
        actions.remove_project(actor(), place, working.id)
        flash(_("The project is out of the next version. You can put it back."), "ok")
    db.session.commit()
    return pages.see(here("plans_desk.overview", place))
