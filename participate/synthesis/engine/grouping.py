"""Tendencies: groups of people whose votes resemble each other, and whether there are any.

k-means always finds groups, also in votes without structure. They are published only when four
independent signs agree; see `gate`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score, silhouette_score

from participate.synthesis.engine.projection import plane
from participate.synthesis.engine.votes import DISAGREE, PASS, Flags, Floats, Ints, VoteTable

CORE_VOTES = 20
"""Below it a person's group is mostly chance: they do not shape the groups."""
ASSIGNED_VOTES = 7
COUNTS = (2, 3, 4, 5)
STARTS = 10
FEWER_STARTS = 3
MIN_GROUP, MIN_SHARE = 10, 0.05
MIN_STABILITY, MIN_GAIN, MAX_P = 0.7, 0.02, 0.05
RESAMPLES, RESAMPLED = 20, 0.8
SPLITS, HIDDEN = 5, 0.2
NULLS, FEWER_NULLS = 99, 39
MANY_PEOPLE = 1000
"""Core people on whom the gate is tried: it has as much to tell from these as from all."""
MANY_VOTES = 30_000
"""Votes above which chance is tried 39 times instead of 99: still one in forty, below one in twenty."""
SHRINK = 2.0
"""A group's rate is drawn to everybody's as if this many more had voted like everybody."""
SILHOUETTE_PEOPLE = 1000
SEED = 20240


@dataclass(frozen=True)
class Tried:
    """The figures of one number of groups."""

    k: int
    silhouette: float
    p_value: float | None
    stability: float
    gain: float
    smallest: int
    needed: int

    @property
    def reason(self) -> str:
        """Return why these groups may not be shown, or "" if they may."""
        if self.gain < MIN_GAIN:
            return "no_better_prediction"
        if self.stability < MIN_STABILITY:
            return "unstable"
        if self.smallest < self.needed:
            return "group_too_small"
        return "no_more_than_chance" if self.p_value is not None and self.p_value >= MAX_P else ""


@dataclass(frozen=True)
class Tendencies:
    """What was found; `group` is −1 for who voted too little, and None where nothing could be tried."""

    reason: str
    tried: Tried | None
    group: Ints | None
    places: Floats | None
    core: int

    @property
    def published(self) -> bool:
        """Whether the groups may be shown."""
        return self.reason == ""


def tendencies(votes: VoteTable, shown: Flags) -> Tendencies:
    """Look for groups in the votes on statements that stand (`shown`); those taken away have no say."""
    seen = votes.only(statements=shown)
    cast = seen.cast
    able, core = cast >= ASSIGNED_VOTES, cast >= CORE_VOTES
    if int(core.sum()) < 2 * MIN_GROUP:
        return Tendencies("too_few_votes", None, None, None, int(core.sum()))
    mine = votes.squeezed(able, shown)
    places = plane(mine, SEED).places(mine)
    inner = core[able]
    tested, sample = _sample(mine, inner)
    best = _best(places, inner, tested, sample)
    group = np.full(votes.people, -1, dtype=np.int64)
    group[able] = grouped(places, inner, best.k)
    everywhere = np.zeros((votes.people, 2))
    everywhere[able] = places
    return Tendencies(best.reason, best, group, everywhere, int(core.sum()))


def clustered(points: Floats, k: int, starts: int = STARTS) -> Ints:
    """Return the group of each point; deterministic for the same points in the same order."""
    return np.asarray(_fitted(points, k, starts).labels_, dtype=np.int64)


def _fitted(points: Floats, k: int, starts: int) -> KMeans:
    with warnings.catch_warnings():
        # Fewer different points than groups: a group stays empty, and the gate refuses it as too small.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return KMeans(k, n_init=starts, random_state=SEED).fit(points)


def grouped(places: Floats, inner: Flags, k: int) -> Ints:
    """Group the inner people, give everybody the nearest centre, and number groups by size, then place."""
    model = _fitted(places[inner], k, STARTS)
    found = np.asarray(model.predict(places), dtype=np.int64)
    size = np.bincount(found, minlength=k)
    order = sorted(range(k), key=lambda one: (-size[one], *model.cluster_centers_[one]))
    rank = np.empty(k, dtype=np.int64)
    rank[order] = np.arange(k)
    return rank[found]


def silhouette(points: Floats, group: Ints) -> float:
    """Return how much nearer people are to their own group than to the next, −1 to 1."""
    if len(np.unique(group)) < 2:
        return -1.0
    if len(points) > SILHOUETTE_PEOPLE:
        kept = np.random.default_rng(SEED).choice(len(points), SILHOUETTE_PEOPLE, replace=False)
        points, group = points[kept], group[kept]
        if len(np.unique(group)) < 2:
            return -1.0
    return float(silhouette_score(points, group))


