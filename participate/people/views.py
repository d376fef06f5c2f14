"""Signing in and out, one's account, and the desk's pages about people and associations."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Flask, current_app, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import NotFound

from participate.db import db
from participate.network import queries as network
from participate.people import actions, hooks, queries
from participate.people.actions import CodeProblem
from participate.people.forms import (
    AdvisoryBodyForm,
    AssociationForm,
    CodeForm,
    DelegateForm,
    EmailForm,
    GrantForm,
    NameForm,
    SeenForm,
    SettingsForm,
)
from participate.people.hooks import browser
from participate.people.sessions import DatabaseSessions
from participate.people.sessions import now as machine_now
from participate.post import actions as post
from participate.post import text
from participate.rules.policy import Act, Place, Role
from participate.rules.text import safe_next
from participate.web import errors, forms, i18n, labels, limits, pages
from participate.web.access import actor, allowed, guard
from participate.web.errors import Trouble
from participate.web.limits import TooOftenError

SESSION_REF = re.compile(rf"[0-9a-f]{{{queries.REF_CHARS}}}")
CODES_OF_A_BROWSER = "5/15 minute"
CODES_OF_AN_ADDRESS = "20/hour"
CODES_OF_A_DEVICE = "30/hour"

bp = Blueprint("people", __name__, url_prefix="/<lang:lang>")
blueprints = (bp,)


def init_app(app: Flask) -> None:
    """Keep sessions in the database, answer the web side's questions, count attempts."""
    app.session_interface = DatabaseSessions()
    hooks.init_app(app)
    limits.init_app(app)
    errors.explain(
        actions.OwnRolesError,
        lambda _error: Trouble(
            403,
            _("Nobody changes their own roles"),
            _("Ask another administrator of the commune, or the network."),
        ),
    )


def _landing(next_path: str | None) -> str:
    return safe_next(next_path) or pages.home_of("me")


def _wanted() -> str:
    """Return the validated address to come back to."""
    return safe_next(request.values.get("next") or request.values.get("return_to")) or ""


# --- signing in ------------------------------------------------------------------------------------------


@bp.get("/sign-in")
@guard(Act.ACCOUNT_SIGN_IN)
def sign_in(place: Place) -> Any:
    """Ask for an e-mail address."""
    del place
    if actor().person_id is not None:
        return pages.see(_landing(_wanted()))
    pages.needs_csrf()
    return _sign_in_page(EmailForm(data={"next": _wanted()}))


def _sign_in_page(form: EmailForm, status: int = 200, **context: Any) -> Any:
    headers = {"Retry-After": str(context["wait"])} if "wait" in context else {}
    wanted = safe_next(form.next.data) or ""
    return pages.page(
        "people/sign_in.html",
        status=status,
        headers=headers,
        form=form,
        waiting=bool(wanted and hooks.take_draft(wanted)),
        demo=current_app.config["DEMO"],
        **context,
    )


