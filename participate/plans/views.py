"""Pages of plans: the officers' desk, and what changed between versions for everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from babel.dates import format_date
from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import NotFound

from participate.db import db
from participate.plans import actions, queries
from participate.plans.forms import (
    MILESTONE_FIELDS,
    AxisForm,
    ConfirmForm,
    NewProjectForm,
    PlanForm,
    ProjectBase,
    VersionForm,
    data_of,
    project_form,
    rows_sent,
    words_of,
)
from participate.plans.queries import LANGS, TEXTS, FieldDifference, MilestoneView, WorkingProject
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ChangeCause, Principle, VersionKind
from participate.rules.policy import Act, Place
from participate.rules.text import Change, DiffOp, word_diff
from participate.web import errors, i18n, labels, pages
from participate.web.access import actor, allowed, guard
from participate.web.forms import first_reply, keep_reply

bp = Blueprint("plans", __name__, url_prefix="/<lang:lang>/<slug:slug>/plans/<cycle:cycle>")
desk = Blueprint("plans_desk", __name__, url_prefix="/<lang:lang>/desk/<slug:slug>")
blueprints = (bp, desk)

KIND_NOW = {stage: kind for kind, stage in actions.STAGE_OF_KIND.items() if kind is not VersionKind.ADOPTED}
"""Which kind of version officers publish at a stage; the adopted one is published by `lifecycle`."""


def init_app(_app: Any) -> None:
    """Say what this room's refusals mean, and where its pages live."""
    pages.register_homes(
        {
            "plan_desk": "plans_desk.overview",
            "project_desk": "plans_desk.project",
            "plan_publish": "plans_desk.publish",
            "plan_axes": "plans_desk.axes",
            "plan_changes": "plans.changes",
            "plan_version": "plans.version",
            "project_history": "plans.history",
        }
    )
    errors.explain(
        actions.NoSuchThingError,
        lambda _error: errors.Trouble(
            404,
            _("This page does not exist"),
            _("The address may be mistyped, or what it showed was never public."),
        ),
    )
    errors.explain(
        actions.WrongKindError,
        lambda _error: errors.Trouble(
            409,
            _("This version cannot be published now"),
            _(
                "A draft is published while the plan is prepared, a revised version while answers are written."
            ),
        ),
    )
    errors.explain(
        actions.NothingToPublishError,
        lambda _error: errors.Trouble(
            409,
            _("There is nothing to publish"),
            _("The plan has no project, or nothing has changed since its last version."),
        ),
    )
    errors.explain(
        actions.AxisInUseError,
        lambda _error: errors.Trouble(
            409,
            _("This axis is in use"),
            _("Projects or ideas stand under it. Move them to another axis first."),
        ),
    )


def keys(place: Place) -> tuple[int, int]:
    """Return the collectivity and the plan of a place that has both."""
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    return place.collectivity_id, place.plan_id


def here(endpoint: str, place: Place, **values: Any) -> str:
    """Return the address of a page about the same plan."""
    return url_for(endpoint, slug=place.slug, cycle=place.cycle, **values)


def nav(place: Place, current: str) -> list[dict[str, Any]]:
    """Return the links of a plan's desk, to the rooms that this installation has."""
    rows = [
        ("overview", _("The projects"), here("plans_desk.overview", place)),
        ("axes", _("The axes"), here("plans_desk.axes", place)),
        ("publish", _("Publish a version"), here("plans_desk.publish", place)),
        ("calendar", _("Calendar and steps"), _home("plan_calendar", place)),
        ("ideas", _("Ideas to assess"), _home("ideas_desk", place)),
        ("answers", _("Answers"), _home("answers_desk", place)),
        ("council", _("Council"), _home("council_desk", place)),
        ("settings", _("Name and dates of the plan"), here("plans_desk.settings", place)),
        ("changes", _("Versions and changes (public)"), here("plans.changes", place)),
        ("desk", _("The whole desk"), pages.home_of("desk", slug=place.slug)),
    ]
    return [{"label": label, "url": url, "current": key == current} for key, label, url in rows if url]


