"""What a file is, is read from its bytes."""

from __future__ import annotations

import contextlib
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participate.files.actions import cleaned_name
from participate.files.queries import (
    MAX_BYTES,
    EmptyFileError,
    TooLargeError,
    WrongTypeError,
    checked,
)
from tests.rooms.files.makers import JPEG_WITH_PLACE, PDF, PNG_WITH_TEXT


def test_a_pdf_a_jpeg_and_a_png_are_known_by_their_bytes():
    assert checked(PDF)[0] == "application/pdf"
    assert checked(JPEG_WITH_PLACE)[0] == "image/jpeg"
    assert checked(PNG_WITH_TEXT)[0] == "image/png"


@pytest.mark.parametrize(
    "body",
    [
        b"<svg onload=alert(1)>",
        b"MZ\x90\x00",
        b"PK\x03\x04 a document",
        b"%PDF-1.7 cut in the middle",
        b"\xff\xd8\xff\xe0",
        JPEG_WITH_PLACE[:-2],
        PNG_WITH_TEXT[:-12],
        b"GIF89a",
    ],
)
def test_anything_else_is_refused_whatever_its_name(body):
    with pytest.raises(WrongTypeError):
        checked(body)


def test_an_empty_and_a_too_large_file_are_told_apart():
    with pytest.raises(EmptyFileError):
        checked(b"")
    with pytest.raises(TooLargeError):
        checked(PDF + b" " * MAX_BYTES)


def test_a_photograph_loses_the_place_where_it_was_taken():
    kept = checked(JPEG_WITH_PLACE)[1]
    assert b"GPS" not in kept
    assert kept.startswith(b"\xff\xd8")
    assert kept.endswith(b"\xff\xd9")


def test_a_drawing_loses_the_words_hidden_in_it():
    kept = checked(PNG_WITH_TEXT)[1]
    assert b"Author" not in kept
    assert b"IDAT" in kept
    (length,) = struct.unpack(">I", kept[8:12])
    assert zlib.crc32(kept[12 : 16 + length]) == struct.unpack(">I", kept[16 + length : 20 + length])[0]


@given(st.binary(max_size=400), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-"]))
def test_no_bytes_break_the_check(body, head):
    with contextlib.suppress(EmptyFileError, TooLargeError, WrongTypeError):
        checked(head + body)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\fotos\\souk.exe", "souk.pdf"),
        ('x".pdf\r\nSet-Cookie: a=b', "x.pdf"),
        ("صورة السوق.PDF", "صورة السوق.pdf"),
        ("\u202efdp.exe", "fdp.pdf"),
        ("", "document.pdf"),
        ("...", "document.pdf"),
    ],
)
def test_a_name_is_cleaned_and_ends_as_its_bytes_deserve(given_name, kept):
    assert cleaned_name(given_name, "application/pdf") == kept


@given(st.text(max_size=500))
def test_no_name_is_too_long_or_empty(name):
    made = cleaned_name(name, "image/png")
    assert made.endswith(".png")
    assert len(made) <= 120
    assert not set(made) & set('/\\"\r\n\u202e')
