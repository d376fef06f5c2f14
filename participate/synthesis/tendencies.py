"""Tendencies as a page shows them: read from the document kept after the close, never computed for a reader."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import sqrt
from typing import Any

import sqlalchemy as sa

from participate.db import db
from participate.synthesis import opinions
from participate.synthesis.models import OpinionMap

WIDTH, HEIGHT = 320, 220
LARGEST, SMALLEST = 62.0, 18.0
MARGIN = 66.0


@dataclass(frozen=True)
class Tally:
    """What some people said of a statement."""

    agree: int
    disagree: int
    pass_: int

    @property
    def n(self) -> int:
        """Everybody who took a position on it."""
        return self.agree + self.disagree + self.pass_


@dataclass(frozen=True)
class Distinct:
    """A statement on which a tendency differs from the others, by its reference."""

    ref: str
    mine: Tally
    others: Tally


@dataclass(frozen=True)
class Tendency:
    """A group of people whose positions resemble each other; `x`, `y` and `r` are its circle in the drawing."""

    number: int
    size: int
    x: float
    y: float
    r: float
    distinct: tuple[Distinct, ...]


@dataclass(frozen=True)
class Found:
    """What was found after the close, and the figures it was judged by."""

    published: bool
    reason: str
    participants: int
    core: int
    k: int | None
    held_out_gain: float | None
    stability: float | None
    p_value: float | None
    smallest: int | None
    needed: int | None
    tendencies: tuple[Tendency, ...]


def find(collectivity_id: int, consultation_id: int) -> Found | None:
    """Return what was found in a consultation; None while it is not computed. One statement."""
    text = db.session.scalar(
        sa.select(OpinionMap.document).where(
            OpinionMap.collectivity_id == collectivity_id,
            OpinionMap.consultation_id == consultation_id,
            OpinionMap.schema == opinions.SCHEMA,
        )
    )
    return read(json.loads(text)) if text is not None else None


def read(document: dict[str, Any]) -> Found:
    """Return a kept document as a page shows it."""
    gate = document["groups"]
    return Found(
        published=gate["published"],
        reason=gate["reason"],
        participants=document["participants"],
        core=gate["core"],
        k=gate["k"],
        held_out_gain=gate["held_out_gain"],
        stability=gate["stability"],
        p_value=gate["p_value"],
        smallest=gate["smallest"],
        needed=gate["needed"],
        tendencies=_circles(document["tendencies"]),
    )


def _circles(shapes: list[dict[str, Any]]) -> tuple[Tendency, ...]:
    """Lay the circles in the drawing: areas say how many people, distances how differently they answered."""
    if not shapes:
        return ()
    most = max(shape["size"] for shape in shapes)
    xs, ys = [shape["at"][0] for shape in shapes], [shape["at"][1] for shape in shapes]
    # One scale for both directions: distances are what the drawing tells.
    scale = min(
        (room - 2 * MARGIN) / ((max(line) - min(line)) or 1e-9) for room, line in ((WIDTH, xs), (HEIGHT, ys))
    )
    middle = ((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2)
    return tuple(
        Tendency(
            number=number,
            size=shape["size"],
            x=round(WIDTH / 2 + (shape["at"][0] - middle[0]) * scale, 1),
            y=round(HEIGHT / 2 - (shape["at"][1] - middle[1]) * scale, 1),
            r=round(max(SMALLEST, LARGEST * sqrt(shape["size"] / most)), 1),
            distinct=tuple(
                Distinct(one["id"], Tally(*one["group"]), Tally(*one["others"])) for one in shape["distinct"]
            ),
        )
        for number, shape in enumerate(shapes, start=1)
    )
