"""What happens to words: cleaning, matching, comparing, choosing a language.

Cleaning changes what is stored and is therefore timid; normalising is for matching only
and is never shown.

Source: ``design/4-trust.md`` (Surfaces), ``design/5-synthesis.md`` (Normalisation),
``reference/reliability.md`` §Unicode, ``design/3-look-and-language.md`` (languages).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum, unique
from typing import Final, NamedTuple


class TooLong(ValueError):  # noqa: N818 (its facts say it: limit, actual)
    """A text has more characters (code points) than its field takes."""

    def __init__(self, limit: int, actual: int) -> None:
        """Hold the ``limit`` and the ``actual`` count of characters."""
        super().__init__(limit, actual)
        self.limit = limit
        self.actual = actual


# --- Cleaning ------------------------------------------------------------------------

_LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_DROPPED: Final = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls
    "\xad\u180e\u200b\u2060-\u2064\ufeff"  # invisible: soft hyphen, zero-width space, joiner, BOM
    "\u202a-\u202e\u2066-\u2069\u206a-\u206f"  # bidi embeddings, overrides, isolates, old formats
    "\u115f\u1160\u3164\uffa0"  # fillers that look like nothing and pass for a name
    "\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff"  # annotations, noncharacters
    "\ud800-\udfff"  # lone surrogates: no database or page can hold them
    "\U000e0000-\U000e0fff"  # tags and supplementary selectors, which can carry hidden text
    "]"
)
_KEPT_MARKS: Final = "\u200c\u200d\u200e\u200f\u061c"
"""ZWNJ, ZWJ, LRM, RLM, ALM: Arabic and mixed writing need them."""


def clean_text(raw: str, max_chars: int) -> str:
    r"""Make a person's text safe to store, changing nothing that can be seen.

    In order: length check (before normalising, whose cost grows with the square of the
    length), line ends to ``\n``, tabs to spaces, controls, bidi overrides and isolates and
    invisible characters dropped, NFC, ends stripped. A text without one visible character is
    empty. ZWNJ, ZWJ, LRM, RLM and ALM stay. Idempotent. A line end counts as one character,
    as browsers count it. Raises ``TooLong``, also if NFC makes it longer than allowed.
    """
    text = raw.replace("\r\n", "\n")
    if len(text) > max_chars:
        raise TooLong(max_chars, len(text))
    text = unicodedata.normalize("NFC", without_controls(text).replace("\t", " ")).strip()
    if is_blank(text):
        return ""
    if len(text) > max_chars:
        raise TooLong(max_chars, len(text))
    return text


def without_controls(text: str) -> str:
    r"""Give ``text`` without what no page may hold: controls, overrides of direction, noncharacters.

    Every kind of line end becomes ``\n``.
    """
    return _DROPPED.sub("", _LINE_ENDS.sub("\n", text))


def clean_line(raw: str, max_chars: int) -> str:
    """Clean a text of one line (title, name): line ends and runs of blanks become one space."""
    return re.sub(r"\s+", " ", clean_text(raw, max_chars))


def is_blank(text: str) -> bool:
    """Claim: nothing can be seen of ``text``, whatever characters it holds."""
    return all(char.isspace() or char in _KEPT_MARKS for char in text)


# --- Matching ------------------------------------------------------------------------

_UNIFIED: Final = str.maketrans(
    {
        "\u0671": "\u0627",  # alef wasla → alef
        "\u0649": "\u064a",  # alef maqsura → ya
        "\u06cc": "\u064a",  # Persian ya → ya
        "\u06d0": "\u064a",
        "\u06d2": "\u064a",
        "\u0629": "\u0647",  # ta marbuta → ha
        "\u06be": "\u0647",  # other ha forms → ha
        "\u06c1": "\u0647",
        "\u06c3": "\u0647",
        "\u06d5": "\u0647",
        "\u06a9": "\u0643",  # keheh and the Moroccan and Persian gaf → kaf
        "\u06aa": "\u0643",
        "\u06af": "\u0643",
        "\u06ad": "\u0643",
        "\u0763": "\u0643",
        "\u0640": None,  # tatweel
        "\u2019": "'",
        "\u2018": "'",
        "\u02bc": "'",
        "\xe6": "ae",
        "\u0153": "oe",
        "\xdf": "ss",
    }
)
_REPEATS: Final = re.compile(r"([^\W\d_])\1{2,}")


def normalise_for_matching(text: str) -> str:
    """Fold ``text`` so that two spellings of one word meet. For matching, never for display.

    NFKC, lower case, accents and tashkeel and tatweel off, alef, ya, ta marbuta and hamza
    carriers unified, every decimal digit to 0–9, three or more of one letter to one,
    invisible marks off, blanks to one space. Idempotent. Check the length before: NFKC is
    quadratic on hostile input.
    """
    folded = unicodedata.normalize("NFKC", text).lower().translate(_UNIFIED)
    kept: list[str] = []
    # Decomposing first turns أ إ آ ؤ ئ é into a base letter and a mark; marks then go.
    for char in unicodedata.normalize("NFKD", folded):
        category = unicodedata.category(char)
        if category in {"Mn", "Me", "Cf", "Cc"} and not char.isspace():
            continue
        digit = unicodedata.decimal(char, None)
        kept.append(char if digit is None else str(digit))
    joined = unicodedata.normalize("NFKC", "".join(kept)).lower().translate(_UNIFIED)
    return re.sub(r"\s+", " ", _REPEATS.sub(r"\1", joined)).strip()


_LOOKALIKE: Final = str.maketrans(
    dict(
        zip(
            # Cyrillic and Greek small letters whose small or capital form passes for Latin.
            "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445"
            "\u0456\u0458\u0455\u0501\u04bb\u04cf\u051b\u051d"
            "\u03b1\u03b2\u03b5\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03b6",
            "abekmhopctyxljsdhlqwabehlkmvoptyxz",
            strict=True,
        )
    )
    | {
        "0": "o",
        "1": "l",
        "i": "l",
        "|": "l",
        "!": "l",
        "\u0131": "l",  # dotless i
        "\u0627": "l",  # alef, which a line in Latin script imitates
        "\u0647": "o",  # isolated ha, which a round letter imitates
        "5": "o",  # the Arabic-Indic five is a circle; normalising has made it a 5
        "$": "s",
        "@": "a",
    }
)


def skeleton(name: str) -> str:
    """Reduce a display name to how it looks; equal skeletons may not stand in one place.

    Catches Cyrillic, Greek and Persian letters, tatweel, digits for letters, spaces, dots
    and dashes put in or left out, "rn" for "m", "vv" for "w". It is coarse on purpose: it
    refuses a new name, it never changes one. Empty for a name without letters or digits.
    """
    looks = normalise_for_matching(name).translate(_LOOKALIKE)
    looks = "".join(char for char in looks if char.isalnum())
    return looks.replace("rn", "m").replace("vv", "w")


# --- Comparing -----------------------------------------------------------------------


@unique
class DiffOp(StrEnum):
    """What happened to a piece of text between two versions."""

    SAME = "same"
    INS = "ins"
    DEL = "del"


class Change(NamedTuple):
    """One piece of a comparison: ``op`` and its ``text``, blanks included."""

    op: DiffOp
    text: str


_TOKENS: Final = re.compile(
    # A word keeps its Arabic vowel signs, its joiners and its accents.
    "\\s+|[\\w\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u200c-\u200f]+|.",
    re.DOTALL,
)
_MAX_PRODUCT: Final = 4_000_000
"""Tokens × tokens above which the middle is shown as replaced; keeps a comparison < 1 s."""


def word_diff(old: str, new: str) -> tuple[Change, ...]:
    """Compare two texts word by word.

    Joining ``same`` and ``ins`` gives ``new`` exactly, joining ``same`` and ``del`` gives
    ``old``. Neighbouring pieces have different ops, a deletion comes before its insertion,
    and blanks alone between two changes belong to both, so that a replaced phrase reads as
    one.
    """
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    head = _shared(before, after)
    tail = _shared(before[head:][::-1], after[head:][::-1])
    middle_old = before[head : len(before) - tail]
    middle_new = after[head : len(after) - tail]
    pieces = [
        ("".join(before[:head]), "", ""),
        *_compared(middle_old, middle_new),
        ("".join(before[len(before) - tail :]), "", ""),
    ]
    return _told(pieces)


def _shared(one: list[str], two: list[str]) -> int:
    count = 0
    for first, second in zip(one, two, strict=False):
        if first != second:
            break
        count += 1
    return count


def _compared(old: list[str], new: list[str]) -> list[tuple[str, str, str]]:
    """Give (same, deleted, inserted) triples in order; each triple is same or changed."""
    if len(old) * len(new) > _MAX_PRODUCT:
        return [("", "".join(old), "".join(new))]
    found = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [
        (("".join(old[i1:i2]), "", "") if tag == "equal" else ("", "".join(old[i1:i2]), "".join(new[j1:j2])))
        for tag, i1, i2, j1, j2 in found
    ]


def _told(pieces: list[tuple[str, str, str]]) -> tuple[Change, ...]:
    told: list[Change] = []
    deleted, inserted = "", ""
    for place, (same, gone, come) in enumerate(pieces):
        changed_before = bool(deleted or inserted)
        changed_after = any(gone2 or come2 for _, gone2, come2 in pieces[place + 1 : place + 2])
        if same and same.isspace() and changed_before and changed_after:
            deleted += same
            inserted += same
            continue
        if same:
            _flush(told, deleted, inserted)
            deleted, inserted = "", ""
            told.append(Change(DiffOp.SAME, same))
        deleted += gone
        inserted += come
    _flush(told, deleted, inserted)
    return _merged(told)


def _flush(told: list[Change], deleted: str, inserted: str) -> None:
    if deleted:
        told.append(Change(DiffOp.DEL, deleted))
    if inserted:
        told.append(Change(DiffOp.INS, inserted))


def _merged(told: list[Change]) -> tuple[Change, ...]:
    merged: list[Change] = []
    for change in told:
        if merged and merged[-1].op is change.op:
            merged[-1] = Change(change.op, merged[-1].text + change.text)
        else:
            merged.append(change)
    return tuple(merged)


# --- Languages -----------------------------------------------------------------------

FALLBACKS: Final[Mapping[str, tuple[str, ...]]] = {
    "ar": ("fr", "en", "zgh"),
    "fr": ("ar", "en", "zgh"),
    "en": ("fr", "ar", "zgh"),
    "zgh": ("ar", "fr", "en"),
}
"""In which other language a reader is shown what is not written in theirs."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text in the language ``lang`` it is really in, for a reader who ``wanted`` another."""

    text: str
    lang: str
    wanted: str

    @property
    def is_fallback(self) -> bool:
        """Claim: the page must say quietly that this is in another language."""
        return self.lang != self.wanted

    @property
    def direction(self) -> str:
        """Give ``rtl`` or ``ltr`` for the language the text is in."""
        return direction(self.lang)

    def __str__(self) -> str:
        """Give the text alone."""
        return self.text


