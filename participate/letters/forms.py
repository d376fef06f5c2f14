"""Forms of letters."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import AnyOf

from participate.web.forms import Form


class ChoiceForm(Form):
    """Whether somebody wants the daily letter of receipts: its one button says which."""

    receipts = HiddenField(validators=[AnyOf(("on", "off"), _l("Choose an answer."))])
