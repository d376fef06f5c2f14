"""Reading contributions. `visible_to` is the one condition that decides who reads a text."""

from __future__ import annotations

from participate.contributions.queries.additions import FateView, ReasonView, later
from participate.contributions.queries.bodies import advisory_bodies, opinions
from participate.contributions.queries.choices import axes_of, last_revision, revision_read, version_under
from participate.contributions.queries.comments import (
    comments_of_association,
    comments_of_idea,
    comments_of_plan,
    comments_of_project,
    counts_of_project,
    counts_of_projects,
)
from participate.contributions.queries.exports import ExportRow, export
from participate.contributions.queries.limits import (
    BODY_CHARS,
    OPINION_CHARS,
    PLACE_CHARS,
    SETTLED_STATES,
    TITLE_CHARS,
)
from participate.contributions.queries.own import MineRow, mine
from participate.contributions.queries.proposals import (
    has_cosigned,
    ideas_of,
    ideas_of_association,
    similar_ideas,
)
from participate.contributions.queries.readers import visible_to
from participate.contributions.queries.rows import Author, CommentRow, IdeaRow, shown
from participate.contributions.queries.screening import earlier_texts, published_before
from participate.contributions.queries.single import (
    Address,
    address_of,
    by_ref,
    edits_of,
    known_refs,
    one,
    place_of,
    place_of_contribution,
    seen,
    touched,
    typed_ref,
    words_of,
)
from participate.contributions.queries.waiting import pending_count, queue

__all__ = [
    "BODY_CHARS",
    "OPINION_CHARS",
    "PLACE_CHARS",
    "SETTLED_STATES",
    "TITLE_CHARS",
    "Address",
    "Author",
    "CommentRow",
    "ExportRow",
    "FateView",
    "IdeaRow",
    "MineRow",
    "ReasonView",
    "address_of",
    "advisory_bodies",
    "axes_of",
    "by_ref",
    "comments_of_association",
    "comments_of_idea",
    "comments_of_plan",
    "comments_of_project",
    "counts_of_project",
    "counts_of_projects",
    "earlier_texts",
    "edits_of",
    "export",
    "has_cosigned",
    "ideas_of",
    "ideas_of_association",
    "known_refs",
    "last_revision",
    "later",
    "mine",
    "one",
    "opinions",
    "pending_count",
    "place_of",
    "place_of_contribution",
    "published_before",
    "queue",
    "revision_read",
    "seen",
    "shown",
    "similar_ideas",
    "touched",
    "typed_ref",
    "version_under",
    "visible_to",
    "words_of",
]
