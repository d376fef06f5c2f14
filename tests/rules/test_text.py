"""Cleaning, matching, comparing, languages, and what leaves for other programs."""

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from participate.rules.text import (
    FALLBACKS,
    DiffOp,
    Said,
    TooLong,
    clean_line,
    clean_text,
    csv_cell,
    direction,
    guess_lang,
    is_blank,
    normalise_for_matching,
    pick,
    safe_next,
    skeleton,
    word_diff,
)

any_text = st.text(st.characters(), max_size=200)
hostile = st.text(
    st.sampled_from(
        "ab \xe9\n\r\t\x00\x0b\x85\u200b\u200c\u200e\u202e\u2066\ufeff\u2028\ud800\u0300\u0651\u0645\u0958"
    ),
    max_size=40,
)


# --- Cleaning ---


def test_a_text_of_exactly_the_limit_is_taken():
    assert clean_text("a" * 5000, 5000) == "a" * 5000


def test_one_character_more_is_refused_with_both_counts():
    with pytest.raises(TooLong) as refused:
        clean_text("a" * 5001, 5000)
    assert (refused.value.limit, refused.value.actual) == (5000, 5001)


def test_the_length_is_checked_before_the_costly_normalising():
    marks = "a" + "\u0300\u0323" * 30_000
    begun = time.perf_counter()
    with pytest.raises(TooLong):
        clean_text(marks, 5000)
    assert time.perf_counter() - begun < 0.5


def test_a_text_that_normalising_makes_longer_than_its_field_is_refused():
    assert len(unicodedata.normalize("NFC", "\u0958")) == 2
    with pytest.raises(TooLong):
        clean_text("\u0958", 1)


def test_line_ends_count_once_and_become_one_kind():
    assert clean_text("a\r\nb\rc\u2028d", 7) == "a\nb\nc\nd"


@pytest.mark.parametrize(
    "dropped",
    [
        "\x00",
        "\x1b",
        "\x7f",
        "\x9f",
        "\u202a",
        "\u202e",
        "\u2066",
        "\u2069",
        "\u200b",
        "\ufeff",
        "\xad",
        "\u2060",
        "\ud800",
        "\uffff",
        "\U000e0041",
    ],
)
def test_controls_overrides_and_invisible_characters_are_dropped(dropped):
    assert clean_text(f"a{dropped}b", 10) == "ab"


@pytest.mark.parametrize(
    "kept", ["\u200c", "\u200d", "\u200e", "\u200f", "\u061c", "\n", "\u0651", "\xa0", "\u202f", "ⵣ", "👍🏽"]
)
def test_what_arabic_french_and_tifinagh_need_is_kept(kept):
    assert clean_text(f"a{kept}b", 10) == f"a{kept}b"


def test_a_text_is_composed_and_its_ends_are_stripped():
    assert clean_text("  e\u0301té \n", 20) == "été"


def test_a_tab_becomes_a_space():
    assert clean_text("a\tb", 10) == "a b"


@pytest.mark.parametrize(
    "blank", ["", " \n\t ", "\u200e\u200f", "\u200b\u200c \u061c", "\u3164\u115f", "\u202e"]
)
def test_a_text_of_which_nothing_is_seen_is_empty(blank):
    assert clean_text(blank, 100) == ""


@given(st.one_of(any_text, hostile))
@example("\u0300\u200b\u0301")
@example("a\u200b\u0301")
def test_cleaning_twice_is_cleaning_once(raw):
    once = clean_text(raw, 10_000)
    assert clean_text(once, 10_000) == once


@given(st.one_of(any_text, hostile), st.integers(0, 50))
def test_a_cleaned_text_fits_its_field_and_can_be_stored(raw, limit):
    try:
        once = clean_text(raw, limit)
    except TooLong:
        return
    assert len(once) <= limit
    assert clean_text(once, limit) == once
    once.encode("utf-8")
    assert not any(
        unicodedata.bidirectional(char) in {"LRO", "RLO", "LRE", "RLE", "PDF", "LRI", "RLI", "FSI", "PDI"}
        for char in once
    )
    assert not any(unicodedata.category(char) == "Cc" and char != "\n" for char in once)


def test_a_line_has_no_line_end_and_no_double_blank():
    assert clean_line(" a \n\n b\u2028c ", 20) == "a b c"


def test_joiners_alone_are_blank_and_a_dot_is_not():
    assert is_blank("\u200c \u200f")
    assert not is_blank(".")


