"""The homes of the room."""

from __future__ import annotations

from flask import Flask

from participate.portal import frame
from participate.web import pages


def init_app(app: Flask) -> None:
    """Give every page its frame, and say where the things of this room live."""
    del app
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
