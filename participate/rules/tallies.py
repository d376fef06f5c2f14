"""What may be said with numbers: tallies, intervals, labels, small cells.

The rule "no percentage under n = 20" is a type: a percentage can only be read from a
``Share``, and a ``Share`` cannot be made from a smaller base. No interval here is a margin
of error of a poll: participants chose to take part and are not a sample.

Source: ``design/5-synthesis.md`` (principles 1–3), ``design/8-settled.md`` (small cells 10,
no percentage under 20), Wilson (1927), Newcombe (1998, method 10), Benjamini and
Hochberg (1995).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from fractions import Fraction
from itertools import combinations
from math import erfc, sqrt
from typing import Final

MIN_BASE: Final = 20
"""Smallest base (people) of a percentage."""
MIN_CELL: Final = 10
"""Smallest published cell, and smallest complement of one (people)."""
FLOOR_STEP: Final = 10
"""Live participation counts are floored to this many people."""
Z95: Final = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""
FALSE_DISCOVERY_RATE: Final = 0.05
HALF: Final = 0.5


class NegativeCountError(ValueError):
    """A count of people or texts is below zero."""

    def __init__(self, what: str, count: int) -> None:
        """Hold ``what`` was counted and the ``count``."""
        super().__init__(what, count)
        self.what = what
        self.count = count


class CountAboveBaseError(ValueError):
    """More people in the part than in the whole."""

    def __init__(self, count: int, base: int) -> None:
        """Hold the part and the whole."""
        super().__init__(count, base)
        self.count = count
        self.base = base


class BaseTooSmallError(ValueError):
    """Somebody tried to make a percentage from fewer than ``MIN_BASE`` people."""

    def __init__(self, count: int, base: int) -> None:
        """Hold the part and the whole."""
        super().__init__(count, base)
        self.count = count
        self.base = base


def _counts(count: int, base: int) -> None:
    if count < 0:
        raise NegativeCountError("count", count)
    if base < count:
        raise CountAboveBaseError(count, base)


# --- Intervals -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval of proportions, or of a difference of proportions (−1 to 1)."""

    lower: float
    upper: float

    def excludes_zero(self) -> bool:
        """Claim: zero is not among the plausible values."""
        return self.lower > 0 or self.upper < 0


def wilson(count: int, base: int, z: float = Z95) -> Interval:
    """Give Wilson's score interval of ``count`` in ``base``; the whole [0, 1] without a base.

    Shown as "stability of this figure". Raises ``NegativeCountError``, ``CountAboveBaseError``.
    """
    _counts(count, base)
    if base == 0:
        return Interval(0.0, 1.0)
    share_seen = count / base
    spread = z * sqrt(share_seen * (1 - share_seen) / base + (z / (2 * base)) ** 2)
    middle = share_seen + z * z / (2 * base)
    shrink = 1 + z * z / base
    # At the ends the formula gives 0 and 1 only up to rounding; say them exactly.
    lower = 0.0 if count == 0 else max(0.0, (middle - spread) / shrink)
    upper = 1.0 if count == base else min(1.0, (middle + spread) / shrink)
    return Interval(lower, upper)


def newcombe(count1: int, base1: int, count2: int, base2: int, z: float = Z95) -> Interval:
    """Give Newcombe's interval of the difference ``count1/base1 − count2/base2``.

    Two Wilson intervals joined by squares (method 10). Both bases must be positive:
    raises ``CountAboveBaseError`` through ``wilson`` or ``ZeroDivisionError``.
    """
    first, second = wilson(count1, base1, z), wilson(count2, base2, z)
    share1, share2 = count1 / base1, count2 / base2
    gap = share1 - share2
    return Interval(
        gap - sqrt((share1 - first.lower) ** 2 + (second.upper - share2) ** 2),
        gap + sqrt((first.upper - share1) ** 2 + (share2 - second.lower) ** 2),
    )


def newcombe_p(count1: int, base1: int, count2: int, base2: int) -> float:
    """Give the two-sided p-value that agrees with ``newcombe``.

    It is the level at which the interval first touches zero, so that "p < .05" and
    "the 95 % interval excludes 0" are one statement. Found by bisection on z.
    """
    if count1 * base2 == count2 * base1:
        return 1.0
    inside, outside = 0.0, 40.0
    # Eighty halvings of 40 are far below the last bit of a float.
    for _ in range(80):
        z = (inside + outside) / 2
        if newcombe(count1, base1, count2, base2, z).excludes_zero():
            inside = z
        else:
            outside = z
    return erfc(inside / sqrt(2))


