"""Forms of positions and priorities. They need no idempotency key: a primary key counts each once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import InputRequired, Optional

from participate.consultations.forms import VoicedForm
from participate.positions.queries import ChosenProject
from participate.web import labels
from participate.web.forms import Form
from participate.web.i18n import plain

VALUES = (1, -1, 0)
"""In the order of the controls: for, against, undecided."""


class PositionForm(VoicedForm):
    """My position on a project or on somebody's text."""

    value = RadioField(_l("My position"), validators=[InputRequired(_l("Please choose one of the three."))])

    def __init__(self, *args: Any, on_text: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = labels.text_position if on_text else labels.position
        self.value.choices = [(str(value), words(value)) for value in VALUES]


class PriorityForm(VoicedForm):
    """Mark a project as one of my priorities, or no longer; `instead` gives up another.

    The choices of `instead` are for showing: the act looks again at what the voice has chosen.
    """

    on = HiddenField(default="1")
    instead = RadioField(
        _l("Which one do you give up?"), choices=[], validators=[Optional()], validate_choice=False
    )

    def offer(self, chosen: Sequence[ChosenProject]) -> None:
        """Offer to give up one of these."""
        self.instead.flags.optional = False
        self.instead.choices = [
            (str(one.statement_id), f"{one.number}. {plain(one.title)}") for one in chosen
        ]

    @property
    def given_up(self) -> int | None:
        """The statement to give up, if one was chosen."""
        wanted = str(self.instead.data or "")
        return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 20 else None


class CodeForm(Form):
    """A receipt, as a person types it. Sent by GET: nothing changes and nobody signs in."""

    code = StringField(_l("Your receipt"), description=_l("For example BM-7Q4K-2RXF"))

    class Meta(Form.Meta):
        """A search has no secret."""

        csrf = False


class MailForm(Form):
    """The button that mails a receipt; it has no field of its own."""


def not_a_receipt() -> str:
    """Return what to say when no receipt can be read in what was typed."""
    return _(
        "A receipt has two letters and eight more signs, for example BM-7Q4K-2RXF. Please check what you typed."
    )
