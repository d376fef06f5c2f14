"""An endpoint that is named anywhere exists: a link nobody clicked yet is no less broken."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from participate.app import create_app
from tests.conftest import settings

PACKAGE = Path(__file__).parents[2] / "participate"
FILES = r"(?:csv|json|sqlite|zip)$"
IN_TEMPLATE = re.compile(r"""url_for\(\s*['"]([a-z_]+(?:\.[a-z_]+)?)['"]""")


def named(blueprints: set[str]) -> Iterator[tuple[str, str]]:
    """Every text in code that is a blueprint's name, a dot and a word, and every address in a template."""
    shape = re.compile(rf"(?:{'|'.join(sorted(blueprints))})\.(?!{FILES})[a-z_]+")
    for path in PACKAGE.rglob("*.py"):
        if path.name == "models.py":  # what looks like an endpoint there is a column
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and shape.fullmatch(node.value):
                yield str(path.relative_to(PACKAGE)), node.value
    for path in PACKAGE.rglob("*.html"):
        for endpoint in IN_TEMPLATE.findall(path.read_text()):
            yield str(path.relative_to(PACKAGE)), endpoint


def test_every_endpoint_that_is_named_exists(tmp_path: Path) -> None:
    app: Flask = create_app(settings(f"sqlite:///{tmp_path}/x.sqlite", tmp_path, demo=True))
    found = list(named(set(app.blueprints)))
    assert len(found) > 200
    wrong = [f"{where}: {endpoint}" for where, endpoint in found if endpoint not in app.view_functions]
    assert wrong == []