def _home(kind: str, place: Place) -> str | None:
    return pages.home_of(kind, slug=place.slug, cycle=place.cycle) if pages.has_home(kind) else None


def desk_page(template: str, place: Place, current: str, status: int = 200, **context: Any) -> Response:
    """Render a page of a plan's desk."""
    return pages.page(
        template,
        status=status,
        place=place,
        plan=queries.plan_head(*keys(place)),
        nav=nav(place, current),
        labels=labels,
        may_edit=allowed(Act.PLAN_EDIT, place),
        **context,
    )


# --- plans of a collectivity -----------------------------------------------------------------------


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
        _row_version(request.form.get("row_version")),
        title={**plan.title, **words_of(form, "title")},
        summary={**plan.summary, **words_of(form, "summary")},
        starts_on=starts_on,
        ends_on=ends_on,
    )
    db.session.commit()
    flash(_("Saved."), "ok")
    return pages.see(here("plans_desk.overview", place))


# --- the working copy ---------------------------------------------------------------------------------


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


def missing_words(project: WorkingProject) -> str:
    """Return what a project lacks in Arabic, as words."""
    names = {
        queries.Missing.TITLE: _("the title"),
        queries.Missing.PROBLEM: _("the problem"),
        queries.Missing.SOLUTION: _("the solution"),
        queries.Missing.MILESTONE: _("a dated milestone"),
    }
    return _listed([names[one] for one in project.missing])


def _listed(names: list[str]) -> str:
    comma = "، " if i18n.lang() in {"ar", "zgh"} else ", "
    return comma.join(names)


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


def _working(place: Place) -> WorkingProject:
    found = queries.working_project(*keys(place), number=int((request.view_args or {})["number"]))
    if found is None:
        raise NotFound
    return found


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
    working = _working(place)
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


def section_titles() -> dict[str, str]:
    """Return the headings of the editor."""
    return {
        "title": _("Title"),
        "summary": _("Summary"),
        "problem": _("The problem"),
        "solution": _("The proposed solution"),
        "expected_result": _("Expected result"),
        "lead": _("Service in charge"),
        "partners": _("Partners"),
    }


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
            return _saved_note(_working(place), _("Not saved yet: something in the form needs to be mended."))
        return _editor(place, _working(place), form, 422)
    texts = form.texts(without=without)
    working = _working(place)
    theirs = texts_of(working)
    if request.form.get("resolve"):
        texts = resolved(texts, theirs)
    try:
        saved = actions.save_project(actor(), place, working.id, _row_version(form.row_version.data), texts)
    except StaleDataError:
        db.session.rollback()
        return _conflict(place, form, texts, autosave=autosave)
    db.session.commit()
    if autosave:
        return _saved_note(_working(place), _("Saved at %(time)s.", time=i18n.clock_time(saved.updated_at)))
    if without is not None or "add_milestone" in request.form:
        return pages.see(here("plans_desk.project", place, number=working.number, _anchor="milestones"))
    flash(_("Saved. The public reads it once you publish a version."), "ok")
    return pages.see(here("plans_desk.project", place, number=working.number))


def _row_version(sent: str | None) -> int:
    """Return the version a page was read at; 0, which nothing ever had, if that is no number."""
    return int(sent) if sent and sent.isdecimal() and len(sent) < 18 else 0


def _saved_note(working: WorkingProject, text: str) -> Response:
    """Answer an autosave: the new row version and the time, put in place without touching the text."""
    return pages.page("plans/saved.html", row_version=working.row_version, text=text)


# --- two people at once ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clash:
    """One field that two people wrote differently: what they saved, what was typed here."""

    key: str
    label: str
    lang: str | None
    theirs: str
    mine: str
    pieces: tuple[Any, ...]