def _sample(mine: VoteTable, inner: Flags) -> tuple[VoteTable, Flags]:
    """Return the votes of the core people, or of as many of them as the gate needs, and who they are."""
    kept = inner.copy()
    if kept.sum() > MANY_PEOPLE:
        chosen = np.random.default_rng(SEED).choice(np.flatnonzero(kept), MANY_PEOPLE, replace=False)
        kept = np.zeros_like(inner)
        kept[chosen] = True
    return mine.squeezed(kept, np.ones(mine.statements, dtype=bool)), kept


def _gains(tested: VoteTable) -> list[tuple[int, float]]:
    """Return the numbers of groups, the one that best predicts hidden votes first, with its gain.

    A fifth of the agreements and disagreements is hidden; what each group said is compared, as a
    prediction of them, with what everybody said. The gain is the drop in log-loss.
    """
    random = np.random.default_rng(SEED)
    gains: dict[int, list[float]] = {k: [] for k in COUNTS}
    decided = tested.value != PASS
    for _ in range(SPLITS):
        hidden = decided & (random.random(tested.value.size) < HIDDEN)
        told, asked = tested.rows(~hidden), tested.rows(hidden)
        places = plane(told, SEED).places(told)
        alone = _loss(told, asked, np.zeros(tested.people, dtype=np.int64), 1)
        for k in COUNTS:
            group = clustered(places, k, FEWER_STARTS)
            gains[k].append(1 - _loss(told, asked, group, k) / alone if alone > 0 else 0.0)
    found = [(k, float(np.mean(one))) for k, one in gains.items()]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _loss(told: VoteTable, asked: VoteTable, group: Ints, groups: int) -> float:
    """Return the mean log-loss of the hidden votes, predicted from the group's votes on the statement."""
    everybody = told.counts()[0]
    common = (everybody[:, 2] + 1) / (everybody[:, 0] + everybody[:, 2] + 2)
    parts = told.counts(group, groups)
    rate = (parts[:, :, 2] + SHRINK * common) / (parts[:, :, 0] + parts[:, :, 2] + SHRINK)
    guess = rate[group[asked.person], asked.statement]
    said = np.where(asked.value == DISAGREE, 1 - guess, guess)
    return float(-np.log(said).mean()) if said.size else 0.0


def _best(places: Floats, inner: Flags, tested: VoteTable, sample: Flags) -> Tried:
    """Return the number of groups that best predicts hidden votes among those that pass, else the best of all."""
    needed = max(MIN_GROUP, int(np.ceil(MIN_SHARE * inner.sum())))
    first: Tried | None = None
    for k, gain in _gains(tested):
        group = grouped(places, inner, k)
        found = Tried(
            k=k,
            silhouette=silhouette(places[sample], group[sample]),
            p_value=None,
            stability=_stability(tested, group[sample], k),
            gain=gain,
            smallest=int(np.bincount(group[inner], minlength=k).min()),
            needed=needed,
        )
        # The slow question is put last, and only about groups that nothing else speaks against.
        if not found.reason:
            found = replace(found, p_value=_chance(tested, k, found.silhouette))
        if not found.reason:
            return found
        first = first or found
        if gain < MIN_GAIN:
            break
    assert first is not None
    return first


def _chance(tested: VoteTable, k: int, real: float) -> float:
    """Return how often votes shuffled within each statement give groups as distinct as the real ones.

    Shuffling keeps how many agreed and who voted where; it takes away what one vote says of another.
    """
    random = np.random.default_rng(SEED)
    small = tested.value.size <= MANY_VOTES
    tries = NULLS if small else FEWER_NULLS
    above = 0
    for _ in range(tries):
        mixed = shuffled(tested, random)
        points = plane(mixed, SEED).places(mixed)
        above += silhouette(points, clustered(points, k, FEWER_STARTS)) >= real
        if 1 + above >= MAX_P * (1 + tries):
            break  # the answer is no, whatever follows
    return (1 + above) / (1 + tries)


def shuffled(votes: VoteTable, random: np.random.Generator) -> VoteTable:
    """Return votes without structure: the values mixed among those who voted on the same statement."""
    plain = np.argsort(votes.statement, kind="stable")
    mixed = np.argsort(votes.statement + random.random(votes.value.size))
    found = np.empty_like(votes.value)
    found[plain] = votes.value[mixed]
    return votes.with_values(found)


def _stability(tested: VoteTable, group: Ints, k: int) -> float:
    """Return the median likeness (adjusted Rand) of the groups to those found on 80 % of the statements."""
    random = np.random.default_rng(SEED)
    everyone = np.ones(tested.people, dtype=bool)
    kept = max(2, round(RESAMPLED * tested.statements))
    likeness = []
    for _ in range(RESAMPLES):
        some = np.zeros(tested.statements, dtype=bool)
        some[random.choice(tested.statements, kept, replace=False)] = True
        part = tested.squeezed(everyone, some)
        places = plane(part, SEED).places(part)
        likeness.append(float(adjusted_rand_score(group, clustered(places, k, FEWER_STARTS))))
    return median(likeness)
