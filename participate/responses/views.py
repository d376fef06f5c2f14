"""Pages of the answers: the committee's desk for ideas, themes and responses, and what everybody reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Flask, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participate.contributions import queries as contributions
from participate.contributions.models import Contribution
from participate.db import db
from participate.people.queries import names_of
from participate.plans import queries as plans
from participate.plans.queries import plan_place
from participate.responses import actions, pieces, queries
from participate.responses.actions import Subject
from participate.responses.forms import (
    BulkFateForm,
    DecideForm,
    FateForm,
    FillForm,
    MembersForm,
    ResponseForm,
    ThemeForm,
    picked,
    words_of,
)
from participate.responses.queries import About, Point, ResponseView, Round, ThemeView
from participate.rules.outcomes import (
    FATES_NEEDING_REASON,
    Fate,
    Outcome,
    ResponseState,
)
from participate.rules.policy import Act, Place
from participate.web import errors, labels, pages
from participate.web.access import actor, allowed, guard
from participate.web.errors import Trouble
from participate.web.forms import Form, first_reply, keep_reply
from participate.web.i18n import plain, said

bp = Blueprint("responses", __name__, url_prefix="/<lang:lang>")
blueprints = (bp,)

DESK = "/desk/<slug:slug>/plan/<cycle:cycle>"
PLAN = "/<slug:slug>/plans/<cycle:cycle>"
KEY = "int(max=9223372036854775807)"
FATE_KEYS = {
    Fate.RETAINED: "r",
    Fate.MERGED: "m",
    Fate.DEFERRED: "d",
    Fate.DECLINED: "n",
    Fate.OUTSIDE_COMPETENCE: "o",
}
OUTCOME_KEYS = dict(zip(Outcome, "123456", strict=True))
THEME_KEYS = "123456789"


# --- small helpers ---------------------------------------------------------------------------------


def _keys(place: Place) -> tuple[int, int]:
    """Return the collectivity and the plan of a place that has both."""
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    return place.collectivity_id, place.plan_id


def _arg(name: str) -> Any:
    return (request.view_args or {})[name]


def _desk_page(
    template: str, place: Place, current: str, *, status: int = 200, block: str | None = None, **context: Any
) -> Response:
    """Render a page of the answers' desk, with its places and what waits in each."""
    here, plan_id = _keys(place)
    found = queries.rounds(here, plan_id)
    waiting = queries.idea_counts(here, plan_id).get(None, 0)
    drafts = queries.response_counts(here, [one.id for one in found]).get(ResponseState.DRAFT, 0)
    rows = [
        ("ideas", _("Ideas to assess"), pieces.address(place, "ideas"), waiting),
        ("desk", _("Group what was said"), pieces.address(place, "desk"), None),
        ("themes", _("Themes and their answers"), pieces.address(place, "themes"), None),
        ("projects", _("Answers by project"), pieces.address(place, "projects"), None),
        ("to_approve", _("To approve"), pieces.address(place, "to_approve"), drafts),
        ("answers", _("What people will read"), pieces.address(place, "answers"), None),
        ("calendar", _("Calendar and steps"), pieces.home("plan_calendar", place), None),
        ("whole", _("The whole desk"), pieces.home("desk", place), None),
    ]
    return pages.page(
        template,
        block=block,
        status=status,
        place=place,
        desk_title=plain(plans.plan_head(here, plan_id).title),
        nav=[
            {"label": label, "url": url, "count": count, "current": key == current}
            for key, label, url, count in rows
            if url
        ],
        csrf=pages.needs_csrf(),
        labels=labels,
        **context,
    )


def _projects(place: Place) -> list[tuple[int, str]]:
    """Return number and title of the plan's projects, the working copy's words."""
    return [
        (one.number, plain(one.title) or _("(no title yet)"))
        for one in plans.working_projects(*_keys(place))
        if not one.removed
    ]


def _project_id(place: Place, number: int | None) -> int | None:
    if number is None:
        return None
    return plans.project_place(place.slug, place.cycle, number).ids["project"]


def _round(place: Place, wanted: str | None) -> tuple[tuple[Round, ...], Round | None]:
    """Return the present round's consultations and the chosen one: the newest unless another is asked for."""
    found = queries.rounds(*_keys(place))
    chosen = next((one for one in found if str(one.id) == wanted), None)
    return found, chosen or (found[0] if found else None)


# --- ideas ---------------------------------------------------------------------------------------------


def _ideas_view() -> dict[str, str]:
    """Return the filters of the board as they stand in the address."""
    return {key: request.args[key] for key in ("axis", "fate") if request.args.get(key)}


