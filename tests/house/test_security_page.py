"""The page that says what holds names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(test_\w+)`")


def named() -> set[str]:
    return set(NAMED.findall((ROOT / "docs" / "security.md").read_text(encoding="utf-8")))


def test_every_test_that_the_security_page_names_is_there() -> None:
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named()) >= 30
    assert sorted(named() - there) == [], "name another test, or say that nothing shows it"


def test_every_threat_has_a_test() -> None:
    rows = [
        line
        for line in (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| threat")
    ]
    assert [row for row in rows if not NAMED.search(row)] == []
