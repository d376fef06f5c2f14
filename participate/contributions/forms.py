"""Forms of contributions. Which voices, axes and sections can be chosen is given by the view."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Optional

from participate.contributions.queries import BODY_CHARS, OPINION_CHARS, PLACE_CHARS, TITLE_CHARS
from participate.files.forms import AttachmentField
from participate.rules.outcomes import CommentKind, Section, Stance
from participate.rules.text import clean_line
from participate.web import labels
from participate.web.forms import Cleaned, Form

MYSELF = "me"
LANGUAGES = ("ar", "fr", "zgh", "en", "ary-Latn")


def token(value: str | None) -> str:
    """Keep of a hidden field what ours are made of: letters, digits, dashes, underscores."""
    return re.sub(r"[^0-9A-Za-z_-]", "", (value or "")[:64])


class OneLine(Cleaned):
    """Clean a text and put it on one line."""

    def __call__(self, form: Any, field: Any) -> None:
        """Replace the field's data by its clean line."""
        super().__call__(form, field)
        field.data = clean_line(field.data, self.limit)


def language_choices() -> list[tuple[str, str]]:
    """Return the languages a text may be in; empty: guessed from the text."""
    return [
        ("", _("Recognise it from the text")),
        ("ar", _("Arabic or Darija in Arabic letters")),
        ("ary-Latn", _("Darija in Latin letters")),
        ("fr", _("French")),
        ("zgh", _("Tamazight")),
        ("en", _("English")),
    ]


class WrittenForm(Form):
    """What every text shares: its language, the voice it is in, and the declaration asked once."""

    voice = RadioField(_l("In whose name?"))
    lang = SelectField(_l("Language of your text"), default="")
    declared = BooleanField(_l("I live, work or study here"))

    def __init__(self, *args: Any, voices: Any = (), declares: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, str]] = list(voices) or [(MYSELF, _("In my own name"))]
        self.voice.choices = choices
        if not self.voice.data or (self.voice.data not in dict(choices) and not self.is_submitted()):
            self.voice.data = MYSELF
        self.lang.choices = language_choices()
        if len(choices) == 1:
            del self.voice
        if not declares:
            del self.declared

    def validate_declared(self, field: BooleanField) -> None:
        """Ask for the declaration when the consultation needs it; an association was verified instead."""
        if not field.data and self.chosen_voice == MYSELF:
            raise ValidationError(_("Please confirm this: the consultation is for people of this place."))

    @property
    def chosen_voice(self) -> str:
        """The voice that was chosen: "me" or the key of an association."""
        return str(self.voice.data or MYSELF) if "voice" in self._fields else MYSELF

    @property
    def has_declared(self) -> bool:
        """Whether the declaration was asked and given."""
        return "declared" in self._fields and bool(self.declared.data)


