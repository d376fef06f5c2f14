"""What surrounds every page: whose place it is, the cycle, who is reading, the footer, the demo's banner."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import current_app, g, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from participate.lifecycle import words as lifecycle_words
from participate.network import queries as network
from participate.portal import queries
from participate.rules.policy import Role
from participate.web import i18n
from participate.web.access import actor, now
from participate.web.hooks import hooks
from participate.web.pages import Page

STAFF_FIRST = (
    Role.MODERATOR,
    Role.OFFICER,
    Role.COMMITTEE_MEMBER,
    Role.SECRETARY,
    Role.PRESIDENT,
    Role.ADVISORY_MEMBER,
    Role.COUNCILLOR,
    Role.DESK_AGENT,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)


def present() -> queries.Frame | None:
    """Return the collectivity this request is about, read once."""
    if "frame" not in g:
        values = request.view_args or {}
        found = (
            queries.frame_of(values["slug"], values.get("cycle"), actor().person_id)
            if "slug" in values
            else None
        )
        if found is not None and found.plan and not found.plan.public and not actor().roles_in(found.id):
            found = replace(found, plan=None, steps=())
        g.frame = found
    kept: queries.Frame | None = g.frame
    return kept


def masthead(page: Page) -> None:
    """Name the collectivity of the page, or the network."""
    frame = present()
    if frame is not None:
        page.mast = {
            "title": i18n.plain(frame.name),
            "subtitle": _("Openness action plan"),
            "url": url_for("portal.collectivity", slug=frame.slug),
        }
        return
    page.mast = {
        "title": "Participate",
        "subtitle": _("Open territorial collectivities of Morocco"),
        "url": url_for("portal.home"),
    }


def cycle(page: Page) -> None:
    """Draw the strip of stars of the plan the page is about."""
    frame = present()
    if frame is None or frame.plan is None:
        return
    page.cycle = lifecycle_words.strip(frame.steps, frame.slug, frame.plan.cycle)


def reader(page: Page) -> None:
    """Say who is reading, with the way to their own page and desk."""
    person = actor()
    if person.person_id is None:
        page.sign_in_url = hooks.sign_in_url(page.path) if request.method == "GET" else hooks.sign_in_url("/")
        return
    frame = present()
    page.me = {
        "name": frame.reader if frame is not None else queries.name_of(person.person_id),
        "url": url_for("portal.me"),
        "desk_url": desk_url(),
        "sign_out_url": url_for("people.sign_out"),
    }


def desk_url() -> str | None:
    """Return the address of the desk the reader works at: the page's place first, else their own."""
    person = actor()
    frame = present()
    if frame is not None and (
        person.held_in(frame.id) or person.network_administrator or person.unproved_network
    ):
        return url_for("portal.desk", slug=frame.slug)
    places = {where for where, _role in person.roles | person.unproved}
    if not places:
        return None
    if "desk_slug" not in g:
        found = network.slugs_of({min(places)})
        g.desk_slug = next(iter(found.values()))[0] if found else None
    return url_for("portal.desk", slug=g.desk_slug) if g.desk_slug else None


def footer(page: Page) -> None:
    """List the pages everybody may need."""
    frame = present()
    links: list[tuple[str, str | None]] = [(_("Members of the network"), url_for("network.members"))]
    links.append((_("Charter"), url_for("network.charter")))
    if frame is not None:
        if frame.plan is not None:
            rules = url_for("consultations.participate", slug=frame.slug, cycle=frame.plan.cycle)
            links.append((_("How to take part"), rules))
        links += [
            (_("Check a receipt"), url_for("positions.check", slug=frame.slug)),
            (_("Moderation log"), url_for("moderation.log", slug=frame.slug)),
            (_("Open data"), url_for("opendata.index", slug=frame.slug)),
            (_("Transparency"), url_for("portal.transparency", slug=frame.slug)),
        ]
    links += [
        (_("Help"), url_for("portal.help_page")),
        (_("Your personal data"), url_for("portal.privacy")),
        (_("Accessibility"), url_for("portal.accessibility")),
    ]
    page.footer = [{"label": label, "url": url} for label, url in links if url]


def banner(page: Page) -> None:
    """Say that the date is simulated, in the demo only."""
    if not current_app.config["DEMO"]:
        return
    page.banner = Markup("<p>{} <a href='{}'>{}</a></p>").format(
        _("Demo: here it is %(day)s.", day=i18n.day(now())),
        f"/dev/?lang={i18n.lang()}",
        _("Sign in as somebody, move the clock"),
    )


PROVIDERS: tuple[Any, ...] = (masthead, cycle, reader, footer, banner)
