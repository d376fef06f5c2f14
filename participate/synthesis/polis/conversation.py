"""A conversation as another platform had it, whatever files it came in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import isfinite, nan
from operator import itemgetter

from participate.rules.text import TooLong, clean_text

MAX_TEXT = 10_000
MAX_ID = 80
VALUES = (-1, 0, 1)
LATEST = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp() * 1000)

Vote = tuple[str, str, int, int]
"""Participant, statement, value (1 agree, 0 pass, −1 disagree), milliseconds since 1970."""


class BrokenExportError(Exception):
    """Files that cannot be brought in; holds the sentence that says why."""


@dataclass(frozen=True)
class Comment:
    """A statement: its words, who wrote them, what moderators decided (1, 0 or −1)."""

    id: str
    text: str
    author: str | None
    moderated: int
    meta: bool
    at: int


@dataclass(frozen=True)
class Conversation:
    """Everything of a conversation; of several votes of one pair the last is here, once."""

    comments: tuple[Comment, ...]
    votes: tuple[Vote, ...]
    groups: dict[str, str]

    @property
    def began(self) -> int:
        """When the first thing happened, in milliseconds."""
        return min([one.at for one in self.comments] + [one[3] for one in self.votes])

    @property
    def ended(self) -> int:
        """When the last thing happened, in milliseconds."""
        return max([one.at for one in self.comments] + [one[3] for one in self.votes])

    @property
    def sha256(self) -> str:
        """A hash of what is brought in, whatever the order of the rows in the files."""
        found = hashlib.sha256()
        for one in self.comments:
            found.update(repr((one.id, one.text, one.author, one.moderated, one.meta, one.at)).encode())
        for vote in self.votes:
            found.update(repr(vote).encode())
        found.update(repr(sorted(self.groups.items())).encode())
        return found.hexdigest()


def by_number(name: str) -> tuple[int, int, str]:
    """Sort key of an id: numbers by their value before everything else."""
    return (0, int(name), name) if name.isascii() and name.isdigit() else (1, 0, name)


def conversation(
    comments: Iterable[Comment],
    votes: Iterable[Vote],
    groups: dict[str, str],
    cells: Callable[[str, str], int | None] = lambda _who, _what: None,
) -> Conversation:
    """Put a conversation in order: the last vote counts, equals are settled without regard to their order.

    `cells` is the export's own answer for a pair, asked only where the last two votes of a pair have the same
    moment; without one the lower value counts. Raises BrokenExportError.
    """
    listed = sorted(comments, key=lambda one: by_number(one.id))
    for before, after in pairwise(listed):
        if before.id == after.id:
            raise BrokenExportError(f"comment {after.id} is there twice")
    known = {one.id for one in listed}
    last: dict[tuple[str, str], Vote] = {}
    for vote in votes:
        who, what, value, at = vote
        if what not in known:
            raise BrokenExportError(f"a vote is about comment {what}, which is not among the comments")
        held = last.get((who, what))
        if held is None or at > held[3]:
            last[who, what] = vote
        elif at == held[3] and value != held[2]:
            cell = cells(who, what)
            last[who, what] = (who, what, min(value, held[2]) if cell is None else cell, at)
    if not last:
        raise BrokenExportError("there is no vote in it")
    rank = {name: place for place, name in enumerate(sorted({who for who, _ in last}, key=by_number))}
    order = {one.id: place for place, one in enumerate(listed)}
    ranked = sorted((rank[who], order[what], vote) for (who, what), vote in last.items())
    return Conversation(
        tuple(listed),
        tuple(map(itemgetter(2), ranked)),
        {who: group for who, group in groups.items() if who in rank and group != ""},
    )


# --- cells of files ----------------------------------------------------------------------------------


def number(text: object, where: str) -> int:
    """Return a whole number, also one written 12.0. Raises BrokenExportError."""
    try:
        found = float(str(text))
    except ValueError:
        found = nan
    if not isfinite(found) or found != int(found):
        raise BrokenExportError(f"{where}: {str(text)[:40]!r} is not a whole number")
    return int(found)


def moment(text: object, where: str) -> int:
    """Return milliseconds since 1970. Raises BrokenExportError."""
    found = number(text, where)
    if not 0 <= found < LATEST:
        raise BrokenExportError(f"{where}: {found} is not a moment")
    return found


def one_of(text: object, values: tuple[int, ...], where: str) -> int:
    """Return a number that is one of a few. Raises BrokenExportError."""
    found = number(text, where)
    if found not in values:
        raise BrokenExportError(f"{where}: {found} is none of {', '.join(map(str, values))}")
    return found


def name(text: object, where: str) -> str:
    """Return an id. Raises BrokenExportError on none, or on one too long."""
    found = str(text).strip() if text is not None else ""
    if not found or len(found) > MAX_ID:
        raise BrokenExportError(f"{where}: there is no id" if not found else f"{where}: the id is too long")
    return found


def words(text: object, where: str) -> str:
    """Return a text made safe to store. Raises BrokenExportError."""
    try:
        return clean_text(str(text), MAX_TEXT)
    except TooLong as error:
        raise BrokenExportError(
            f"{where}: the text has {error.actual} characters, at most {error.limit} are taken"
        ) from None
