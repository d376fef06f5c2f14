"""Forms: our own translations, cleaned text, and one answer however often a form is sent."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

import wtforms
from flask import request
from flask_babel import get_translations, lazy_ngettext, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import DateField, FileField, HiddenField, ValidationError
from wtforms.validators import Optional

from participate.rules.text import TooLong, clean_text, without_controls
from participate.web.hooks import FirstReply, hooks

WORDS_OF_WTFORMS = (
    _l("This field is required."),
    _l("Not a valid choice."),
    _l("Not a valid date value."),
    _l("Not a valid time value."),
    _l("Not a valid integer value."),
    _l("Number must be at least %(min)s."),
    _l("Number must be at most %(max)s."),
    _l("Number must be between %(min)s and %(max)s."),
    _l("Invalid input."),
    _l("Invalid Choice: could not coerce."),
    _l("Invalid choice(s): one or more data inputs could not be coerced."),
    lazy_ngettext(
        "'%(value)s' is not a valid choice for this field.",
        "'%(value)s' are not valid choices for this field.",
        2,
    ),
)
"""What its fields and validators say by themselves: named here, so that our catalogues have them."""

EARLIEST, LATEST = date(1956, 1, 1), date(2199, 12, 31)
"""The days a form takes: a commune's plan has no other, and at the ends of the calendar there is no next day."""

_OUR_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


class _Catalogue:
    """WTForms' own messages from our catalogue: its Arabic one is unfinished.

    It fills in their placeholders itself, so they are looked up and left as they are.
    """

    def gettext(self, message: str) -> str:
        return get_translations().gettext(message)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return get_translations().ngettext(one, many, count)


class Row(wtforms.Form):
    """Base of a group of fields that a form repeats."""

    class Meta:
        """Our catalogue instead of WTForms' own."""

        def get_translations(self, form: Any) -> Any:  # noqa: ARG002
            return _Catalogue()


class Form(FlaskForm):
    """Base of every form. `key` makes a creating POST safe to repeat."""

    key = HiddenField()

    class Meta(FlaskForm.Meta):
        """Our catalogue instead of WTForms' own."""

        def get_translations(self, form: Any) -> Any:  # noqa: ARG002
            return _Catalogue()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Give each field what it can read: words without controls, and files to those that take them.

            Any field may be shown again with what it held, and a file under the name of a text is no text.
            """
            found = None if request.is_json else super().wrap_formdata(form, formdata)
            if found is None:
                return None
            return MultiDict(
                (name, without_controls(value) if isinstance(value, str) else value)
                for name, value in found.items(multi=True)
                if isinstance(value, str) or isinstance(form._fields.get(name), FileField)
            )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not _OUR_KEY.fullmatch(str(self.key.data or "")):
            self.key.data = secrets.token_urlsafe(16)

    def fields_to_keep(self) -> dict[str, Any]:
        """Return what was typed, to be kept in a draft."""
        return {
            name: field.data
            for name, field in self._fields.items()
            if name not in {"csrf_token", "key"} and not isinstance(field.data, FileStorage)
        }

    def payload_hash(self) -> str:
        """Return a hash of what was sent: the same key with other words is a new act.

        Of what the browser sent, not of this form's fields: an answer may change which fields the form has
        (a first comment asks to be declared, the second no more), and the copy would look like a new act.
        """
        sent = [pair for pair in request.form.items(multi=True) if pair[0] not in {"csrf_token", "key"}]
        files = [(name, file.filename) for name, file in request.files.items(multi=True)]
        return hashlib.sha256(json.dumps([sent, files]).encode()).hexdigest()


class DayField(DateField):
    """A day that people may live to see; `data` is None where it is not."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day, or say that it is out of reach."""
        super().process_formdata(valuelist)
        if self.data and not EARLIEST <= self.data <= LATEST:
            self.data = None
            raise ValueError(_("Choose a nearer day."))


def unchosen() -> Optional:
    """Return the validator of a choice that may stay empty: a blank is no empty choice, but a wrong one."""
    return Optional(strip_whitespace=False)


class Cleaned:
    """A WTForms validator that cleans text at the boundary and limits its length in characters."""

    def __init__(self, limit: int, *, minimum: int = 0) -> None:
        self.limit = limit
        self.minimum = minimum
        self.field_flags = {"maxlength": limit}

    def __call__(self, _form: Any, field: Any) -> None:
        """Replace the field's data by its clean form, or say by how much it is too long."""
        try:
            field.data = clean_text(field.data or "", self.limit)
        except TooLong as error:
            raise ValidationError(
                ngettext(
                    "This text is too long: please shorten it by %(num)d character.",
                    "This text is too long: please shorten it by %(num)d characters.",
                    error.actual - error.limit,
                )
            ) from None
        if len(field.data) < self.minimum:
            raise ValidationError(
                ngettext(
                    "Please write at least %(num)d character.",
                    "Please write at least %(num)d characters.",
                    self.minimum,
                )
            )


def first_reply(form: Form) -> FirstReply | None:
    """Return the answer this very form already got, if it was sent before."""
    return hooks.first_reply(str(form.key.data or "")[:64], form.payload_hash())


def keep_reply(form: Form, location: str, receipt: str | None = None) -> None:
    """Keep the answer in the act's transaction; 4xx and 5xx never come here and consume nothing."""
    hooks.keep_reply(str(form.key.data or "")[:64], form.payload_hash(), location, receipt)


def restored(form_class: Callable[..., Form], **kwargs: Any) -> Form:
    """Return a form filled with what was typed here before signing in, or an empty one."""
    draft = {} if request.method == "POST" else hooks.take_draft(request.path)
    data = kwargs.pop("data", {})
    return form_class(data={**data, **draft}, **kwargs)
