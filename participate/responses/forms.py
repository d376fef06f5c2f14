"""Forms of the answers: the fate of ideas, themes, responses and the second reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from participate.db import Words
from participate.moderation.forms import Ladder
from participate.rules.outcomes import (
    FATES_NEEDING_REASON,
    OUTCOMES_NEEDING_REASON,
    Fate,
    Outcome,
    Satisfied,
)
from participate.web import labels
from participate.web.forms import Cleaned, Form, unchosen

TITLE_CHARS = 150
TEXT_CHARS = 4000
REASON_CHARS = 1000
NOTE_CHARS = 500
REF_CHARS = 24
LARGEST = (1 << 63) - 1
PICKS = 500
"""Contributions put into a theme at once, at most."""


def words_of(arabic: str | None, french: str | None) -> Words:
    """Return what was written, by language; languages left empty are left out."""
    return {lang: text for lang, text in (("ar", arabic), ("fr", french)) if text}


def picked(values: Sequence[str]) -> list[int]:
    """Return the keys that were ticked; anything that is not a key is dropped."""
    found = [int(one) for one in values[:PICKS] if one.isascii() and one.isdigit() and len(one) < 20]
    return sorted({one for one in found if one <= LARGEST})


class _Fate(Form):
    """What both decisions on ideas ask: which fate, with what, and why."""

    fate = Ladder(
        _l("What becomes of it?"), choices=[], validators=[InputRequired(_l("Choose what becomes of it."))]
    )
    project = SelectField(_l("Project"), choices=[], validators=[unchosen()])
    merged_ref = StringField(_l("Reference of the other idea"), validators=[Optional(), Cleaned(REF_CHARS)])
    reason_ar = TextAreaField(_l("Reason, in Arabic"), validators=[Cleaned(REASON_CHARS)])
    reason_fr = TextAreaField(_l("Reason, in French"), validators=[Cleaned(REASON_CHARS)])

    def offer(self, projects: Sequence[tuple[int, str]]) -> None:
        """Set the choices, in the page's language; a project is (number, title)."""
        self.fate.choices = [(one.value, labels.fate(one)) for one in Fate]
        self.project.choices = [("", _("No project")), *((str(n), f"{n}. {title}") for n, title in projects)]

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the reason or the target that the fate needs, beside the field that holds it."""
        if not super().validate(extra_validators):
            return False
        chosen = self.chosen
        if chosen in FATES_NEEDING_REASON and not self.reason_ar.data:
            self.reason_ar.errors = [_("Write the reason in Arabic: the author is owed one.")]
            return False
        if chosen is Fate.MERGED and not self.project.data and not self.merged_ref.data:
            self.project.errors = [
                _("Choose the project it joins, or write the reference of the other idea.")
            ]
            return False
        return True

    @property
    def chosen(self) -> Fate:
        """Return the fate; only on a valid form."""
        return Fate(self.fate.data)

    @property
    def reason(self) -> Words:
        """Return the reason by language."""
        return words_of(self.reason_ar.data, self.reason_fr.data)

    @property
    def number(self) -> int | None:
        """Return the number of the chosen project."""
        return int(self.project.data) if self.project.data else None


class FateForm(_Fate):
    """The decision on one idea."""

    row_version = IntegerField(
        widget=HiddenInput(), default=0, validators=[InputRequired(), NumberRange(0, LARGEST)]
    )


class BulkFateForm(_Fate):
    """The same decision on the ideas that were ticked."""

    view = HiddenField(validators=[Cleaned(200)])


class FillForm(Form):
    """Into which theme the ticked contributions go; the buttons of the themes send its key as `theme`."""

    into = SelectField(_l("Theme"), choices=[], validators=[Optional()], validate_choice=False)
    view = HiddenField(validators=[Cleaned(200)])


class MembersForm(Form):
    """What happens to the ticked contributions of a theme: taken out, or moved to another one."""

    into = SelectField(_l("Move to"), choices=[], validators=[Optional()], validate_choice=False)


class ThemeForm(Form):
    """A theme: its title, and the project it is about."""

    title_ar = StringField(
        _l("Title, in Arabic"), validators=[InputRequired(), Cleaned(TITLE_CHARS, minimum=2)]
    )
    title_fr = StringField(_l("Title, in French"), validators=[Cleaned(TITLE_CHARS)])
    project = SelectField(_l("About"), choices=[], validators=[unchosen()])
    row_version = IntegerField(
        widget=HiddenInput(), default=0, validators=[InputRequired(), NumberRange(0, LARGEST)]
    )

    def offer(self, projects: Sequence[tuple[int, str]]) -> None:
        """Set the choices; a project is (number, title)."""
        self.project.choices = [
            ("", _("the plan as a whole")),
            *((str(n), f"{n}. {title}") for n, title in projects),
        ]

    @property
    def number(self) -> int | None:
        """Return the number of the chosen project."""
        return int(self.project.data) if self.project.data else None


class ResponseForm(Form):
    """The reasoned answer to a theme, a contribution or a project."""

    outcome = Ladder(_l("Outcome"), choices=[], validators=[InputRequired(_l("Choose an outcome."))])
    text_ar = TextAreaField(
        _l("Answer, in Arabic"), validators=[InputRequired(), Cleaned(TEXT_CHARS, minimum=10)]
    )
    text_fr = TextAreaField(_l("Answer, in French"), validators=[Cleaned(TEXT_CHARS)])
    reason_ar = TextAreaField(_l("Reason, in Arabic"), validators=[Cleaned(REASON_CHARS)])
    reason_fr = TextAreaField(_l("Reason, in French"), validators=[Cleaned(REASON_CHARS)])
    changed = BooleanField(_l("The wording of the project changed because of it"))
    row_version = IntegerField(
        widget=HiddenInput(), default=0, validators=[InputRequired(), NumberRange(0, LARGEST)]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcome.choices = [(one.value, labels.outcome(one)) for one in Outcome]

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the reason that the outcome needs, beside its field."""
        if not super().validate(extra_validators):
            return False
        if Outcome(self.outcome.data) in OUTCOMES_NEEDING_REASON and not self.reason_ar.data:
            self.reason_ar.errors = [_("Write the reason in Arabic: people are owed one.")]
            return False
        return True


class JudgeForm(Form):
    """Whether the revised text satisfies the author of a text, and a sentence if they wish."""

    satisfied = RadioField(
        _l("Does the revised text satisfy what you asked for?"),
        choices=[],
        validators=[InputRequired(_l("Choose an answer."))],
    )
    note = TextAreaField(_l("In a sentence, if you wish"), validators=[Cleaned(NOTE_CHARS)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.satisfied.choices = [
            (Satisfied.YES.value, _("Yes")),
            (Satisfied.PARTLY.value, _("Partly")),
            (Satisfied.NO.value, _("No")),
        ]


class DecideForm(Form):
    """The second reader's yes to the words they read, or the return of an answer to its draft."""

    row_version = IntegerField(
        widget=HiddenInput(), default=0, validators=[InputRequired(), NumberRange(0, LARGEST)]
    )
