"""Reading files, and telling what bytes are. Who may read a file is decided by what it hangs on."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from participate.db import db
from participate.files.models import StoredFile

MAX_BYTES: Final = 5 * 1024 * 1024
"""Largest file taken in. Source: `design/4-trust.md`, Surfaces."""
EXTENSIONS: Final = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}

_PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT: Final = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"iCCP",
        b"sBIT",
        b"bKGD",
        b"pHYs",
    }
)
_JPEG_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_TOLD: Final = frozenset({0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE})
"""APP1 (Exif with the place a photograph was taken, XMP), other APPn but colour profiles, comments."""
_START_OF_SCAN: Final = 0xDA


class WrongTypeError(ValueError):
    """The bytes are not those of a PDF, a JPEG or a PNG, whatever the name says."""


class TooLargeError(ValueError):
    """A file is larger than `MAX_BYTES`; holds its size in bytes."""


class EmptyFileError(ValueError):
    """A file without a byte."""


@dataclass(frozen=True)
class Attachment:
    """A file to be sent."""

    ref: str
    name: str
    media_type: str
    body: bytes


def attachment(collectivity_id: int, file_id: int) -> Attachment | None:
    """Return a file with its bytes; ask first, in your own room, whether the reader may have it."""
    row = db.session.scalar(
        sa.select(StoredFile)
        .where(StoredFile.collectivity_id == collectivity_id, StoredFile.id == file_id)
        .options(undefer(StoredFile.body))
    )
    if row is None or not row.body:  # emptied once what held it was removed
        return None
    return Attachment(row.ref, row.name, row.media_type, row.body)


def own_file(collectivity_id: int, ref: str, person_id: int | None) -> StoredFile | None:
    """Return a file by its random reference if this person sent it."""
    if person_id is None or not ref:
        return None
    return db.session.scalar(
        sa.select(StoredFile).where(
            StoredFile.collectivity_id == collectivity_id,
            StoredFile.ref == ref[:32],
            StoredFile.uploaded_by == person_id,
        )
    )


def checked(body: bytes) -> tuple[str, bytes]:
    """Return the media type read from the bytes, and the bytes to keep.

    Photographs lose what they tell about the person who took them (place, device, comments).
    Raises EmptyFileError, TooLargeError and WrongTypeError; an image that cannot be read to its end
    is of the wrong type.
    """
    if not body:
        raise EmptyFileError
    if len(body) > MAX_BYTES:
        raise TooLargeError(len(body))
    try:
        if body.startswith(b"%PDF-") and b"%%EOF" in body[-2048:]:
            return "application/pdf", body
        if body.startswith(b"\xff\xd8\xff"):
            return "image/jpeg", _plain_jpeg(body)
        if body.startswith(_PNG_HEAD):
            return "image/png", _plain_png(body)
    except (IndexError, struct.error):
        raise WrongTypeError from None
    raise WrongTypeError


def _plain_jpeg(body: bytes) -> bytes:
    kept = [b"\xff\xd8"]
    place = 2
    while True:
        if body[place] != 0xFF:
            raise WrongTypeError
        marker = body[place + 1]
        if marker == 0xFF:  # fill byte
            place += 1
            continue
        if marker in _JPEG_ALONE:
            kept.append(body[place : place + 2])
            place += 2
            continue
        (size,) = struct.unpack(">H", body[place + 2 : place + 4])
        if size < 2 or place + 2 + size > len(body):
            raise WrongTypeError
        if marker == _START_OF_SCAN:
            end = body.rfind(b"\xff\xd9")
            if end <= place:
                raise WrongTypeError
            kept.append(body[place : end + 2])
            return b"".join(kept)
        if marker not in _JPEG_TOLD:
            kept.append(body[place : place + 2 + size])
        place += 2 + size


def _plain_png(body: bytes) -> bytes:
    kept = [_PNG_HEAD]
    place = len(_PNG_HEAD)
    while True:
        size, kind = struct.unpack(">I4s", body[place : place + 8])
        end = place + 12 + size
        if end > len(body) or (len(kept) == 1 and kind != b"IHDR"):
            raise WrongTypeError
        if kind in _PNG_KEPT:
            kept.append(body[place:end])
        if kind == b"IEND":
            return b"".join(kept)
        place = end
