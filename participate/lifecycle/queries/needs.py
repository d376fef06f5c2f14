"""Which needs of a move are met."""

from __future__ import annotations

from dataclasses import dataclass

from participate.rules import lifecycle as law
from participate.rules.lifecycle import Facts, MoveName, Need, Warn


@dataclass(frozen=True)
class CheckRow:
    """One need of a move, and whether it is met."""

    need: Need
    ok: bool


@dataclass(frozen=True)
class Checklist:
    """Everything a move asks, for the officer who prepares it."""

    move: MoveName
    wrong_stage: bool
    wrong_consultation: bool
    rows: tuple[CheckRow, ...]
    warnings: tuple[Warn, ...]

    @property
    def ready(self) -> bool:
        """Whether the move can be performed now."""
        return not self.wrong_stage and not self.wrong_consultation and all(row.ok for row in self.rows)

    @property
    def missed(self) -> bool:
        """Whether the moment for this move has passed for good."""
        return any(row.need in law.MISSED_FOR_GOOD for row in self.rows if not row.ok)


def checklist(move: MoveName, known: Facts) -> Checklist:
    """Return every need of a move with whether the facts meet it."""
    unmet = law.check(move, known)
    return Checklist(
        move,
        unmet.wrong_stage,
        unmet.wrong_consultation,
        tuple(CheckRow(need, need not in unmet.needs) for need in law.MOVES[move].needs),
        law.warnings(move, known),
    )
