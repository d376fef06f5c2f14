"""The parts of the engine on votes made for the test."""

from __future__ import annotations

import json
import random
import tomllib
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from participate.rules.text import guess_lang
from participate.synthesis import child
from participate.synthesis.engine import grouping, near, polis, themes, working
from participate.synthesis.engine.projection import plane
from participate.synthesis.engine.votes import BadVotesError, VoteTable

HERE = Path(__file__).parent
CONTENT = HERE.parents[1] / "participate" / "demo" / "content"


def two_camps(people: int = 120, statements: int = 40, seed: int = 1, noise: float = 0.1) -> VoteTable:
    """Two camps that answer every second statement in opposite ways; each person sees two thirds."""
    dice = np.random.default_rng(seed)
    camp = np.arange(people) % 2 * 2 - 1
    turn = np.where(np.arange(statements) % 2, 1, 0)
    value = np.where(turn[None, :] == 1, camp[:, None], 1) * np.where(
        dice.random((people, statements)) < noise, -1, 1
    )
    seen = dice.random((people, statements)) < 0.67
    person, statement = np.nonzero(seen)
    return VoteTable.of(people, statements, person, statement, value[seen])


def everything(votes: VoteTable) -> np.ndarray:
    return np.ones(votes.statements, dtype=bool)


# --- votes ---------------------------------------------------------------------------------------------


def test_the_last_vote_of_a_pair_counts_whatever_the_order_of_the_rows() -> None:
    rows = [(0, 0, 1, 10), (0, 0, -1, 30), (0, 0, 0, 20), (1, 0, 1, 5), (0, 1, 0, 1)]
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        votes = VoteTable.of(2, 2, *zip(*rows, strict=True))
        assert list(zip(votes.person, votes.statement, votes.value, strict=True)) == [
            (0, 0, -1),
            (0, 1, 0),
            (1, 0, 1),
        ]


def test_two_votes_of_one_moment_are_settled_without_regard_to_their_order() -> None:
    for rows in ([(0, 0, 1, 7), (0, 0, -1, 7)], [(0, 0, -1, 7), (0, 0, 1, 7)]):
        assert VoteTable.of(1, 1, *zip(*rows, strict=True)).value.tolist() == [-1]


@pytest.mark.parametrize("row", [(2, 0, 1), (0, 2, 1), (0, 0, 2), (-1, 0, 1)])
def test_what_is_no_vote_is_refused(row: tuple[int, int, int]) -> None:
    with pytest.raises(BadVotesError):
        VoteTable.of(2, 2, *[[one] for one in row])


def test_missing_votes_are_nothing_after_centring_and_places_are_exact() -> None:
    votes = two_camps(30, 12)
    full = np.full((30, 12), np.nan)
    full[votes.person, votes.statement] = votes.value
    means = np.nanmean(full, axis=0)
    filled = np.where(np.isnan(full), 0, full - means)
    assert np.allclose(votes.centred(votes.means()).toarray(), filled, atol=1e-15)
    _, _, right = np.linalg.svd(filled, full_matrices=False)
    found = plane(votes)
    assert np.allclose(np.abs((found.axes * right[:2]).sum(axis=1)), 1)
    scale = np.sqrt(12 / np.maximum(votes.cast, 1))
    assert np.allclose(found.places(votes), filled @ found.axes.T * scale[:, None])


def test_large_and_small_conversations_are_solved_to_the_same_axes(monkeypatch: pytest.MonkeyPatch) -> None:
    votes = two_camps(300, 150)
    direct = plane(votes).axes
    monkeypatch.setattr("participate.synthesis.engine.projection.SMALL", 0)
    assert np.allclose(direct, plane(votes).axes, atol=1e-9)


# --- groups --------------------------------------------------------------------------------------------


def test_two_camps_are_found_and_published() -> None:
    votes = two_camps()
    found = grouping.tendencies(votes, everything(votes))
    assert found.published
    assert found.tried.k == 2
    camps = {tuple(found.group[start::2].tolist()) for start in (0, 1)}
    assert all(len(set(one)) == 1 for one in camps)


