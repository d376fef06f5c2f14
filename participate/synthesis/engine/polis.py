"""Polis's own figures, made from the method as published, so that ours can be checked against theirs.

Compatible, not recommended: statements taken away are set to "pass" for everybody instead of left out,
and groups are not tested. Polis counts an agreement as −1; so does everything this module returns.
Source: compdemocracy/polis, math/src/polismath/math (2024), read and written anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from participate.synthesis.engine.grouping import clustered, silhouette
from participate.synthesis.engine.projection import AXES
from participate.synthesis.engine.votes import Flags, Floats, Ints, VoteTable

Z90 = 1.2816
"""One-sided 90 %, as Polis has it."""
SHOWN = 5
IN_CONVERSATION = 7
SMALLEST_CONVERSATION = 15
MAX_GROUPS = 5
DENSE_CELLS = 40_000_000


@dataclass(frozen=True)
class Compat:
    """Polis's stages. `votes` holds the columns that anybody voted on; `columns` their places before."""

    columns: Ints
    center: Floats
    comps: Floats
    projection: Floats
    comment_projection: Floats
    inside: Flags
    group: Ints
    k: int
    votes: VoteTable
    """As cast, with Polis's sign: groups are described from what people said, also of what was taken away."""


def zeroed(votes: VoteTable, shown: Flags) -> VoteTable:
    """Return the votes with every statement that was taken away passed by everybody."""
    kept = votes.only(statements=shown)
    gone = np.flatnonzero(~shown)
    everybody = np.arange(votes.people)
    return VoteTable.of(
        votes.people,
        votes.statements,
        np.concatenate((kept.person, np.repeat(everybody, gone.size))),
        np.concatenate((kept.statement, np.tile(gone, votes.people))),
        np.concatenate((kept.value, np.zeros(gone.size * votes.people, dtype=np.int64))),
    )


def compat(votes: VoteTable, shown: Flags, k: int | None = None) -> Compat:
    """Compute components, places and groups the way Polis does; `k` None: by the best silhouette."""
    voted = np.bincount(votes.statement, minlength=votes.statements) > 0
    everyone = np.ones(votes.people, dtype=bool)
    cast = votes.cast
    raw = votes.squeezed(everyone, voted)
    raw = raw.with_values(-raw.value)
    table = zeroed(raw, shown[voted])
    center = table.means()
    comps = _components(table, center)
    width = sqrt(table.statements)
    scale = width / np.sqrt(np.maximum(table.cast, 1))
    projection = np.asarray(table.centred(center) @ comps.T) * scale[:, None]
    inside = in_conversation(cast, table.statements)
    group = np.full(votes.people, -1, dtype=np.int64)
    found = k or _best_k(projection[inside])
    if 1 < found <= int(inside.sum()):
        group[inside] = _numbered(clustered(projection[inside], found), found)
    elif inside.any():
        group[inside], found = 0, 1
    return Compat(
        columns=np.flatnonzero(voted),
        center=center,
        comps=comps,
        projection=projection,
        comment_projection=comps * (-1 - center) * width,
        inside=inside,
        group=group,
        k=found,
        votes=raw,
    )


def _components(table: VoteTable, center: Floats) -> Floats:
    """Return the two first axes, turned as Polis's iteration from (1, 1, …) turns them."""
    if table.people * table.statements <= DENSE_CELLS:
        matrix = table.centred(center).toarray()
        _, _, right = np.linalg.svd(matrix, full_matrices=False)
        right = right[:AXES]
    else:
        gram = table.centred(center)
        _, vectors = np.linalg.eigh((gram.T @ gram).toarray())
        right = vectors[:, ::-1][:, :AXES].T
    axes = np.zeros((AXES, table.statements))
    axes[: len(right)] = right
    return axes * np.where(axes.sum(axis=1, keepdims=True) < 0, -1.0, 1.0)


def in_conversation(cast: Ints, statements: int) -> Flags:
    """Say who voted enough to be placed; the most active fill up a small conversation."""
    inside = cast >= min(IN_CONVERSATION, statements)
    if inside.sum() < SMALLEST_CONVERSATION:
        most = np.lexsort((np.arange(cast.size), -cast))[:SMALLEST_CONVERSATION]
        inside[most[cast[most] > 0]] = True
    return np.asarray(inside)


def _best_k(points: Floats) -> int:
    top = min(MAX_GROUPS, 2 + len(points) // 12)
    tried = [(silhouette(points, clustered(points, k)), -k) for k in range(2, top + 1) if k < len(points)]
    return -max(tried)[1] if tried else 1


def _numbered(group: Ints, k: int) -> Ints:
    """Number the groups by size; equal ones by their first member."""
    size = np.bincount(group, minlength=k)
    first = [int(np.argmax(group == one)) for one in range(k)]
    rank = np.empty(k, dtype=np.int64)
    rank[sorted(range(k), key=lambda one: (-size[one], first[one]))] = np.arange(k)
    return rank[group]


# --- what groups say ---------------------------------------------------------------------------------


def group_aware_consensus(counts: Ints) -> Floats:
    """Return the product over groups of (A + 1) / (S + 2) for each statement; S counts passes too.

    `counts` has Polis's sign: shape (groups, statements, 3), last axis agree, pass, disagree.
    """
    agree, seen = counts[:, :, 0], counts.sum(axis=2)
    return np.asarray(((agree + 1) / (seen + 2)).prod(axis=0))


def _proportion(success: Floats, trials: Floats) -> Floats:
    return np.asarray((success + 1) / (trials + 2))


def _proportion_test(success: Floats, trials: Floats) -> Floats:
    """Return how far the share lies above one half, in standard errors."""
    n = trials + 1
    return np.asarray(2 * np.sqrt(n) * ((success + 1) / n - 0.5))


def _two_proportions_test(success: Floats, others: Floats, trials: Floats, theirs: Floats) -> Floats:
    """Return how far one share lies above another, with one added to all four counts."""
    a, b, n, m = success + 1, others + 1, trials + 1, theirs + 1
    pooled = (a + b) / (n + m)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    gap = a / n - b / m
    return np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0)


