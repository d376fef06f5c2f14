"""One sheet, logical properties only, light; and no template with a style, a script or a handler of its own."""

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask

from participate.web.assets import SHEET, pack, sheet, wrap
from tests.clients import Client

PACKAGE = Path(__file__).parents[2] / "participate"
SHEETS = sorted((PACKAGE / "ui" / "css").glob("*.css"))
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


def test_the_sheet_is_light() -> None:
    assert len(SHEETS) > 1
    assert len(gzip.compress(sheet(), 9)) <= HEAVIEST


def test_the_sheet_is_all_its_files_and_sent_as_one(client: Client) -> None:
    sent = client.get(f"/static/{SHEET}").get_data()
    assert all(path.read_bytes() in sent for path in SHEETS)


def test_a_packed_copy_holds_the_sheet_compressed(tmp_path: Path) -> None:
    packed = pack(tmp_path) / SHEET
    assert packed.read_bytes() == sheet()
    assert gzip.decompress(packed.with_suffix(".css.gz").read_bytes()) == sheet()


def test_the_manifest_is_served_as_one_before_the_application_is_asked(tmp_path: Path) -> None:
    app = Flask("served")
    wrap(app, tmp_path)
    answer = app.test_client().get("/static/manifest.webmanifest", buffered=True)
    assert answer.mimetype == "application/manifest+json"


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_a_line_of_a_sheet_holds_one_declaration(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", path.read_text(), flags=re.DOTALL)
    assert [line for line in text.splitlines() if re.search(r";.|[{}].|\{.*\}", line.strip())] == []


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
