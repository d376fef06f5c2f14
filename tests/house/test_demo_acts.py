"""The demo is performed: nothing in it writes a row that an action of a room could write."""

import ast
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "participate" / "demo"
WRITERS = {"add", "add_all", "merge", "delete", "insert", "update", "bulk_save_objects", "flush"}
FILLS_FORMS = {"specimens.py"}
"""What they set are fields of forms that are shown and never sent."""
PLANTED = """
from participate.db import add, db
def cheat(person, row):
    person.level = 3
    add(row)
    db.session.add(row)
    db.session.execute(sa.update(Person))
"""


def writings(source: str) -> list[str]:
    """Name every place of a source that writes past the actions."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "participate.db":
            found += [f"imports {one.name}" for one in node.names if one.name in {"add", "new_id"}]
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [
                f"sets {ast.unparse(one)}"
                for one in targets
                if isinstance(one, ast.Attribute) and ast.unparse(one.value) not in {"self", "g"}
            ]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITERS:
            owner = ast.unparse(node.func.value)
            if owner in {"db.session", "sa"}:
                found.append(f"calls {owner}.{node.func.attr}")
    return found


@pytest.mark.parametrize("path", sorted(DEMO.rglob("*.py")), ids=lambda path: str(path.relative_to(DEMO)))
def test_the_demo_only_performs_acts(path: Path) -> None:
    found = writings(path.read_text("utf-8"))
    if path.name in FILLS_FORMS:
        found = [one for one in found if not one.startswith("sets ")]
    assert found == []


def test_a_row_written_past_the_actions_is_seen() -> None:
    assert len(writings(PLANTED)) == 4