def pick(words: Mapping[str, str], lang: str) -> Said:
    """Choose from ``words`` (language → text) what a reader of ``lang`` is shown.

    Blank texts count as missing. Nothing at all gives an empty ``Said`` in ``lang``.
    """
    for candidate in (lang, *FALLBACKS.get(lang, tuple(FALLBACKS))):
        text = words.get(candidate, "")
        if not is_blank(text):
            return Said(text, candidate, lang)
    return Said("", lang, lang)


def direction(lang: str) -> str:
    """Give the writing direction of a language tag; ``ary-Latn`` and ``zgh`` are ``ltr``."""
    return "rtl" if lang.split("-", maxsplit=1)[0] in {"ar", "ary"} and "-Latn" not in lang else "ltr"


_ARABIC: Final = re.compile("[\u0620-\u064a\u066e-\u06d3\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
_TIFINAGH: Final = re.compile("[\u2d30-\u2d6f]")
_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]")
_WORDS: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_ARABIC_SOUND: Final = re.compile(r"[a-z][379]|[379][a-z]")
"""3, 7 and 9 inside a word write ع, ح and ق: nobody does this in French or English."""
_ARABIC_SPELLING: Final = re.compile(
    r"l[bcdfghjkmnpqrstvwxz]\w{2,}"  # the article before a consonant: lmadrasa
    r"|ma\w{2,}ch"  # the two parts of "not" around a verb: mabghitch
    r"|ka[nty][bdfghjklmnqrstwz379]\w+"  # the present: kandir, kayn9os
    r"|\w*(?:kh|q(?!u)\w)\w*"  # kh, and a q that no u follows
)
"""How Arabic words look in Latin letters where no French or English word does; weighed less than any French sign, for names of places."""
_ORDINAL: Final = re.compile(r"\d+(?:e|er|ere|eme|nd|rd|th|st|h|km|m|dh|mad|ans?)?|[a-z]\d+")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_DARIJA: Final = _words(
    "wach wash had hadi hada hadchi hadak hadik hadok dyal dial dyalna dyalkom dyali dyalo dyalha "
    "dyalhom dialna bzaf bezzaf bzzaf ach achno chno chnou ash chkoun fin fink mnin kif kifach "
    "kifash 3lach alach 3la ala hit hitach rah raha raho rani rak rahom ghir gher daba dima kay "
    "kayn kayna kaynin makayn makaynch khass khasna khas khassna khasso bghit bghina bghaw bghiti "
    "ana hna 7na nta nti ntoma huwa hiya homa dak dik wlad nas bnadem zanka zen9a derb hay houma "
    "7ouma walo walou wakha smiya mzyan mzyana mezyan zwin zwina chi chwiya shwiya kol kolchi "
    "kulchi bach bash wla wlla wala walakin lakin yallah inchallah nchallah hamdolilah lah allah "
    "salam safi baraka 3afak afak khoya khti sidi lalla drari mdina lmdina blad bladi lblad nhar "
    "lyoum lyom ghda lbareh dar diro ndir ndiro kandir kaydir kaydiro kaydiru kanchof chof chouf "
    "chofo machi mashi mabghitch makandirch ma3rftch 3ndna 3ndi 3andna andna fhad fih fiha m3a "
    "mabin mn men f l b li lli elli dakchi bhal b7al bhalna ktar kter kbir kbira sghir sghira "
    "jdid jdida 9dim lma ma tri9 triq triy9 lqism flous flos lflous khdma khedma lkhdma"
)
_FRENCH: Final = _words(
    "le la les un une des du de d l est sont et ou mais dans pour par sur avec sans ce cette ces "
    "il elle on nous vous ils je tu ne pas plus que qui quoi dont au aux en se sa son ses leur "
    "leurs notre nos votre mon ma mes ont a y aussi tres bien comme si tout toute tous toutes "
    "quand faut peut doit etre avoir fait faire c'est n'est j'ai qu'il qu'on merci oui non projet "
    "ville quartier rue commune budget d'accord chez entre alors donc encore trop peu deja depuis "
    "rien quel quelle"
)
_ENGLISH: Final = _words(
    "the of and to in is are was were be been it this that these those for with on at by from as "
    "we you they he she i my our your their its not no do does did have has had will would can "
    "could should but or if so what which who when where why how there here all any more than "
    "very about into out up just good people city need needs think make please yes"
)


