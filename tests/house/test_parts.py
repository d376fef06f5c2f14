"""Every part of pages is on show at /dev/parts: a new macro without a specimen fails here."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from participate.app import create_app
from participate.db import db
from participate.demo import specimens
from tests.clients import Client
from tests.conftest import settings

PARTS = Path(__file__).parents[2] / "participate" / "ui" / "parts"


@pytest.fixture
def client(tmp_path: Path, sqlite_template: Path) -> Iterator[Client]:
    """Somebody who looks at a demo in which nothing happened yet."""
    shutil.copy(sqlite_template, tmp_path / "demo.sqlite")
    base = "http://127.0.0.1:5000"
    app = create_app(settings(f"sqlite:///{tmp_path}/demo.sqlite", tmp_path, demo=True, base_url=base))
    app.test_client_class = Client
    with app.app_context():
        found = app.test_client()
        found.environ_base["HTTP_HOST"] = "127.0.0.1:5000"
        assert isinstance(found, Client)
        yield found
        db.session.remove()
        db.engine.dispose()


def called(source: str) -> list[str]:
    """Return the macros that a file of parts defines."""
    return re.findall(r"\{%-?\s*macro\s+(\w+)\(", source)


def macros() -> Iterator[str]:
    for path in sorted(PARTS.glob("*.html")):
        yield from called(path.read_text())


def unshown(page: str) -> list[str]:
    """Return the macros without a section on the page that shows them in both languages."""
    sections = dict(
        re.findall(
            r'<section class="sect specimens" id="part-(\w+)"(.*?)(?=<section class="sect specimens"|</main>)',
            page,
            re.DOTALL,
        )
    )
    return [
        name
        for name in macros()
        if not all(
            f'<div lang="{lang}" dir="{way}">' in sections.get(name, "")
            for lang, way in (("ar", "rtl"), ("fr", "ltr"))
        )
        or 'class="specimen"' not in sections[name]
    ]


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_every_macro_is_shown_in_both_directions(client: Client, lang: str) -> None:
    page = client.get(f"/dev/parts?lang={lang}")
    assert page.status_code == 200
    assert unshown(page.get_data(as_text=True)) == [], "add its states to participate/demo/specimens.py"


def test_every_macro_says_what_it_is_for(app: Flask) -> None:
    assert app.jinja_env.globals["ui"]
    described = specimens.macros()
    assert [name for name in macros() if name not in described] == [], "write {# name(…): what it is for #}"
    assert all(len(part.about) > 8 for part in described.values())


def test_a_macro_without_a_specimen_is_found(client: Client) -> None:
    page = client.get("/dev/parts?lang=fr").get_data(as_text=True)
    assert unshown(page.replace('id="part-receipt"', 'id="part-other"')) == ["receipt"]
    assert called("{% macro fresh(a) -%}{% endmacro %}") == ["fresh"]
