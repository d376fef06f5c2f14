"""From an order to an answer: plain values in, plain values out, ready for JSON.

An order holds any of `votes`, `texts` and `tags`; see docs/synthesis.md for both shapes.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import numpy as np

from participate.rules.text import guess_lang
from participate.synthesis.engine import grouping, near, polis, themes
from participate.synthesis.engine.votes import Flags, Ints, VoteTable

DIGITS = 6
"""Digits of what is published: beyond them figures depend on the machine."""


def answer(order: Mapping[str, Any]) -> dict[str, Any]:
    """Do what the order asks. Raises BadVotesError, KeyError, TypeError on what is not an order."""
    found: dict[str, Any] = {}
    if "votes" in order:
        votes, shown = _votes(order["votes"])
        if order.get("opinion", True):
            found["opinion"] = opinion(votes, shown)
        if order.get("compat"):
            given = order["votes"].get("given")
            found["compat"] = compat(
                votes,
                shown,
                [_id(one) for one in order["votes"]["statements"]],
                [_id(one) for one in order["votes"]["people"]],
                order.get("k"),
                None if given is None else np.asarray(given, dtype=np.int64),
            )
    if "texts" in order:
        found["texts"] = texts(order["texts"])
    if "tags" in order:
        known = {int(place): name for place, name in order["tags"].items()}
        guesses = themes.propagate([one["text"] for one in order["texts"]], known)
        found["guesses"] = [
            {"text": place, "theme": one.theme, "probability": _short(one.probability)}
            for place, one in sorted(guesses.items())
        ]
    return found


def _votes(given: Mapping[str, Any]) -> tuple[VoteTable, Flags]:
    people, statements = len(given["people"]), len(given["statements"])
    columns = [_column(given[name]) for name in ("person", "statement", "value")]
    table = VoteTable.of(people, statements, *columns)
    return table, np.asarray(given.get("shown", [True] * statements), dtype=bool)


def _column(given: str | list[int]) -> Ints:
    """Return a column given as a list, or as 32-bit numbers in base64: a million votes are 5 MB that way."""
    if isinstance(given, str):
        return np.frombuffer(b64decode(given), dtype="<i4").astype(np.int64)
    return np.asarray(given, dtype=np.int64)


def _short(value: float | None) -> float | None:
    return None if value is None else round(float(value), DIGITS) + 0.0


def opinion(votes: VoteTable, shown: Flags) -> dict[str, Any]:
    """Return the tendencies, the figures of the gate, and what each group said of each statement."""
    found = grouping.tendencies(votes, shown)
    tried = found.tried
    answer: dict[str, Any] = {
        "published": found.published,
        "reason": found.reason,
        "core": found.core,
        "k": None,
        "silhouette": None,
        "p_value": None,
        "stability": None,
        "held_out_gain": None,
        "smallest": None,
        "needed": None,
        "group": None,
        "shape": [],
        "tallies": [],
    }
    if tried is None or found.group is None or found.places is None:
        return answer
    answer |= {
        "k": tried.k,
        "silhouette": _short(tried.silhouette),
        "p_value": _short(tried.p_value),
        "stability": _short(tried.stability),
        "held_out_gain": _short(tried.gain),
        "smallest": tried.smallest,
        "needed": tried.needed,
        "group": found.group.tolist(),
    }
    if not found.published:
        return answer
    shape = []
    for one in range(tried.k):
        mine = found.places[found.group == one]
        middle, spread = mine.mean(axis=0), mine.std(axis=0)
        shape.append(
            {"size": len(mine), "at": [_short(x) for x in middle], "wide": [_short(x) for x in spread]}
        )
    answer["shape"] = shape
    counts = votes.counts(found.group, tried.k)
    # The order of people read it: agree, disagree, pass.
    answer["tallies"] = counts[:, :, [2, 0, 1]].tolist()
    return answer


def compat(
    votes: VoteTable,
    shown: Flags,
    statements: list[Any],
    people: list[Any],
    k: int | None,
    given: Ints | None,
) -> dict[str, Any]:
    """Return Polis's figures under Polis's names.

    `given` is the group of each participant as Polis published it (−1: none): it fixes how many groups are
    sought, and what groups are said to think is said of these.
    """
    names_given = sorted({int(one) for one in given.tolist() if one >= 0}) if given is not None else []
    found = polis.compat(votes, shown, k or len(names_given) or None)
    names = [statements[one] for one in found.columns]
    home, labels = found.group, list(range(found.k))
    if given is not None and names_given:
        home = np.asarray([names_given.index(one) if one >= 0 else -1 for one in given.tolist()])
        labels = names_given
    counts = found.votes.counts(home, len(labels))
    consensus = polis.group_aware_consensus(counts)
    return {
        "k": found.k,
        "groups_given": bool(names_given),
        "n": int((votes.cast > 0).sum()),
        "n-cmts": len(names),
        "tids": names,
        "mod-out": [names[place] for place, one in enumerate(found.columns) if not shown[one]],
        "in-conv": [people[one] for one in np.flatnonzero(found.inside)],
        "pca": {
            "center": found.center.tolist(),
            "comps": found.comps.tolist(),
            "comment-projection": found.comment_projection.tolist(),
            "comment-extremity": np.sqrt((found.comment_projection**2).sum(axis=0)).tolist(),
        },
        "projections": {
            str(people[one]): found.projection[one].tolist() for one in range(votes.people) if votes.cast[one]
        },
        "group-clusters": [
            {
                "id": one,
                "center": found.projection[found.group == one].mean(axis=0).tolist(),
                "members": [people[place] for place in np.flatnonzero(found.group == one)],
            }
            for one in range(found.k)
            if (found.group == one).any()
        ],
        "group-votes": {
            str(label): {
                "n-members": int((home == place).sum()),
                "votes": {
                    str(name): {"A": int(row[0]), "D": int(row[2]), "S": int(row.sum())}
                    for name, row in zip(names, counts[place], strict=True)
                },
            }
            for place, label in enumerate(labels)
        },
        "repness": {
            str(label): listed
            for label, listed in zip(labels, polis.representative(counts, names), strict=True)
        },
        "consensus": polis.consensus(found.votes.counts()[0], names),
        "group-aware-consensus": {
            str(name): float(value) for name, value in zip(names, consensus, strict=True)
        },
    }


def _id(name: str) -> int | str:
    """Return an id as Polis writes it: a number where it is one."""
    return int(name) if name.isdecimal() and str(int(name)) == name else name


def texts(given: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return near-identical texts, the languages and suggested themes; places point into `given`."""
    words = [one["text"] for one in given]
    return {
        "copies": near.copies(words),
        "languages": [one.get("lang") or guess_lang(one["text"]) for one in given],
        "themes": [
            {"words": list(one.words), "examples": list(one.examples), "members": list(one.members)}
            for one in themes.suggest(words)
        ],
    }
