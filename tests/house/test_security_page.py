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
    quoted = set(NAMED.findall((ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")))
    assert len(quoted) >= 30
    assert sorted(quoted - there) == [], "docs/asvs.md names a test that is not there"


def test_every_threat_has_a_test() -> None:
    rows = [
        line
        for line in (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| threat")
    ]
    assert [row for row in rows if not NAMED.search(row)] == []


def test_the_checklist_of_the_standard_names_files_and_tests_that_exist() -> None:
    text = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert sorted(set(NAMED.findall(text)) - there) == []
    files = set(re.findall(r"`([\w/.-]+/[\w.-]+\.(?:py|md|conf|service))`", text))
    missing = [
        name for name in files if not ((ROOT / name).exists() or (ROOT / "participate" / name).exists())
    ]
    assert missing == []
    states = re.findall(r"^\| [^|]*\d+\.\d+\.\d+[^|]*\| ([^|]+) \|", text, re.MULTILINE)
    assert len(states) > 100
    assert set(states) <= {"met", "part", "not", "n/a"}