def benjamini_hochberg(p_values: Sequence[float], rate: float = FALSE_DISCOVERY_RATE) -> tuple[bool, ...]:
    """Say, in the given order, which findings stand at this false discovery ``rate``.

    The largest rank r (from 1) with p_(r) ≤ r·rate/m is found; all up to it stand.
    """
    total = len(p_values)
    ranked = sorted(range(total), key=p_values.__getitem__)
    standing = 0
    for rank, place in enumerate(ranked, start=1):
        if p_values[place] <= rank * rate / total:
            standing = rank
    kept = frozenset(ranked[:standing])
    return tuple(place in kept for place in range(total))


# --- Shares and tallies --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` people of ``base``, allowed to be said as a percentage.

    Raises ``BaseTooSmallError`` under 20 people, so that no path prints one.
    """

    count: int
    base: int

    def __post_init__(self) -> None:
        """Refuse impossible counts and small bases."""
        _counts(self.count, self.base)
        if self.base < MIN_BASE:
            raise BaseTooSmallError(self.count, self.base)

    @property
    def ratio(self) -> float:
        """Give the share as a number from 0 to 1."""
        return self.count / self.base

    @property
    def percent(self) -> int:
        """Give the whole percentage; an exact half goes up. Exact arithmetic, no float."""
        return int(Fraction(100 * self.count, self.base) + Fraction(1, 2))

    @property
    def stability(self) -> Interval:
        """Give the Wilson 95 % interval of the share."""
        return wilson(self.count, self.base)


@dataclass(frozen=True, slots=True)
class TooFew:
    """``count`` people of ``base``, too few for a percentage: say both counts."""

    count: int
    base: int


def share(count: int, base: int) -> Share | TooFew:
    """Give ``count`` of ``base`` as what may be said of it.

    Raises ``NegativeCountError`` and ``CountAboveBaseError``.
    """
    _counts(count, base)
    return Share(count, base) if base >= MIN_BASE else TooFew(count, base)


@dataclass(frozen=True, slots=True)
class Tally:
    """The four counts of people on one statement, always shown together.

    ``not_seen`` is None where nobody can know it (paper, imported conversations).
    Raises ``NegativeCountError``.
    """

    agree: int
    disagree: int
    passed: int
    not_seen: int | None = None

    def __post_init__(self) -> None:
        """Refuse a negative count."""
        for what, count in (
            ("agree", self.agree),
            ("disagree", self.disagree),
            ("passed", self.passed),
            ("not_seen", self.not_seen or 0),
        ):
            if count < 0:
                raise NegativeCountError(what, count)

    @property
    def n(self) -> int:
        """Count everyone who took a position, passes included."""
        return self.agree + self.disagree + self.passed

    @property
    def decided(self) -> int:
        """Count those who agreed or disagreed."""
        return self.agree + self.disagree

    @property
    def support(self) -> Share | TooFew:
        """Give A/(A+D). Never mixed with ``support_with_pass``."""
        return share(self.agree, self.decided)

    @property
    def support_with_pass(self) -> Share | TooFew:
        """Give A/(A+D+pass)."""
        return share(self.agree, self.n)

    @property
    def unanimous(self) -> bool:
        """Claim: everybody said the same, so the cell tells what each person said."""
        return max(self.agree, self.disagree, self.passed) == self.n

    def __add__(self, other: "Tally") -> "Tally":
        """Join two groups of people; unknown plus known not-seen stays unknown."""
        unknown = self.not_seen is None or other.not_seen is None
        return Tally(
            self.agree + other.agree,
            self.disagree + other.disagree,
            self.passed + other.passed,
            None if unknown else (self.not_seen or 0) + (other.not_seen or 0),
        )

    def __sub__(self, other: "Tally") -> "Tally":
        """Take a group of people away; raises ``NegativeCountError`` if it was not inside."""
        unknown = self.not_seen is None or other.not_seen is None
        return Tally(
            self.agree - other.agree,
            self.disagree - other.disagree,
            self.passed - other.passed,
            None if unknown else (self.not_seen or 0) - (other.not_seen or 0),
        )


@dataclass(frozen=True, slots=True)
class Floored:
    """A live participation count: ``at_least`` is a multiple of ten, 0 for fewer than ten."""

    at_least: int

    @property
    def fewer_than_ten(self) -> bool:
        """Claim: the page says "fewer than 10" and nothing finer."""
        return self.at_least == 0


def floored(people: int) -> Floored:
    """Floor a live count of ``people``, so that watching it does not show one neighbour."""
    if people < 0:
        raise NegativeCountError("people", people)
    return Floored(people - people % FLOOR_STEP)


# --- Labels --------------------------------------------------------------------------


@unique
class Label(StrEnum):
    """The one word a statement gets in the dossier."""

    CONSENSUAL = "consensual"
    DIVISIVE = "divisive"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class AudienceTally:
    """The tally of one audience (citizens, associations, a neighbourhood, a level …)."""

    audience: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class StatementTallies:
    """One statement, by its reference, with the tallies of disjoint audiences."""

    statement: str
    audiences: tuple[AudienceTally, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference of support A/(A+D): ``higher`` minus ``lower``, with its 95 % interval.

    ``stands`` says that it survived Benjamini–Hochberg over all comparisons made.
    """

    higher: str
    lower: str
    difference: float
    interval: Interval
    p_value: float
    stands: bool


