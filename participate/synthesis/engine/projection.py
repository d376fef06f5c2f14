"""From votes to a plane: principal components, and each participant's place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import eigsh
from sklearn.decomposition import TruncatedSVD

from participate.synthesis.engine.votes import Floats, VoteTable

AXES = 2
SMALL = 2_000_000
"""Cells (people × statements) up to which the axes are solved directly, without iterating."""
FEW = 120
"""Statements up to which all axes are computed although two are wanted."""
NOTHING = 1e-9


@dataclass(frozen=True)
class Plane:
    """Two axes over statements; `means` is the point they start from."""

    means: Floats
    axes: Floats

    def places(self, votes: VoteTable) -> Floats:
        """Return the place of each participant, from the statements they saw only.

        Scaled by √(statements / votes): who voted little is not drawn to the middle for it.
        """
        raw = votes.centred(self.means) @ self.axes.T
        cast = votes.cast
        scale = np.sqrt(np.divide(votes.statements, cast, out=np.zeros(votes.people), where=cast > 0))
        return np.asarray(raw * scale[:, None])


def plane(votes: VoteTable, seed: int = 0) -> Plane:
    """Return the first two principal axes, each turned so that its largest loading is positive."""
    means = votes.means()
    found = _axes(votes.centred(means), seed)
    axes = np.zeros((AXES, votes.statements))
    axes[: len(found)] = found
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return Plane(means, axes * np.where(largest < 0, -1.0, 1.0))


def _axes(matrix: sparse.csr_array, seed: int) -> Floats:
    people, statements = matrix.shape
    if matrix.nnz == 0 or not matrix.data.any():
        return np.zeros((0, statements))  # everybody said the same: there is no direction to look in
    if people * statements <= SMALL:
        full = matrix.toarray()
        return _of_gram(full.T @ full)
    if statements <= FEW:
        return _of_gram((matrix.T @ matrix).toarray())
    svd = TruncatedSVD(n_components=AXES, algorithm="arpack", random_state=seed)
    svd.fit(matrix)
    return np.asarray(svd.components_)


def _of_gram(gram: Floats) -> Floats:
    if len(gram) > FEW:
        values, vectors = eigsh(gram, k=AXES, v0=np.ones(len(gram)))
    else:
        values, vectors = np.linalg.eigh(gram)
    # A vanishing axis says nothing, and which one is found would be chance.
    kept = [one for one in np.argsort(-values, kind="stable")[:AXES] if values[one] > NOTHING]
    return np.asarray(vectors[:, kept].T)