@bp.get(f"{DESK}/ideas/")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def ideas(place: Place) -> Response:
    """Show the ideas of the round, those without a decision first."""
    form = BulkFateForm(formdata=None)
    form.offer(_projects(place))
    return _ideas_page(place, form, _ideas_view())


def _ideas_page(place: Place, form: BulkFateForm, view: Mapping[str, str], status: int = 200) -> Response:
    here, plan_id = _keys(place)
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

    return _desk_page(
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
    form.offer(_projects(place))
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
    project_id = _project_id(place, form.number)
    left = 0
    for one in picks:
        try:
            actions.assess_idea(
                actor(),
                _keys(place)[0],
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
    here, plan_id = _keys(place)
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
    form.offer(_projects(place))
    return _assess_page(place, found, form)


def _idea(place: Place) -> queries.IdeaPoint:
    here, plan_id = _keys(place)
    return queries.idea(here, plan_id, contributions.typed_ref(_arg("ref"))) or abort(404)


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
    here, plan_id = _keys(place)
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
    return _desk_page(
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
    form.offer(_projects(place))
    if not form.validate_on_submit():
        return _assess_page(place, found, form, 422)
    if reply := first_reply(form):
        return pages.see(reply.location)
    target = _merged_into(place, form)
    if form.errors:
        return _assess_page(place, found, form, 422)
    here, plan_id = _keys(place)
    try:
        actions.assess_idea(
            actor(),
            here,
            found.point.id,
            form.chosen,
            reason=form.reason,
            project_id=_project_id(place, form.number),
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


# --- grouping ------------------------------------------------------------------------------------------------


def _group_view(values: Mapping[str, str]) -> dict[str, str]:
    """Return the filters of the desk: the consultation, and a project's number, `plan` or `ideas`."""
    return {key: values[key] for key in ("round", "project") if values.get(key)}


@bp.get(f"{DESK}/responses/")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def desk(place: Place) -> Response:
    """Show what is in no theme yet beside the themes."""
    return _group_page(place, FillForm(formdata=None), _group_view(request.args))


def _group_page(place: Place, form: FillForm, view: Mapping[str, str], status: int = 200) -> Response:
    here, _plan_id = _keys(place)
    every, chosen = _round(place, view.get("round"))
    if chosen is None:
        return _desk_page("responses/desk.html", place, "desk", status=status, chosen=None)
    number, about = _part(view.get("project"))
    found = queries.ungrouped(here, chosen.id, project=number, about=about, after=request.args.get("after"))
    themes = queries.themes(here, chosen.id)
    themes = tuple(sorted(themes, key=lambda one: number is not None and one.project_number != number))
    may = allowed(Act.THEME_EDIT, place)
    form.view.data = "&".join(f"{key}={value}" for key, value in view.items())
    form.into.choices = [
        ("", _("Choose a theme")),
        *((str(one.id), pieces.theme_name(one)) for one in themes),
    ]

    def link(**values: str | None) -> str:
        return pieces.address(place, "desk", **{**view, **values})

    counts = queries.ungrouped_counts(here, chosen.id)
    return _desk_page(
        "responses/desk.html",
        place,
        "desk",
        status=status,
        chosen=chosen,
        coverage=queries.coverage(here, *(one.id for one in every)),
        rounds=[
            {
                "label": labels.consultation_kind(one.kind),
                "url": link(round=str(one.id), project=None),
                "current": one == chosen,
            }
            for one in every
        ]
        if len(every) > 1
        else [],
        parts=[
            {"label": _("All"), "url": link(project=None), "count": None, "current": not view.get("project")},
            *(
                {
                    "label": label,
                    "url": link(project=key),
                    "count": count,
                    "current": view.get("project") == key,
                }
                for key, label, count in _part_choices(counts, number, about)
            ),
        ],
        rows=[
            pieces.row_piece(
                one, pieces.address(place, "answer_text", ref=one.ref), pick="fill" if may else None
            )
            for one in found.rows
        ],
        next_url=link(after=found.after) if found.after else None,
        themes=[pieces.theme_piece(one, place, key) for one, key in _numbered(themes)],
        form=form,
        may=may,
        action=pieces.address(place, "fill"),
        new_url=pieces.address(place, "new_theme", round=str(chosen.id), project=view.get("project")),
        key_help=[("J", _("next")), ("K", _("previous")), ("X", _("tick")), ("1–9", _("put in the theme"))],
    )


def _part(value: str | None) -> tuple[int | None, About | None]:
    if value in set(About):
        return None, About(value)
    if value and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value), None
    return None, None


def _part_choices(
    counts: Mapping[int | About, int], number: int | None, about: About | None
) -> list[tuple[str, str, int]]:
    """Return the filters that hold something, and the present one."""
    numbers = {key for key in counts if isinstance(key, int) and not isinstance(key, About)}
    found = [
        (str(one), _("Project %(number)s", number=one), counts.get(one, 0))
        for one in sorted(numbers | ({number} if number is not None else set()))
    ]
    for part, label in ((About.PLAN, _("the plan as a whole")), (About.IDEAS, _("Ideas"))):
        if part in counts or part is about:
            found.append((part.value, label, counts.get(part, 0)))
    return found


def _numbered(themes: Sequence[ThemeView]) -> list[tuple[ThemeView, str | None]]:
    return [(one, THEME_KEYS[place] if place < len(THEME_KEYS) else None) for place, one in enumerate(themes)]


@bp.post(f"{DESK}/responses/")
@guard(Act.THEME_EDIT, plan_place)
def fill(place: Place) -> Response:
    """Put what was ticked into a theme, an existing one or a new one."""
    form = FillForm()
    picks = picked(request.form.getlist("pick"))
    theme = request.form.get("theme", "")
    wanted = (form.into.data or "") if theme == "chosen" else theme
    valid = form.validate_on_submit()
    view = _group_view(dict(parse_qsl(form.view.data or "")))
    if valid and wanted == "new":
        return pages.see(pieces.address(place, "new_theme", pick=picks or None, **view))
    chosen = picked([wanted])
    if not valid or not picks or not chosen:
        if not picks:
            form.form_errors.append(_("Tick at least one text first."))
        elif not chosen:
            form.into.errors = [_("Choose a theme.")]
        return _group_page(place, form, view, 422)
    _in_this_plan(place, chosen[0])
    done = actions.fill_theme(actor(), _keys(place)[0], chosen[0], picks)
    db.session.commit()
    _flash_filled(done)
    return pages.see(pieces.address(place, "desk", **view))


def _in_this_plan(place: Place, theme_id: int) -> ThemeView:
    here, plan_id = _keys(place)
    return queries.theme(here, plan_id, theme_id) or abort(404)


def _flash_filled(done: actions.Filled) -> None:
    if done.added:
        flash(
            ngettext("%(num)d text put in the theme.", "%(num)d texts put in the theme.", len(done.added)),
            "ok",
        )
    if done.left:
        flash(
            ngettext(
                "%(num)d text was left: it is owed no answer any more.",
                "%(num)d texts were left: they are owed no answer any more.",
                done.left,
            ),
            "warn",
        )


# --- themes -----------------------------------------------------------------------------------------------


@bp.get(f"{DESK}/responses/themes/")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def themes(place: Place) -> Response:
    """List the themes of the round with the state of their answers."""
    here, _plan_id = _keys(place)
    every, chosen = _round(place, request.args.get("round"))
    found = queries.themes(here, chosen.id) if chosen else ()
    return _desk_page(
        "responses/themes.html",
        place,
        "themes",
        coverage=queries.coverage(here, *(one.id for one in every)),
        outcomes=_outcome_counts(queries.coverage(here, *(one.id for one in every))),
        rounds=[
            {
                "label": labels.consultation_kind(one.kind),
                "url": pieces.address(place, "themes", round=str(one.id)),
                "current": one == chosen,
            }
            for one in every
        ]
        if len(every) > 1
        else [],
        themes=[pieces.theme_piece(one, place) for one in found],
        chosen=chosen,
        may=allowed(Act.THEME_EDIT, place),
        new_url=pieces.address(place, "new_theme", round=str(chosen.id)) if chosen else None,
        group_url=pieces.address(place, "desk", round=str(chosen.id)) if chosen else None,
    )


def _outcome_counts(covered: queries.Coverage) -> list[tuple[str, int]]:
    return [(labels.outcome(one), count) for one, count in covered.by_outcome.items()]


@bp.get(f"{DESK}/responses/themes/new")
@guard(Act.THEME_EDIT, plan_place)
def new_theme(place: Place) -> Response:
    """Show the form of a new theme; texts ticked before come along."""
    number, _about = _part(request.args.get("project"))
    form = ThemeForm(formdata=None, data={"project": str(number or "")})
    form.offer(_projects(place))
    return _theme_form_page(place, form, picked(request.args.getlist("pick")))


def _theme_form_page(
    place: Place,
    form: ThemeForm,
    picks: Sequence[int] = (),
    theme: ThemeView | None = None,
    status: int = 200,
) -> Response:
    _every, chosen = _round(place, request.values.get("round"))
    if chosen is None and theme is None:
        abort(404)
    return _desk_page(
        "responses/theme_form.html",
        place,
        "themes",
        status=status,
        form=form,
        picks=picks,
        theme=theme,
        round=chosen,
        part=request.values.get("part") or request.args.get("project") or "",
        back_url=pieces.address(place, "theme", theme_id=theme.id)
        if theme
        else pieces.address(place, "desk", round=str(chosen.id) if chosen else None),
    )


@bp.post(f"{DESK}/responses/themes/new")
@guard(Act.THEME_EDIT, plan_place)
def create_theme(place: Place) -> Response:
    """Begin a theme and put the ticked texts into it."""
    form = ThemeForm()
    form.offer(_projects(place))
    picks = picked(request.form.getlist("pick"))
    if not form.validate_on_submit():
        return _theme_form_page(place, form, picks, status=422)
    if reply := first_reply(form):
        return pages.see(reply.location)
    _every, chosen = _round(place, request.form.get("round"))
    if chosen is None:
        abort(404)
    here, _plan_id = _keys(place)
    row = actions.save_theme(
        actor(),
        here,
        chosen.id,
        words_of(form.title_ar.data, form.title_fr.data),
        project_id=_project_id(place, form.number),
    )
    done = actions.fill_theme(actor(), here, row.id, picks) if picks else actions.Filled(row.id)
    location = pieces.address(place, "desk", round=str(chosen.id), project=request.form.get("part"))
    keep_reply(form, location)
    db.session.commit()
    flash(_("The theme is there. Only the committee sees it until the answers are published."), "ok")
    _flash_filled(done)
    return pages.see(location)


@bp.get(f"{DESK}/responses/themes/<{KEY}:theme_id>/edit")
@guard(Act.THEME_EDIT, plan_place)
def edit_theme(place: Place) -> Response:
    """Show the form of a theme's title and project."""
    found = _in_this_plan(place, _arg("theme_id"))
    form = ThemeForm(
        formdata=None,
        data={
            "title_ar": found.title.get("ar", ""),
            "title_fr": found.title.get("fr", ""),
            "project": str(found.project_number or ""),
            "row_version": found.row_version,
        },
    )
    form.offer(_projects(place))
    return _theme_form_page(place, form, theme=found)


@bp.post(f"{DESK}/responses/themes/<{KEY}:theme_id>/edit")
@guard(Act.THEME_EDIT, plan_place)
def save_theme(place: Place) -> Response:
    """Give a theme another title or project."""
    found = _in_this_plan(place, _arg("theme_id"))
    form = ThemeForm()
    form.offer(_projects(place))
    if not form.validate_on_submit():
        return _theme_form_page(place, form, theme=found, status=422)
    if reply := first_reply(form):
        return pages.see(reply.location)
    actions.save_theme(
        actor(),
        _keys(place)[0],
        found.consultation_id,
        words_of(form.title_ar.data, form.title_fr.data),
        project_id=_project_id(place, form.number),
        theme_id=found.id,
        row_version=form.row_version.data,
    )
    location = pieces.address(place, "theme", theme_id=found.id)
    keep_reply(form, location)
    db.session.commit()
    return pages.see(location)


@bp.get(f"{DESK}/responses/themes/<{KEY}:theme_id>")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def theme(place: Place) -> Response:
    """Show a theme: what people said in it, and its answer."""
    found = _in_this_plan(place, _arg("theme_id"))
    return _theme_page(place, found, ResponseForm(formdata=None, data=_response_data(found.response)))


def _theme_page(
    place: Place,
    found: ThemeView,
    form: ResponseForm,
    *,
    status: int = 200,
    members_form: MembersForm | None = None,
) -> Response:
    here, _plan_id = _keys(place)
    others = [one for one in queries.themes(here, found.consultation_id) if one.id != found.id]
    moving = members_form or MembersForm(formdata=None)
    moving.into.choices = [
        ("", _("Choose a theme")),
        *((str(one.id), pieces.theme_name(one)) for one in others),
    ]
    texts = queries.members(here, found.id)
    return _answer_page(
        "responses/theme.html",
        place,
        "themes",
        found.response,
        form,
        status=status,
        theme=pieces.theme_piece(found, place),
        texts=[{**pieces.text_piece(one, place), "id": one.id, "main": main} for one, main in texts],
        moving=moving,
        may_edit=allowed(Act.THEME_EDIT, place),
        members_url=pieces.address(place, "move_members", theme_id=found.id),
        edit_url=pieces.address(place, "edit_theme", theme_id=found.id),
        remove_url=pieces.address(place, "remove_theme", theme_id=found.id)
        if not texts and not found.response
        else None,
        back_url=pieces.address(place, "themes", round=str(found.consultation_id)),
        group_url=pieces.address(place, "desk", round=str(found.consultation_id)),
    )


@bp.post(f"{DESK}/responses/themes/<{KEY}:theme_id>")
@guard(Act.RESPONSE_WRITE, plan_place)
def write_theme(place: Place) -> Response:
    """Write the answer to a theme."""
    found = _in_this_plan(place, _arg("theme_id"))
    subject = Subject(_keys(place)[0], found.consultation_id, theme_id=found.id)
    return _write(
        subject,
        lambda form, status: _theme_page(place, found, form, status=status),
        pieces.address(place, "theme", theme_id=found.id),
    )


@bp.post(f"{DESK}/responses/themes/<{KEY}:theme_id>/members")
@guard(Act.THEME_EDIT, plan_place)
def move_members(place: Place) -> Response:
    """Take the ticked texts out of a theme, or move them to another one."""
    found = _in_this_plan(place, _arg("theme_id"))
    form = MembersForm()
    picks = picked(request.form.getlist("pick"))
    target = picked([form.into.data or ""])
    moving = request.form.get("do") == "move"
    if not form.validate_on_submit() or not picks or (moving and not target):
        if not picks:
            form.form_errors.append(_("Tick at least one text first."))
        elif moving and not target:
            form.into.errors = [_("Choose a theme.")]
        data = ResponseForm(formdata=None, data=_response_data(found.response))
        return _theme_page(place, found, data, status=422, members_form=form)
    here, _plan_id = _keys(place)
    if moving:
        _in_this_plan(place, target[0])
        _flash_filled(actions.fill_theme(actor(), here, target[0], picks))
    if not moving or target[0] != found.id:
        actions.take_out(actor(), here, found.id, picks)
    db.session.commit()
    return pages.see(pieces.address(place, "theme", theme_id=found.id))


@bp.post(f"{DESK}/responses/themes/<{KEY}:theme_id>/remove")
@guard(Act.THEME_EDIT, plan_place)
def remove_theme(place: Place) -> Response:
    """Remove a theme that holds nothing."""
    found = _in_this_plan(place, _arg("theme_id"))
    form = DecideForm()
    if not form.validate_on_submit():
        abort(400)
    actions.remove_theme(actor(), _keys(place)[0], found.id)
    db.session.commit()
    flash(_("The empty theme is gone."), "ok")
    return pages.see(pieces.address(place, "themes", round=str(found.consultation_id)))


# --- writing ---------------------------------------------------------------------------------------------------


def _response_data(response: ResponseView | None) -> dict[str, Any]:
    if response is None:
        return {"row_version": 0}
    return {
        "outcome": response.outcome.value,
        "text_ar": response.text.get("ar", ""),
        "text_fr": response.text.get("fr", ""),
        "reason_ar": response.reason.get("ar", ""),
        "reason_fr": response.reason.get("fr", ""),
        "changed": response.changed,
        "row_version": response.row_version,
    }


def _answer_page(
    template: str,
    place: Place,
    current: str,
    response: ResponseView | None,
    form: ResponseForm,
    *,
    status: int = 200,
    **context: Any,
) -> Response:
    """Render a page that ends with an answer: its form while it is a draft, else its words and what may follow."""
    draft = response is None or response.state is ResponseState.DRAFT
    may_approve = (
        response is not None
        and response.state is ResponseState.DRAFT
        and allowed(Act.RESPONSE_APPROVE, replace(place, written_by=response.written_by))
    )
    names = names_of([key for key in (response.written_by, response.approved_by) if key]) if response else {}
    return _desk_page(
        template,
        place,
        current,
        status=status,
        form=form,
        response=response,
        shown=pieces.draft_piece(response) if response else None,
        editable=draft and allowed(Act.RESPONSE_WRITE, place),
        own=response is not None and response.written_by == actor().person_id,
        may_approve=may_approve,
        may_reopen=response is not None
        and response.state is ResponseState.APPROVED
        and allowed(Act.RESPONSE_WRITE, place),
        approve_url=pieces.address(place, "approve", response_id=response.id) if response else None,
        reopen_url=pieces.address(place, "reopen", response_id=response.id) if response else None,
        writer=names.get(response.written_by) if response else None,
        reader=names.get(response.approved_by) if response and response.approved_by else None,
        outcomes=[
            {
                "value": one.value,
                "label": labels.outcome(one),
                "key": OUTCOME_KEYS[one],
                "checked": form.outcome.data == one.value,
            }
            for one in Outcome
        ],
        text_chars=4000,
        reason_chars=1000,
        **context,
    )


def _write(subject: Subject, again: Callable[[ResponseForm, int], Response], location: str) -> Response:
    """Write an answer from the form, or show the form again."""
    form = ResponseForm()
    if not form.validate_on_submit():
        return again(form, 422)
    if reply := first_reply(form):
        return pages.see(reply.location)
    actions.write_response(
        actor(),
        subject,
        Outcome(form.outcome.data),
        words_of(form.text_ar.data, form.text_fr.data),
        words_of(form.reason_ar.data, form.reason_fr.data),
        bool(form.changed.data),
        row_version=form.row_version.data,
    )
    keep_reply(form, location)
    db.session.commit()
    flash(_("The draft is saved. A second person of the committee reads it before it counts."), "ok")
    return pages.see(location)


@bp.get(f"{DESK}/responses/contributions/<ref:ref>")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def answer_text(place: Place) -> Response:
    """Show one contribution and the answer to it alone."""
    found = _point(place)
    response = queries.response_on(_keys(place)[0], found.consultation_id, contribution_id=found.id)
    return _text_page(place, found, response, ResponseForm(formdata=None, data=_response_data(response)))


def _point(place: Place) -> Point:
    here, plan_id = _keys(place)
    return queries.point(here, plan_id, contributions.typed_ref(_arg("ref"))) or abort(404)


def _text_page(
    place: Place, found: Point, response: ResponseView | None, form: ResponseForm, status: int = 200
) -> Response:
    return _answer_page(
        "responses/text.html",
        place,
        "desk",
        response,
        form,
        status=status,
        text=pieces.text_piece(found, place),
        assess_url=pieces.address(place, "assess", ref=found.ref) if found.title else None,
        back_url=pieces.address(place, "desk", round=str(found.consultation_id)),
    )


@bp.post(f"{DESK}/responses/contributions/<ref:ref>")
@guard(Act.RESPONSE_WRITE, plan_place)
def write_text(place: Place) -> Response:
    """Write the answer to one contribution."""
    found = _point(place)
    here, _plan_id = _keys(place)

    def again(form: ResponseForm, status: int) -> Response:
        response = queries.response_on(here, found.consultation_id, contribution_id=found.id)
        return _text_page(place, found, response, form, status)

    subject = Subject(here, found.consultation_id, contribution_id=found.id)
    return _write(subject, again, pieces.address(place, "answer_text", ref=found.ref))


# --- projects ------------------------------------------------------------------------------------------------------


@bp.get(f"{DESK}/responses/projects/")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def projects(place: Place) -> Response:
    """List the projects under review with the state of their general answers."""
    review = _review(place)
    found = queries.projects(_keys(place)[0], review.id) if review else ()
    return _desk_page(
        "responses/projects.html",
        place,
        "projects",
        rows=[
            {
                "number": one.number,
                "title": said(one.title),
                "url": pieces.address(place, "answer_project", number=one.number),
                "texts": ngettext("%(num)d text", "%(num)d texts", one.texts),
                "liked": pieces.liked(one.agree, one.disagree),
                "state": labels.response_state(one.response.state) if one.response else _("no answer yet"),
                "state_kind": pieces.state_kind(one.response),
                "outcome": labels.outcome(one.response.outcome) if one.response else None,
            }
            for one in found
        ],
        closed=review.closed if review else False,
    )


def _review(place: Place) -> Round | None:
    found = [one for one in queries.rounds(*_keys(place)) if one.kind.value == "draft_review"]
    return found[0] if found else None


def _project_point(place: Place) -> tuple[Round, queries.ProjectPoint]:
    review = _review(place) or abort(404)
    found = queries.projects(_keys(place)[0], review.id)
    return review, next((one for one in found if one.number == _arg("number")), None) or abort(404)


@bp.get(f"{DESK}/responses/projects/<int(max=99999):number>")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def answer_project(place: Place) -> Response:
    """Show the general answer to what people think of a project."""
    review, found = _project_point(place)
    return _project_page(
        place, review, found, ResponseForm(formdata=None, data=_response_data(found.response))
    )


def _project_page(
    place: Place, review: Round, found: queries.ProjectPoint, form: ResponseForm, status: int = 200
) -> Response:
    themes = [one for one in queries.themes(_keys(place)[0], review.id) if one.project_number == found.number]
    return _answer_page(
        "responses/project.html",
        place,
        "projects",
        found.response,
        form,
        status=status,
        number=found.number,
        title=said(found.title),
        counts=ngettext("%(num)d text", "%(num)d texts", found.texts),
        liked=pieces.liked(found.agree, found.disagree),
        themes=[pieces.theme_piece(one, place) for one in themes],
        project_url=pages.home_of("project", slug=place.slug, cycle=place.cycle, number=found.number)
        if pages.has_home("project")
        else None,
        back_url=pieces.address(place, "projects"),
    )


@bp.post(f"{DESK}/responses/projects/<int(max=99999):number>")
@guard(Act.RESPONSE_WRITE, plan_place)
def write_project(place: Place) -> Response:
    """Write the general answer to a project."""
    review, found = _project_point(place)
    subject = Subject(_keys(place)[0], review.id, project_id=found.id)
    return _write(
        subject,
        lambda form, status: _project_page(place, review, found, form, status),
        pieces.address(place, "answer_project", number=found.number),
    )


# --- the second reader ----------------------------------------------------------------------------------------------


@bp.get(f"{DESK}/responses/to-approve/")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def to_approve(place: Place) -> Response:
    """List the drafts that wait for a second reader, and what was approved or published."""
    here, plan_id = _keys(place)
    every = [one.id for one in queries.rounds(here, plan_id)]
    state = next(
        (one for one in ResponseState if one.value == request.args.get("state")), ResponseState.DRAFT
    )
    counts = queries.response_counts(here, every)
    return _desk_page(
        "responses/to_approve.html",
        place,
        "to_approve",
        states=[
            {
                "label": labels.response_state(one),
                "url": pieces.address(place, "to_approve", state=one.value),
                "count": counts.get(one, 0),
                "current": one is state,
            }
            for one in ResponseState
        ],
        state=state.value,
        rows=[pieces.written_piece(one, place) for one in queries.written(here, every, state)],
        key_help=[("J", _("next")), ("K", _("previous"))],
    )


@bp.post(f"{DESK}/responses/<{KEY}:response_id>/approve")
@guard(Act.RESPONSE_APPROVE, queries.response_place)
def approve(place: Place) -> Response:
    """Approve an answer somebody else wrote, as it was read."""
    form = DecideForm()
    if not form.validate_on_submit():
        abort(400)
    actions.approve(actor(), _keys(place)[0], place.ids["response"], row_version=form.row_version.data)
    db.session.commit()
    flash(_("Approved. It is published with all the others when the plan goes to the council."), "ok")
    return pages.see(pieces.address(place, "to_approve"))


@bp.post(f"{DESK}/responses/<{KEY}:response_id>/reopen")
@guard(Act.RESPONSE_WRITE, queries.response_place)
def reopen(place: Place) -> Response:
    """Turn an approved answer into a draft again."""
    form = DecideForm()
    if not form.validate_on_submit():
        abort(400)
    row = actions.reopen(actor(), _keys(place)[0], place.ids["response"])
    location = _page_of(place, row)
    db.session.commit()
    flash(_("The answer is a draft again: a second person must approve it once more."), "ok")
    return pages.see(location)


def _page_of(place: Place, row: Any) -> str:
    if row.theme_id is not None:
        return pieces.address(place, "theme", theme_id=row.theme_id)
    if row.contribution_id is not None:
        ref = db.session.get_one(Contribution, (row.collectivity_id, row.contribution_id)).ref
        return pieces.address(place, "answer_text", ref=ref)
    number = next(
        (one.number for one in plans.working_projects(*_keys(place)) if one.id == row.project_id), None
    )
    return (
        pieces.address(place, "answer_project", number=number)
        if number
        else pieces.address(place, "projects")
    )


# --- for everybody -----------------------------------------------------------------------------------------------------


@bp.get(f"{PLAN}/responses/")
@guard(Act.PUBLIC_READ, plan_place)
def answers(place: Place) -> Response:
    """Show the published answers point by point, what was supported and not accepted first."""
    here, plan_id = _keys(place)
    wanted = next((one for one in Outcome if one.value == request.args.get("outcome")), None)
    every = queries.published_points(here, plan_id)
    found = [one for one in every if wanted in (None, one.answer.outcome)]
    start = _start(request.args.get("after"), len(found))
    rows = found[start : start + queries.PAGE_ROWS]
    more = start + queries.PAGE_ROWS < len(found)
    counts: dict[Outcome, int] = {}
    for one in every:
        counts[one.answer.outcome] = counts.get(one.answer.outcome, 0) + 1

    def link(**values: Any) -> str:
        return pieces.address(place, "answers", **{"outcome": wanted.value if wanted else None, **values})

    return pages.page(
        "responses/answers.html",
        block="list" if start else None,
        place=place,
        published=bool(every),
        published_at=min((one.answer.published_at for one in every), default=None),
        texts=sum(one.texts for one in every),
        points=[pieces.point_piece(one, place) for one in rows],
        next_url=link(after=start + queries.PAGE_ROWS) if more else None,
        outcomes=[
            {"label": _("All"), "url": link(outcome=None), "count": len(every), "current": wanted is None},
            *(
                {
                    "label": labels.outcome(one),
                    "url": link(outcome=one.value),
                    "count": counts[one],
                    "current": one is wanted,
                }
                for one in Outcome
                if one in counts
            ),
        ],
        ideas_url=url_for("contributions.ideas", slug=place.slug, cycle=place.cycle),
        crumbs=[
            {
                "label": _("The plan %(cycle)s", cycle=place.cycle),
                "url": pages.home_of("plan", slug=place.slug, cycle=place.cycle)
                if pages.has_home("plan")
                else None,
            },
            {"label": _("Answers"), "url": None},
        ],
    )


def _start(value: str | None, total: int) -> int:
    """Return where a page begins; an unreadable place is the beginning."""
    if value and value.isascii() and value.isdigit() and len(value) < 9 and int(value) < total:
        return int(value)
    return 0


# --- wiring --------------------------------------------------------------------------------------------------------------


def response_of(collectivity_id: int, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Answer the contributions room: the published answer of each text, ready to show."""
    values = request.view_args or {}
    return {
        key: pieces.answer_piece(one, str(values.get("slug", "")), values.get("cycle"))
        for key, one in queries.response_for(collectivity_id, ids).items()
    }


def init_app(app: Flask) -> None:  # noqa: ARG001
    """Answer the questions of earlier rooms and say what our refusals mean."""
    contributions.later.fate_of = queries.fates
    contributions.later.ids_with_fate = queries.ids_with_fate
    contributions.later.response_of = response_of
    pages.register_homes(
        {
            "answers": "responses.answers",
            "answers_desk": "responses.desk",
            "ideas_desk": "responses.ideas",
        }
    )
    errors.explain(
        actions.NoSuchThingError,
        lambda _error: Trouble(
            404,
            _("This page does not exist"),
            _("The address may be mistyped, or what it showed was never public."),
        ),
    )
    explained: dict[type[Exception], Callable[[], tuple[str, str]]] = {
        actions.NotAnswerableError: lambda: (
            _("This text is owed no answer any more"),
            _("Its author withdrew it, or a moderator hid it or joined it to another. Go back to the list."),
        ),
        actions.ApprovedError: lambda: (
            _("A second person has approved this answer"),
            _("Reopen it first; then it can be changed and must be approved again."),
        ),
        actions.PublishedError: lambda: (
            _("This answer is public"),
            _("It stays as people read it. What changes now is decided by the council."),
        ),
        actions.RoundOverError: lambda: (
            _("This consultation is kept as it was"),
            _("The council returned the plan: its answers belong to the round that is over."),
        ),
        actions.ThemeInUseError: lambda: (
            _("This theme is not empty"),
            _("Move its texts to another theme first. A theme with an answer stays."),
        ),
        actions.ReasonMissingError: lambda: (
            _("A reason is needed"),
            _("Write the reason in Arabic: people are owed one."),
        ),
        actions.TextMissingError: lambda: (
            _("The Arabic text is missing"),
            _("Write it in Arabic at least, then send again."),
        ),
        actions.TargetMissingError: lambda: (
            _("With what is it merged?"),
            _("Choose the project it joins, or write the reference of the other idea."),
        ),
        actions.MergedWithItselfError: lambda: (
            _("These ideas point to each other"),
            _("An idea cannot be merged with itself, nor with one merged into it."),
        ),
    }
    for kind, words in explained.items():
        errors.explain(kind, _explained(words))


def _explained(words: Callable[[], tuple[str, str]]) -> Callable[[Any], Trouble]:
    def explain(_error: Any) -> Trouble:
        title, text = words()
        return Trouble(409, title, text)

    return explain


__all__ = ["blueprints", "init_app", "response_of"]
