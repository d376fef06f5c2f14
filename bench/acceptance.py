"""The acceptance of the synthesis engine that takes minutes: `make acceptance`.

Votes without structure, twenty times on each conversation at hand; a million votes of a hundred thousand people,
from their table to the groups. Prints one line a row, and exits 1 if one is not reached.
"""

from __future__ import annotations

import os
import resource
import sys
import time

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402  after the threads are counted

from participate.synthesis.engine import grouping  # noqa: E402
from participate.synthesis.engine.votes import VoteTable  # noqa: E402
from tests.synthesis_engine.polis_data import DATA, STRONG, WEAK, opened  # noqa: E402

TIMES = 20
PEOPLE, STATEMENTS, VOTES = 100_000, 500, 1_600_000
SECONDS, MEGABYTES = 5.0, 1024.0


def said(row: str, figure: str, *, reached: bool) -> bool:
    """Print one row of the table."""
    print(f"{'reached' if reached else 'MISSED '}  {row}: {figure}", flush=True)
    return reached


def without_structure() -> bool:
    """Permute votes within statements: groups are published in at most one case in twenty."""
    if not DATA.is_dir():
        print("skipped: acceptance data not present")
        return True
    published = tried = 0
    for name in (*STRONG, WEAK):
        votes, shown, *_ = opened(name)
        for seed in range(TIMES):
            mixed = grouping.shuffled(votes, np.random.default_rng(seed))
            published += grouping.tendencies(mixed, shown).published
            tried += 1
    figure = f"{published} of {tried} published"
    return said("permuted votes", figure, reached=published <= 0.05 * tried)


def many_votes() -> VoteTable:
    """Make a million votes of three groups, with the long tail of activity that real ones have."""
    dice = np.random.default_rng(1)
    active = dice.pareto(1.2, PEOPLE) + 0.3
    person = dice.choice(PEOPLE, VOTES, p=active / active.sum())
    statement = dice.integers(0, STATEMENTS, VOTES)
    leaning = dice.normal(0, 1, (3, STATEMENTS))
    value = np.sign(leaning[person % 3, statement] + dice.normal(0, 1, VOTES)).astype(np.int64)
    value[dice.random(VOTES) < 0.15] = 0
    return VoteTable.of(PEOPLE, STATEMENTS, person, statement, value)


def speed() -> bool:
    """Measure processor seconds, which another program on the machine does not lengthen, and memory."""
    votes = many_votes()
    began, cpu = time.monotonic(), time.process_time()
    found = grouping.tendencies(votes, np.ones(STATEMENTS, dtype=bool))
    used, waited = time.process_time() - cpu, time.monotonic() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figure = (
        f"{votes.value.size} votes, {int((votes.cast > 0).sum())} people, k={found.tried and found.tried.k}:"
        f" {used:.1f} s of processor, {waited:.1f} s by the clock, {memory:.0f} MB"
    )
    return said("speed", figure, reached=used <= SECONDS and memory <= MEGABYTES)


def main() -> None:
    """Try all rows."""
    if not all([speed(), without_structure()]):
        sys.exit(1)


if __name__ == "__main__":
    main()