def guess_lang(text: str, default: str = "ar") -> str:
    """Guess ``ar``, ``zgh``, ``fr``, ``en`` or ``ary-Latn`` from script and little words.

    The author's own choice always overrides. Darija and standard Arabic in Arabic letters
    are both ``ar``. Without a letter: ``default``. Latin letters without any sign: ``fr``,
    which the readers of this place write most.
    """
    counted = {
        "ar": len(_ARABIC.findall(text)),
        "zgh": len(_TIFINAGH.findall(text)),
        "Latn": len(_LATIN.findall(text)),
    }
    script = max(counted, key=lambda name: counted[name])
    if counted[script] == 0:
        return default
    return _guess_latin(text) if script == "Latn" else script


def _guess_latin(text: str) -> str:
    scores = {"fr": 0.0, "en": 0.0, "ary-Latn": 0.0}
    accents_off = "".join(
        char for char in unicodedata.normalize("NFKD", text.lower()) if unicodedata.category(char) != "Mn"
    ).replace("\u2019", "'")
    for word in _WORDS.findall(accents_off):
        if _ARABIC_SOUND.search(word) and not _ORDINAL.fullmatch(word):
            scores["ary-Latn"] += 2
        elif word not in _FRENCH and _ARABIC_SPELLING.fullmatch(word):
            scores["ary-Latn"] += 0.4
        for lang, known in (("fr", _FRENCH), ("en", _ENGLISH), ("ary-Latn", _DARIJA)):
            scores[lang] += word in known
        # Elision and agreement marks are French even when the word is not in the list.
        scores["fr"] += 0.5 * bool(re.match(r"(?:[cdjlmnst]|qu)'", word))
    scores["fr"] += 0.5 * len(re.findall("[\xe9\xe8\xea\xe0\xe7\xf4\xfb\xee\xf9]", text.lower()))
    return max(scores, key=lambda lang: scores[lang])


# --- Surfaces ------------------------------------------------------------------------

_NEXT: Final = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
_FORMULA: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def safe_next(path: str | None) -> str | None:
    """Give ``path`` if it stays on this site, else None. Source: ``design/4-trust.md``."""
    return path if path is not None and _NEXT.fullmatch(path) else None


def csv_cell(value: str | float | bool | None) -> str:
    """Write a cell that no spreadsheet runs as a formula.

    A text beginning with = + - @, tab, a line end or their full-width forms, also behind
    blanks or invisible marks, gets a leading apostrophe. Numbers are written as they are.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    visible = value.lstrip(f" \xa0\u3000{_KEPT_MARKS}\u200b\ufeff")
    return f"'{value}" if visible[:1] in _FORMULA and visible else value
