"""Templates compile, speak in catalogued sentences, and say nothing in a fixed language."""

import re
from pathlib import Path

import pytest
from flask import Flask

from participate.app import ROOMS

PACKAGE = Path(__file__).parents[2] / "participate"
TEMPLATES = sorted([*PACKAGE.glob("*/pages/**/*.html"), *PACKAGE.glob("ui/**/*.html")])
ARABIC = re.compile(r"[\u0600-\u06FF]")
# A word of people's language between two tags, outside any expression.
WORD = re.compile(r"[A-Za-zÀ-ÿ]{3,}")


def visible_words(source: str) -> list[str]:
    """Return the words a reader would see that no catalogue can change."""
    source = re.sub(r"\{#.*?#\}", " ", source, flags=re.DOTALL)
    source = re.sub(r"<(code|pre)\b.*?</\1>", " ", source, flags=re.DOTALL)  # commands to type
    source = re.sub(r"\{%-?\s*block (main_class|head)\b.*?endblock.*?%\}", " ", source, flags=re.DOTALL)
    source = re.sub(r"\{%-?\s*set \w+\s*-?%\}.*?\{%-?\s*endset", " ", source, flags=re.DOTALL)
    source = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", source)
    return [word for word in WORD.findall(text) if word not in ALLOWED]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_template_compiles_and_holds_no_untranslatable_words(app: Flask, path: Path) -> None:
    source = path.read_text()
    app.jinja_env.parse(source, filename=str(path))
    assert not ARABIC.search(re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)), (
        "put the words in translations/"
    )
    assert visible_words(source) == [], "wrap them in _('…')"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_colon_between_two_values_is_in_the_catalogue(path: Path) -> None:
    """French puts a space before it that never breaks; a template cannot know."""
    assert re.findall(r"\}\} ?: ?(?=\{[{%])", path.read_text()) == [], "use _('%(name)s: %(what)s', …)"


def test_a_fixed_word_in_a_template_is_found() -> None:
    assert visible_words('<p class="x {{ y }}">Hello {{ _("you") }}</p>') == ["Hello"]


ALLOWED = {"Participate", "nbsp", "middot", "html", "doctype", "PDF", "JSON", "CSV", "XLSX", "DOCX", "ics"}


def test_templates_stay_in_their_room(app: Flask) -> None:
    """A template may extend or include only base.html and pages of earlier rooms."""
    order = [*ROOMS, "demo"]
    wrong = []
    for path in PACKAGE.glob("*/pages/**/*.html"):
        room = path.relative_to(PACKAGE).parts[0]
        for target in re.findall(
            r"""\{%-?\s*(?:extends|include|import|from)\s+['"]([^'"]+)['"]""", path.read_text()
        ):
            other = target.split("/")[0] if "/" in target else "ui"
            if other in {"ui", "parts", "errors", room}:
                continue
            if order.index(other) > order.index(room):
                wrong.append(f"{room} includes {target}")
    assert wrong == []
