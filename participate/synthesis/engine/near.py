"""Near-identical texts: the same argument, sent by several people with a few words changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer

from participate.rules.text import normalise_for_matching

NEAR = 0.6
"""Measured on planted campaigns: at 0.8 most copies with 30 % of their words changed are lost, and below
0.5 different arguments about one thing begin to meet. See docs/decisions/024-near-identical-texts.md."""
NEAR_SHORT, SHORT = 0.8, 50
"""Folded characters below which a text must be nearer: one word of it may be the whole difference."""
BLOCK = 1000
SHORTEST = 20
"""Folded characters: "yes, very good" is not a copy of anything."""
LETTERS = (3, 5)


def copies(texts: Sequence[str]) -> list[list[int]]:
    """Return the clusters of near-identical texts as places in `texts`, largest first.

    Character 3- to 5-grams weighted by rarity, cosine from 0.6 on, compared block by block so that
    memory does not grow with the square of the texts. Who is near to one of a cluster belongs to it.
    """
    folded = [normalise_for_matching(one) for one in texts]
    told = [place for place, one in enumerate(folded) if len(one) >= SHORTEST]
    if len(told) < 2:
        return []
    vectors = sparse.csr_array(letters().fit_transform([folded[place] for place in told]))
    needed = np.asarray([NEAR_SHORT if len(folded[place]) < SHORT else NEAR for place in told])
    pairs = [_block(vectors, start, needed) for start in range(0, len(told), BLOCK)]
    rows, columns = (np.concatenate([one[axis] for one in pairs]) for axis in (0, 1))
    graph = sparse.coo_array((np.ones(rows.size), (rows, columns)), shape=(len(told), len(told)))
    _, label = connected_components(graph, directed=False)
    clusters: dict[int, list[int]] = defaultdict(list)
    for place, mine in zip(told, label, strict=True):
        clusters[int(mine)].append(place)
    return sorted((one for one in clusters.values() if len(one) > 1), key=lambda one: (-len(one), one))


def letters(**more: object) -> TfidfVectorizer:
    """Return what turns a text into weights of its character n-grams; one shape for copies and themes."""
    return TfidfVectorizer(analyzer="char_wb", ngram_range=LETTERS, sublinear_tf=True, **more)


def _block(vectors: sparse.csr_array, start: int, needed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    found = (vectors[start : start + BLOCK] @ vectors.T).tocoo()
    kept = found.data >= np.maximum(needed[found.row + start], needed[found.col])
    return found.row[kept] + start, found.col[kept]
