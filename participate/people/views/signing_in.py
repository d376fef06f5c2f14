"""Signing in by a code, and leaving."""

from __future__ import annotations

import re
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participate.db import db
from participate.people import actions, hooks, oidc, queries
from participate.people.actions import CodeProblem
from participate.people.forms import CodeForm, EmailForm
from participate.people.hooks import browser
from participate.people.sessions import now as machine_now
from participate.people.views.blueprint import bp
from participate.post import actions as post
from participate.post import text
from participate.rules.policy import Act, Place
from participate.rules.text import safe_next
from participate.web import i18n, limits, pages
from participate.web.access import actor, guard
from participate.web.limits import TooOftenError

SESSION_REF = re.compile(rf"[0-9a-f]{{{queries.REF_CHARS}}}")
CODES_OF_A_BROWSER = "5/15 minute"
CODES_OF_AN_ADDRESS = "20/hour"
CODES_OF_A_DEVICE = "30/hour"


def landing(next_path: str | None) -> str:
    """Return where somebody goes once signed in: where they were, or their own page."""
    return safe_next(next_path) or pages.home_of("me")


def wanted_address() -> str:
    """Return the validated address to come back to."""
    return safe_next(request.values.get("next") or request.values.get("return_to")) or ""


@bp.get("/sign-in")
@guard(Act.ACCOUNT_SIGN_IN)
def sign_in(place: Place) -> Any:
    """Ask for an e-mail address."""
    del place
    if actor().person_id is not None:
        return pages.see(landing(wanted_address()))
    pages.needs_csrf()
    return _sign_in_page(EmailForm(data={"next": wanted_address()}))


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
        provider=oidc.offered(),
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
    try:
        send_code(str(form.email.data), safe_next(form.next.data))
    except TooOftenError as error:
        form.email.errors = [too_often_words(error)]
        return _sign_in_page(form, 429, wait=error.wait)
    return pages.see(url_for("people.enter_code"))


def send_code(email: str, next_path: str | None) -> None:
    """Mail a code to an address for this browser, and commit. Raises TooOftenError."""
    browser_hash = browser().begin()
    limits.count("code of a browser", f"{email} {browser_hash}", CODES_OF_A_BROWSER)
    limits.count("code of an address", email, CODES_OF_AN_ADDRESS)
    limits.count("code of a device", browser_hash, CODES_OF_A_DEVICE)
    asked = actions.request_code(email, browser_hash, next_path)
    _mail_code(email, asked)
    db.session.commit()


def too_often_words(error: TooOftenError) -> str:
    """Return the sentence that says how long to wait for the next code."""
    minutes = -(-error.wait // 60)
    return str(
        ngettext(
            "Too many codes were asked for. Wait %(num)d minute, then ask again.",
            "Too many codes were asked for. Wait %(num)d minutes, then ask again.",
            minutes,
        )
    )


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
        return pages.see(landing(None))
    pending = pending_here()
    if pending is None:
        return pages.see(url_for("people.sign_in"))
    pages.needs_csrf()
    return _code_page(CodeForm(), pending)


def pending_here() -> queries.PendingCode | None:
    """Return the code this browser asked for and has not used."""
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
        return _code_page(form, pending_here(), 422)
    browser_hash = browser().begin()
    pending = queries.pending_code(browser_hash)
    found = actions.redeem(browser_hash, i18n.lang(), code=str(form.code.data))
    db.session.commit()  # a wrong try counts too
    if found.person_id is None:
        form.code.errors = [problem_words(found)]
        return _code_page(form, pending, 422, over=found.problem is not CodeProblem.WRONG)
    return _welcome(found, "code")


def _welcome(found: actions.Redeemed, means: str) -> Any:
    assert found.person_id is not None
    browser().sign_in(found.person_id, machine_now(), means)
    if queries.actor_of(found.person_id).works:  # a mailbox alone opens no desk: on to the second factor
        return pages.see(url_for("people.second", next=safe_next(found.next_path)))
    return pages.see(landing(found.next_path))


def problem_words(found: actions.Redeemed) -> str:
    """Return the sentence that says what is wrong with a code."""
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
        return pages.see(landing(None))
    token = (request.view_args or {})["token"]
    pending = pending_here()
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
        form.code.errors = [problem_words(found)]
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
