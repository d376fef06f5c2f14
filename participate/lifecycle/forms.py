"""Forms of the calendar and of the moves."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from participate.db import Words
from participate.web import i18n
from participate.web.forms import Cleaned, DayField, Form, unchosen

TITLE_CHARS = 150
REASON_CHARS = 600
REASON_LEAST = 10


class ChecksField(SelectMultipleField):
    """Several choices, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DatesForm(Form):
    """A window as posters print it: its first and its last day, both included, in Casablanca."""

    first_day = DayField(_l("First day"), validators=[InputRequired()])
    last_day = DayField(_l("Last day, included"), validators=[InputRequired()])

    def validate_last_day(self, field: DayField) -> None:
        """Refuse a window that ends before it begins."""
        if self.first_day.data and field.data and field.data < self.first_day.data:
            raise ValidationError(
                self.meta.get_translations(self).gettext("The last day cannot come before the first.")
            )


class ConsultationForm(DatesForm):
    """A consultation: what it is, when, and under which rules."""

    kind = RadioField(_l("What do you prepare?"), validators=[InputRequired()])
    title_ar = StringField(_l("Title, in Arabic"), validators=[Cleaned(TITLE_CHARS, minimum=3)])
    title_fr = StringField(_l("Title, in French"), validators=[Cleaned(TITLE_CHARS)])
    accepts = ChecksField(_l("What people can do"), validators=[unchosen()])
    moderation = SelectField(_l("When moderators read a text"), validators=[InputRequired()])
    eligibility = SelectField(_l("Who can take part"), validators=[InputRequired()])
    min_level = SelectField(_l("At least verified by"), coerce=int, validators=[InputRequired()])
    priorities_max = IntegerField(
        _l("How many projects each voice can mark as most important"),
        default=3,
        validators=[InputRequired(), NumberRange(0, 10)],
    )


class ReasonForm(Form):
    """A reason that everybody reads."""

    reason_ar = TextAreaField(
        _l("Reason, in Arabic (public)"), validators=[Cleaned(REASON_CHARS, minimum=REASON_LEAST)]
    )
    reason_fr = TextAreaField(_l("Reason, in French (public)"), validators=[Cleaned(REASON_CHARS)])

    def reason(self) -> Words:
        """Return the reason in the languages it is written in."""
        return {"ar": self.reason_ar.data or "", "fr": self.reason_fr.data or ""}


class ExtendForm(ReasonForm):
    """A later last day."""

    last_day = DayField(_l("New last day, included"), validators=[InputRequired()])

    def __init__(self, *args: Any, after: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.after = after

    def validate_last_day(self, field: DayField) -> None:
        """Ask for a later day: a deadline never moves back."""
        if self.after and field.data and field.data <= self.after:
            raise ValidationError(
                _("Choose a day after %(day)s: a deadline moves later only.", day=i18n.day(self.after))
            )


class AnnounceForm(Form):
    """The dates become public; a short notice needs a reason."""

    reason_ar = TextAreaField(
        _l("Why the notice is shorter than 14 days, in Arabic (public)"), validators=[Cleaned(REASON_CHARS)]
    )
    reason_fr = TextAreaField(
        _l("Why the notice is shorter than 14 days, in French (public)"), validators=[Cleaned(REASON_CHARS)]
    )

    def __init__(self, *args: Any, needs_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needs_reason = needs_reason

    def validate_reason_ar(self, field: TextAreaField) -> None:
        """Ask for the reason where the notice is short: everybody reads it beside the dates."""
        if self.needs_reason and len(field.data or "") < REASON_LEAST:
            raise ValidationError(
                _("Say in a sentence why the notice is short, or choose later dates: everybody reads it.")
            )

    def reason(self) -> Words:
        """Return the reason in the languages it is written in."""
        return {"ar": self.reason_ar.data or "", "fr": self.reason_fr.data or ""}


class NoteForm(Form):
    """A note that goes with the version."""

    reason_ar = TextAreaField(
        _l("A note with the version, in Arabic (public)"), validators=[Cleaned(REASON_CHARS)]
    )
    reason_fr = TextAreaField(
        _l("A note with the version, in French (public)"), validators=[Cleaned(REASON_CHARS)]
    )

    def reason(self) -> Words:
        """Return the note in the languages it is written in."""
        return {"ar": self.reason_ar.data or "", "fr": self.reason_fr.data or ""}


class ConfirmForm(Form):
    """A button."""

    def reason(self) -> Words:
        """Return nothing: this move asks for no words."""
        return {}
