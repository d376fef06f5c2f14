"""What a shelf may not do, whether it is one file or a package of files."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "participate"
SHELVES = sorted(
    path
    for shelf in ("actions", "queries", "models")
    for path in [*PACKAGE.glob(f"*/{shelf}.py"), *PACKAGE.glob(f"*/{shelf}/**/*.py")]
    if path.relative_to(PACKAGE).parts[0] != "demo"  # the demo performs whole days, each in its transaction
)
PLANTED = """
def publish(actor):
    db.session.commit()
    session.rollback()
"""


def settled(source: str) -> list[str]:
    """Name the calls of a source that end a transaction."""
    return [
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    ]


@pytest.mark.parametrize("path", SHELVES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_views_and_jobs_end_a_transaction(path: Path) -> None:
    assert settled(path.read_text("utf-8")) == [], "leave it to the view, the job or the command that calls"


def test_a_transaction_ended_in_an_action_is_seen() -> None:
    assert settled(PLANTED) == ["db.session.commit", "session.rollback"]


def test_packages_are_looked_into() -> None:
    assert PACKAGE / "moderation" / "actions" / "deciding.py" in SHELVES


def test_a_shelf_is_a_file_or_a_package() -> None:
    """Python would silently read the package and forget the file."""
    both = [
        path.parent for path in PACKAGE.glob("*/*/__init__.py") if path.parent.with_suffix(".py").exists()
    ]
    assert both == []
