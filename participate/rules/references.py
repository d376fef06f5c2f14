"""Codes that people read aloud, type and compare: receipts and references.

Source: ``design/8-settled.md`` (Receipt: collectivity code + 8 Crockford base32
characters of the entry hash), https://www.crockford.com/base32.html.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32 symbols: no I, L, O (they look like 1, 1, 0) and no U."""
CODE_CHARS: Final = 8
CODE_BYTES: Final = 5
"""Eight symbols of five bits are forty bits: five bytes."""
_AS_HEARD: Final = str.maketrans("ILO", "110")
_COLLECTIVITY: Final = re.compile(r"[A-Z][A-Z0-9]{1,5}")


class NotAReferenceError(ValueError):
    """What was typed cannot be a reference of ours."""

    def __init__(self, typed: str) -> None:
        """Hold what was ``typed``."""
        super().__init__(typed)
        self.typed = typed


class TooFewBytesError(ValueError):
    """Fewer bytes than a code needs."""

    def __init__(self, needed: int, given: int) -> None:
        """Hold the counts of bytes."""
        super().__init__(needed, given)
        self.needed = needed
        self.given = given


def crockford(source: bytes) -> str:
    """Write the first forty bits of ``source`` as 8 Crockford base32 symbols.

    Raises ``TooFewBytesError`` under 5 bytes.
    """
    if len(source) < CODE_BYTES:
        raise TooFewBytesError(CODE_BYTES, len(source))
    number = int.from_bytes(source[:CODE_BYTES], "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt: ``collectivity`` code such as BM, and 8 symbols; ``str()`` is BM-7Q4K-2RXF."""

    collectivity: str
    code: str

    def __post_init__(self) -> None:
        """Refuse what could not be read back; raises ``NotAReferenceError``."""
        if not _COLLECTIVITY.fullmatch(self.collectivity) or not _is_code(self.code):
            raise NotAReferenceError(f"{self.collectivity}-{self.code}")

    def __str__(self) -> str:
        """Write it as it is printed, grouped 4-4."""
        return f"{self.collectivity}-{grouped(self.code)}"


def receipt_of(collectivity: str, entry_hash: bytes) -> Receipt:
    """Make the receipt of a journal entry from its SHA-256 ``entry_hash`` (raw bytes).

    ``collectivity`` is its code: 2 to 6 capital letters or digits, a letter first.
    Raises ``NotAReferenceError`` (bad code) and ``TooFewBytesError`` (bad hash).
    """
    return Receipt(collectivity, crockford(entry_hash))


def parse_receipt(typed: str) -> Receipt:
    """Read a receipt as a person types it.

    Lower case, spaces, missing or odd dashes, Arabic digits, I or L for 1 and O for 0
    are all understood. Raises ``NotAReferenceError``.
    """
    symbols = _symbols(typed)
    try:
        return Receipt(symbols[:-CODE_CHARS], symbols[-CODE_CHARS:].translate(_AS_HEARD))
    except NotAReferenceError:
        raise NotAReferenceError(typed) from None


def reference_of(random_bytes: bytes) -> str:
    """Make the reference of a contribution, 8 symbols, from 5 or more random bytes.

    It is random so that it tells nothing about order or number. Raises ``TooFewBytesError``.
    """
    return crockford(random_bytes)


def parse_reference(typed: str) -> str:
    """Read a contribution's reference as a person types it; see ``parse_receipt``."""
    code = _symbols(typed).translate(_AS_HEARD)
    if not _is_code(code):
        raise NotAReferenceError(typed)
    return code


def grouped(code: str) -> str:
    """Write 8 symbols as two groups of four, which is how people read them aloud."""
    return f"{code[:4]}-{code[4:]}"


def _is_code(code: str) -> bool:
    return len(code) == CODE_CHARS and all(symbol in ALPHABET for symbol in code)


def _symbols(typed: str) -> str:
    """Keep letters and digits, in capitals; Arabic-Indic digits become Latin ones."""
    kept = []
    for char in unicodedata.normalize("NFKC", typed[:64]).upper():
        digit = unicodedata.decimal(char, None)
        kept.append(char if digit is None else str(digit))
    return re.sub(r"[\s\-\u2010-\u2015_.\u200b-\u200f\u202a-\u202e\u2066-\u2069\u061c]", "", "".join(kept))
