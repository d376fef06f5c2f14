"""The press sets Arabic as it is written, shows text as text, and stays out of the process that serves."""

import re
import subprocess
import sys

import pytest

from participate.web import press
from tests.support import icons

LETTERS = "ببب"
ZWNJ = "\u200c"
"""Keeps two letters from joining: what a program shows that knows nothing of Arabic."""


def content(title: str, lang: str = "ar") -> dict[str, object]:
    """Return what the sheet of a card is given."""
    way = "rtl" if lang == "ar" else "ltr"
    line = {"text": title, "lang": lang, "dir": way}
    empty = {**line, "text": ""}
    return {
        "lang": lang,
        "dir": way,
        "commune": empty,
        "plan": "",
        "kicker": None,
        "title": line,
        "state": empty,
        "steps": [],
    }


def glyphs(title: str, lang: str = "ar") -> list[tuple[float, str]]:
    """Return the glyphs of a title as they are painted: where each stands from the left, and which it is."""
    drawn = press.draw("card", content(title, lang), "svg").decode()
    found = re.findall(r'<use xlink:href="#(g\w+)" x="([\d.]+)"', drawn)
    return [(float(at), name) for name, at in found]


def test_arabic_letters_join() -> None:
    joined, apart = glyphs(LETTERS), glyphs(ZWNJ.join(LETTERS))
    assert len({name for _at, name in joined}) == 3, "one letter has an initial, a middle and a final form"
    assert len({name for _at, name in apart} - {name for _at, name in glyphs(ZWNJ)}) == 1, (
        "isolated, all look alike"
    )
    assert press.draw("card", content(LETTERS)) != press.draw("card", content(ZWNJ.join(LETTERS)))


def test_arabic_runs_from_the_right() -> None:
    """The letter written first stands furthest to the right, and a number inside keeps its own order."""
    alone = {letter: glyphs(letter)[0][1] for letter in "دذ"}  # they join to nothing after them
    painted = [name for _at, name in sorted(glyphs("دذ"))]
    assert painted == [alone["ذ"], alone["د"]]
    stop = glyphs(".", "ar")[0][1]
    assert next(name for _at, name in sorted(glyphs("دذ.")) if name in {stop, *alone.values()}) == stop
    digits = {digit: glyphs(digit, "fr")[0][1] for digit in "12"}
    in_arabic = [name for _at, name in sorted(glyphs("د 12")) if name in digits.values()]
    assert in_arabic == [digits["1"], digits["2"]]


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_a_long_title_is_cut_and_not_spilled(lang: str) -> None:
    word = "برنامج" if lang == "ar" else "programme"
    short, long = glyphs(" ".join([word] * 3), lang), glyphs(" ".join([word] * 200), lang)
    shapes = {name for _at, name in long}
    assert len(shapes) == len({name for _at, name in short}) + 1, "the ellipsis is the one new shape"
    assert 8 * len(word) < len(long) < 60 * len(word)


def test_text_is_never_read_as_instructions() -> None:
    for hostile in ('#panic("x")', '#read("card.typ")', "$x^2$ *a* _b_ `c` [d] \\ // /* "):
        plain = [name for _at, name in sorted(glyphs(hostile, "fr"))]
        assert len(plain) >= len(hostile.replace(" ", "")) - 2, "ligatures aside, every letter is painted"


def test_a_sheet_that_is_not_there_is_a_named_error() -> None:
    with pytest.raises(press.NotDrawnError):
        press.draw("nothing", {})


def test_the_process_that_serves_loads_nothing_that_sets_papers() -> None:
    line = "import sys, participate.cli; print([one for one in ('typst', 'docx', 'xlsxwriter') if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_committed_pictures_are_what_the_sheets_draw() -> None:
    for name, pixels in icons.HOME_PIXELS.items():
        assert icons.icon(pixels, solid=True) == (icons.ICONS / name).read_bytes(), (
            "python -m tests.support.icons"
        )
    assert press.draw("platform", icons.PLATFORM) == (icons.ICONS / "share.png").read_bytes()