def texts_of(working: WorkingProject) -> dict[str, Any]:
    """Return a working copy in the shape of what a form sends."""
    return {
        **{name: {lang: getattr(working, name).get(lang, "") for lang in LANGS} for name in TEXTS},
        "axis_id": working.axis.id,
        "principles": [p.value for p in Principle if p.value in working.principles],
        "budget_mad": working.budget_mad,
        "milestones": [
            {
                "title": {lang: m.title.get(lang, "") for lang in LANGS},
                "starts": m.starts.isoformat() if m.starts else None,
                "ends": m.ends.isoformat() if m.ends else None,
                "indicator": {lang: m.indicator.get(lang, "") for lang in LANGS},
            }
            for m in working.milestones
        ],
        "change_cause": working.change_cause,
        "change_note": {lang: (working.change_note or {}).get(lang, "") for lang in ("ar", "fr")},
    }


def _flat(texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return texts by one key a field and language, as the conflict page names them."""
    found: dict[str, Any] = {}
    for name, value in texts.items():
        if name in TEXTS or name == "change_note":
            found |= {f"{name}_{lang}": text for lang, text in value.items()}
        else:
            found[name] = value
    return found


def resolved(texts: dict[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed, with their text wherever the reader chose it."""
    kept = {**texts, **{name: dict(texts[name]) for name in (*TEXTS, "change_note")}}
    for key in _flat(theirs):
        if request.form.get(f"keep-{key}") != "theirs":
            continue
        name, _sep, lang = key.rpartition("_")
        if name in TEXTS or name == "change_note":
            kept[name][lang] = theirs[name].get(lang, "")
        else:
            kept[key] = theirs[key]
    return kept


def clashes(texts: Mapping[str, Any], theirs: Mapping[str, Any], place: Place) -> list[Clash]:
    """Return the fields in which the two texts differ, in the order of the form."""
    mine_flat, theirs_flat = _flat(texts), _flat(theirs)
    shown = _shower(place)
    names = field_labels()
    found = []
    for key, their_value in theirs_flat.items():
        my_value = mine_flat.get(key, "")
        if my_value == their_value:
            continue
        name, _sep, lang = key.rpartition("_")
        in_language = name in TEXTS or name == "change_note"
        label = names[name] if in_language else names[key]
        before, after = shown(key, their_value), shown(key, my_value)
        found.append(
            Clash(key, label, lang if in_language else None, before, after, word_diff(before, after))
        )
    return found


def _shower(place: Place) -> Callable[[str, Any], str]:
    axes = {axis.id: i18n.plain(axis.title) for axis in queries.axes(*keys(place))}

    def shown(key: str, value: Any) -> str:
        if key == "axis_id":
            return axes.get(value, "")
        if key == "principles":
            return _listed([labels.principle(one) for one in value])
        if key == "budget_mad":
            return i18n.money(value)
        if key == "change_cause":
            return labels.change_cause(value)
        if key == "milestones":
            return "\n".join(milestone_line(m, i18n.lang()) for m in queries.milestones_of(value))
        return str(value)

    return shown


def _conflict(place: Place, form: ProjectBase, texts: dict[str, Any], *, autosave: bool) -> Response:
    """Answer a save that came after somebody else's: 409, both texts, and three ways on."""
    working = _working(place)
    found = clashes(texts, texts_of(working), place)
    if not found:
        # The same words, twice: an autosave and the button met on the way.
        if autosave:
            return _saved_note(working, _("Saved at %(time)s.", time=i18n.clock_time(working.updated_at)))
        return pages.see(here("plans_desk.project", place, number=working.number))
    if autosave:
        return pages.page(
            "plans/saved.html",
            row_version=None,
            text=_("Not saved: somebody else changed this project. Press Save to compare both texts."),
        )
    clashing = {one.key for one in found}
    return desk_page(
        "plans/conflict.html",
        place,
        "overview",
        409,
        project=working,
        clashes=found,
        form=form,
        kept=[(name, value) for name, value in _sent() if name not in clashing],
        editable={f"{name}_{lang}" for name in TEXTS for lang in LANGS}
        | {"change_note_ar", "change_note_fr"},
    )


def _sent() -> list[tuple[str, str]]:
    """Return the fields of the form as they were sent, but for those the conflict page makes anew."""
    made_anew = {"csrf_token", "row_version", "key", "resolve", "add_milestone", "remove_milestone"}
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in made_anew and not name.startswith("keep-")
    ]


