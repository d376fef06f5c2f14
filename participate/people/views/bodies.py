"""Advisory bodies."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from participate.db import db
from participate.network import queries as network
from participate.people import actions, queries
from participate.people.forms import AdvisoryBodyForm
from participate.people.views.blueprint import bp
from participate.rules.policy import Act, Place
from participate.web import forms, pages
from participate.web.access import actor, allowed, guard


@bp.get("/desk/<slug:slug>/advisory-bodies")
@guard(Act.COLLECTIVITY_EDIT, network.collectivity_place)
def advisory_bodies(place: Place) -> Any:
    """List the bodies that advise the council, with the form of a new one."""
    return _bodies_page(place, AdvisoryBodyForm())


def _bodies_page(place: Place, form: AdvisoryBodyForm, status: int = 200) -> Any:
    assert place.collectivity_id is not None
    return pages.page(
        "people/desk_bodies.html",
        status=status,
        place=place,
        form=form,
        bodies=queries.advisory_bodies(place.collectivity_id),
        may_grant=allowed(Act.ROLE_MANAGE, place),
    )


@bp.post("/desk/<slug:slug>/advisory-bodies")
@guard(Act.COLLECTIVITY_EDIT, network.collectivity_place)
def found_body(place: Place) -> Any:
    """Enter a body."""
    assert place.collectivity_id is not None
    form = AdvisoryBodyForm()
    if not form.validate_on_submit():
        return _bodies_page(place, form, 422)
    reply = forms.first_reply(form)
    if reply:
        return pages.see(reply.location)
    try:
        actions.found_advisory_body(
            actor(),
            place.collectivity_id,
            form.slug.data or "",
            {"ar": form.name_ar.data or "", "fr": form.name_fr.data or ""},
            {"ar": form.description_ar.data or "", "fr": form.description_fr.data or ""},
        )
    except actions.BodyExistsError:
        db.session.rollback()
        form.slug.errors = [_("A body has this short name already. Choose another one.")]
        return _bodies_page(place, form, 422)
    location = url_for("people.advisory_bodies", slug=place.slug)
    forms.keep_reply(form, location)
    db.session.commit()
    flash(_("The body is entered. Give its members their role under “People and roles”."), "ok")
    return pages.see(location)
