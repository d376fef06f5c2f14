"""Forms of people."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import EmailField
from wtforms.validators import InputRequired, Optional, Regexp

from participate.people import addresses
from participate.rules.passwords import LONGEST
from participate.rules.policy import Role
from participate.rules.text import safe_next
from participate.web import i18n, labels
from participate.web.forms import Cleaned, Form

ASSOCIATION_NAME_CHARS = 120
PURPOSE_CHARS = 1000


def printable(value: object) -> str | None:
    """A filter: drop control characters, which no page may hold, from what is shown again as typed."""
    return None if value is None else "".join(c for c in str(value) if c.isprintable())


def inner_path(value: str | None) -> str:
    """A filter: keep an address only when it stays on this site."""
    return safe_next(value) or ""


class Address:
    """A validator that keeps an e-mail address as it will be stored."""

    def __call__(self, _form: Any, field: Any) -> None:
        """Clean the field's data or ask for an address."""
        try:
            field.data = addresses.clean_email(field.data or "")
        except addresses.BadAddressError:
            raise ValidationError(_l("Write a whole e-mail address, such as fatima@example.ma.")) from None


class Length:
    """A validator that refuses a password nobody types, before anything is computed from it."""

    def __call__(self, _form: Any, field: Any) -> None:
        """Say how long it may be."""
        if len(field.data or "") > LONGEST:
            raise ValidationError(_l("Write at most 128 characters."))


class EmailForm(Form):
    """Asking for a code."""

    email = EmailField(_l("E-mail address"), filters=[printable], validators=[Address()])
    next = HiddenField(filters=[inner_path])


class CodeForm(Form):
    """Typing the code."""

    code = StringField(_l("Code of 8 digits"), filters=[printable])

    def validate_code(self, field: Any) -> None:
        """Ask for eight digits before a try is spent."""
        if len(addresses.digits_of(field.data or "")) != addresses.CODE_DIGITS:
            raise ValidationError(_l("The code has 8 digits: copy it from the mail."))


def _password_field() -> PasswordField:
    return PasswordField(
        _l("Password"), validators=[InputRequired(message=_l("Type your password.")), Length()]
    )


def _code_field() -> StringField:
    return StringField(
        _l("Code of your application"),
        filters=[printable],
        validators=[InputRequired(message=_l("Type the code your application shows now."))],
    )


class StaffSignInForm(Form):
    """Signing in with password and application."""

    email = EmailField(_l("E-mail address"), filters=[printable], validators=[Address()])
    password = _password_field()
    code = _code_field()
    next = HiddenField(filters=[inner_path])


class SecondForm(Form):
    """Showing the second factor; without `password` where it was shown before."""

    password = _password_field()
    code = _code_field()
    next = HiddenField(filters=[inner_path])


class PasswordForm(Form):
    """Choosing a password."""

    password = PasswordField(
        _l("New password"), validators=[InputRequired(message=_l("Write at least 15 characters.")), Length()]
    )
    next = HiddenField(filters=[inner_path])


class AppForm(Form):
    """Confirming an application."""

    code = _code_field()
    next = HiddenField(filters=[inner_path])


class LostForm(Form):
    """Asking to begin anew."""

    where = RadioField(_l("Who decides"), validators=[InputRequired(message=_l("Choose a commune."))])


class ReasonForm(Form):
    """Why a recovery is approved or refused."""

    reason = TextAreaField(
        _l("How do you know that it is really them?"), validators=[Cleaned(500, minimum=10)]
    )
    recovery = HiddenField(filters=[printable])


class NameForm(Form):
    """The name beside what one writes."""

    name = StringField(_l("Name shown beside what you write"), validators=[Cleaned(60, minimum=2)])
    next = HiddenField(filters=[inner_path])


class SettingsForm(Form):
    """The language of letters."""

    lang = RadioField(_l("Language of the letters we send you"), validators=[InputRequired()])
    row_version = HiddenField(filters=[printable])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lang.choices = [(code, i18n.LABELS[code]) for code in addresses.LANGUAGES_OF_LETTERS]


class GrantForm(Form):
    """Trusting somebody with a role."""

    email = EmailField(_l("E-mail address"), filters=[printable], validators=[Address()])
    role = SelectField(_l("Role"), validators=[InputRequired(message=_l("Choose a role."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [(role.value, labels.role(role)) for role in Role]


class SeenForm(Form):
    """Noting that somebody was seen at the desk."""

    email = EmailField(_l("E-mail address"), filters=[printable], validators=[Address()])


class DelegateForm(Form):
    """Letting somebody speak for an association."""

    email = EmailField(_l("E-mail address of the delegate"), filters=[printable], validators=[Address()])


class AdvisoryBodyForm(Form):
    """A body that advises the council."""

    name_ar = StringField(
        _l("Name in Arabic"), validators=[InputRequired(), Cleaned(ASSOCIATION_NAME_CHARS, minimum=3)]
    )
    name_fr = StringField(_l("Name in French"), validators=[Cleaned(ASSOCIATION_NAME_CHARS)])
    slug = StringField(
        _l("Short name for the address, in Latin letters"),
        validators=[
            InputRequired(),
            Regexp(r"^[a-z][a-z0-9-]{1,58}$", message=_l("Use small Latin letters, digits and hyphens.")),
        ],
    )
    description_ar = TextAreaField(_l("Purpose in Arabic"), validators=[Cleaned(PURPOSE_CHARS)])
    description_fr = TextAreaField(_l("Purpose in French"), validators=[Cleaned(PURPOSE_CHARS)])


class AssociationForm(Form):
    """Entering an association."""

    name_ar = StringField(_l("Name in Arabic"), validators=[Cleaned(ASSOCIATION_NAME_CHARS, minimum=3)])
    name_fr = StringField(_l("Name in French"), validators=[Cleaned(ASSOCIATION_NAME_CHARS), Optional()])
    purpose_ar = TextAreaField(_l("Purpose in Arabic"), validators=[Cleaned(PURPOSE_CHARS, minimum=10)])
    purpose_fr = TextAreaField(_l("Purpose in French"), validators=[Cleaned(PURPOSE_CHARS), Optional()])
    email = EmailField(_l("E-mail address of the delegate"), filters=[printable])

    def validate_email(self, field: Any) -> None:
        """Clean the address if one is given."""
        if (field.data or "").strip():
            Address()(self, field)
