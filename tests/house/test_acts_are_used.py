"""An act nobody asks for is dead law; an act asked for without a row is a crash."""

import re
from pathlib import Path

from participate.rules.policy import Act

PACKAGE = Path(__file__).parents[2] / "participate"


def test_every_act_is_asked_for_somewhere() -> None:
    asked = set()
    for path in PACKAGE.rglob("*.py"):
        if path.parts[-2] != "rules":
            asked |= set(re.findall(r"Act\.([A-Z_]+)", path.read_text()))
    assert {act.name for act in Act} - asked == set(), "guard a view with these acts, or strike them"
