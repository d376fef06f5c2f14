"""The field of an upload: what is wrong with a file is said beside it, and the typed words stay."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from wtforms import ValidationError

from participate.files.queries import MAX_BYTES, EmptyFileError, TooLargeError, WrongTypeError, checked

ROUTE_BYTES = 24 * 1024 * 1024
"""What a route with an upload reads at most: a photograph that is too large gets a kind answer, not a 413."""
ACCEPT = ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"


class AttachmentField(FileField):
    """One PDF, JPEG or PNG of at most 5 MB. After validation `bytes` holds what was sent, or None."""

    bytes: bytes | None = None

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("description", lazy_gettext("One PDF, JPEG or PNG of at most 5 MB."))
        kwargs["render_kw"] = {"accept": ACCEPT, **kwargs.get("render_kw", {})}
        super().__init__(label or lazy_gettext("Attachment"), **kwargs)
        self.flags.optional = True

    def pre_validate(self, _form: Any) -> None:
        """Read the bytes and say what to send instead when they will not do."""
        if not self.data:
            return
        body = self.data.stream.read(MAX_BYTES + 1)
        self.data.stream.close()  # a large upload is a temporary file: not to be left open
        try:
            checked(body)
        except EmptyFileError:
            raise ValidationError(
                _("This file is empty. Choose another one, or send without a file.")
            ) from None
        except TooLargeError:
            raise ValidationError(_("This file is too large. Send one of at most 5 MB.")) from None
        except WrongTypeError:
            raise ValidationError(
                _("We cannot read this kind of file. Send a PDF, a JPEG or a PNG, or send without a file.")
            ) from None
        self.bytes = body
