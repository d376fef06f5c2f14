"""Receipts and references, as printed and as people type them."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participate.rules.references import (
    ALPHABET,
    NotAReferenceError,
    Receipt,
    TooFewBytesError,
    crockford,
    grouped,
    parse_receipt,
    parse_reference,
    receipt_of,
    reference_of,
)

codes = st.text(ALPHABET, min_size=8, max_size=8)
collectivities = st.from_regex(r"[A-Z][A-Z0-9]{1,5}", fullmatch=True)


def test_forty_bits_are_written_from_the_highest():
    assert crockford(bytes(5)) == "00000000"
    assert crockford(b"\xff" * 5) == "ZZZZZZZZ"
    assert crockford(b"\x08\x00\x00\x00\x01") == "10000001"


def test_bytes_after_the_fifth_do_not_matter():
    assert crockford(b"abcde") == crockford(b"abcdefgh")


def test_four_bytes_are_too_few():
    with pytest.raises(TooFewBytesError) as refused:
        crockford(b"abcd")
    assert (refused.value.needed, refused.value.given) == (5, 4)


@given(st.binary(min_size=5, max_size=5), st.binary(min_size=5, max_size=5))
def test_different_hashes_give_different_codes(one, two):
    assert (crockford(one) == crockford(two)) == (one == two)


def test_a_receipt_is_printed_in_two_groups_of_four():
    assert str(Receipt("BM", "7Q4K2RXF")) == "BM-7Q4K-2RXF"
    assert grouped("7Q4K2RXF") == "7Q4K-2RXF"


def test_a_receipt_is_made_of_the_hash_of_its_entry():
    digest = hashlib.sha256(b"entry").digest()
    assert receipt_of("BM", digest) == Receipt("BM", crockford(digest))


@pytest.mark.parametrize(
    "typed",
    [
        "BM-7Q4K-2RXF",
        "bm-7q4k-2rxf",
        "BM7Q4K2RXF",
        "  bm 7q4k 2rxf ",
        "BM\u20117Q4K\u20132RXF",
        "\u200eBM-7Q4K-2RXF\u200f",
        "\u2066BM-7Q4K-2RXF\u2069",
        "BM-\u0667Q\u0664K-\u0662RXF",
        "\uff22\uff2d-7Q4K-2RXF",
    ],
)
def test_a_receipt_is_understood_however_it_is_typed(typed):
    assert parse_receipt(typed) == Receipt("BM", "7Q4K2RXF")


def test_letters_that_look_like_digits_are_read_as_digits_in_the_code_only():
    assert parse_receipt("OL-ILO0-1111") == Receipt("OL", "11001111")
    assert parse_reference("ilo01111") == "11001111"


@pytest.mark.parametrize(
    "typed",
    ["", "BM", "BM-7Q4K", "7Q4K2RXF", "BM-7Q4K-2RXU", "1BM-7Q4K-2RXF", "بم-7Q4K-2RXF", "ABCDEFG-7Q4K-2RXF"],
)
def test_what_cannot_be_a_receipt_is_refused_with_what_was_typed(typed):
    with pytest.raises(NotAReferenceError) as refused:
        parse_receipt(typed)
    assert refused.value.typed == typed


@pytest.mark.parametrize("code", ["7Q4K2RX", "7Q4K2RXU", "7q4k2rxf", "7Q4K2RXFF"])
def test_a_receipt_cannot_be_made_of_a_wrong_code(code):
    with pytest.raises(NotAReferenceError):
        Receipt("BM", code)


@given(collectivities, codes)
def test_every_receipt_is_read_back_as_printed_and_in_lower_case(collectivity, code):
    receipt = Receipt(collectivity, code)
    assert parse_receipt(str(receipt)) == receipt
    assert parse_receipt(str(receipt).lower().replace("-", "")) == receipt


@given(st.binary(min_size=5, max_size=16))
def test_every_reference_is_read_back(source):
    assert parse_reference(grouped(reference_of(source)).lower()) == reference_of(source)


@given(st.text(max_size=80))
def test_any_text_is_a_receipt_or_refused_and_nothing_else_happens(typed):
    try:
        receipt = parse_receipt(typed)
    except NotAReferenceError:
        return
    assert parse_receipt(str(receipt)) == receipt
