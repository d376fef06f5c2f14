"""What a password of staff must be: long, and not what anybody would try first.

No rules about kinds of characters and no forced change: length does the work. Source: NIST SP 800-63B.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise

SHORTEST = 15
LONGEST = 128
"""In characters; what is longer is refused before it is hashed."""
TELLING_CHARS = 4
"""A shorter piece of an address or a name appears in honest sentences by chance."""

COMMON = frozenset(
    {
        "123456789012345", "1234567890123456", "passwordpassword", "password12345678", "password123456789",
        "motdepassemotdepasse", "motdepasse123456", "motdepasse1234567", "qwertyuiopasdfgh", "azertyuiopqsdfgh",
        "qwertyuiopasdfghjkl", "azertyuiopqsdfghjklm", "correcthorsebatterystaple", "iloveyouiloveyou",
        "administrateur123", "administrator123", "adminadminadmin", "participateparticipate", "bonjourbonjour123",
        "jesuislemotdepasse", "cecestmonmotdepasse", "thisismypassword", "letmeinletmeinletmein",
        "بسماللهالرحمنالرحيم", "السلامعليكمورحمهالله", "السلامعليكمورحمهاللهوبركاته", "لاالهالااللهمحمدرسولالله",
        "الحمدللهربالعالمين", "استغفراللهالعظيم", "سبحاناللهوبحمده", "كلمهالسركلمهالسر", "اللهالوطنالملك",
        "dieupatrieroidieupatrieroi", "allahalwatanalmalik",
    }
)  # fmt: skip
"""Phrases that come to many minds, as `plain` leaves them."""


class Weakness(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    REPEATED = "repeated"
    TELLING = "telling"


def normal(password: str) -> str:
    """Return the one form in which a password is hashed, however a keyboard composes its letters."""
    return unicodedata.normalize("NFKC", password)


def plain(text: str) -> str:
    """Return letters and digits alone, without case and marks: what a guesser varies first."""
    loose = unicodedata.normalize("NFKD", text).casefold().replace("ة", "ه")
    return "".join(one for one in loose if one.isalnum())


def weakness(password: str, email: str, places: Iterable[str]) -> Weakness | None:
    """Return why a password is refused for the person at `email` who works for `places`; None when it is not."""
    if len(password) > LONGEST:
        return Weakness.LONG
    password = normal(password)
    if len(password) < SHORTEST:
        return Weakness.SHORT
    said = plain(password)
    if any(said.startswith(one) for one in COMMON if len(said) < len(one) + TELLING_CHARS):
        return Weakness.COMMON
    if _repeats(said or password):
        return Weakness.REPEATED
    pieces = {plain(email), plain(email.partition("@")[0]), *(plain(place) for place in places)}
    if any(piece in said for piece in pieces if len(piece) >= TELLING_CHARS):
        return Weakness.TELLING
    return None


def _repeats(text: str) -> bool:
    """Whether a text is a short piece over and over, or a row of neighbours such as 1234 or abcd."""
    if any(text == (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 2 + 1)):
        return True
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return steps in ({1}, {-1}) or len(set(text)) < TELLING_CHARS
