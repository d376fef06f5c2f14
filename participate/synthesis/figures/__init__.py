"""From rows to figures: pure, deterministic, without a database.

Rules of the dossier (domain §4, design/5): every figure has its n; no percentage under 20; people and
texts are counted apart; projects in the order of the plan; quotes by a stated rule; small cells hidden.
"""

from __future__ import annotations

from participate.synthesis.figures.computing import compute
from participate.synthesis.figures.inputs import (
    DecisionRow,
    Inputs,
    NeighbourhoodRow,
    PositionRow,
    ProjectRow,
    TextRow,
    ThemeRow,
    VoiceRow,
    input_hash,
)
from participate.synthesis.figures.projects import PRIORITY

__all__ = [
    "PRIORITY",
    "DecisionRow",
    "Inputs",
    "NeighbourhoodRow",
    "PositionRow",
    "ProjectRow",
    "TextRow",
    "ThemeRow",
    "VoiceRow",
    "compute",
    "input_hash",
]