def representative(counts: Ints, names: list[Any]) -> list[list[dict[str, Any]]]:
    """Return, for each group, the up to five statements that tell it from the others.

    `counts` as in `group_aware_consensus`; `names` are the statements' ids.
    """
    whole = counts.sum(axis=0)
    return [_of_group(counts[place], whole - counts[place], names) for place in range(len(counts))]


def _of_group(mine: Ints, rest: Ints, names: list[Any]) -> list[dict[str, Any]]:
    n, m = mine.sum(axis=1).astype(float), rest.sum(axis=1).astype(float)
    sides = []
    for axis, word in ((0, "agree"), (2, "disagree")):
        a, b = mine[:, axis].astype(float), rest[:, axis].astype(float)
        p, test = _proportion(a, n), _proportion_test(a, n)
        sides.append((word, a, p, test, p / _proportion(b, m), _two_proportions_test(a, b, n, m)))
    return _chosen([_Stats.of(sides, n, mine, place) for place in range(len(names))], names)


@dataclass(frozen=True)
class _Side:
    word: str
    success: float
    p: float
    test: float
    ratio: float
    ratio_test: float

    @property
    def passes(self) -> bool:
        return self.test > Z90 and self.ratio_test > Z90

    @property
    def weight(self) -> float:
        return self.ratio * self.ratio_test * self.p * self.test


@dataclass(frozen=True)
class _Stats:
    agree: _Side
    disagree: _Side
    seen: float
    decided: bool

    @classmethod
    def of(cls, sides: list[Any], n: Floats, mine: Ints, place: int) -> _Stats:
        made = [_Side(word, *(float(one[place]) for one in rest)) for word, *rest in sides]
        return cls(made[0], made[1], float(n[place]), bool(mine[place, 0] or mine[place, 2]))

    @property
    def stronger(self) -> _Side:
        return self.agree if self.agree.ratio_test > self.disagree.ratio_test else self.disagree


def _leads(found: _Stats, best: _Stats | None) -> bool:
    """Whether a statement is agreed with more distinctly than the best so far."""
    if not found.decided:
        return False
    mine = found.agree
    if best is None:
        return mine.test > Z90 or (mine.ratio > 1 and mine.p > 0.5)
    if best.agree.ratio > 1:
        return mine.weight > best.agree.weight
    return mine.p * mine.test > best.agree.p * best.agree.test


def _chosen(stats: list[_Stats], names: list[Any]) -> list[dict[str, Any]]:
    enough: list[int] = []
    best: int | None = None
    agreed: int | None = None
    for place, found in enumerate(stats):
        if found.agree.passes or found.disagree.passes:
            enough.append(place)
        elif best is None or found.stronger.ratio_test > stats[best].stronger.ratio_test:
            best = place
        if _leads(found, None if agreed is None else stats[agreed]):
            agreed = place
    enough.sort(key=lambda place: -stats[place].stronger.weight)
    head = [agreed] if agreed is not None else ([best] if not enough and best is not None else [])
    listed = (head + [place for place in enough if place != agreed])[:SHOWN]
    # A stable sort: what they agree with is said before what they disagree with.
    shown = [_entry(stats[place], names[place], leads=place == agreed) for place in listed]
    return sorted(shown, key=lambda one: one["repful-for"] != "agree")


def _entry(found: _Stats, name: Any, *, leads: bool) -> dict[str, Any]:
    side = found.stronger
    entry: dict[str, Any] = {
        "tid": name,
        "n-success": int(side.success),
        "n-trials": int(found.seen),
        "p-success": side.p,
        "p-test": side.test,
        "repness": side.ratio,
        "repness-test": side.ratio_test,
        "repful-for": side.word,
    }
    if leads:
        entry |= {"best-agree": True, "n-agree": int(found.agree.success)}
    return entry


def consensus(counts: Ints, names: list[Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the up to five statements most agreed and most disagreed with by everybody.

    `counts` of all participants, shape (statements, 3), last axis agree, pass, disagree.
    """
    n = counts.sum(axis=1).astype(float)
    found: dict[str, list[dict[str, Any]]] = {}
    for axis, word in ((0, "agree"), (2, "disagree")):
        success = counts[:, axis].astype(float)
        p, test = _proportion(success, n), _proportion_test(success, n)
        places = [one for one in range(len(names)) if p[one] > 0.5 and test[one] > Z90]
        places.sort(key=lambda one: -p[one] * test[one])
        found[word] = [
            {
                "tid": names[one],
                "n-success": int(success[one]),
                "n-trials": int(n[one]),
                "p-success": float(p[one]),
                "p-test": float(test[one]),
            }
            for one in places[:SHOWN]
        ]
    return found