# --- removing and restoring ----------------------------------------------------------------------------


@desk.get("/plan/<cycle:cycle>/projects/<int(max=99999):number>/remove")
@guard(Act.PLAN_EDIT, queries.project_place)
def ask_remove(place: Place) -> Any:
    """Ask before taking a project out."""
    return desk_page("plans/remove.html", place, "overview", project=_working(place), form=ConfirmForm())


@desk.post("/plan/<cycle:cycle>/projects/<int(max=99999):number>/remove")
@guard(Act.PLAN_EDIT, queries.project_place)
def remove(place: Place) -> Any:
    """Take a project out of the next version, or put it back."""
    working = _working(place)
    if working.removed:
        actions.restore_project(actor(), place, working.id)
        flash(_("The project is back in the next version."), "ok")
    else:
        actions.remove_project(actor(), place, working.id)
        flash(_("The project is out of the next version. You can put it back."), "ok")
    db.session.commit()
    return pages.see(here("plans_desk.overview", place))


# --- axes ------------------------------------------------------------------------------------------


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


# --- publishing ----------------------------------------------------------------------------------------


@desk.get("/plan/<cycle:cycle>/publish")
@guard(Act.PLAN_READ_WORKING, queries.plan_place)
def publish(place: Place) -> Any:
    """Show what the next version would change, and the note that goes with it."""
    return _publish_page(place, VersionForm())


@desk.post("/plan/<cycle:cycle>/publish")
@guard(Act.VERSION_PUBLISH, queries.plan_place)
def publish_now(place: Place) -> Any:
    """Publish the next version."""
    form = VersionForm()
    if not form.validate_on_submit():
        return _publish_page(place, form, 422)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    plan = actions.locked_plan(*keys(place))
    version = actions.publish_version(actor(), plan, KIND_NOW[plan.stage], words_of(form, "note"))
    location = here("plans.version", place, number=version.number)
    keep_reply(form, location)
    db.session.commit()
    flash(_("Version %(number)s is public. Its words can no longer change.", number=version.number), "ok")
    return pages.see(location)


def _publish_page(place: Place, form: VersionForm, status: int = 200) -> Response:
    projects = [p for p in queries.working_projects(*keys(place)) if not p.removed]
    versions = queries.versions_of(*keys(place))
    kind = KIND_NOW.get(place.stage) if place.stage else None
    preview = queries.unpublished_differences(*keys(place), milestone_text=milestone_line)
    return desk_page(
        "plans/publish.html",
        place,
        "publish",
        status,
        form=form,
        kind=kind,
        drafting=place.stage in {Stage.PREPARATION, Stage.CONSULTATION, Stage.SYNTHESIS},
        projects=projects,
        incomplete=[p for p in projects if p.missing],
        missing_words=missing_words,
        uncaused=[
            p for p in projects if p.published and p.changed and p.change_cause is ChangeCause.NONE_STATED
        ],
        versions=versions,
        differences=preview,
        Status=queries.Status,
        field_words=field_words,
        may_publish=kind is not None
        and allowed(Act.VERSION_PUBLISH, place)
        and bool(projects)
        and (preview.any or not versions or versions[-1].kind is not kind),
    )


# --- public: versions and what changed -----------------------------------------------------------------


def field_labels() -> dict[str, str]:
    """Return the names of the fields of a project, as comparisons show them."""
    return {
        **section_titles(),
        "milestones": _("Milestones"),
        "axis": _("Axis"),
        "axis_id": _("Axis"),
        "budget_mad": _("Budget"),
        "principles": _("Principles"),
        "change_cause": _("Why these words change"),
        "change_note": _("In a sentence"),
    }


