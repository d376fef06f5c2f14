"""Near-identical texts: one argument, shown beside the figures and never deleted from them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from participate.rules.moderation import NEAR_DUPLICATE, NEAR_DUPLICATE_MIN_CHARS, similarity
from participate.rules.text import normalise_for_matching
from participate.synthesis.shapes import Campaign

MIN_TEXTS = 3
"""Two people may say the same by chance, or be one household."""
EXCERPT = 240
SHINGLE = 3
MAX_TEXTS = 5000
MAX_COMPARISONS = 4000
SAMPLES = 2
CANDIDATES = 5
COMMON = 20
"""Three words that begin so many different texts are a way of speaking, and tell no campaign."""


@dataclass(frozen=True)
class Text:
    """A text by its reference; `words` is empty where it is not public. `author` is any number."""

    ref: str
    words: str
    lang: str
    author: int
    project: int | None
    merged_into: str | None


@dataclass
class _Search:
    """Clusters so far. A text is compared only where it shares three words in a row with a cluster.

    It is compared with two texts of at most five clusters, so that the work grows with the number of
    texts and not with its square; when the comparisons are used up the rest stand alone. Words that many
    clusters share are passed over: a polite beginning would use the comparisons up before a campaign is read.
    """

    clusters: list[list[Text]] = field(default_factory=list)
    places: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    left: int = MAX_COMPARISONS

    def put(self, text: Text) -> None:
        """Put a text in its cluster, or begin one."""
        shingles = _shingles(text.words)
        if not shingles:
            return
        home = self._home(text, shingles)
        if home is None:
            home = len(self.clusters)
            self.clusters.append([])
        self.clusters[home].append(text)
        if len(self.clusters[home]) <= SAMPLES:
            for shingle in shingles:
                self.places[shingle].add(home)

    def _home(self, text: Text, shingles: set[str]) -> int | None:
        shared: Counter[int] = Counter()
        for shingle in shingles:
            places = self.places.get(shingle, ())
            if len(places) <= COMMON:
                shared.update(places)
        # Most shared first; the earlier cluster decides between equals, so that the result is one.
        ranked = sorted(shared.items(), key=lambda pair: (-pair[1], pair[0]))[:CANDIDATES]
        for place, _ in ranked:
            for other in self.clusters[place][:SAMPLES]:
                if self.left == 0:
                    return None
                self.left -= 1
                if similarity(text.words, other.words) >= NEAR_DUPLICATE:
                    return place
        return None


def _shingles(words: str) -> set[str]:
    folded = normalise_for_matching(words)
    if len(folded) < NEAR_DUPLICATE_MIN_CHARS:
        return set()
    listed = folded.split()
    return {" ".join(listed[i : i + SHINGLE]) for i in range(len(listed) - SHINGLE + 1)}


def find(texts: Sequence[Text]) -> tuple[Campaign, ...]:
    """Return the clusters of three or more near-identical texts, largest first.

    A text that moderators joined to another counts with it: every signatory counts once.
    """
    search = _Search()
    for text in texts[:MAX_TEXTS]:
        search.put(text)
    joined: dict[str, list[Text]] = defaultdict(list)
    for text in texts:
        if text.merged_into:
            joined[text.merged_into].append(text)
    found = [_campaign(cluster, [c for t in cluster for c in joined[t.ref]]) for cluster in search.clusters]
    return tuple(sorted((c for c in found if c.texts >= MIN_TEXTS), key=lambda c: (-c.texts, c.refs)))


def _campaign(cluster: list[Text], joined: list[Text]) -> Campaign:
    return Campaign(
        texts=len(cluster) + len(joined),
        accounts=len({text.author for text in cluster + joined}),
        projects=tuple(sorted({text.project for text in cluster if text.project is not None})),
        lang=cluster[0].lang,
        excerpt=cluster[0].words[:EXCERPT],
        refs=tuple(text.ref for text in cluster),
    )
