"""Turning exceptions into a status, words and a way forward, in the reader's language.

Rules and actions raise named exceptions holding facts; rooms register here what their own mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response

from participate.db import db
from participate.rules.lifecycle import MoveRefusedError
from participate.rules.policy import ANYBODY, Act, Place, RefusedError, waits_for_proof
from participate.rules.text import without_controls
from participate.web import overload, pages
from participate.web.access import actor
from participate.web.hooks import hooks
from participate.web.limits import TooOftenError
from participate.web.overload import OverloadedError

NEEDS_ACCOUNT = {"signed_in", "has_account"}
KEPT_LIMIT = 20_000


@dataclass(frozen=True)
class Trouble:
    """What an error page says: what happened, what to do next, and where to go; `wait` is Retry-After, in seconds."""

    status: int
    title: str
    text: str
    link_label: str | None = None
    link_url: str | None = None
    wait: int = 30


Explain = Callable[[Any], Trouble]
_explainers: dict[type[Exception], Explain] = {}


def explain(kind: type[Exception], explainer: Explain) -> None:
    """Say what a room's exception means to a reader."""
    _explainers[kind] = explainer


Refusal = Callable[[RefusedError], "Trouble | Response | None"]
_refusals: dict[Act, Refusal] = {}


def explain_refusal(act: Act, explainer: Refusal) -> None:
    """Let a room say more about a refused act than the policy's own words; None: those words do."""
    _refusals[act] = explainer


def refusal_words(unmet: str) -> str:
    """Return the sentence for one unmet predicate of the policy."""
    words = {
        "signed_in": _("Please sign in first."),
        "has_account": _("Please sign in first."),
        "window_open": _(
            "This consultation is not open at the moment. Nothing can be added before it opens or after it closes."
        ),
        "level_met": _(
            "This consultation asks for a higher level of verification. The commune's desk can help you."
        ),
        "votable": _("Positions cannot be taken on this text."),
        "may_take_position": _(
            "Staff of the commune take no position in its consultations. You can still read and write comments marked as staff."
        ),
        "untouched": _(
            "Somebody has already replied or taken a position. The text can no longer be changed, but you can withdraw it."
        ),
        "owner": _("Only the person who wrote this can do that."),
        "not_own": _("You cannot decide on your own text, or on your association's."),
        "another_decider": _("The same person cannot decide twice: a colleague must look at this."),
        "another_writer": _("A second person must approve what you wrote."),
        "same_decider": _("Only the person who took this decision can undo it."),
        "not_settled": _("This has already been settled."),
        "readable": _("This text is not public at the moment."),
    }
    if unmet in words:
        return words[unmet]
    if unmet.startswith("accepts_"):
        return _("This consultation does not take this kind of contribution.")
    if unmet.startswith("during_"):
        return _("The plan is at another step now, so this is not possible any more or not yet.")
    return _("Your account does not have the role that this needs here.")


def show(trouble: Trouble, **context: Any) -> Response:
    """Render an error page."""
    headers = {"Retry-After": str(trouble.wait)} if trouble.status in {429, 503} else {}
    return pages.page(
        "errors/trouble.html", status=trouble.status, headers=headers, trouble=trouble, **context
    )


def typed() -> list[tuple[str, str]]:
    """Return the fields of the refused form, so that nothing typed is lost."""
    if request.method != "POST":
        return []
    try:
        fields = list(request.form.items(multi=True))
    except RequestEntityTooLarge:  # what was too much to read cannot be shown either
        return []
    return [(name, without_controls(value[:KEPT_LIMIT])) for name, value in fields if name != "csrf_token"]


def _refused(error: RefusedError) -> Any:
    _let_go()
    needs_account = actor().person_id is None and (
        NEEDS_ACCOUNT & set(error.unmet) or any(name.startswith(("role_", "owner")) for name in error.unmet)
    )
    if needs_account:
        if request.method == "GET":
            return pages.see(hooks.sign_in_url(request.full_path.rstrip("?")))
        form_path = request.form.get("form_path") or request.path
        hooks.park_draft(form_path, {name: value for name, value in typed() if name != "key"})
        return pages.leave_for(hooks.sign_in_url(form_path))
    if waits_for_proof(actor(), error.act, g.get("place") or Place()):
        if request.method == "GET":
            return pages.leave_for(hooks.prove_url(request.full_path.rstrip("?")))
        form_path = request.form.get("form_path") or request.path
        hooks.park_draft(form_path, {name: value for name, value in typed() if name != "key"})
        return pages.leave_for(hooks.prove_url(form_path))
    if actor().suspended and any(name in NEEDS_ACCOUNT or name.startswith("role_") for name in error.unmet):
        return show(_suspended(), typed=typed())
    explainer = _refusals.get(error.act)
    said = explainer(error) if explainer else None
    if isinstance(said, Response):
        return said
    if said is not None:
        return show(said, typed=typed())
    return show(
        Trouble(403, _("This is not possible here"), " ".join(refusal_words(name) for name in error.unmet)),
        typed=typed(),
    )


def _suspended() -> Trouble:
    return Trouble(
        403,
        _("Your account is suspended"),
        _(
            "You can still read everything, see your own texts and appeal. The letter we sent you says why, and until when you can appeal."
        ),
        _("Letters to me"),
        pages.home_of("letters") if pages.has_home("letters") else None,
    )


def _forged(_error: CSRFError) -> Response:
    # The session may have expired in the middle of a long comment: show the text and one button.
    _let_go()
    pages.needs_csrf()
    return show(
        Trouble(
            400,
            _("Please send this once more"),
            _(
                "Your session had ended, or this page was open for a long time. What you typed is below: check it and send it again."
            ),
        ),
        typed=typed(),
        again=request.path,
    )


