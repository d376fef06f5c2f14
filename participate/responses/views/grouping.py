"""Grouping texts into themes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from flask import Response, abort, flash, request
from flask_babel import gettext as _
from flask_babel import ngettext

from participate.db import db
from participate.plans.queries import plan_place
from participate.responses import actions, pieces, queries
from participate.responses.forms import FillForm, picked
from participate.responses.queries import About, ThemeView
from participate.responses.views.around import chosen_round, desk_page, ids_of
from participate.responses.views.blueprint import DESK, bp
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import actor, allowed, guard

THEME_KEYS = "123456789"


def _group_view(values: Mapping[str, str]) -> dict[str, str]:
    """Return the filters of the desk: the consultation, and a project's number, `plan` or `ideas`."""
    return {key: values[key] for key in ("round", "project") if values.get(key)}


@bp.get(f"{DESK}/responses/")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def desk(place: Place) -> Response:
    """Show what is in no theme yet beside the themes."""
    return _group_page(place, FillForm(formdata=None), _group_view(request.args))


def _group_page(place: Place, form: FillForm, view: Mapping[str, str], status: int = 200) -> Response:
    here, _plan_id = ids_of(place)
    every, chosen = chosen_round(place, view.get("round"))
    if chosen is None:
        return desk_page("responses/desk.html", place, "desk", status=status, chosen=None)
    number, about = part_of(view.get("project"))
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
    return desk_page(
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


def part_of(value: str | None) -> tuple[int | None, About | None]:
    """Return the project, or the part of the plan, that the list of texts is narrowed to."""
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
    theme_here(place, chosen[0])
    done = actions.fill_theme(actor(), ids_of(place)[0], chosen[0], picks)
    db.session.commit()
    flash_filled(done)
    return pages.see(pieces.address(place, "desk", **view))


def theme_here(place: Place, theme_id: int) -> ThemeView:
    """Return a theme of this plan; another plan's does not exist here."""
    here, plan_id = ids_of(place)
    return queries.theme(here, plan_id, theme_id) or abort(404)


def flash_filled(done: actions.Filled) -> None:
    """Say how many texts went into a theme, and how many were left."""
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
