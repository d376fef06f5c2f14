"""The homes of the room and the refusals it explains."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from participate.council import actions, queries
from participate.synthesis.additions import later
from participate.web import errors, pages


def init_app(_app: Any) -> None:
    """Say where the council lives, and what refusals that no form shows mean."""
    pages.register_homes(
        {
            "council": "council.show",
            "council_desk": "council_desk.desk",
            "council_reading": "council_desk.reading",
        }
    )
    later.addenda_of = queries.addenda_of
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
        actions.AnsweredError,
        lambda _error: errors.Trouble(
            409,
            _("This question is answered"),
            _("The answer is attached to the sealed dossier: neither can change any more."),
        ),
    )
    errors.explain(
        actions.NoSuchQuestionError,
        lambda _error: errors.Trouble(
            409, _("This question is no longer there"), _("It was withdrawn, or somebody else asked it.")
        ),
    )
    errors.explain(
        actions.NoSuchNoteError,
        lambda _error: errors.Trouble(
            409,
            _("There is no note to change here"),
            _("It was removed, or the day to take it back is over."),
        ),
    )
    errors.explain(
        actions.NotSealedError,
        lambda _error: errors.Trouble(
            409,
            _("The dossier is not sealed yet"),
            _("Questions can be asked while the sealed dossier is before the council."),
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