@bp.post("/sign-in")
@guard(Act.ACCOUNT_SIGN_IN)
def ask_code(place: Place) -> Any:
    """Mail a code: the same page and one mail, whether or not somebody has this address."""
    del place
    form = EmailForm()
    if not form.validate():
        return _sign_in_page(form, 422)
    browser_hash = browser().begin()
    try:
        limits.count("code of a browser", f"{form.email.data} {browser_hash}", CODES_OF_A_BROWSER)
        limits.count("code of an address", str(form.email.data), CODES_OF_AN_ADDRESS)
        limits.count("code of a device", browser_hash, CODES_OF_A_DEVICE)
    except TooOftenError as error:
        minutes = -(-error.wait // 60)
        form.email.errors = [
            ngettext(
                "Too many codes were asked for. Wait %(num)d minute, then ask again.",
                "Too many codes were asked for. Wait %(num)d minutes, then ask again.",
                minutes,
            )
        ]
        return _sign_in_page(form, 429, wait=error.wait)
    asked = actions.request_code(str(form.email.data), browser_hash, safe_next(form.next.data))
    _mail_code(str(form.email.data), asked)
    db.session.commit()
    return pages.see(url_for("people.enter_code"))


def _mail_code(email: str, asked: actions.Asked) -> None:
    lang = {"zgh": "ar"}.get(i18n.lang(), i18n.lang())
    link = current_app.config["BASE_URL"] + url_for("people.follow_link", token=asked.link_token)
    lines = [
        _("Your sign-in code for Participate:"),
        asked.code,
        _("It works once, for ten minutes, in the browser where you asked for it."),
        _("Nobody from the commune will ever ask you for it. If you did not ask for it, ignore this letter."),
        _("Instead of typing the code you can open this link in the same browser:"),
    ]
    post.send(
        email,
        None,
        lang,
        "sign_in",
        _("%(code)s is your sign-in code", code=asked.code),
        text.letter(lines, link),
    )


@bp.get("/sign-in/code")
@guard(Act.ACCOUNT_SIGN_IN)
def enter_code(place: Place) -> Any:
    """Ask for the code that was mailed."""
    del place
    if actor().person_id is not None:
        return pages.see(_landing(None))
    pending = _pending()
    if pending is None:
        return pages.see(url_for("people.sign_in"))
    pages.needs_csrf()
    return _code_page(CodeForm(), pending)


def _pending() -> queries.PendingCode | None:
    browser_hash = browser().id_hash
    return queries.pending_code(browser_hash) if browser_hash else None


def _code_page(form: CodeForm, pending: queries.PendingCode | None, status: int = 200, **context: Any) -> Any:
    again = EmailForm(
        formdata=None,
        data={
            "email": pending.email if pending else "",
            "next": (pending.next_path if pending else "") or "",
        },
    )
    return pages.page(
        "people/code.html",
        status=status,
        form=form,
        again=again,
        pending=pending,
        demo=current_app.config["DEMO"],
        **context,
    )


@bp.post("/sign-in/code")
@guard(Act.ACCOUNT_SIGN_IN)
def use_code(place: Place) -> Any:
    """Sign in with the typed code, or say what is wrong with it."""
    del place
    form = CodeForm()
    if not form.validate():
        return _code_page(form, _pending(), 422)
    browser_hash = browser().begin()
    pending = queries.pending_code(browser_hash)
    found = actions.redeem(browser_hash, i18n.lang(), code=str(form.code.data))
    db.session.commit()  # a wrong try counts too
    if found.person_id is None:
        form.code.errors = [_problem_words(found)]
        return _code_page(form, pending, 422, over=found.problem is not CodeProblem.WRONG)
    return _welcome(found, "code")


def _welcome(found: actions.Redeemed, means: str) -> Any:
    assert found.person_id is not None
    browser().sign_in(found.person_id, machine_now(), means)
    return pages.see(_landing(found.next_path))


def _problem_words(found: actions.Redeemed) -> str:
    if found.problem is CodeProblem.WRONG:
        return ngettext(
            "This is not the code of the newest mail. You have %(num)d try left.",
            "This is not the code of the newest mail. You have %(num)d tries left.",
            found.tries_left,
        )
    assert found.problem is not None
    return {
        CodeProblem.NONE_ASKED: _("No code was asked for in this browser. Ask for one."),
        CodeProblem.EXPIRED: _("This code is more than ten minutes old. Ask for a new one."),
        CodeProblem.TOO_MANY_TRIES: _("Five tries were wrong, so this code is closed. Ask for a new one."),
        CodeProblem.USED: _("This code was already used. Ask for a new one."),
    }[found.problem]


@bp.get("/sign-in/link/<ref:token>")
@guard(Act.ACCOUNT_SIGN_IN)
def follow_link(place: Place) -> Any:
    """Show one button: programs that open links in mails must not sign anybody in."""
    del place
    if actor().person_id is not None:
        return pages.see(_landing(None))
    token = (request.view_args or {})["token"]
    pending = _pending()
    ours = actions.is_link_of(pending, token)
    if ours:
        pages.needs_csrf()
    return pages.page("people/link.html", token=token, ours=ours, pending=pending)


@bp.post("/sign-in/link/<ref:token>")
@guard(Act.ACCOUNT_SIGN_IN)
def use_link(place: Place) -> Any:
    """Sign in with the link of the mail."""
    del place
    browser_hash = browser().begin()
    pending = queries.pending_code(browser_hash)
    found = actions.redeem(browser_hash, i18n.lang(), link_token=(request.view_args or {})["token"])
    db.session.commit()
    if found.person_id is None:
        form = CodeForm(formdata=None)
        form.code.errors = [_problem_words(found)]
        pages.needs_csrf()
        return _code_page(form, pending, 422, over=True)
    return _welcome(found, "link")


@bp.get("/sign-out")
@guard(Act.ACCOUNT_SIGN_IN)
def leave(place: Place) -> Any:
    """Ask whether to sign out, for pages that could not hold the button."""
    del place
    if actor().person_id is None:
        return pages.see(url_for("people.signed_out"))
    return pages.page("people/sign_out.html", csrf=pages.needs_csrf())


@bp.post("/sign-out")
@guard(Act.ACCOUNT_SIGN_IN)
def sign_out(place: Place) -> Any:
    """End this session; a copied cookie is worth nothing afterwards."""
    del place
    browser().end()
    return pages.see(url_for("people.signed_out"))


@bp.get("/signed-out")
@guard(Act.PUBLIC_READ)
def signed_out(place: Place) -> Any:
    """Say that nothing of the person is left in this browser."""
    del place
    return pages.page("people/signed_out.html")


# --- one's account ---------------------------------------------------------------------------------------


@bp.get("/me/sessions")
@guard(Act.ACCOUNT_USE)
def sessions(place: Place) -> Any:
    """List the browsers in which one is signed in."""
    del place
    person_id = actor().person_id
    assert person_id is not None
    return pages.page(
        "people/sessions.html",
        csrf=pages.needs_csrf(),
        sessions=queries.sessions_of(person_id, browser().id_hash),
    )


@bp.post("/me/sessions")
@guard(Act.ACCOUNT_USE)
def end_sessions(place: Place) -> Any:
    """End one session, or all but this one."""
    del place
    person_id = actor().person_id
    assert person_id is not None
    wanted = request.form.get("session", "")
    current = browser().id_hash or ""
    if wanted == "others":
        ended = actions.end_other_sessions(person_id, current)
    elif wanted and current.startswith(wanted):
        browser().end()
        return pages.see(url_for("people.signed_out"))
    else:
        ended = actions.end_session(person_id, wanted) if SESSION_REF.fullmatch(wanted) else 0
    db.session.commit()
    if ended:
        flash(ngettext("%(num)d session has ended.", "%(num)d sessions have ended.", ended), "ok")
    else:
        flash(_("That session had already ended."), "info")
    return pages.see(url_for("people.sessions"))


@bp.get("/me/name")
@guard(Act.ACCOUNT_USE)
def name_form(place: Place) -> Any:
    """Ask under which name to print what one writes."""
    del place
    person_id = actor().person_id
    assert person_id is not None
    now_called = queries.account(person_id).display_name
    form = NameForm(data={"name": now_called, "next": _wanted()})
    return pages.page("people/name.html", form=form, now_called=now_called)


@bp.post("/me/name")
@guard(Act.ACCOUNT_USE)
def save_name(place: Place) -> Any:
    """Set the name, or say why it cannot be this one."""
    del place
    person_id = actor().person_id
    assert person_id is not None
    form = NameForm()
    now_called = queries.account(person_id).display_name
    if form.validate():
        try:
            actions.choose_name(actor(), person_id, str(form.name.data))
        except actions.LookAlikeError:
            form.name.errors = [
                _(
                    "This name belongs to, or looks like, the commune, its staff or an association. Choose another one."
                )
            ]
        except actions.NameTooShortError:
            form.name.errors = [_("Write a name of at least two letters, and not an e-mail address.")]
        else:
            db.session.commit()
            wanted = safe_next(form.next.data)
            if not wanted:
                flash(_("Your name is saved."), "ok")
            return pages.see(_landing(wanted))
    return pages.page("people/name.html", status=422, form=form, now_called=now_called)


@bp.get("/me/settings")
@guard(Act.ACCOUNT_USE)
def account(place: Place) -> Any:
    """Show what can be set."""
    del place
    person_id = actor().person_id
    assert person_id is not None
    found = queries.account(person_id)
    form = SettingsForm(data={"lang": found.lang, "row_version": found.row_version})
    return pages.page("people/settings.html", form=form, account=found, level=labels.level(found.level))


@bp.post("/me/settings")
@guard(Act.ACCOUNT_USE)
def save_settings(place: Place) -> Any:
    """Save the language of letters."""
    del place
    person_id = actor().person_id
    assert person_id is not None
    form = SettingsForm()
    version = str(form.row_version.data or "")
    if not form.validate() or not version.isdecimal():
        found = queries.account(person_id)
        return pages.page(
            "people/settings.html", status=422, form=form, account=found, level=labels.level(found.level)
        )
    actions.choose_language(actor(), str(form.lang.data), int(version[:18]))
    db.session.commit()
    flash(_("Saved."), "ok")
    return pages.see(url_for("people.account"))


# --- associations, for everybody -------------------------------------------------------------------------


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
    return _register(place, by_desk=False)


def _register(place: Place, *, by_desk: bool) -> Any:
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


# --- the desk --------------------------------------------------------------------------------------------


@bp.get("/desk/<slug:slug>/people")
@guard(Act.ROLE_MANAGE, network.collectivity_place)
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
    _tell_role(place, person.id, role)
    location = url_for("people.roles", slug=place.slug)
    forms.keep_reply(form, location)
    db.session.commit()
    flash(_("The role is granted. The person is told by mail and signs in again."), "ok")
    return pages.see(location)


def _refuse_grant(place: Place, form: GrantForm, words: str) -> Any:
    db.session.rollback()
    form.role.errors = [words]
    return _people_page(place, form, 422)


def _tell_role(place: Place, person_id: int, role: Role) -> None:
    found = queries.languages_of([person_id]).get(person_id)
    where = network.collectivity_by_slug(place.slug)
    if found is None or where is None:
        return
    address, lang = found
    with text.in_language(lang):
        names = {"role": labels.role(role), "place": i18n.plain(where.name)}
        post.send(
            address,
            person_id,
            lang,
            "role",
            _("A role at %(place)s: %(role)s", **names),
            text.letter(
                [
                    _("The commune of %(place)s has given you the role “%(role)s” on Participate.", **names),
                    _("Sign in with this e-mail address: you will find the desk at the top of each page."),
                ],
                current_app.config["BASE_URL"] + url_for("people.sign_in", lang=lang),
            ),
        )


@bp.post("/desk/<slug:slug>/people/revoke")
@guard(Act.ROLE_MANAGE, network.collectivity_place)
def revoke_role(place: Place) -> Any:
    """Take a role back."""
    assert place.collectivity_id is not None
    actions.revoke_role(actor(), place.collectivity_id, _key("grant"))
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
    return _register(place, by_desk=True)


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


# --- advisory bodies --------------------------------------------------------------------------------------


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
