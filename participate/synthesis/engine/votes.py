"""Votes as plain arrays, one row a pair of participant and statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
AGREE, PASS, DISAGREE = 1, 0, -1


class BadVotesError(ValueError):
    """Votes that are not votes; the text says which."""


@dataclass(frozen=True)
class VoteTable:
    """Who said what of what: rows in the order of participant, then statement, each pair once.

    `person` and `statement` are places (0 …), `value` is 1 agree, 0 pass, −1 disagree.
    """

    people: int
    statements: int
    person: Ints
    statement: Ints
    value: Ints

    @classmethod
    def of(
        cls,
        people: int,
        statements: int,
        person: Sequence[int] | Ints,
        statement: Sequence[int] | Ints,
        value: Sequence[int] | Ints,
        at: Sequence[int] | Ints | None = None,
    ) -> VoteTable:
        """Make the table: of several votes of one pair the last in time counts, of equals the lowest value.

        The order of the rows given therefore decides nothing. Raises BadVotesError.
        """
        rows = [np.asarray(one, dtype=np.int64) for one in (person, statement, value)]
        when = np.zeros(rows[0].size, dtype=np.int64) if at is None else np.asarray(at, dtype=np.int64)
        if len({one.size for one in (*rows, when)}) != 1:
            raise BadVotesError("the columns of the votes have different lengths")
        who, what, said = rows
        if who.size and not (
            who.min() >= 0 and who.max() < people and what.min() >= 0 and what.max() < statements
        ):
            raise BadVotesError("a vote names a participant or a statement that is not there")
        if not np.isin(said, (AGREE, PASS, DISAGREE)).all():
            raise BadVotesError("a vote is neither 1, 0 nor -1")
        pair = who * max(statements, 1) + what
        if not (pair.size > 1 and (np.diff(pair) <= 0).any()):
            return cls(people, statements, who, what, said)
        order = np.lexsort((-said, when, pair))
        last = np.append(np.diff(pair[order]) != 0, np.ones(min(order.size, 1), dtype=bool))
        kept = order[last]
        return cls(people, statements, who[kept], what[kept], said[kept])

    def only(self, people: Flags | None = None, statements: Flags | None = None) -> VoteTable:
        """Return the votes of some people on some statements; places stay, so that nothing is renumbered."""
        kept = np.ones(self.value.size, dtype=bool)
        if people is not None:
            kept &= people[self.person]
        if statements is not None:
            kept &= statements[self.statement]
        return self.rows(kept)

    def rows(self, kept: Flags) -> VoteTable:
        """Return some of the rows."""
        return VoteTable(
            self.people, self.statements, self.person[kept], self.statement[kept], self.value[kept]
        )

    def squeezed(self, people: Flags, statements: Flags) -> VoteTable:
        """Return the votes of some people on some statements, renumbered without gaps."""
        found = self.only(people, statements)
        return VoteTable(
            int(people.sum()),
            int(statements.sum()),
            (np.cumsum(people) - 1)[found.person],
            (np.cumsum(statements) - 1)[found.statement],
            found.value,
        )

    def with_values(self, value: Ints) -> VoteTable:
        """Return the same pairs with other values."""
        return VoteTable(self.people, self.statements, self.person, self.statement, value)

    @property
    def cast(self) -> Ints:
        """How many votes each participant cast."""
        return np.bincount(self.person, minlength=self.people)

    def counts(self, group: Ints | None = None, groups: int = 1) -> Ints:
        """Return how often each value fell: shape (groups, statements, 3), last axis disagree, pass, agree.

        `group` holds the group of each participant, −1 for none.
        """
        home = np.zeros(self.people, dtype=np.int64) if group is None else group
        mine = home[self.person]
        inside = mine >= 0
        place = (mine[inside] * self.statements + self.statement[inside]) * 3 + self.value[inside] + 1
        return np.bincount(place, minlength=groups * self.statements * 3).reshape(groups, self.statements, 3)

    def means(self) -> Floats:
        """Return the mean vote of each statement, 0 where nobody voted."""
        n = np.bincount(self.statement, minlength=self.statements)
        total = np.bincount(self.statement, weights=self.value, minlength=self.statements)
        return np.divide(total, n, out=np.zeros(self.statements), where=n > 0)

    def centred(self, means: Floats) -> sparse.csr_array:
        """Return the matrix in which a vote is its distance from the mean and an unseen statement exactly 0.

        Filling what is missing with the mean and centring leaves it 0: the matrix stays sparse and the
        components stay exact. The table must be in the order of its participants.
        """
        start = np.concatenate(([0], np.cumsum(self.cast)))
        return sparse.csr_array(
            (self.value - means[self.statement], self.statement, start), shape=(self.people, self.statements)
        )
