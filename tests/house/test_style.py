"""One sheet, logical properties only, light; and no template with a style, a script or a handler of its own."""

import gzip
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "participate"
SHEETS = sorted((PACKAGE / "ui" / "static" / "css").glob("*.css"))
TEMPLATES = sorted([*PACKAGE.glob("*/pages/**/*.html"), *PACKAGE.glob("ui/**/*.html")])
HEAVIEST = 14 * 1024
"""Bytes of all sheets, compressed. Source: the brief of the look."""

PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right|top|bottom)(?:-\w+)?|(?:min-|max-)?(?:width|height)"
    r"|left|right|top|bottom)\s*:(?!:)|(?:text-align|float|clear)\s*:\s*(?:left|right)"
)
INLINE = re.compile(
    r"\sstyle\s*=|<style\b|<script\b(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE
)


def physical(sheet: str) -> list[str]:
    """Return the declarations that know left from right; conditions of media queries are no declarations."""
    sheet = re.sub(r"/\*.*?\*/", " ", sheet, flags=re.DOTALL)
    sheet = re.sub(r"@(?:media|container|page|supports)[^{]*\{", "{", sheet)
    return PHYSICAL.findall(sheet)


def inline(template: str) -> list[str]:
    """Return what a strict content security policy would refuse."""
    return INLINE.findall(re.sub(r"\{#.*?#\}", " ", template, flags=re.DOTALL))


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_a_sheet_reads_the_same_from_both_sides(path: Path) -> None:
    assert physical(path.read_text()) == [], "use inline/block, start/end"


def test_sheets_are_light() -> None:
    assert len(gzip.compress(b"".join(path.read_bytes() for path in SHEETS), 9)) <= HEAVIEST


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_template_has_no_style_or_script_of_its_own(path: Path) -> None:
    assert inline(path.read_text()) == []


def test_violations_are_seen() -> None:
    assert (
        len(
            physical(
                ".a { margin-left: 1px; text-align: right; width: 3px } @media (min-width: 2px) { .b { left: 0 } }"
            )
        )
        == 4
    )
    assert len(inline("<p style='x'><script>1</script><a onclick=\"x\">")) == 3
