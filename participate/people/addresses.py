"""What people type to be known by: an e-mail address, a code."""

from __future__ import annotations

import re
import unicodedata

CODE_DIGITS = 8
EMAIL_CHARS = 254
LANGUAGES_OF_LETTERS = ("ar", "fr", "en")
EMAIL = re.compile(r"[^@\s<>\"',;:()\[\]\\]+@[^@\s<>\"',;:()\[\]\\.]+(\.[^@\s<>\"',;:()\[\]\\.]+)+")


class BadAddressError(Exception):
    """Not an e-mail address; holds what was given."""


def clean_email(raw: str) -> str:
    """Return an address as it is kept: lower case, without blanks or marks of direction.

    Raises BadAddressError.
    """
    kept = "".join(c for c in raw[:1000] if unicodedata.category(c) not in {"Cf", "Cc", "Cs"})
    kept = unicodedata.normalize("NFKC", kept).strip().lower()
    if len(kept) > EMAIL_CHARS or ".." in kept or not EMAIL.fullmatch(kept):
        raise BadAddressError(raw)
    return kept


def digits_of(typed: str) -> str:
    """Return the digits of a typed code: blanks and dashes go, Arabic-Indic digits become 0–9."""
    found = (unicodedata.decimal(c, None) for c in typed[:64])
    return "".join(str(digit) for digit in found if digit is not None)
