"""Pages under /dev/, in the demo only: sign in as somebody, read the mail, move the clock."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Flask, abort, flash, g, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.db import clock, db
from participate.demo import actions, queries, specimens
from participate.demo.stories import PASSWORD, told
from participate.letters import jobs as letters
from participate.opendata import jobs as opendata
from participate.people.hooks import browser
from participate.people.sessions import now as machine_now
from participate.post import jobs as post
from participate.rules.policy import Act, Place, Role
from participate.rules.windows import CASABLANCA
from participate.web import errors, i18n, labels, pages
from participate.web.access import guard, now
from participate.web.errors import Trouble

bp = Blueprint("demo", __name__, url_prefix="/dev")
blueprints = (bp,)
NOON = time(12)


def init_app(app: Flask) -> None:
    """Say what the exceptions of this room mean, and keep to a demo."""
    if not app.config["DEMO"]:
        abort(500)
    errors.explain(
        actions.BackwardsError,
        lambda _error: Trouble(
            409,
            _("The clock only goes forward"),
            _("Choose a later moment. To go back, start the demo again: make demo-reset."),
            _("Back to the clock"),
            url_for("demo.clock_page"),
        ),
    )


@bp.before_request
def choose_language() -> None:
    """Take the language from `?lang=`, else from the browser: these addresses carry none."""
    wanted = request.args.get("lang", "")
    if wanted in i18n.LANGS:
        g.lang = wanted


@bp.get("/")
@guard(Act.DEMO_PLAY)
def index(place: Place) -> Any:
    """List the demo's accounts with what each can try."""
    del place
    pages.needs_csrf()
    staff = sorted(told().people["staff"], key=lambda one: one["role"] not in {"citizen", "delegate"})
    known = queries.ids_of([one["email"] for one in staff])
    slug = told().cycle["collectivity"]["slug"]
    return pages.page(
        "demo/index.html",
        accounts=[
            {
                "email": one["email"],
                "name": i18n.said(one["name"]),
                "role": _role(one["role"]),
                "task": i18n.said(one["title"]),
            }
            for one in staff
            if one["email"] in known
        ],
        slug=slug,
        today=now(),
    )


def _role(key: str) -> str:
    named = {
        "citizen": _("resident"),
        "delegate": _("delegate of an association, and resident"),
        "collectivity_admin": _("administrator"),
    }
    if key in named:
        return named[key]
    return labels.role(Role(key))


@bp.post("/sign-in")
@guard(Act.DEMO_PLAY)
def sign_in(place: Place) -> Any:
    """Continue as one of the demo's accounts."""
    del place
    email = request.form.get("email", "")
    listed = {one["email"]: one for one in told().people["staff"]}
    found = queries.ids_of([email]).get(email) if email in listed else None
    if found is None:
        raise NotFound
    lang = request.form.get("lang", "")
    g.lang = lang if lang in i18n.LANGS else i18n.lang()
    browser().sign_in(found, machine_now(), "demo", strong=True)
    slug = told().cycle["collectivity"]["slug"]
    role = listed[email]["role"]
    endpoint = "portal.collectivity" if role in {"citizen", "delegate"} else "portal.desk"
    return pages.see(url_for(endpoint, slug=slug))


@bp.get("/mail")
@guard(Act.DEMO_PLAY)
def mail(place: Place) -> Any:
    """Show the outbox, codes to sign in included: nothing leaves the demo."""
    del place
    codes = queries.app_codes([one["email"] for one in told().people["staff"]])
    return pages.page("demo/mail.html", mails=queries.mails(), password=PASSWORD, codes=codes)


@bp.get("/parts")
@guard(Act.DEMO_PLAY)
def parts(place: Place) -> Any:
    """Show every part that pages are made of, in its states."""
    del place
    shown = specimens.parts(pages.needs_csrf())
    return pages.page("demo/parts.html", parts=shown, states=specimens.state_names())


@bp.get("/clock")
@guard(Act.DEMO_PLAY)
def clock_page(place: Place) -> Any:
    """Show what time it is here, and where the clock can be moved."""
    del place
    pages.needs_csrf()
    return pages.page("demo/clock.html", today=now(), turns=[_turn(one) for one in queries.turns(now())])


def _turn(one: queries.Turn) -> dict[str, Any]:
    words = {
        "opening": _("To the opening: %(what)s", what=labels.consultation_kind(one.kind) if one.kind else ""),
        "closing": _("To the closing: %(what)s", what=labels.consultation_kind(one.kind) if one.kind else ""),
        "session": _("To the session of the council"),
        "end": _("To the end of the plan"),
    }
    return {"label": words[one.key], "at": one.at, "value": one.at.isoformat()}


@bp.post("/clock")
@guard(Act.DEMO_PLAY)
def move(place: Place) -> Any:
    """Move the clock forward, perform what falls due, and let the letters go."""
    del place
    actions.move_clock(_wanted())
    db.session.commit()
    opendata.build_archives()
    letters.post_news()
    post.deliver_due()
    lang = request.form.get("lang", "")
    g.lang = lang if lang in i18n.LANGS else i18n.lang()
    flash(_("It is now %(moment)s.", moment=i18n.moment(clock())), "ok")
    return pages.see(url_for("demo.clock_page", lang=i18n.lang()))


def _wanted() -> datetime:
    """Return the moment the form asks for: a named one, some minutes or days on, or the noon of a day."""
    to, minutes, days, day = (request.form.get(name, "") for name in ("to", "minutes", "days", "day"))
    try:
        if to:
            moment = datetime.fromisoformat(to)
            return moment if moment.tzinfo else moment.replace(tzinfo=CASABLANCA)
        if minutes:
            return clock() + timedelta(minutes=min(int(minutes), 60))
        if days:
            return clock() + timedelta(days=min(int(days), 400))
        return datetime.combine(date.fromisoformat(day), NOON, CASABLANCA)
    except (ValueError, OverflowError, TypeError):
        abort(400)