def _stale(_error: StaleDataError) -> Response:
    _let_go()
    return show(
        Trouble(
            409,
            _("Somebody changed this at the same time"),
            _(
                "Your version was not saved, so that theirs is not lost. What you typed is below: compare and send again."
            ),
        ),
        typed=typed(),
    )


BUSY_SIGNS = (
    "locked",
    "timeout",
    "connection",
    "canceling statement",
    "starting up",
    "recovery mode",
    "shutting down",
    "terminating",
)
FULL_SIGNS = ("disk is full", "no space left", "disk i/o error", "could not extend file", "quota exceeded")
FULL_WAIT = 300


def _database(error: DBAPIError) -> Response:
    """Say that the database is busy, full or away; any other trouble with it is our own mistake."""
    _let_go()
    words = str(error.orig).lower()
    if any(sign in words for sign in FULL_SIGNS):
        current_app.logger.critical("nothing can be written: %s", error.orig)
        return _later(
            Trouble(
                503,
                _("Nothing can be written down right now"),
                _(
                    "What you sent was not recorded. Keep this page open, or copy your text, and send it again in some minutes. You can still read everything."
                ),
                wait=FULL_WAIT,
            )
        )
    if not error.connection_invalidated and not any(sign in words for sign in BUSY_SIGNS):
        return _unexpected(error)
    return _crowded(error)


def _crowded(_error: Exception) -> Response:
    """Say that too many came at once; who was shed without being read is told the same."""
    _let_go()
    return _later(
        Trouble(
            503,
            _("Many people are here right now"),
            _("Nothing is lost. Wait half a minute and send it again."),
        )
    )


def _let_go() -> None:
    try:
        db.session.rollback()
    except (DBAPIError, NoConnectionError):
        db.session.remove()  # the connection is gone, and with it the transaction


def _later(trouble: Trouble) -> Response:
    """Show the page with what was typed and a button, asking the database nothing."""
    overload.go_without_database()
    g.actor = ANYBODY  # who asks is a question for the database too
    return show(trouble, typed=typed(), again=request.path if request.method == "POST" else None)


def _too_often(error: TooOftenError) -> Response:
    _let_go()
    pages.needs_csrf()
    return show(
        Trouble(
            429,
            _("A little slower, please"),
            _("Too many attempts in a short time. Nothing is lost: wait a minute and send it again."),
            wait=error.wait,
        ),
        typed=typed(),
        again=request.path if request.method == "POST" else None,
    )


def _http(error: HTTPException) -> Any:
    if error.response is not None:
        return error.response
    cause = getattr(error, "original_exception", None)
    if isinstance(cause, DBAPIError):  # met after the view had ended: its session could not be written
        return _database(cause)
    _let_go()
    code = error.code or 500
    titles = {
        400: (
            _("We could not read that"),
            _("Something in the address or the form is not as it should be. Go back and try again."),
        ),
        404: (
            _("This page does not exist"),
            _("The address may be mistyped, or what it showed was never public."),
        ),
        405: (_("This address cannot do that"), _("Go back to the page you came from and use its buttons.")),
        410: (_("This is no longer here"), _("It was withdrawn or has expired.")),
        413: (
            _("That is too large"),
            _(
                "Files may weigh up to 5 MB and texts up to a few thousand characters. What you typed was not saved."
            ),
        ),
        415: (_("We cannot read that kind of file"), _("Send a PDF, a JPEG or a PNG.")),
        429: (
            _("A little slower, please"),
            _("Too many attempts in a short time. Nothing is lost: wait a minute and send it again."),
        ),
        500: (
            _("Something went wrong on our side"),
            _("It was noted. Nothing was half-saved: try again in a moment."),
        ),
    }
    title, text = titles.get(code, titles[400])
    if code == 429:
        pages.needs_csrf()
    return show(
        Trouble(code, title, text),
        typed=typed(),
        again=request.path if code == 429 and request.method == "POST" else None,
    )


def _moved(error: MoveRefusedError) -> Response:
    _let_go()
    explainer = _explainers.get(MoveRefusedError)
    trouble = explainer(error) if explainer else Trouble(409, _("This step is not possible yet"), "")
    return show(trouble, typed=typed())


def _named(error: Exception) -> Response:
    _let_go()
    for kind in type(error).__mro__:
        if kind in _explainers:
            return show(_explainers[kind](error), typed=typed())
    raise error


def _unexpected(error: Exception) -> Any:
    _let_go()
    current_app.logger.error("unexpected error", exc_info=error)
    if current_app.config.get("PROPAGATE_EXCEPTIONS") or current_app.testing:
        raise error
    g.pop("actor", None)
    return show(
        Trouble(
            500,
            _("Something went wrong on our side"),
            _("It was noted. Nothing was half-saved: try again in a moment."),
        ),
        typed=typed(),
    )


def init_app(app: Flask) -> None:
    """Register what each exception means. Call it after every room has used `explain`."""
    app.register_error_handler(RefusedError, _refused)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(StaleDataError, _stale)
    for trouble in (OperationalError, InterfaceError):
        app.register_error_handler(trouble, _database)
    for crowd in (NoConnectionError, OverloadedError):
        app.register_error_handler(crowd, _crowded)
    app.register_error_handler(TooOftenError, _too_often)
    app.register_error_handler(MoveRefusedError, _moved)
    for kind in _explainers:
        if kind is not MoveRefusedError:
            app.register_error_handler(kind, _named)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
