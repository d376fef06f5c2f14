"""Forms of the network."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import Regexp

from participate.web.forms import Cleaned, Form


class NewsForm(Form):
    """A press release in the two languages of the collectivity."""

    title_ar = StringField(_l("Title in Arabic"), validators=[Cleaned(160, minimum=5)])
    title_fr = StringField(_l("Title in French"), validators=[Cleaned(160)])
    body_ar = TextAreaField(_l("Text in Arabic"), validators=[Cleaned(6000, minimum=20)])
    body_fr = TextAreaField(_l("Text in French"), validators=[Cleaned(6000)])
    slug = StringField(
        _l("Address"),
        validators=[
            Cleaned(80),
            Regexp(r"^[a-z][a-z0-9-]{1,79}$", message=_l("Use small Latin letters, digits and hyphens.")),
        ],
    )
