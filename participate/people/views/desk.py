"""The desk: roles, associations and their delegates, people seen in person."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.db import db
from participate.network import queries as network
from participate.people import actions, queries
from participate.people.forms import AssociationForm, DelegateForm, GrantForm, SeenForm
from participate.people.views.associations import register
from participate.people.views.blueprint import bp
from participate.people.views.proving import fresh
from participate.people.views.telling import tell
from participate.rules.policy import Act, Place, Role
from participate.web import forms, i18n, labels, pages
from participate.web.access import actor, guard, own_id


@bp.get("/desk/<slug:slug>/people")
@guard(Act.ROLE_MANAGE, network.collectivity_place)
@fresh()
def roles(place: Place) -> Any:
    """List who holds which role, and the form to grant one."""
    return _people_page(place, forms.restored(GrantForm))


def _people_page(place: Place, form: forms.Form, status: int = 200) -> Any:
    assert place.collectivity_id is not None
    return pages.page(
        "people/desk_people.html",
        status=status,
        place=place,
        form=form,
        csrf=pages.needs_csrf(),
        grants=[
            (labels.role(grant.role), grant, grant.person_id == actor().person_id)
            for grant in queries.grants(place.collectivity_id)
        ],
    )


@bp.post("/desk/<slug:slug>/people")
@guard(Act.ROLE_MANAGE, network.collectivity_place)
@fresh()
def grant_role(place: Place) -> Any:
    """Grant a role by e-mail address; the person is told."""
    assert place.collectivity_id is not None
    form = GrantForm()
    if not form.validate():
        return _people_page(place, form, 422)
    reply = forms.first_reply(form)
    if reply:
        return pages.see(reply.location)
    role = Role(form.role.data)
    try:
        person = actions.person_by_email(str(form.email.data), i18n.lang())
        actions.grant_role(actor(), place.collectivity_id, person.id, role)
    except actions.RoleHeldError:
        return _refuse_grant(place, form, _("This person already has this role here."))
    except actions.ExclusiveRolesError as error:
        return _refuse_grant(
            place,
            form,
            _(
                "This person is already %(held)s here. Nobody may be both %(held)s and %(wanted)s in one commune.",
                held=labels.role(error.held),
                wanted=labels.role(error.wanted),
            ),
        )
    except actions.OwnRolesError:
        return _refuse_grant(place, form, _("Nobody changes their own roles: ask another administrator."))
    _tell_role(place, person.id, role, granted=True)
    location = url_for("people.roles", slug=place.slug)
    forms.keep_reply(form, location)
    db.session.commit()
    flash(_("The role is granted. The person is told by mail and signs in again."), "ok")
    return pages.see(location)


def _refuse_grant(place: Place, form: GrantForm, words: str) -> Any:
    db.session.rollback()
    form.role.errors = [words]
    return _people_page(place, form, 422)


def _tell_role(place: Place, person_id: int, role: Role, *, granted: bool) -> None:
    """Tell the person, and whoever did it: a role given in somebody's name must not go unnoticed."""
    where = network.collectivity_by_slug(place.slug)
    assert where is not None

    def names() -> dict[str, str]:
        return {"role": labels.role(role), "place": i18n.plain(where.name)}

    def subject() -> str:
        if granted:
            return _("A role at %(place)s: %(role)s", **names())
        return _("A role taken back at %(place)s: %(role)s", **names())

    def lines() -> list[str]:
        if granted:
            return [
                _("The commune of %(place)s has given you the role “%(role)s” on Participate.", **names()),
                _("Sign in with this e-mail address: you will find the desk at the top of each page."),
                _("At the first sign-in you set a password and an application that shows codes."),
            ]
        return [
            _("The commune of %(place)s has taken back your role “%(role)s” on Participate.", **names()),
            _("What you did in it stays in the record. Your account stays yours."),
        ]

    def lines_for_giver() -> list[str]:
        said = (
            _("You have given the role “%(role)s” at %(place)s to somebody.", **names())
            if granted
            else _("You have taken back the role “%(role)s” at %(place)s from somebody.", **names())
        )
        return [said, _("If it was not you, end your sessions and tell another administrator at once.")]

    tell(own_id(), "role_done", subject, lines_for_giver, "people.sessions")
    tell(person_id, "role", subject, lines)


@bp.post("/desk/<slug:slug>/people/revoke")
@guard(Act.ROLE_MANAGE, network.collectivity_place)
@fresh("people.roles")
def revoke_role(place: Place) -> Any:
    """Take a role back."""
    assert place.collectivity_id is not None
    key = _key("grant")
    held = queries.grant_one(place.collectivity_id, key)
    role = actions.revoke_role(actor(), place.collectivity_id, key)
    assert held is not None
    _tell_role(place, held.person_id, role, granted=False)
    db.session.commit()
    flash(_("The role is taken back. The person signs in again without it."), "ok")
    return pages.see(url_for("people.roles", slug=place.slug))


def _key(field: str) -> int:
    value = request.form.get(field, "")
    if not value.isascii() or not value.isdecimal() or len(value) > 18 + 1:
        raise NotFound
    return min(int(value), 2**63 - 1)