@dataclass(frozen=True, slots=True)
class Labelled:
    """A statement's label with the figures it rests on.

    ``lowest_bound`` is the lowest Wilson lower bound of support over ``compared``
    audiences (None if there are none); ``too_few`` names audiences left out because
    fewer than 20 people agreed or disagreed; ``gap`` is the largest one that stands,
    else the largest, else None.
    """

    statement: str
    label: Label
    lowest_bound: float | None
    gap: Gap | None
    compared: tuple[str, ...]
    too_few: tuple[str, ...]


def label_statements(statements: Sequence[StatementTallies]) -> tuple[Labelled, ...]:
    """Label every statement of one consultation together.

    Consensual: the lowest audience's lower bound of support is above .5 (even if a gap
    stands: everybody is in favour, some more than others). Divisive: otherwise, a gap
    between two audiences excludes 0 after Benjamini–Hochberg over all statements × pairs.
    Uncertain: the rest, which is a finding, not an omission.

    Together, because correction for many comparisons needs all of them. Source:
    ``design/5-synthesis.md`` principle 3.
    """
    compared = [
        tuple(row for row in one.audiences if isinstance(row.tally.support, Share)) for one in statements
    ]
    pairs = [
        (place, *_ordered(first, second))
        for place, rows in enumerate(compared)
        for first, second in combinations(rows, 2)
    ]
    p_values = [
        newcombe_p(high.tally.agree, high.tally.decided, low.tally.agree, low.tally.decided)
        for _, high, low in pairs
    ]
    standing = benjamini_hochberg(p_values)
    gaps: list[list[Gap]] = [[] for _ in statements]
    for (place, high, low), p_value, stands in zip(pairs, p_values, standing, strict=True):
        gaps[place].append(_gap(high, low, p_value, stands=stands))
    return tuple(
        _label(one, rows, found) for one, rows, found in zip(statements, compared, gaps, strict=True)
    )


def _ordered(one: AudienceTally, two: AudienceTally) -> tuple[AudienceTally, AudienceTally]:
    """Put the audience with more support first, compared exactly."""
    first = Fraction(one.tally.agree, one.tally.decided)
    second = Fraction(two.tally.agree, two.tally.decided)
    return (one, two) if first >= second else (two, one)


def _gap(high: AudienceTally, low: AudienceTally, p_value: float, *, stands: bool) -> Gap:
    interval = newcombe(high.tally.agree, high.tally.decided, low.tally.agree, low.tally.decided)
    return Gap(
        high.audience,
        low.audience,
        high.tally.agree / high.tally.decided - low.tally.agree / low.tally.decided,
        interval,
        p_value,
        stands and interval.excludes_zero(),
    )


def _label(one: StatementTallies, rows: tuple[AudienceTally, ...], gaps: list[Gap]) -> Labelled:
    bounds = [wilson(row.tally.agree, row.tally.decided).lower for row in rows]
    lowest = min(bounds, default=None)
    gap = max(gaps, key=lambda found: (found.stands, found.difference), default=None)
    if lowest is not None and lowest > HALF:
        label = Label.CONSENSUAL
    elif gap is not None and gap.stands:
        label = Label.DIVISIVE
    else:
        label = Label.UNCERTAIN
    names = tuple(row.audience for row in rows)
    left_out = tuple(row.audience for row in one.audiences if row not in rows)
    return Labelled(one.statement, label, lowest, gap, names, left_out)


