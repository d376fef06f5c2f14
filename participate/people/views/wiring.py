"""The homes of the room and the refusals it explains."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext as _

from participate.people import actions, factors, hooks, oidc
from participate.people.sessions import DatabaseSessions
from participate.web import errors, limits
from participate.web.errors import Trouble


def init_app(app: Flask) -> None:
    """Keep sessions in the database, answer the web side's questions, count attempts."""
    app.session_interface = DatabaseSessions()
    hooks.init_app(app)
    limits.init_app(app)
    factors.use(cheap=app.config["SETTINGS"].cheap_passwords)
    oidc.init_app(app)
    errors.explain(
        actions.OwnRolesError,
        lambda _error: Trouble(
            403,
            _("Nobody changes their own roles"),
            _("Ask another administrator of the commune, or the network."),
        ),
    )
    errors.explain(
        actions.LastAdministratorError,
        lambda _error: Trouble(
            409,
            _("Somebody must be left to give roles"),
            _("Name another administrator first."),
        ),
    )