@bp.get("/desk/<slug:slug>/associations")
@guard(Act.ASSOCIATION_VERIFY, network.collectivity_place)
def associations_desk(place: Place) -> Any:
    """List the associations: verify, name delegates, end their mandates."""
    return _associations_page(place)


def _associations_page(
    place: Place, form: DelegateForm | None = None, association_id: int | None = None, status: int = 200
) -> Any:
    assert place.collectivity_id is not None
    return pages.page(
        "people/desk_associations.html",
        status=status,
        place=place,
        csrf=pages.needs_csrf(),
        associations=queries.associations_for_desk(place.collectivity_id),
        form=form,
        form_of=association_id,
        typed=form.email.data if form else "",
    )


@bp.get("/desk/<slug:slug>/associations/new")
@guard(Act.ASSOCIATION_VERIFY, network.collectivity_place)
def desk_new_association(place: Place) -> Any:
    """Show the form of an association that came to the desk."""
    form = forms.restored(AssociationForm)
    return pages.page("people/association_form.html", place=place, form=form, by_desk=True)


@bp.post("/desk/<slug:slug>/associations/new")
@guard(Act.ASSOCIATION_VERIFY, network.collectivity_place)
def desk_register(place: Place) -> Any:
    """Enter an association that came to the desk."""
    return register(place, by_desk=True)


@bp.post("/desk/<slug:slug>/associations/verify")
@guard(Act.ASSOCIATION_VERIFY, network.collectivity_place)
def verify_association(place: Place) -> Any:
    """Say that the association's papers were seen."""
    assert place.collectivity_id is not None
    try:
        found = actions.verify_association(actor(), place.collectivity_id, _key("association"))
    except actions.AlreadyVerifiedError:
        flash(_("This association was already verified."), "info")
        return pages.see(url_for("people.associations_desk", slug=place.slug))
    db.session.commit()
    flash(_("Verified. Its delegates can now speak in its name."), "ok")
    return pages.see(url_for("people.associations_desk", slug=place.slug, _anchor=f"a-{found.ref}"))


@bp.post("/desk/<slug:slug>/associations/mandates")
@guard(Act.MANDATE_MANAGE, network.collectivity_place)
def grant_mandate(place: Place) -> Any:
    """Let somebody speak for an association."""
    assert place.collectivity_id is not None
    form = DelegateForm()
    association_id = _key("association")
    if not form.validate():
        return _associations_page(place, form, association_id, 422)
    reply = forms.first_reply(form)
    if reply:
        return pages.see(reply.location)
    try:
        person = actions.person_by_email(str(form.email.data), i18n.lang())
        actions.grant_mandate(actor(), place.collectivity_id, association_id, person.id)
    except actions.MandateHeldError:
        db.session.rollback()
        form.email.errors = [_("This person already speaks for the association.")]
        return _associations_page(place, form, association_id, 422)
    location = url_for("people.associations_desk", slug=place.slug)
    forms.keep_reply(form, location)
    db.session.commit()
    rows = queries.associations_for_desk(place.collectivity_id)
    verified = any(one.id == association_id and one.verified_at is not None for one in rows)
    flash(
        _("The delegate can now speak in the association's name.")
        if verified
        else _("The delegate can speak in the association's name once it is verified."),
        "ok",
    )
    return pages.see(location)


@bp.post("/desk/<slug:slug>/associations/mandates/end")
@guard(Act.MANDATE_MANAGE, network.collectivity_place)
def end_mandate(place: Place) -> Any:
    """End a mandate; what was said stays the association's."""
    assert place.collectivity_id is not None
    actions.end_mandate(actor(), place.collectivity_id, _key("mandate"))
    db.session.commit()
    flash(_("The mandate has ended. What the association said stays."), "ok")
    return pages.see(url_for("people.associations_desk", slug=place.slug))


@bp.get("/desk/<slug:slug>/verify")
@guard(Act.PERSON_VERIFY, network.collectivity_place)
def verify(place: Place) -> Any:
    """Ask whom the desk agent sees."""
    return pages.page("people/verify.html", place=place, form=forms.restored(SeenForm))


@bp.post("/desk/<slug:slug>/verify")
@guard(Act.PERSON_VERIFY, network.collectivity_place)
def see_person(place: Place) -> Any:
    """Note that somebody was seen with a document; no number is kept."""
    assert place.collectivity_id is not None
    form = SeenForm()
    if not form.validate():
        return pages.page("people/verify.html", status=422, place=place, form=form)
    reply = forms.first_reply(form)
    if reply:
        return pages.see(reply.location)
    person = actions.person_by_email(str(form.email.data), i18n.lang())
    if person.id == actor().person_id:
        db.session.rollback()
        form.email.errors = [_("You cannot verify yourself: a colleague must see you.")]
        return pages.page("people/verify.html", status=422, place=place, form=form)
    actions.see_at_desk(actor(), place.collectivity_id, person.id)
    location = url_for("people.verify", slug=place.slug)
    forms.keep_reply(form, location)
    db.session.commit()
    flash(_("Noted: %(email)s was seen at the desk.", email=form.email.data), "ok")
    return pages.see(location)
