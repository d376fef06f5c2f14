"""The colours of the sheet can be told apart, in light and in dark.

axe takes joined Arabic letters for icons and says nothing of their contrast, so every pair of colours the sheet
puts one on the other is computed here, from the sheet itself (WCAG 2.2, 1.4.3 and 1.4.11).
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SHEETS = sorted((Path(__file__).parents[2] / "participate" / "ui" / "css").glob("*.css"))
TEXT, SIGN = 4.5, 3.0
"""Least contrast of words, and of what is seen without being read: borders of fields, stars, marks, rings."""

SURFACES = ("paper", "quiet", "green-soft", "brick-soft", "slate-soft", "saffron-soft")
PAIRS: dict[str, tuple[float, tuple[str, ...]]] = {
    # what: least contrast, on which surfaces it stands
    "ink": (TEXT, SURFACES),
    "quiet-ink": (TEXT, SURFACES),
    "green": (TEXT, SURFACES),
    "brick": (TEXT, SURFACES),
    "slate": (TEXT, SURFACES),
    "on-green": (TEXT, ("green", "brick", "slate")),  # the answer that is chosen, the main button
    "paper": (TEXT, ("ink",)),  # the pill that is on, what is announced
    "foot-ink": (TEXT, ("foot",)),
    "edge": (SIGN, ("paper", "quiet", "green-soft", "slate-soft")),  # fields, outlines, stars to come
    "saffron": (SIGN, ("paper", "foot")),  # my priority, my seat; the ring of the focus where ink is not seen
}
UNSEEN = {"rule"}
"""Lines between things and empty seats: nothing is lost where they are not seen."""


def tokens(sheet: str) -> dict[str, str]:
    """Return the colours that a sheet names."""
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{3,6})\b", sheet))


def schemes() -> dict[str, dict[str, str]]:
    """Return the colours as they are seen in light, in dark and on paper."""
    named = {path.name: path.read_text() for path in SHEETS}
    light, dark = named["20-tokens.css"].split("prefers-color-scheme: dark", 1)
    found = {"light": light, "dark": dark, "paper": named["90-paper.css"]}
    return {name: {**tokens(light), **tokens(part)} for name, part in found.items()}


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(one * 2 for one in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def too_close(colours: dict[str, str]) -> list[str]:
    """Return the pairs of the table that cannot be told apart."""
    return [
        f"{front} on {back}: {contrast(colours[front], colours[back]):.2f} < {least}"
        for front, (least, backs) in PAIRS.items()
        for back in backs
        if contrast(colours[front], colours[back]) < least
    ]


def rules(sheet: str) -> Iterator[str]:
    """Return the declarations of every rule of a sheet, without what stands in other rules."""
    yield from re.findall(r"\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))


def used(sheet: str) -> tuple[set[str], set[tuple[str, str]]]:
    """Return the colours that something is drawn in, and the pairs that one rule puts on each other."""
    fronts: set[str] = set()
    together: set[tuple[str, str]] = set()
    for body in rules(sheet):
        front = re.findall(r"(?:^|[\s;])(?:color|fill|stroke|accent-color):\s*var\(--([\w-]+)\)", body)
        back = re.findall(r"background(?:-color)?:\s*var\(--([\w-]+)\)", body)
        fronts.update(front)
        together.update((one, other) for one in front for other in back)
    return fronts, together


SHEET = "\n".join(path.read_text() for path in SHEETS)


@pytest.mark.parametrize("scheme", ["light", "dark", "paper"])
def test_every_pair_of_colours_can_be_told_apart(scheme: str) -> None:
    assert too_close(schemes()[scheme]) == []


def test_the_ring_of_the_focus_is_seen_on_every_ground() -> None:
    """Two lines, one dark and one bright: at least one of them stands out."""
    for name, colours in schemes().items():
        for ground in (*SURFACES, "foot"):
            seen = max(contrast(colours[one], colours[ground]) for one in ("ink", "saffron"))
            assert seen >= SIGN, f"{name}: {ground}"
    assert re.search(r":focus-visible \{[^}]*solid var\(--ink\)[^}]*var\(--saffron\)", SHEET)


def test_the_table_knows_every_colour_the_sheet_draws_with() -> None:
    fronts, together = used(SHEET)
    soft = {"green-soft", "brick-soft", "saffron-soft"}  # fills of hatching, told by their stripes
    assert sorted(fronts - set(PAIRS) - UNSEEN - soft) == [], "add it to PAIRS with the grounds it stands on"
    assert [(front, back) for front, back in together if back not in PAIRS[front][1]] == []


def test_colours_have_names() -> None:
    named = [path for path in SHEETS if path.name not in {"20-tokens.css", "90-paper.css"}]
    raw = [
        (path.name, one)
        for path in named
        for one in re.findall(r":[^;{}]*(#[0-9a-fA-F]{3,8})\b", path.read_text())
    ]
    assert raw == [], "give it a name in 20-tokens.css, for light and for dark"


def test_violations_are_seen() -> None:
    assert contrast("#fff", "#000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert len({colours["ink"] for colours in schemes().values()}) == 3
    planted = {**schemes()["light"], "quiet-ink": "#8A9A92"}
    assert too_close(planted)[0].startswith("quiet-ink on paper")
    assert used(".a { color: var(--rule); background: var(--ink) }")[1] == {("rule", "ink")}
