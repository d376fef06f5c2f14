"""Every view is guarded, every act is used, every address is readable."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from participate.rules.policy import POLICY, Act

PACKAGE = Path(__file__).parents[2] / "participate"
# Flask serves these itself; they carry nothing of ours to guard.
UNGUARDED = {"static"}
TYPED = re.compile(r"<(lang|slug|cycle|ref|int|path|any)\b[^:>]*:[a-z_]+>")
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9.]+)?")


@pytest.fixture
def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in UNGUARDED]


def unguarded(app: Flask, rules: list[Rule]) -> Iterator[str]:
    for rule in rules:
        if getattr(app.view_functions[rule.endpoint], "guard_act", None) is None:
            yield f"{rule.endpoint} ({rule.rule})"


def test_every_view_wears_a_guard(app: Flask, rules: list[Rule]) -> None:
    assert list(unguarded(app, rules)) == [], "add @guard(Act.…, place) to these views"


def test_a_view_without_a_guard_is_found(app: Flask, rules: list[Rule]) -> None:
    app.view_functions["planted"] = lambda: ""
    planted = Rule("/planted", endpoint="planted")
    assert list(unguarded(app, [*rules, planted])) == ["planted (/planted)"]


def test_every_module_of_views_is_loaded(app: Flask) -> None:
    """A module that the room's `views/__init__.py` does not import shows no page, and no check sees it."""
    modules = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for path in PACKAGE.glob("*/views/*.py")
        if path.stem != "__init__"
    }
    assert modules - set(sys.modules) == set(), "import these in the room's views/__init__.py"


def test_every_act_has_a_rule_in_the_policy() -> None:
    assert set(POLICY) == set(Act)
    assert all(group and all(callable(p) for p in group) for rule in POLICY.values() for group in rule)


def test_addresses_are_kebab_case_and_typed(rules: list[Rule]) -> None:
    wrong = []
    for rule in rules:
        for part in rule.rule.strip("/").split("/"):
            if not part:
                continue
            if not (TYPED.fullmatch(part) or KEBAB.fullmatch(part) or TYPED.sub("x", part) != part):
                wrong.append(f"{rule.endpoint}: {rule.rule}")
    assert wrong == [], "use <slug:…>, <cycle:…>, <int:…> or <ref:…>, and words-with-hyphens"


def test_every_page_outside_the_interfaces_names_its_language(rules: list[Rule]) -> None:
    free = ("/static", "/dev", "/api", "/healthz")
    wrong = [r.rule for r in rules if r.rule != "/" and not r.rule.startswith(("/<lang:lang>", *free))]
    assert wrong == []


def test_there_is_no_demo_room_outside_the_demo(rules: list[Rule]) -> None:
    assert [r.rule for r in rules if r.rule.startswith("/dev")] == []
