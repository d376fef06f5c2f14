"""Pages that stay: transparency, help, privacy, accessibility."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from participate.journal import keys
from participate.journal.models import ChainKind
from participate.network import queries as network
from participate.portal import now_to_do, queries
from participate.portal.views.blueprint import bp, collectivity_of
from participate.rules.outcomes import ConsultationState
from participate.rules.policy import Act, Place
from participate.rules.tallies import Floored, floored
from participate.rules.windows import Window
from participate.web import i18n, labels, pages
from participate.web.access import guard

# --- transparency ------------------------------------------------------


@bp.get("/<slug:slug>/transparency/")
@guard(Act.PUBLIC_READ, network.collectivity_place)
def transparency(place: Place) -> Any:
    """Show what anybody can check: the record's heads, figures, the log, open data."""
    chains = queries.chains_of(collectivity_of(place))
    figures = queries.figures_of(collectivity_of(place))
    kinds = {
        ChainKind.NETWORK: _("the network"),
        ChainKind.COLLECTIVITY: _("the commune: roles and associations"),
        ChainKind.PLAN: _("the plan"),
        ChainKind.CONSULTATION: _("a consultation"),
    }
    return pages.page(
        "portal/transparency.html",
        place=place,
        kinds=kinds,
        chains=chains,
        chain_rows=[
            [
                Markup('<a href="{}">{}</a>').format(
                    url_for("record.entries", slug=place.slug, chain=one.id), kinds[one.kind]
                ),
                one.entries,
                i18n.moment(one.last_at) if one.last_at else "",
                Markup('<code dir="ltr">{}</code>').format(one.head[:16]),
            ]
            for one in chains
        ],
        figures=figures,
        figure_rows=[_figures(one) for one in figures],
        decisions=queries.decisions_made(collectivity_of(place)),
        public_key=keys.ring().public,
        receipt_url=url_for("positions.check", slug=place.slug),
        links=[
            (_("Check the record"), url_for("record.index", slug=place.slug)),
            (_("How to check a receipt yourself"), url_for("record.how_to_check", slug=place.slug)),
            (_("Public log of moderation"), url_for("moderation.log", slug=place.slug)),
            (
                _("Open data: contributions, plan and figures as files"),
                url_for("opendata.index", slug=place.slug),
            ),
        ],
    )


def _figures(one: queries.ConsultationFigures) -> list[Any]:
    ended = one.state in {ConsultationState.CLOSED, ConsultationState.ARCHIVED}
    people = Floored(one.people) if ended else floored(one.people)
    associations = Floored(one.associations) if ended else floored(one.associations)
    return [
        labels.consultation_kind(one.kind),
        i18n.short_day(one.opens_at),
        i18n.short_day(Window(one.opens_at, one.closes_at).last_day),
        i18n.number(one.people) if ended else now_to_do.people_words(people),
        i18n.number(one.associations) if ended else now_to_do.people_words(associations),
        one.published,
        one.not_published,
    ]


# --- pages that stay ---------------------------------------------------


@bp.get("/help")
@guard(Act.PUBLIC_READ)
def help_page(place: Place) -> Any:
    """Explain how to take part and what happens with it."""
    del place
    return pages.page("portal/help.html")


@bp.get("/privacy")
@guard(Act.PUBLIC_READ)
def privacy(place: Place) -> Any:
    """Give the notice of law 09-08."""
    del place
    extra = current_app.config["SETTINGS"].extra
    return pages.page(
        "portal/privacy.html",
        declaration=str(extra.get("CNDP_DECLARATION", "")),
        contact=str(extra.get("PRIVACY_CONTACT", "")),
    )


@bp.get("/accessibility")
@guard(Act.PUBLIC_READ)
def accessibility(place: Place) -> Any:
    """State what was done and what falls short for people with disabilities."""
    del place
    return pages.page("portal/accessibility.html")
