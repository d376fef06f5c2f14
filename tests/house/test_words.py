"""Words: one name for each thing, plain sentences, a polite address, counts that agree, typography.

Read are the catalogues and the participation charter.

`docs/glossary.csv` names each thing of the field once in Arabic and once in French. Its columns `avoid_ar` and
`avoid_fr` list names that no translation may use; `sure_ar` and `sure_fr` list beginnings of words, one of which
every translation uses when its English sentence names the thing. An empty column means no check.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from participate.moderation.reasons import ARTICLES, REASONS

ROOT = Path(__file__).parents[2]
LANGUAGES = ("ar", "fr")
Row = dict[str, str]
Said = tuple[str, tuple[str, ...]]
"""An English sentence, and its translation: one text, or one for each plural."""

ANOTHER_SENSE = {
    ("notice", "Notice under Moroccan law 09-08"),
    ("network", "Network address"),
}
"""Where English uses a word of the glossary for another thing: the term and how the sentence begins."""

MARKS = re.compile(r"[\u064b-\u0652]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
LETTER = "\u0621-\u064a"
BEFORE = rf"(?<![{LETTER}])(?:[وف]?(?:[بكل]?ال|لل|[بكل])?)"
AFTER = rf"(?:كم|هم|ها|ه|نا|ي)?(?![{LETTER}])"

CALQUES = {
    "ar": re.compile(
        rf"(?<![{LETTER}])(?:[وف]?(?:س?يتم|س?تتم|تم|تمت)|[وف]?(?:قام|قامت|قمتم|يقوم|تقوم|يقومون|تقومون|القيام)) [{LETTER}]"
    ),
    "fr": re.compile(
        r"\b(?:procéd\w*|il convient|veuillez|dans le cadre d|afin d[e’]|au niveau d|le cas échéant|susmentionn\w*"
        r"|en vue de|effectu\w*)",
        re.IGNORECASE,
    ),
}
"""Turns of an office: «تم نشر النص» for «نُشر النص», « procéder à la publication » for « publier »."""

FAMILIAR = {
    "ar": re.compile(
        rf"(?<![{LETTER}])[وفبل]?(?:يمكنك|نصك|رأيك|اسمك|حسابك|بريدك|موقفك|مقترحك|تعليقك|لك|لديك)(?![{LETTER}])"
    ),
    "fr": re.compile(r"\b(?:tu|toi|ton|ta|tes|tien|tienne)\b", re.IGNORECASE),
}
"""The platform speaks to its readers in the polite plural."""

TYPOGRAPHY = {
    "ar": re.compile(rf"[{LETTER}][,;?]|\d[٠-٩]|[٠-٩]"),
    "fr": re.compile(r"(?<![\u00a0\u202f])[:;?!»](?![/\w])|«(?![\u00a0\u202f])|'| \u00a0|\u00a0 "),
}
"""Arabic commas and question marks, Western digits; French no-break spaces and apostrophes."""


def plain(text: str) -> str:
    """Return a text as its words are compared: without vowel marks, case and kinds of space."""
    return MARKS.sub("", text).replace("\u00a0", " ").replace("\u202f", " ").replace("'", "’").lower()


def glossary() -> list[Row]:
    with (ROOT / "docs" / "glossary.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def catalogue(lang: str) -> Iterator[Said]:
    with (ROOT / "translations" / lang / "LC_MESSAGES" / "messages.po").open("rb") as source:
        for message in read_po(source, locale=lang):
            if message.id:
                yield said(message)


def charter(lang: str) -> Iterator[Said]:
    """Give the sentences of the participation charter, which are written beside its rules."""
    for article in ARTICLES:
        for words in (article.title, article.text):
            yield words["en"], (words[lang],)
    for reason in REASONS:
        for words in (reason.label, reason.meaning, reason.example, reason.way_forward):
            yield words["en"], (words[lang],)


def everything(lang: str) -> list[Said]:
    return [*catalogue(lang), *charter(lang)]


def said(message: Message) -> Said:
    english = message.id if isinstance(message.id, str) else " ".join(message.id)
    texts = message.string or ""
    return english, (texts,) if isinstance(texts, str) else tuple(texts)


def listed(cell: str) -> list[str]:
    return [plain(one.strip()) for one in cell.split("/") if one.strip()]


def forbidden(lang: str, rows: list[Row], messages: list[Said]) -> list[tuple[str, str]]:
    """Return each name to avoid with the translation that uses it."""
    found = []
    for row in rows:
        for name in listed(row[f"avoid_{lang}"]):
            pattern = re.compile(
                BEFORE + re.escape(name) + AFTER if lang == "ar" else rf"(?<![\w-]){re.escape(name)}(?![\w-])"
            )
            found += [
                (name, text) for _english, texts in messages for text in texts if pattern.search(plain(text))
            ]
    return found


def named(term: str) -> re.Pattern[str]:
    """Return the pattern of an English term: alone, in the plural, never inside another word."""
    stem = re.escape(plain(term))
    if stem.endswith("y"):
        stem = f"{stem[:-1]}(?:y|ie)"
    elif stem.endswith("is"):
        stem = f"{stem[:-2]}[ie]"
    return re.compile(rf"(?<![\w-]){stem}s?(?![\w-])")


def unsaid(lang: str, rows: list[Row], messages: list[Said]) -> list[tuple[str, str, str]]:
    """Return each term that an English sentence names and its translation does not."""
    found = []
    for row in rows:
        words = listed(row[f"sure_{lang}"])
        pattern = named(row["en"])
        for english, texts in messages if words else ():
            if not pattern.search(plain(PLACEHOLDER.sub("", english))):
                continue
            if any(row["en"] == term and english.startswith(start) for term, start in ANOTHER_SENSE):
                continue
            text = plain(" ".join(texts))
            if not any(word in text for word in words):
                found.append((row["en"], english, text))
    return found


def fixed_counts(messages: list[Said]) -> list[str]:
    """Return the Arabic texts that put one form of a noun behind any number.

    The nouns are those that the plurals of the catalogue bend: three of them read otherwise than eleven.
    """
    nouns: set[str] = set()
    for _english, texts in messages:
        if len(texts) == 6:
            forms = [re.findall(rf"%\(num\)[sd] ([{LETTER}]+)", plain(text)) for text in texts[3:]]
            if all(forms) and forms[0][0] != forms[1][0]:
                nouns |= {found[0] for found in forms}
    assert nouns
    pattern = re.compile(rf"%\(\w+\)[sd] (?:{'|'.join(sorted(nouns))})(?![{LETTER}]| %)")
    return [texts[0] for _english, texts in messages if len(texts) == 1 and pattern.search(plain(texts[0]))]


def matching(pattern: re.Pattern[str], messages: list[Said]) -> list[str]:
    return [text for _english, texts in messages for text in texts if pattern.search(text)]


def test_each_term_is_named_once_and_explained() -> None:
    rows = glossary()
    assert len({row["en"] for row in rows}) == len(rows)
    for row in rows:
        assert row["ar"], row["en"]
        assert row["fr"], row["en"]
        assert row["meaning"].endswith("."), row["en"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_translation_uses_a_name_to_avoid(lang: str) -> None:
    assert forbidden(lang, glossary(), everything(lang)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_translation_names_what_its_english_sentence_names(lang: str) -> None:
    assert unsaid(lang, glossary(), list(catalogue(lang))) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_translation_speaks_like_an_office(lang: str) -> None:
    messages = [(english, tuple(MARKS.sub("", one) for one in texts)) for english, texts in everything(lang)]
    assert matching(CALQUES[lang], messages) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_readers_are_addressed_politely(lang: str) -> None:
    assert matching(FAMILIAR[lang], everything(lang)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_marks_and_spaces_are_those_of_the_language(lang: str) -> None:
    assert matching(TYPOGRAPHY[lang], everything(lang)) == []


def test_a_number_is_never_followed_by_one_form_of_an_arabic_noun() -> None:
    assert fixed_counts(list(catalogue("ar"))) == []


def test_violations_are_seen() -> None:
    rows = glossary()
    planted: list[Said] = [
        ("Read the ideas", ("قراءة أفكاركم",)),
        ("Open the call for ideas", ("فتح نداء الأفكار",)),
        ("Your session", ("انتهت جلستكم",)),
    ]
    assert {name for name, _text in forbidden("ar", rows, planted)} == {"أفكار", "نداء الأفكار", "جلستكم"}
    assert forbidden("fr", rows, [("By mail", ("par courriel",)), ("Mail", ("une adresse e-mail",))]) == [
        ("courriel", "par courriel")
    ]
    assert [term for term, *_rest in unsaid("fr", rows, [("All axes", ("Tous les thèmes",))])] == ["axis"]
    assert unsaid("ar", rows, [("%(idea)s is written", ("كُتب",)), ("An ideal", ("مثال",))]) == []
    counted = [
        *catalogue("ar"),
        ("%(count)s people", ("%(count)s شخص",)),
        ("of %(a)s", ("عدد الأشخاص: %(a)s",)),
    ]
    assert fixed_counts(counted) == ["%(count)s شخص"]
    assert matching(
        CALQUES["ar"], [("", ("تم نشر النص",)), ("", ("كتبتم نصا",)), ("", ("الأرقام هنا",))]
    ) == ["تم نشر النص"]
    assert matching(TYPOGRAPHY["fr"], [("", ("Pourquoi ?",)), ("", ("l'idée",)), ("", ("Où\u00a0?",))]) == [
        "Pourquoi ?",
        "l'idée",
    ]
