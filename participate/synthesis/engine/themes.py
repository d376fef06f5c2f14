"""Themes: suggested from letters, named by people, spread from what people tagged.

Short comments make weak themes. What is suggested here is a place to begin; nothing is a theme before
an officer names it, and what nobody and nothing tags with confidence stays unclassified.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from participate.rules.text import normalise_for_matching
from participate.synthesis.engine.near import letters
from participate.synthesis.engine.votes import Floats

SUGGESTED = 8
TEXTS_A_THEME = 8
"""Fewer texts than this many a theme make themes of chance."""
WORDS, EXAMPLES = 6, 3
SEED = 20240
CONFIDENT = 0.5
WORD = r"[^\W\d_]{3,}"


@dataclass(frozen=True)
class Suggestion:
    """A heap of texts that share letters: words that stand out in it, and three texts nearest its middle."""

    words: tuple[str, ...]
    examples: tuple[int, ...]
    members: tuple[int, ...]


def suggest(texts: Sequence[str], most: int = SUGGESTED) -> list[Suggestion]:
    """Return suggested themes, the one with most texts first; none from too few texts."""
    folded = [normalise_for_matching(one) for one in texts]
    told = [place for place, one in enumerate(folded) if one]
    k = min(most, len(told) // TEXTS_A_THEME)
    if k < 2:
        return []
    matrix = letters(min_df=2, max_df=0.5, max_features=20_000).fit_transform([folded[one] for one in told])
    with warnings.catch_warnings():
        # A suggestion need not be the last digit of an optimum.
        warnings.simplefilter("ignore", ConvergenceWarning)
        weight = NMF(k, init="nndsvd", random_state=SEED, max_iter=400, tol=1e-3).fit_transform(matrix)
    weight = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
    home = weight.argmax(axis=1)
    words = _words([texts[one] for one in told], home, k)
    found = []
    for theme in range(k):
        mine = [place for place in range(len(told)) if home[place] == theme and weight[place, theme] > 0]
        nearest = sorted(mine, key=lambda place: (-weight[place, theme], told[place]))[:EXAMPLES]
        if mine:
            found.append(
                Suggestion(
                    words[theme],
                    tuple(told[one] for one in nearest),
                    tuple(told[one] for one in mine),
                )
            )
    return sorted(found, key=lambda one: (-len(one.members), one.members))


def _words(texts: Sequence[str], home: np.ndarray, k: int) -> list[tuple[str, ...]]:
    """Return the words that stand out in each theme (class-based TF-IDF), as people wrote them.

    Not stemmed: stemming damages names in Arabic and makes French labels unreadable.
    """
    try:
        counter = CountVectorizer(token_pattern=WORD, min_df=2)
        counts = counter.fit_transform(texts)
    except ValueError:  # no word twice
        return [()] * k
    names = counter.get_feature_names_out()
    classes = np.zeros((k, counts.shape[1]))
    np.add.at(classes, home, counts.toarray())
    total = classes.sum(axis=0)
    average = classes.sum() / k
    share = classes / np.maximum(classes.sum(axis=1, keepdims=True), 1)
    # In how many themes a word stands says more than how rare it is: little words stand in all of them.
    spread = (classes > 0).sum(axis=0)
    score = share * np.log1p(average / total) * np.log((1 + k) / spread)
    return [
        tuple(str(names[one]) for one in np.lexsort((names, -score[theme]))[:WORDS] if score[theme, one] > 0)
        for theme in range(k)
    ]


@dataclass(frozen=True)
class Guess:
    """The theme a text most probably belongs to; `theme` None: unclassified."""

    theme: str | None
    probability: float


def propagate(
    texts: Sequence[str], tagged: Mapping[int, str], confident: float = CONFIDENT
) -> dict[int, Guess]:
    """Return a guess with its probability for every text that nobody tagged.

    Learnt from the tagged ones by logistic regression; below `confident` a text stays unclassified, and
    so does everything while fewer than two themes have two examples.
    """
    asked = [place for place in range(len(texts)) if place not in tagged]
    taught = sorted(tagged)
    names = sorted({tagged[one] for one in taught})
    enough = [name for name in names if sum(tagged[one] == name for one in taught) > 1]
    if len(enough) < 2 or not asked:
        return {place: Guess(None, 0.0) for place in asked}
    taught = [one for one in taught if tagged[one] in enough]
    folded = [normalise_for_matching(one) for one in texts]
    shape = letters(min_df=1, max_features=50_000)
    known = shape.fit_transform([folded[one] for one in taught])
    model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000, random_state=SEED)
    model.fit(known, [tagged[one] for one in taught])
    sure: Floats = model.predict_proba(shape.transform([folded[one] for one in asked]))
    best = sure.argmax(axis=1)
    return {
        place: Guess(
            str(model.classes_[best[row]]) if sure[row, best[row]] >= confident else None,
            float(sure[row, best[row]]),
        )
        for row, place in enumerate(asked)
    }