# --- Matching ---


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("إنارة", "اناره"),
        ("أحمد", "احمد"),
        ("آسفي", "اسفي"),
        ("ٱلماء", "الماء"),
        ("مستشفى", "مستشفي"),
        ("مسؤول", "مسوول"),
        ("شاطئ", "شاطي"),
        ("مُحَمَّد", "محمد"),
        ("محـــمد", "محمد"),
        ("کریم", "كريم"),
        ("أڭادير", "اكادير"),
        ("Éclairage", "eclairage"),
        ("ﷲ", "الله"),
        ("bzaaaaaf", "bzaf"),
        ("٢٠٢٣", "2023"),
        ("l’eau", "L'EAU"),
        ("ＡＢＣ", "abc"),
        ("a  b\n\nc", "A b c"),
        ("Bœuf", "BOEUF"),
        ("م\u200cي", "مي"),
    ],
)
def test_two_spellings_of_one_word_meet(one, two):
    assert normalise_for_matching(one) == normalise_for_matching(two)


@pytest.mark.parametrize(
    ("one", "two"), [("ماء", "ما"), ("1000", "100"), ("belle", "bele"), ("3la", "ala"), ("نور", "نار")]
)
def test_two_words_stay_two(one, two):
    assert normalise_for_matching(one) != normalise_for_matching(two)


@given(any_text)
def test_normalising_twice_is_normalising_once(text):
    once = normalise_for_matching(text)
    assert normalise_for_matching(once) == once


# --- Look-alike names ---


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("admin", "\u0430dmin"),
        ("admin", "Adm1n"),
        ("admin", "ad-m.i n"),
        ("moderator", "rnoderator"),
        ("Béni Mellal", "BENl MELLAL"),
        ("COMMUNE", "\u0421\u041e\u041c\u041cUN\u0415"),
        ("محمد", "محـمد"),
        ("علي", "علی"),
        ("كريم", "کريم"),
        ("١٠", "10"),
        ("جماعة", "جماعه"),
        ("boss", "b0ss"),
        ("\u03bf\u03bd\u03bf", "ovo"),
        ("wafa", "vvafa"),
        ("\u0627dmin", "ldmin"),
    ],
)
def test_names_that_look_alike_have_one_skeleton(one, two):
    assert skeleton(one) == skeleton(two)


@pytest.mark.parametrize(
    ("one", "two"), [("Fatima", "Fatiha"), ("محمد", "محمود"), ("Ali", "Aly"), ("a01", "a02")]
)
def test_names_that_differ_have_two(one, two):
    assert skeleton(one) != skeleton(two)


def test_a_name_without_letters_has_no_skeleton():
    assert skeleton("--- \u200f!".replace("!", "…")) == ""


# --- Differences ---


def joined(changes, *ops):
    return "".join(change.text for change in changes if change.op in ops)


words = st.lists(
    st.sampled_from(["ab", "cd ", "\n", " ", "م", "\u064e", "1.", "l'eau", "\r"]), max_size=30
).map("".join)


@given(st.one_of(words, any_text), st.one_of(words, any_text))
def test_same_and_inserted_make_the_new_text_and_same_and_deleted_the_old(old, new):
    changes = word_diff(old, new)
    assert joined(changes, DiffOp.SAME, DiffOp.INS) == new
    assert joined(changes, DiffOp.SAME, DiffOp.DEL) == old


@given(words, words)
def test_pieces_are_not_empty_and_neighbours_differ(old, new):
    changes = word_diff(old, new)
    assert all(change.text for change in changes)
    assert all(one.op is not two.op for one, two in pairwise(changes))
    assert all((one.op, two.op) != (DiffOp.INS, DiffOp.DEL) for one, two in pairwise(changes))


@given(any_text)
def test_a_text_compared_with_itself_is_the_same(text):
    assert word_diff(text, text) == (((DiffOp.SAME, text),) if text else ())


def test_one_replaced_word_is_one_deletion_and_one_insertion():
    assert word_diff("publish in May each year", "publish in June each year") == (
        ("same", "publish in "),
        ("del", "May"),
        ("ins", "June"),
        ("same", " each year"),
    )


def test_a_replaced_phrase_reads_as_one():
    assert word_diff("the red car", "the blue bus") == (
        ("same", "the "),
        ("del", "red car"),
        ("ins", "blue bus"),
    )


def test_an_arabic_word_with_its_vowels_is_one_word():
    changes = word_diff("نص مُحَمَّد هنا", "نص محمد هنا")
    assert ("del", "مُحَمَّد") in changes


def test_a_very_long_comparison_is_still_exact_and_quick():
    old = " ".join(f"w{n}" for n in range(3000))
    new = " ".join(f"x{n}" for n in range(3000))
    begun = time.perf_counter()
    changes = word_diff(f"a {old} z", f"a {new} z")
    assert time.perf_counter() - begun < 1
    assert joined(changes, DiffOp.SAME, DiffOp.INS) == f"a {new} z"