PASSES = grouping.Tried(k=2, silhouette=0.5, p_value=0.01, stability=0.9, gain=0.05, smallest=20, needed=10)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, ""),
        ({"gain": 0.019}, "no_better_prediction"),
        ({"stability": 0.69}, "unstable"),
        ({"smallest": 9}, "group_too_small"),
        ({"p_value": 0.05}, "no_more_than_chance"),
    ],
)
def test_each_check_refuses_alone(changed: dict, reason: str) -> None:
    assert replace(PASSES, **changed).reason == reason


def test_what_was_taken_away_has_no_say() -> None:
    votes = two_camps()
    dividing = np.arange(votes.statements) % 2 == 1
    found = grouping.tendencies(votes, ~dividing)
    assert not found.published


def test_few_votes_a_person_publish_nothing() -> None:
    votes = two_camps(200, 15)
    found = grouping.tendencies(votes, everything(votes))
    assert (found.published, found.reason) == (False, "too_few_votes")


def test_a_group_of_a_few_is_not_published() -> None:
    dice = np.random.default_rng(2)
    value = np.ones((200, 30), dtype=int)
    value[:6] = -1
    value *= np.where(dice.random(value.shape) < 0.05, -1, 1)
    person, statement = np.nonzero(np.ones(value.shape))
    votes = VoteTable.of(200, 30, person, statement, value.ravel())
    found = grouping.tendencies(votes, everything(votes))
    assert not found.published


@given(st.integers(0, 10_000))
def test_no_votes_make_the_engine_fail(seed: int) -> None:
    dice = np.random.default_rng(seed)
    people, statements = int(dice.integers(1, 40)), int(dice.integers(1, 30))
    count = int(dice.integers(0, people * statements))
    values = dice.integers(-1, 2, count) if seed % 3 else np.ones(count, dtype=int)
    order = {
        "votes": {
            "people": [str(one) for one in range(people)],
            "statements": [str(one) for one in range(statements)],
            "shown": (dice.random(statements) < 0.8).tolist(),
            "person": dice.integers(0, people, count).tolist(),
            "statement": dice.integers(0, statements, count).tolist(),
            "value": values.tolist(),
        },
        "compat": True,
    }
    json.dumps(working.answer(order), allow_nan=False)


def test_statements_taken_away_are_passed_by_everybody_in_compatible_figures() -> None:
    votes = two_camps(20, 8)
    shown = everything(votes)
    shown[3] = False
    made = polis.zeroed(votes, shown)
    assert made.value[made.statement == 3].tolist() == [0] * 20


# --- texts ---------------------------------------------------------------------------------------------


def demo_texts() -> list[str]:
    """The demo's own comments in Arabic and French, one of each cluster of near-identical ones."""

    def strings(value: object) -> list[str]:
        if isinstance(value, str):
            return [value] if len(value.split()) >= 8 else []
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return [one for part in inside for one in strings(part)]

    found: list[str] = []
    for name in ("comments_a", "comments_b", "ideas"):
        found += strings(tomllib.loads((CONTENT / f"{name}.toml").read_text("utf-8")))
    found = sorted(set(found))
    again = {place for cluster in near.copies(found) for place in cluster[1:]}
    return [one for place, one in enumerate(found) if place not in again]


def planted(texts: list[str], share: tuple[float, float], seed: int) -> list[tuple[str, int | None]]:
    """Put campaigns of 5 to 25 copies in, a share of whose words is replaced, left out or added to."""
    dice = random.Random(seed)
    words = [word for one in texts for word in one.split()]
    seeds = dice.sample(texts, 30)
    found: list[tuple[str, int | None]] = [(one, None) for one in texts if one not in seeds]
    for campaign, one in enumerate(seeds):
        for _ in range(dice.randint(5, 25)):
            copy = one.split()
            for place in dice.sample(range(len(copy)), int(dice.uniform(*share) * len(copy))):
                copy[place] = dice.choice(["", dice.choice(words), f"{copy[place]} {dice.choice(words)}"])
            found.append((" ".join(copy), campaign))
    dice.shuffle(found)
    return found


