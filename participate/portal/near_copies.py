"""Near-identical texts of one page of a discussion: the first is read whole, the others fold beneath it."""

from __future__ import annotations

from collections.abc import Sequence

from participate.contributions.queries import CommentRow
from participate.synthesis import campaigns


def folded(rows: Sequence[CommentRow]) -> list[tuple[CommentRow, list[CommentRow]]]:
    """Return each text, in its order, with the later ones that are almost the same and stand where it stands.

    One's own text, one that was replied to and one that is not public always stand open.
    """
    alike = [row for row in rows if row.public and not row.own and not row.replies]
    found = campaigns.find([campaigns.Text(row.ref, row.body, "", 0, None, None) for row in alike])
    campaign_of = {ref: number for number, campaign in enumerate(found) for ref in campaign.refs}
    beneath: dict[tuple[int, str], list[CommentRow]] = {}
    shown: list[tuple[CommentRow, list[CommentRow]]] = []
    for row in rows:
        key = (campaign_of.get(row.ref, -1), row.stance.value)
        if row.ref in campaign_of and key in beneath:
            beneath[key].append(row)
            continue
        copies: list[CommentRow] = []
        if row.ref in campaign_of:
            beneath[key] = copies
        shown.append((row, copies))
    return shown
