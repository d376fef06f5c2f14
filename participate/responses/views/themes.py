"""Themes: their list, their titles, their members."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, abort, flash, request
from flask_babel import gettext as _

from participate.db import db
from participate.plans.queries import plan_place
from participate.responses import actions, pieces, queries
from participate.responses.actions import Subject
from participate.responses.forms import DecideForm, MembersForm, ResponseForm, ThemeForm, picked, words_of
from participate.responses.queries import ThemeView
from participate.responses.views.around import (
    address_part,
    chosen_round,
    desk_page,
    ids_of,
    project_id_of,
    projects_of,
)
from participate.responses.views.blueprint import DESK, KEY, bp
from participate.responses.views.grouping import flash_filled, part_of, theme_here
from participate.responses.views.writing import answer_page, response_data, write_answer
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import actor, allowed, guard
from participate.web.forms import first_reply, keep_reply


@bp.get(f"{DESK}/responses/themes/")
@guard(Act.RESPONSE_READ_DRAFT, plan_place)
def themes(place: Place) -> Response:
    """List the themes of the round with the state of their answers."""
    here, _plan_id = ids_of(place)
    every, chosen = chosen_round(place, request.args.get("round"))
    found = queries.themes(here, chosen.id) if chosen else ()
    return desk_page(
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
    number, _about = part_of(request.args.get("project"))
    form = ThemeForm(formdata=None, data={"project": str(number or "")})
    form.offer(projects_of(place))
    return _theme_form_page(place, form, picked(request.args.getlist("pick")))


def _theme_form_page(
    place: Place,
    form: ThemeForm,
    picks: Sequence[int] = (),
    theme: ThemeView | None = None,
    status: int = 200,
) -> Response:
    _every, chosen = chosen_round(place, request.values.get("round"))
    if chosen is None and theme is None:
        abort(404)
    return desk_page(
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
    form.offer(projects_of(place))
    picks = picked(request.form.getlist("pick"))
    if not form.validate_on_submit():
        return _theme_form_page(place, form, picks, status=422)
    if reply := first_reply(form):
        return pages.see(reply.location)
    _every, chosen = chosen_round(place, request.form.get("round"))
    if chosen is None:
        abort(404)
    here, _plan_id = ids_of(place)
    row = actions.save_theme(
        actor(),
        here,
        chosen.id,
        words_of(form.title_ar.data, form.title_fr.data),
        project_id=project_id_of(place, form.number),
    )
    done = actions.fill_theme(actor(), here, row.id, picks) if picks else actions.Filled(row.id)
    location = pieces.address(place, "desk", round=str(chosen.id), project=request.form.get("part"))
    keep_reply(form, location)
    db.session.commit()
    flash(_("The theme is there. Only the committee sees it until the answers are published."), "ok")
    flash_filled(done)
    return pages.see(location)


@bp.get(f"{DESK}/responses/themes/<{KEY}:theme_id>/edit")
@guard(Act.THEME_EDIT, plan_place)
def edit_theme(place: Place) -> Response:
    """Show the form of a theme's title and project."""
    found = theme_here(place, address_part("theme_id"))
    form = ThemeForm(
        formdata=None,
        data={
            "title_ar": found.title.get("ar", ""),
            "title_fr": found.title.get("fr", ""),
            "project": str(found.project_number or ""),
            "row_version": found.row_version,
        },
    )
    form.offer(projects_of(place))
    return _theme_form_page(place, form, theme=found)


@bp.post(f"{DESK}/responses/themes/<{KEY}:theme_id>/edit")
@guard(Act.THEME_EDIT, plan_place)
def save_theme(place: Place) -> Response:
    """Give a theme another title or project."""
    found = theme_here(place, address_part("theme_id"))
    form = ThemeForm()
    form.offer(projects_of(place))
    if not form.validate_on_submit():
        return _theme_form_page(place, form, theme=found, status=422)
    if reply := first_reply(form):
        return pages.see(reply.location)
    actions.save_theme(
        actor(),
        ids_of(place)[0],
        found.consultation_id,
        words_of(form.title_ar.data, form.title_fr.data),
        project_id=project_id_of(place, form.number),
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
    found = theme_here(place, address_part("theme_id"))
    return _theme_page(place, found, ResponseForm(formdata=None, data=response_data(found.response)))


def _theme_page(
    place: Place,
    found: ThemeView,
    form: ResponseForm,
    *,
    status: int = 200,
    members_form: MembersForm | None = None,
) -> Response:
    here, _plan_id = ids_of(place)
    others = [one for one in queries.themes(here, found.consultation_id) if one.id != found.id]
    moving = members_form or MembersForm(formdata=None)
    moving.into.choices = [
        ("", _("Choose a theme")),
        *((str(one.id), pieces.theme_name(one)) for one in others),
    ]
    texts = queries.members(here, found.id)
    return answer_page(
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
    found = theme_here(place, address_part("theme_id"))
    subject = Subject(ids_of(place)[0], found.consultation_id, theme_id=found.id)
    return write_answer(
        subject,
        lambda form, status: _theme_page(place, found, form, status=status),
        pieces.address(place, "theme", theme_id=found.id),
    )


@bp.post(f"{DESK}/responses/themes/<{KEY}:theme_id>/members")
@guard(Act.THEME_EDIT, plan_place)
def move_members(place: Place) -> Response:
    """Take the ticked texts out of a theme, or move them to another one."""
    found = theme_here(place, address_part("theme_id"))
    form = MembersForm()
    picks = picked(request.form.getlist("pick"))
    target = picked([form.into.data or ""])
    moving = request.form.get("do") == "move"
    if not form.validate_on_submit() or not picks or (moving and not target):
        if not picks:
            form.form_errors.append(_("Tick at least one text first."))
        elif moving and not target:
            form.into.errors = [_("Choose a theme.")]
        data = ResponseForm(formdata=None, data=response_data(found.response))
        return _theme_page(place, found, data, status=422, members_form=form)
    here, _plan_id = ids_of(place)
    if moving:
        theme_here(place, target[0])
        flash_filled(actions.fill_theme(actor(), here, target[0], picks))
    if not moving or target[0] != found.id:
        actions.take_out(actor(), here, found.id, picks)
    db.session.commit()
    return pages.see(pieces.address(place, "theme", theme_id=found.id))


@bp.post(f"{DESK}/responses/themes/<{KEY}:theme_id>/remove")
@guard(Act.THEME_EDIT, plan_place)
def remove_theme(place: Place) -> Response:
    """Remove a theme that holds nothing."""
    found = theme_here(place, address_part("theme_id"))
    form = DecideForm()
    if not form.validate_on_submit():
        abort(400)
    actions.remove_theme(actor(), ids_of(place)[0], found.id)
    db.session.commit()
    flash(_("The empty theme is gone."), "ok")
    return pages.see(pieces.address(place, "themes", round=str(found.consultation_id)))
