"""Positions as their own people see them, and tallies as everybody may: hidden in one place until the close."""

from __future__ import annotations

from participate.positions.queries.history import MyAct, my_acts
from participate.positions.queries.own import (
    POSITION,
    PRIORITY,
    ChosenProject,
    Mine,
    Panel,
    mine,
    panel_for,
    priorities_of,
    projects_of,
)
from participate.positions.queries.places import (
    kind_of,
    project_position_place,
    statement_place,
    texts_with_mine,
)
from participate.positions.queries.receipts import Attested, attested, receipts_of
from participate.positions.queries.tallied import tallies, tallies_of

__all__ = [
    "POSITION",
    "PRIORITY",
    "Attested",
    "ChosenProject",
    "Mine",
    "MyAct",
    "Panel",
    "attested",
    "kind_of",
    "mine",
    "my_acts",
    "panel_for",
    "priorities_of",
    "project_position_place",
    "projects_of",
    "receipts_of",
    "statement_place",
    "tallies",
    "tallies_of",
    "texts_with_mine",
]