# --- Languages ---

EVERYWHERE = {"ar": "نص", "fr": "texte", "en": "text", "zgh": "ⴰⴹⵔⵉⵚ"}


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        ("zgh", ["zgh", "ar", "fr", "en"]),
        ("ar", ["ar", "fr", "en"]),
        ("fr", ["fr", "ar", "en"]),
        ("en", ["en", "fr", "ar"]),
    ],
)
def test_a_reader_is_shown_the_next_language_in_their_order(wanted, order):
    words = dict(EVERYWHERE)
    for expected in order:
        assert pick(words, wanted) == Said(EVERYWHERE[expected], expected, wanted)
        del words[expected]


def test_tamazight_is_shown_when_nothing_else_is_written():
    assert pick({"zgh": "ⴰⴹⵔⵉⵚ"}, "en").lang == "zgh"


def test_a_blank_text_counts_as_missing():
    assert pick({"ar": " \u200f", "fr": "texte"}, "ar") == Said("texte", "fr", "ar")


def test_nothing_written_is_nothing_said_in_the_language_asked():
    assert pick({}, "fr") == Said("", "fr", "fr")


def test_a_fallback_says_so_and_knows_its_direction():
    said = pick({"ar": "نص"}, "fr")
    assert said.is_fallback
    assert said.direction == "rtl"
    assert not pick({"fr": "texte"}, "fr").is_fallback


@pytest.mark.parametrize(
    ("lang", "way"),
    [("ar", "rtl"), ("ar-MA", "rtl"), ("ary", "rtl"), ("ary-Latn", "ltr"), ("zgh", "ltr"), ("fr", "ltr")],
)
def test_each_language_is_written_its_own_way(lang, way):
    assert direction(lang) == way


@given(
    st.dictionaries(st.sampled_from(list(FALLBACKS)), st.sampled_from(["", " ", "x"])),
    st.sampled_from(list(FALLBACKS)),
)
def test_something_written_is_always_shown(words, lang):
    said = pick(words, lang)
    assert (said.text == "") == (not any(text.strip() for text in words.values()))


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("الإنارة في حينا ضعيفة ونطلب إصلاحها", "ar"),
        ("بغينا الضو ف الزنقة ديالنا", "ar"),
        ("L’éclairage de notre quartier est faible, il faut le réparer.", "fr"),
        ("Pas assez de bancs", "fr"),
        ("wach had lprojet ghadi ykoun f lhouma dyalna?", "ary-Latn"),
        ("3afak diro chi 7aja l drari sghar", "ary-Latn"),
        ("Street lights should be repaired in our neighbourhood", "en"),
        ("ⴰⵙⵏⴼⴰⵔ ⵉⵖⵓⴷⴰ", "zgh"),
        ("Très bien, le projet 3 est le 2e du budget", "fr"),
    ],
)
def test_a_language_is_guessed_from_script_and_little_words(text, lang):
    assert guess_lang(text) == lang


def test_without_a_letter_the_default_stands():
    assert guess_lang("123 !") == "ar"
    assert guess_lang("👍", default="fr") == "fr"


def test_a_latin_name_in_an_arabic_sentence_leaves_it_arabic():
    assert guess_lang("أقترح استعمال Participate في حي أوربيع") == "ar"


# --- Surfaces ---


@pytest.mark.parametrize("path", ["/", "/ar/", "/ar/beni-mellal/plans/2023/?a=1#c", "/fr/é"])
def test_a_path_of_this_site_is_safe(path):
    assert safe_next(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "ar/",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/ar\\x",
        "/a b",
        "/a\n",
        "/a\x7f",
        "/\t/evil.example",
        "javascript:alert(1)",
    ],
)
def test_any_other_path_is_not(path):
    assert safe_next(path) is None


@pytest.mark.parametrize(
    "value",
    ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x", " =1", "\u200e=1", "\xa0@x"],
)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(value):
    assert csv_cell(value) == f"'{value}"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("نص", "نص"),
        ("a=b", "a=b"),
        ("", ""),
        ("  ", "  "),
        (-5, "-5"),
        (1.5, "1.5"),
        (None, ""),
        (True, "True"),
    ],
)
def test_any_other_cell_is_written_as_it_is(value, cell):
    assert csv_cell(value) == cell


@given(any_text)
def test_no_cell_begins_a_formula(text):
    assert csv_cell(text).lstrip()[:1] not in {"=", "+", "-", "@", "＝", "＋", "－", "＠"} or not text
