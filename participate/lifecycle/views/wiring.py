"""The homes of the room, the refusals it explains, and what is due on each visit."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from participate.db import db
from participate.lifecycle import actions, words
from participate.rules.lifecycle import MoveRefusedError
from participate.web import errors, pages
from participate.web.access import now
from participate.web.hooks import hooks


def init_app(_app: Any) -> None:
    """Perform due actions before each act, say what refusals mean, and where the calendar lives."""
    hooks.run_due = run_due
    pages.register_homes(
        {
            "plan_calendar": "lifecycle_desk.calendar",
            "plan_timeline": "lifecycle.timeline",
            "plan_transmit": "lifecycle_desk.transmit",
            "plan_adopt": "lifecycle_desk.adopt",
            "plan_return": "lifecycle_desk.return_to_preparation",
        }
    )
    errors.explain(MoveRefusedError, _refused)
    errors.explain(
        actions.NoReasonError,
        lambda _error: errors.Trouble(
            422,
            _("A reason is needed"),
            _("Everybody will ask why: write it in Arabic at least, then send again."),
        ),
    )
    errors.explain(
        actions.AlreadyOpenError,
        lambda _error: errors.Trouble(
            409,
            _("This consultation has moved on"),
            _("Its dates can be changed before it opens; once open, its deadline can only be extended."),
        ),
    )
    errors.explain(
        actions.NotAdoptedError,
        lambda _error: errors.Trouble(
            409,
            _("The council decided otherwise"),
            _(
                "The recorded decision of the council is a different one. Open the calendar to see what can follow it."
            ),
        ),
    )
    errors.explain(
        actions.NoSuchConsultationError,
        lambda _error: errors.Trouble(
            404,
            _("This page does not exist"),
            _("The address may be mistyped, or what it showed was never public."),
        ),
    )


def run_due(collectivity_id: int) -> None:
    """Perform what is due, and keep it whatever becomes of the request."""
    if actions.run_due(collectivity_id, now()):
        db.session.commit()


def _refused(error: MoveRefusedError) -> errors.Trouble:
    """Explain a refused move: every need that is not met, as a sentence."""
    unmet = error.unmet
    said = [words.need(need) for need in unmet.needs]
    if unmet.wrong_stage:
        said.insert(0, errors.refusal_words("during_"))
    if unmet.wrong_consultation:
        said.insert(0, _("The consultation is not at the step that this needs."))
    return errors.Trouble(
        409, _("This step is not possible yet"), _("What is still needed:") + " " + " ".join(said)
    )