@pytest.mark.parametrize("share", [(0.0, 0.3), (0.3, 0.3)])
def test_planted_campaigns_are_found(share: tuple[float, float]) -> None:
    texts = planted(demo_texts(), share, 4)
    found = {
        pair for one in near.copies([text for text, _ in texts]) for pair in combinations(sorted(one), 2)
    }
    homes: dict[int, list[int]] = {}
    for place, (_, campaign) in enumerate(texts):
        if campaign is not None:
            homes.setdefault(campaign, []).append(place)
    true = {pair for one in homes.values() for pair in combinations(one, 2)}
    precision, recall = len(found & true) / len(found), len(found & true) / len(true)
    f1 = 2 * precision * recall / (precision + recall)
    print(f"words changed {share}: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    assert f1 >= 0.95
    assert recall >= 0.90


def test_short_texts_that_differ_in_one_word_stay_apart() -> None:
    assert near.copies(["I live in a rural area of Morocco", "I live in an urban area of Morocco"]) == []
    assert near.copies(["oui", "oui", "oui"]) == []


NEEDED = {"ar": 0.99, "fr": 0.97, "ary-Latn": 0.90, "zgh": 1.0}


@pytest.mark.parametrize("lang", NEEDED)
def test_languages_are_told_apart(lang: str) -> None:
    listed = tomllib.loads((HERE / "languages.toml").read_text("utf-8"))[lang]
    wrong = [text for text in listed if guess_lang(text) != lang]
    share = 1 - len(wrong) / len(listed)
    print(f"{lang}: {share:.3f} of {len(listed)}")
    assert share >= NEEDED[lang], wrong


def test_the_author_s_choice_overrides() -> None:
    assert working.texts([{"text": "wach mzyan had chi", "lang": "fr"}])["languages"] == ["fr"]


ABOUT = {
    "light": "الإنارة العمومية في شارع الحي مطفأة منذ أسبوع والمصابيح لا تعمل رقم",
    "bus": "Les lignes de bus passent trop rarement le soir près de la gare, voyage numéro",
    "waste": "حاويات النفايات غير كافية أمام السوق والمدرسة ونطلب جمعها كل يوم مرة",
}


def test_themes_are_suggested_with_words_and_three_real_texts() -> None:
    texts = [f"{words} {number * 37}" for words in ABOUT.values() for number in range(12)]
    found = themes.suggest(texts, most=3)
    assert sorted(len(one.members) for one in found) == [12, 12, 12]
    assert all(len(one.examples) == 3 and set(one.examples) <= set(one.members) for one in found)
    assert any("الإنارة" in one.words for one in found)
    assert themes.suggest(texts[:10]) == []


def test_tags_spread_with_a_probability_and_the_unsure_stays_unclassified() -> None:
    texts = [f"{words} {number * 37}" for words in ABOUT.values() for number in range(6)] + ["xyz qqq"]
    tags = {0: "light", 1: "light", 6: "bus", 7: "bus", 12: "waste", 13: "waste"}
    found = themes.propagate(texts, tags)
    assert {found[place].theme for place in (2, 3, 4, 5)} == {"light"}
    assert {found[place].theme for place in (8, 9)} == {"bus"}
    assert found[18].theme is None
    assert all(0 <= one.probability <= 1 for one in found.values())
    assert {one.theme for one in themes.propagate(texts, {0: "light"}).values()} == {None}


# --- the process ---------------------------------------------------------------------------------------


def test_the_engine_answers_in_a_process_of_its_own_and_says_the_same_twice() -> None:
    votes = two_camps()
    order = {
        "votes": {
            "people": [""] * votes.people,
            "statements": [str(one) for one in range(votes.statements)],
            "person": votes.person.tolist(),
            "statement": votes.statement.tolist(),
            "value": votes.value.tolist(),
        },
        "texts": [{"text": "نريد إنارة الشارع"}],
    }
    first = child.compute(order)
    assert first["opinion"]["published"]
    assert first["texts"]["languages"] == ["ar"]
    assert child.compute(order) == first


def test_an_order_that_is_none_is_a_named_error() -> None:
    with pytest.raises(child.NotComputedError):
        child.compute(
            {"votes": {"people": [], "statements": [], "person": [1], "statement": [], "value": []}}
        )