# --- Small cells ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CountCell:
    """How many people are in one category; ``people`` is None when it is suppressed."""

    category: str
    people: int | None


@dataclass(frozen=True, slots=True)
class CountTable:
    """A one-way table of people, safe to publish, with its true total."""

    total: int
    cells: tuple[CountCell, ...]


@dataclass(frozen=True, slots=True)
class TallyCell:
    """The tally of one category; ``tally`` is None when it is suppressed."""

    category: str
    tally: Tally | None


@dataclass(frozen=True, slots=True)
class TallyTable:
    """A one-way table of tallies, safe to publish, with its true total."""

    total: Tally
    cells: tuple[TallyCell, ...]


def safe_counts(cells: Sequence[CountCell], k: int = MIN_CELL) -> CountTable:
    """Suppress the small cells of a one-way table of people whose categories are disjoint.

    Published: a cell of at least ``k`` people whose complement has at least ``k``.
    Then neighbours are hidden until those hidden together, which anybody can compute from
    the total, are at least two and count at least twice ``k``. Zero counts as small.
    The order of categories must be fixed beforehand (plan order, age), never by size.
    Input cells must all hold a count; raises ``NegativeCountError``.
    """
    people = [0 if cell.people is None else cell.people for cell in cells]
    for cell, count in zip(cells, people, strict=True):
        if count < 0:
            raise NegativeCountError(cell.category, count)

    def is_unsafe(places: frozenset[int]) -> bool:
        return sum(people[place] for place in places) < k

    def tells_too_much(places: frozenset[int]) -> bool:
        return sum(people[place] for place in places) < 2 * k

    hidden = _hidden(len(people), is_unsafe, tells_too_much)
    return CountTable(
        sum(people),
        tuple(
            CountCell(cell.category, None if place in hidden else people[place])
            for place, cell in enumerate(cells)
        ),
    )


def safe_tallies(cells: Sequence[AudienceTally], k: int = MIN_CELL) -> TallyTable:
    """Suppress the small or unanimous cells of a one-way table of tallies.

    Published: a cell of at least ``k`` positions, not unanimous, whose complement is so
    too. Then neighbours are hidden until those hidden together are at least two, count at
    least twice ``k`` and are not unanimous, so that subtraction from the total says
    nothing that could not have been published. Order of categories: see ``safe_counts``.
    """
    tallies = [cell.tally for cell in cells]

    def is_unsafe(places: frozenset[int]) -> bool:
        joined = sum((tallies[place] for place in places), Tally(0, 0, 0, 0))
        return joined.n < k or joined.unanimous

    def tells_too_much(places: frozenset[int]) -> bool:
        return is_unsafe(places) or sum(tallies[place].n for place in places) < 2 * k

    hidden = _hidden(len(tallies), is_unsafe, tells_too_much)
    return TallyTable(
        sum(tallies, Tally(0, 0, 0, 0)),
        tuple(
            TallyCell(cell.audience, None if place in hidden else cell.tally)
            for place, cell in enumerate(cells)
        ),
    )


def _hidden(
    cells: int,
    is_unsafe: Callable[[frozenset[int]], bool],
    tells_too_much: Callable[[frozenset[int]], bool],
) -> frozenset[int]:
    """Choose the cells to hide: the unsafe ones, then neighbours until their sum is safe.

    The neighbour is chosen by place, not by size: a choice that looks at the counts tells
    about them, and an exhaustive attack on small tables with the rule known recovered
    cells from "the smallest next" and none from "the next, up to twice k".
    """
    everything = frozenset(range(cells))
    hidden = frozenset(
        place for place in everything if is_unsafe(frozenset({place})) or is_unsafe(everything - {place})
    )
    # A cell hidden alone never passes: it is small or unanimous, or all the others are.
    while hidden and hidden != everything and tells_too_much(hidden):
        neighbours = (after for place in sorted(hidden) if (after := (place + 1) % cells) not in hidden)
        hidden |= {next(neighbours)}
    return hidden
