"""Forms of one's own account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the published types
    BooleanField,
    RadioField,
    SelectChoice,
)
from wtforms.validators import InputRequired

from participate.web.forms import Form

KEEP, TAKE_BACK = "keep", "take_back"


class LeaveForm(Form):
    """What becomes of the texts, and a yes that nobody gives by mistake."""

    texts = RadioField(
        _l("What becomes of your texts?"),
        choices=[
            SelectChoice(KEEP, _l("They stay where they are, without my name")),
            SelectChoice(TAKE_BACK, _l("I take them back: only a line that a text was withdrawn stays")),
        ],
        default=KEEP,
        validators=[InputRequired()],
    )
    sure = BooleanField(
        _l("I know that it cannot be undone"),
        validators=[InputRequired(_l("Tick this if you want to go on."))],
    )
