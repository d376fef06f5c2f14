"""Real conversations for acceptance. They are not part of the project: `../shared/data` beside it, or skipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from participate.synthesis.engine.votes import VoteTable
from participate.synthesis.polis import files
from participate.synthesis.polis.conversation import Conversation

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
ABSENT = "acceptance data not present"
STRONG = ("canadian-electoral-reform", "scoop-hivemind.taxes")
WEAK = "london.youth.policing"
GOLDEN = ("below-100-ptpts", "50ptpt-3gp-strict-no-meta")


def folder(kind: str, name: str) -> Path:
    found = DATA / kind / name
    if not found.is_dir():
        pytest.skip(ABSENT)
    return found


def table(found: Conversation) -> tuple[VoteTable, np.ndarray, list[str], list[str], np.ndarray]:
    """Return votes, which statements stand, the ids of people and statements, and the published groups."""
    statements = [one.id for one in found.comments]
    people = list(dict.fromkeys(vote[0] for vote in found.votes))
    who = {name: place for place, name in enumerate(people)}
    what = {name: place for place, name in enumerate(statements)}
    votes = VoteTable.of(
        len(people),
        len(statements),
        [who[one[0]] for one in found.votes],
        [what[one[1]] for one in found.votes],
        [one[2] for one in found.votes],
    )
    shown = np.asarray([one.moderated >= 0 and not one.meta for one in found.comments])
    groups = np.asarray([int(found.groups.get(name, -1)) for name in people])
    return votes, shown, people, statements, groups


def opened(name: str) -> tuple[VoteTable, np.ndarray, list[str], list[str], np.ndarray]:
    return table(files.read(folder("polis-open", name)))


def golden(name: str) -> tuple[Any, dict[str, Any]]:
    path = folder("polis-golden", name)
    return table(files.read(path)), json.loads((path / "math-pca2.json").read_text("utf-8"))
