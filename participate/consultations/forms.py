"""Forms of consultations: whose voice, the declaration, and the optional facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, ValidationError

from participate.consultations.queries import Choice
from participate.people.queries import Voice
from participate.rules.outcomes import AgeBand, Gender
from participate.web import labels
from participate.web.forms import Form, unchosen
from participate.web.i18n import plain

MYSELF = "me"
"""The value of one's own voice in a form; an association's is its key."""


def voice_choices(voices: Iterable[Voice]) -> list[tuple[str, str]]:
    """Return the choices of “in whose name?”: oneself first, then each association."""
    return [
        (MYSELF, _("In my own name"))
        if voice.association_id is None
        else (str(voice.association_id), _("In the name of %(association)s", association=_name(voice)))
        for voice in voices
    ]


def _name(voice: Voice) -> str:
    return voice.label if isinstance(voice.label, str) else plain(voice.label)


class VoicedForm(Form):
    """What every act shares: the voice, shown to delegates only, and the declaration, asked once."""

    voice = RadioField(_l("In whose name?"), validators=[unchosen()], default=MYSELF)
    declared = BooleanField(_l("I live, work or study here"))

    def __init__(
        self, *args: Any, voices: Sequence[Voice] = (), declares: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.voices = list(voices)
        self.voice.choices = voice_choices(self.voices) or [(MYSELF, _("In my own name"))]
        if self.voice.data not in {value for value, _label in self.voice.choices} and not self.is_submitted():
            self.voice.data = MYSELF
        self.voice.flags.optional = False  # one of them is always chosen
        if len(self.voice.choices) == 1:
            del self.voice
        if not declares:
            del self.declared

    def validate_declared(self, field: BooleanField) -> None:
        """Ask a citizen for the declaration; an association's verification stands for it."""
        if not field.data and self.chosen.association_id is None:
            raise ValidationError(_("Please confirm this: the consultation is for people of this place."))

    @property
    def chosen(self) -> Voice:
        """The voice that was chosen; oneself when nothing else was."""
        wanted = str(self.voice.data or MYSELF) if "voice" in self._fields else MYSELF
        for voice in self.voices:
            if str(voice.association_id or MYSELF) == wanted:
                return voice
        return self.voices[0]

    @property
    def has_declared(self) -> bool:
        """Whether the declaration was asked and given."""
        return "declared" in self._fields and bool(self.declared.data)


class FactsForm(Form):
    """What a person may say of themselves; every question may stay empty."""

    neighbourhood = SelectField(_l("My neighbourhood"), validators=[unchosen()])
    age_band = RadioField(_l("My age"), validators=[unchosen()], default="")
    gender = RadioField(_l("I am"), validators=[unchosen()], default="")

    def __init__(self, *args: Any, neighbourhoods: Sequence[Choice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.neighbourhood.choices = [
            ("", _("I prefer not to say")),
            *((str(one.id), plain(one.name)) for one in neighbourhoods),
        ]
        self.age_band.choices = [
            *((one.value, labels.age_band(one)) for one in AgeBand if one.value),
            ("", _("I prefer not to say")),
        ]
        self.gender.choices = [
            (Gender.WOMAN.value, labels.gender(Gender.WOMAN)),
            (Gender.MAN.value, labels.gender(Gender.MAN)),
            ("", _("I prefer not to say")),
        ]
        if not neighbourhoods:
            del self.neighbourhood

    @property
    def facts(self) -> dict[str, Any]:
        """What was answered, as `set_facts` takes it."""
        where = self.neighbourhood.data if "neighbourhood" in self._fields else ""
        return {
            "neighbourhood_id": int(where) if where else None,
            "age_band": AgeBand(self.age_band.data or ""),
            "gender": Gender(self.gender.data or ""),
        }
