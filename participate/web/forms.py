"""Forms: our own translations, cleaned text, and one answer however often a form is sent."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from typing import Any

from flask import request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, ValidationError

from participate.rules.text import TooLong, clean_text
from participate.web.hooks import FirstReply, hooks

_OUR_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


USUAL_WORDS = (
    _l("This field is required."),
    _l("Invalid input."),
    _l("Not a valid choice."),
    _l("Invalid Choice: could not coerce."),
    _l("Not a valid date value."),
    _l("Not a valid time value."),
    _l("Not a valid integer value."),
    _l("Number must be at least %(min)s."),
    _l("Number must be at most %(max)s."),
    _l("Number must be between %(min)s and %(max)s."),
)
"""What WTForms says where a form gives no words of its own: here, so that the catalogues hold it."""


class _Catalogue:
    """WTForms' own messages from our catalogue: its Arabic one is unfinished."""

    def gettext(self, message: str) -> str:
        return gettext(message)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return ngettext(one, many, count)


class Form(FlaskForm):
    """Base of every form. `key` makes a creating POST safe to repeat."""

    key = HiddenField()

    class Meta(FlaskForm.Meta):
        """Our catalogue instead of WTForms' own."""

        def get_translations(self, form: Any) -> Any:  # noqa: ARG002
            return _Catalogue()

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
        """Return a hash of the cleaned fields: the same key with other words is a new act."""
        kept = {
            name: field.data.filename if isinstance(field.data, FileStorage) else field.data
            for name, field in self._fields.items()
            if name not in {"csrf_token", "key"}
        }
        return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()


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
