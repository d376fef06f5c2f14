"""Languages: complete catalogues, six plurals that are tried, Moroccan months, Tamazight as settled."""

import csv
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from flask import Flask, g
from flask_babel import force_locale, ngettext

from participate.web import i18n
from tests.support import catalogues

ROOT = Path(__file__).parents[2]
COUNTS = (0, 1, 2, 3, 11, 100)
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%\((\w+)\)d")


def catalogue(lang: str) -> Catalog:
    with (ROOT / "translations" / lang / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale=lang)


def plurals() -> Iterator[Message]:
    return (message for message in catalogue("ar") if isinstance(message.id, tuple) and message.id[0])


def test_the_catalogues_are_complete() -> None:
    assert catalogues.check() == 0, "run `make catalogues` and translate what it adds"


def test_arabic_writes_all_six_plurals_and_chooses_by_cldr() -> None:
    found = list(plurals())
    assert found
    for message in found:
        assert len(message.string) == 6, message.id
        assert all(form.strip() for form in message.string), f"empty plural of {message.id}"


@pytest.mark.parametrize(("count", "index"), list(zip(COUNTS, range(6), strict=True)))
def test_each_count_takes_its_own_arabic_form(app: Flask, count: int, index: int) -> None:
    for message in plurals():
        if message.context:
            continue
        values = {name: "x" for pair in PLACEHOLDER.findall("".join(message.id)) for name in pair if name}
        values.pop("num", None)
        with app.test_request_context("/ar/"), force_locale("ar_MA"):
            said = ngettext(*message.id, count, **values)
        wanted = message.string[index] % {**values, "num": count}
        assert said == wanted, message.id


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ar", "الثلاثاء 22 غشت 2023"),
        ("zgh", "الثلاثاء 22 غشت 2023"),
        ("fr", "mardi 22 août 2023"),
        ("en", "Tuesday 22 August 2023"),
    ],
)
def test_days_are_written_as_in_morocco(app: Flask, lang: str, words: str) -> None:
    with app.test_request_context(f"/{lang}/"):
        g.lang = lang
        assert i18n.day(date(2023, 8, 22)) == words


def test_moroccan_months_differ_from_the_middle_east(app: Flask) -> None:
    with app.test_request_context("/ar/"):
        g.lang = "ar"
        months = [i18n.month(date(2024, number, 1)).split()[0] for number in (5, 7, 8, 9, 11, 12)]
    assert months == ["ماي", "يوليوز", "غشت", "شتنبر", "نونبر", "دجنبر"]


def test_a_tamazight_page_is_arabic_with_attested_words_marked(app: Flask) -> None:
    with app.test_request_context("/zgh/"):
        g.lang = "zgh"
        assert str(i18n.tr("Proposal")) == '<span lang="zgh" dir="ltr">ⴰⵙⵓⵎⵔ</span>'
        assert i18n.LOCALES["zgh"] == "ar_MA"
        assert i18n.DIRECTIONS["zgh"] == "rtl"


def test_no_tifinagh_without_a_source() -> None:
    attested = {row["zgh"] for row in glossary() if row["zgh"]}
    used = {m.string for m in catalogue("zgh") if m.id and isinstance(m.string, str) and m.string}
    assert used <= attested, "add the word with its source to docs/glossary.csv first"


def glossary() -> list[dict[str, str]]:
    with (ROOT / "docs" / "glossary.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_a_term_of_the_glossary_has_one_translation(lang: str) -> None:
    words = catalogue(lang)
    wrong = []
    for row in glossary():
        message = words.get(row["en"])
        if (
            message is not None
            and message.string
            and not any(
                option.strip().lower()[:7] in str(message.string).lower() for option in row[lang].split("/")
            )
        ):
            wrong.append((row["en"], message.string, row[lang]))
    assert wrong == []