def field_words(difference: FieldDifference) -> dict[str, Any]:
    """Return one difference as the page shows it: its name, and the comparison in readable values."""
    before, after = difference.before, difference.after
    pieces: tuple[Change, ...] = difference.pieces
    if difference.name == "budget_mad":
        # Whole amounts: digits compared one by one read as a third number.
        before, after = (i18n.money(int(v)) if v else i18n.money(None) for v in (before, after))
        pieces = (Change(DiffOp.DEL, before), Change(DiffOp.SAME, " "), Change(DiffOp.INS, after))
    if difference.name == "principles":
        before, after = (_listed([labels.principle(p) for p in v.split()]) for v in (before, after))
        pieces = word_diff(before, after)
    return {"label": field_labels()[difference.name], "lang": difference.lang, "pieces": pieces}


def milestone_line(milestone: MilestoneView, lang: str) -> str:
    """Return a milestone as one line in one language, its months in that language too."""
    months = [
        format_date(day, "MMMM y", locale=i18n.LOCALES[lang])
        for day in (milestone.starts, milestone.ends)
        if day
    ]
    if len(set(months)) == 1:
        months = months[:1]
    parts = [milestone.title.get(lang, ""), " – ".join(months), milestone.indicator.get(lang, "")]
    return " · ".join(part for part in parts if part)


@bp.get("/changes/")
@guard(Act.PUBLIC_READ, queries.plan_place)
def changes(place: Place) -> Any:
    """Show the versions of a plan, and what changed between two of them."""
    versions = queries.versions_of(*keys(place))
    later, earlier = _pair(versions)
    found = (
        queries.differences(earlier, later, milestone_text=milestone_line)
        if earlier is not None and later is not None
        else None
    )
    return pages.page(
        "plans/changes.html",
        place=place,
        plan=queries.plan_head(*keys(place)),
        versions=versions,
        earlier=earlier,
        later=later,
        differences=found,
        Status=queries.Status,
        labels=labels,
        field_words=field_words,
        langs_shown=LANGS,
    )


def _pair(
    versions: list[queries.VersionView],
) -> tuple[queries.VersionView | None, queries.VersionView | None]:
    """Return the two versions the address asks to compare: by default the last and the one before."""
    by_number = {version.number: version for version in versions}
    later = by_number.get(request.args.get("to", 0, type=int)) or (versions[-1] if versions else None)
    if later is None:
        return None, None
    wanted = by_number.get(request.args.get("from", 0, type=int))
    if wanted is None or wanted.number >= later.number:
        wanted = by_number.get(later.number - 1)
    return later, wanted


@bp.get("/versions/<int(max=99999):number>/")
@guard(Act.PUBLIC_READ, queries.plan_place)
def version(place: Place) -> Any:
    """Show the projects of one version, whole."""
    number = int((request.view_args or {})["number"])
    plan = queries.published_plan(*keys(place), number=number)
    if plan is None or plan.version is None:
        raise NotFound
    return pages.page(
        "plans/version.html",
        place=place,
        plan=plan,
        labels=labels,
        others=[v for v in queries.versions_of(*keys(place)) if v.number != number],
        withdrawn=plan.stage is Stage.WITHDRAWN,
        count=ngettext("%(num)d project", "%(num)d projects", len(plan.projects)),
    )


@bp.get("/projects/<int(max=99999):number>/history/")
@guard(Act.PUBLIC_READ, queries.project_place)
def history(place: Place) -> Any:
    """Show every published wording of a project, each against the one before, with its cause."""
    number = int((request.view_args or {})["number"])
    steps = queries.history(*keys(place), number=number, milestone_text=milestone_line)
    if not steps:
        raise NotFound
    return pages.page(
        "plans/history.html",
        place=place,
        plan=queries.plan_head(*keys(place)),
        number=number,
        steps=steps,
        labels=labels,
        field_words=field_words,
        versions_words=lambda step: _listed([str(one) for one in step.versions]),
    )
