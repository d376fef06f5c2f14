"""How long a text may be, how many rows a page shows."""

from __future__ import annotations

from participate.rules.outcomes import PublishState

BODY_CHARS = 4000
"""Longest body of a comment or an idea, in characters."""
TITLE_CHARS = 150
PLACE_CHARS = 120
OPINION_CHARS = 20_000
PAGE_ROWS = 20
SETTLED_STATES = frozenset(
    {PublishState.WITHDRAWN, PublishState.REMOVED, PublishState.MERGED, PublishState.HIDDEN}
)
"""States in which the author can no longer change the text (an appeal is another road)."""
