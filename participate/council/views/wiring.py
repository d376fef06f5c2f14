"""The homes of the room and the refusals it explains."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from participate.council import actions
from participate.web import errors, pages


def init_app(_app: Any) -> None:
    """Say where the council lives, and what refusals that no form shows mean."""
    pages.register_homes({"council": "council.show", "council_desk": "council_desk.desk"})
    errors.explain(
        actions.AlreadyFollowedError,
        lambda _error: errors.Trouble(
            409,
            _("This decision is final"),
            _("The plan has already followed it. A new decision needs a new sitting."),
        ),
    )
    errors.explain(
        actions.NoSuchSessionError,
        lambda _error: errors.Trouble(
            409,
            _("This session has changed"),
            _("Go back to the council's desk to see where it stands."),
        ),
    )
    errors.explain(
        actions.UnknownProjectError,
        lambda _error: errors.Trouble(
            409,
            _("The list of projects has changed"),
            _("Go back to the council's desk and open the form again."),
        ),
    )
