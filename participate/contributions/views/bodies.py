"""Opinions of advisory bodies."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from participate.contributions import actions, queries
from participate.contributions.forms import OpinionForm
from participate.contributions.views.around import crumbs_of, performed_once
from participate.contributions.views.blueprint import bp, collectivity_of, plan_place
from participate.rules.policy import Act, Place
from participate.web import forms, pages
from participate.web.access import actor, allowed, guard
from participate.web.forms import Form
from participate.web.i18n import plain, said


def _opinion_page(place: Place, form: Form, status: int = 200) -> Any:
    filed = (
        queries.opinions(collectivity_of(place), place.consultation_id)
        if place.consultation_id is not None
        else ()
    )
    return pages.page(
        "contributions/opinion.html",
        block="form",
        status=status,
        form=form,
        filed=[
            {"name": said(one.body_name), "at": one.filed_at, "text": one.text, "lang": one.lang}
            for one in filed
        ],
        has_bodies=bool(queries.advisory_bodies(collectivity_of(place))),
        possible=place.consultation_id is not None and allowed(Act.OPINION_FILE, place),
        opinion_chars=queries.OPINION_CHARS,
        crumbs=crumbs_of(place, (_("Opinion of an advisory body"), None)),
        back=pages.home_of("plan", slug=place.slug, cycle=place.cycle),
    )


def _bodies(place: Place) -> list[tuple[str, str]]:
    return [(str(body.id), plain(body.name)) for body in queries.advisory_bodies(collectivity_of(place))]


@bp.get("/desk/<slug:slug>/plans/<cycle:cycle>/opinion")
@guard(Act.DESK_ENTER, plan_place)
def opinion_form(place: Place) -> Any:
    """Show what advisory bodies filed, and the form to file an opinion."""
    bodies = _bodies(place)
    form = forms.restored(
        OpinionForm, data={"body_id": bodies[0][0] if len(bodies) == 1 else None}, bodies=bodies
    )
    return _opinion_page(place, form)


@bp.post("/desk/<slug:slug>/plans/<cycle:cycle>/opinion")
@guard(Act.OPINION_FILE, plan_place)
def opinion(place: Place) -> Any:
    """File the opinion of an advisory body."""
    form = OpinionForm(bodies=_bodies(place))
    if not form.validate_on_submit():
        return _opinion_page(place, form, status=422)

    def act() -> tuple[str, str | None]:
        actions.file_opinion(
            actor(),
            place,
            body_id=int(form.body_id.data),
            text=form.text.data or "",
            lang=form.lang.data or None,
        )
        flash(_("The opinion is filed. It will be printed unedited in the council's dossier."), "ok")
        return url_for("contributions.opinion_form", slug=place.slug, cycle=place.cycle), None

    return performed_once(form, act)