class CommentForm(WrittenForm):
    """An opinion or a question about a section of a project, an idea, or the plan."""

    section = SelectField(_l("About"))
    kind = RadioField(_l("What do you want to do?"))
    stance = RadioField(_l("Is your text for or against?"))
    body = TextAreaField(_l("Your comment"), validators=[InputRequired(), Cleaned(BODY_CHARS, minimum=3)])

    def __init__(self, *args: Any, sections: bool = True, questions: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section.choices = [(part.value, labels.section(part)) for part in Section]
        self.kind.choices = [
            (CommentKind.OPINION.value, _("Give my opinion")),
            (CommentKind.QUESTION.value, _("Ask a question")),
        ]
        self.stance.choices = [(one.value, labels.stance(one)) for one in Stance]
        for field in (self.section, self.kind, self.stance):
            if not field.data:
                field.data = {"section": Section.WHOLE, "kind": CommentKind.OPINION, "stance": Stance.NONE}[
                    field.name
                ].value
        if not sections:
            del self.section
        if not questions:
            del self.kind


class AmendmentForm(WrittenForm):
    """Other words for a part of a project, and why."""

    section = HiddenField(filters=[token])
    kind = HiddenField(filters=[token])
    stance = RadioField(_l("Is your text for or against?"))
    amend_to = TextAreaField(
        _l("The wording you propose"), validators=[InputRequired(), Cleaned(BODY_CHARS, minimum=3)]
    )
    body = TextAreaField(_l("Why"), validators=[InputRequired(), Cleaned(BODY_CHARS, minimum=3)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stance.choices = [(one.value, labels.stance(one)) for one in Stance]
        if not self.stance.data:
            self.stance.data = Stance.NONE.value


class ReplyForm(WrittenForm):
    """An answer under a comment."""

    body = TextAreaField(_l("Your reply"), validators=[InputRequired(), Cleaned(BODY_CHARS, minimum=3)])


class IdeaForm(WrittenForm):
    """A project that is missing: what is wrong, and what to do."""

    title = StringField(
        _l("Your idea in one sentence"), validators=[InputRequired(), OneLine(TITLE_CHARS, minimum=8)]
    )
    axis_id = RadioField(_l("Which axis is it about?"), validators=[InputRequired()])
    problem = TextAreaField(
        _l("What is the problem?"), validators=[InputRequired(), Cleaned(BODY_CHARS, minimum=20)]
    )
    proposal = TextAreaField(
        _l("What do you propose?"), validators=[InputRequired(), Cleaned(BODY_CHARS, minimum=20)]
    )
    place = StringField(
        _l("Where?"),
        validators=[Optional(), OneLine(PLACE_CHARS)],
        description=_l("A neighbourhood, a street, a square. Never somebody's home address."),
    )
    file = AttachmentField()
    kept_file = HiddenField(filters=[token])
    seen = HiddenField(filters=[token])

    def __init__(self, *args: Any, axes: Any = (), uploads: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.axis_id.choices = list(axes)
        self.place.flags.optional = True
        if not uploads:
            del self.file


class RewriteCommentForm(Form):
    """The words of a comment, to be changed by their author."""

    version = HiddenField(filters=[token])
    stance = RadioField(_l("Is your text for or against?"))
    amend_to = TextAreaField(
        _l("The wording you propose"), validators=[InputRequired(), Cleaned(BODY_CHARS, minimum=3)]
    )
    body = TextAreaField(_l("Your comment"), validators=[InputRequired(), Cleaned(BODY_CHARS, minimum=3)])
    lang = SelectField(_l("Language of your text"), default="")

    def __init__(self, *args: Any, amends: bool = False, reply: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stance.choices = [(one.value, labels.stance(one)) for one in Stance]
        if not self.stance.data:
            self.stance.data = Stance.NONE.value
        self.lang.choices = language_choices()
        if not amends:
            del self.amend_to
        if reply:
            del self.stance


class RewriteIdeaForm(Form):
    """The words of an idea, to be changed by their author."""

    version = HiddenField(filters=[token])
    title = StringField(
        _l("Your idea in one sentence"), validators=[InputRequired(), OneLine(TITLE_CHARS, minimum=8)]
    )
    axis_id = RadioField(_l("Which axis is it about?"), validators=[InputRequired()])
    problem = TextAreaField(
        _l("What is the problem?"), validators=[InputRequired(), Cleaned(BODY_CHARS, minimum=20)]
    )
    proposal = TextAreaField(
        _l("What do you propose?"), validators=[InputRequired(), Cleaned(BODY_CHARS, minimum=20)]
    )
    place = StringField(_l("Where?"), validators=[Optional(), OneLine(PLACE_CHARS)])
    lang = SelectField(_l("Language of your text"), default="")

    def __init__(self, *args: Any, axes: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.axis_id.choices = list(axes)
        self.place.flags.optional = True
        self.lang.choices = language_choices()


class ConfirmForm(Form):
    """One button: the question stands on the page."""


class CosignForm(WrittenForm):
    """Putting a voice's name under an idea."""


class OpinionForm(Form):
    """The formal opinion of an advisory body."""

    body_id = RadioField(_l("Which body?"), validators=[InputRequired()])
    text = TextAreaField(
        _l("Text of the opinion"), validators=[InputRequired(), Cleaned(OPINION_CHARS, minimum=20)]
    )
    lang = SelectField(_l("Language of the text"), default="")

    def __init__(self, *args: Any, bodies: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.body_id.choices = list(bodies)
        self.lang.choices = language_choices()
