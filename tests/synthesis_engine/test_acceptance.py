"""The rows of the acceptance table, on the conversations at hand. Each prints its figure (`-rP` shows them)."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from participate.synthesis.engine import grouping, polis, working
from tests.synthesis_engine.polis_data import GOLDEN, STRONG, WEAK, golden, opened

EXACT = GOLDEN[0]
"""The other golden conversation lacks a voter in its votes.json: its components cannot be equal."""


@pytest.fixture(scope="module")
def compat_of() -> object:
    made: dict[str, tuple] = {}

    def of(name: str) -> tuple:
        if name not in made:
            (votes, shown, people, statements, groups), told = golden(name)
            made[name] = (
                working.compat(
                    votes, shown, [int(s) for s in statements], [int(p) for p in people], None, groups
                ),
                told,
            )
        return made[name]

    return of


def test_components_and_projection_are_polis_s_own(compat_of) -> None:
    ours, told = compat_of(EXACT)
    assert ours["tids"] == told["tids"]
    assert sorted(ours["mod-out"]) == sorted(told["mod-out"])
    center = np.abs(np.subtract(ours["pca"]["center"], told["pca"]["center"])).max()
    turn = np.sign((np.asarray(ours["pca"]["comps"]) * told["pca"]["comps"]).sum(axis=1))
    comps = np.abs(np.asarray(ours["pca"]["comps"]) * turn[:, None] - told["pca"]["comps"]).max()
    base = told["base-clusters"]
    assert {len(one) for one in base["members"]} == {1}
    mine = np.asarray([ours["projections"][str(one[0])] for one in base["members"]]) * turn
    places = np.abs(mine - np.column_stack((base["x"], base["y"]))).max()
    texts = np.abs(
        np.asarray(ours["pca"]["comment-projection"]) * turn[:, None] - told["pca"]["comment-projection"]
    ).max()
    print(f"centre {center:.1e}, components {comps:.1e}, projection {places:.1e}, comments {texts:.1e}")
    assert max(center, comps, places, texts) <= 1e-8


def test_where_polis_s_file_lacks_a_voter_the_components_are_near(compat_of) -> None:
    ours, told = compat_of(GOLDEN[1])
    likeness = np.abs((np.asarray(ours["pca"]["comps"]) * told["pca"]["comps"]).sum(axis=1)).min()
    print(f"|cos| {likeness:.4f}")
    assert likeness > 0.999


@pytest.mark.parametrize("name", GOLDEN)
def test_group_consensus_is_polis_s_own_given_its_groups(name: str, compat_of) -> None:
    ours, told = compat_of(name)
    theirs = told["group-aware-consensus"]
    worst = max(abs(ours["group-aware-consensus"][one] - theirs[one]) for one in theirs)
    print(f"{name}: {worst:.1e}")
    assert worst <= 1e-9


@pytest.mark.parametrize("name", GOLDEN)
def test_representative_statements_are_polis_s_own_given_its_groups(name: str, compat_of) -> None:
    ours, told = compat_of(name)
    worst = 0.0
    for group, listed in told["repness"].items():
        mine = ours["repness"][group]
        assert [(one["tid"], one["repful-for"]) for one in mine] == [
            (one["tid"], one["repful-for"]) for one in listed
        ]
        for one, other in zip(mine, listed, strict=True):
            fields = ("n-success", "n-trials", "p-success", "p-test", "repness", "repness-test")
            worst = max(worst, *(abs(one[field] - other[field]) for field in fields))
            assert one.get("n-agree") == other.get("n-agree")
    print(f"{name}: {worst:.1e}")
    assert worst <= 1e-5


@pytest.mark.parametrize("name", GOLDEN)
def test_consensus_statements_are_polis_s_own(name: str, compat_of) -> None:
    ours, told = compat_of(name)
    for side in ("agree", "disagree"):
        assert [one["tid"] for one in ours["consensus"][side]] == [
            one["tid"] for one in told["consensus"][side]
        ]


@pytest.mark.parametrize("name", STRONG)
def test_groups_are_near_those_polis_published(name: str) -> None:
    votes, shown, _, _, groups = opened(name)
    found = polis.compat(votes, shown, len(set(groups[groups >= 0].tolist())))
    both = (groups >= 0) & (found.group >= 0)
    likeness = adjusted_rand_score(groups[both], found.group[both])
    print(f"{name}: adjusted Rand index {likeness:.3f}")
    assert likeness >= 0.80


def test_groups_with_strong_structure_are_published_and_predict_hidden_votes() -> None:
    gains = []
    for name in STRONG:
        votes, shown, *_ = opened(name)
        found = grouping.tendencies(votes, shown)
        print(f"{name}: {found.tried}")
        assert found.published, found.reason
        gains.append(found.tried.gain)
    print(f"held-out gain, mean {np.mean(gains):.3f}")
    assert np.mean(gains) >= 0.08


def test_groups_of_a_small_conversation_are_not_published() -> None:
    votes, shown, *_ = opened(WEAK)
    found = grouping.tendencies(votes, shown)
    print(found.reason)
    assert not found.published


@pytest.mark.parametrize("name", [*STRONG, WEAK])
def test_votes_without_structure_publish_nothing(name: str) -> None:
    votes, shown, *_ = opened(name)
    for seed in range(2):  # twenty of each in `make acceptance`
        mixed = grouping.shuffled(votes, np.random.default_rng(seed))
        assert not grouping.tendencies(mixed, shown).published
