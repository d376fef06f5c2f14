"""Associations, for everybody, and their registration."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from participate.db import db
from participate.network import queries as network
from participate.people import actions, queries
from participate.people.forms import AssociationForm
from participate.people.views.blueprint import bp
from participate.rules.policy import Act, Place
from participate.web import forms, i18n, pages
from participate.web.access import actor, guard


@bp.get("/<slug:slug>/associations/")
@guard(Act.PUBLIC_READ, network.collectivity_place)
def associations(place: Place) -> Any:
    """List the verified associations of a collectivity."""
    assert place.collectivity_id is not None
    return pages.page(
        "people/associations.html", place=place, associations=queries.associations(place.collectivity_id)
    )


@bp.get("/<slug:slug>/associations/new")
@guard(Act.PUBLIC_READ, network.collectivity_place)
def new_association(place: Place) -> Any:
    """Show the form by which an association asks to take part; it is sent once signed in."""
    pages.needs_csrf()
    form = forms.restored(AssociationForm)
    return pages.page("people/association_form.html", place=place, form=form, by_desk=False)


@bp.post("/<slug:slug>/associations/new")
@guard(Act.ASSOCIATION_REGISTER, network.collectivity_place)
def ask_association(place: Place) -> Any:
    """Enter an association in whose name the sender wants to speak; the commune verifies it."""
    return register(place, by_desk=False)


def register(place: Place, *, by_desk: bool) -> Any:
    """Register an association, at the desk or by its own people."""
    assert place.collectivity_id is not None
    form = AssociationForm()
    if not by_desk:
        form.email.data = ""
    if form.validate():
        reply = forms.first_reply(form)
        if reply:
            return pages.see(reply.location)
        try:
            location = _enter(place, form, by_desk=by_desk)
        except actions.LookAlikeError:
            form.name_ar.errors = [
                _(
                    "An association with this name, or one that looks like it, is here already. Write to the commune if it is yours."
                )
            ]
        except actions.NameTooShortError:
            form.name_ar.errors = [_("Write the name of the association.")]
        else:
            return pages.see(location)
    db.session.rollback()
    return pages.page("people/association_form.html", status=422, place=place, form=form, by_desk=by_desk)


def _enter(place: Place, form: AssociationForm, *, by_desk: bool) -> str:
    assert place.collectivity_id is not None
    delegate = actor().person_id
    if by_desk:
        email = str(form.email.data or "")
        delegate = actions.person_by_email(email, i18n.lang()).id if email else None
    found = actions.register_association(
        actor(),
        place.collectivity_id,
        _words(form.name_ar.data, form.name_fr.data),
        _words(form.purpose_ar.data, form.purpose_fr.data),
        delegate_id=delegate,
    )
    if by_desk:
        flash(_("The association is entered. Verify it once you have seen its papers."), "ok")
        location = url_for("people.associations_desk", slug=place.slug, _anchor=f"a-{found.ref}")
    else:
        location = url_for("people.association_sent", slug=place.slug)
    forms.keep_reply(form, location)
    db.session.commit()
    return location


def _words(arabic: str | None, french: str | None) -> dict[str, str]:
    return {lang: words for lang, words in (("ar", arabic), ("fr", french)) if words}


@bp.get("/<slug:slug>/associations/sent")
@guard(Act.PUBLIC_READ, network.collectivity_place)
def association_sent(place: Place) -> Any:
    """Say what happens next with an association that was entered."""
    return pages.page("people/association_sent.html", place=place)
