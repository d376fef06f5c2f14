"""The homes of the room."""

from __future__ import annotations

from flask import Flask

from participate.db import Words
from participate.portal import cards, frame
from participate.rules.policy import Place
from participate.web import i18n, pages
from participate.web.access import now


def share_of_plan(place: Place, title: Words, description: str) -> pages.Share:
    """Return the plan's card under the words of another page about it."""
    around = frame.present()
    assert around is not None
    shown = cards.card(around, place, title, cards.decision_on(place), now())
    return cards.share(shown, {i18n.lang(): description})


def init_app(app: Flask) -> None:
    """Give every page its frame, and say where the things of this room live."""
    del app
    pages.share_by(share_of_plan)
    for provider in frame.PROVIDERS:
        pages.provide(provider)
    pages.register_homes(
        {
            "network": "portal.home",
            "collectivity": "portal.collectivity",
            "plan": "portal.plan",
            "project": "portal.project",
            "me": "portal.me",
            "my_data": "portal.my_data",
            "leave": "portal.leave_form",
            "association": "portal.association",
            "desk": "portal.desk",
            "transparency": "portal.transparency",
        }
    )
