"""Counting the changes of a plan by what caused them.

One change is one field of one project that reads differently in the next version (however many
languages were touched), or a project added or left out. Each has exactly one cause.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any, Final

from participate.rules.outcomes import ChangeCause

FROM_CONTRIBUTIONS: Final = frozenset({ChangeCause.CONTRIBUTION, ChangeCause.ASSOCIATION})
"""Causes that are something written here, by a citizen or an association; a workshop is counted apart."""

PROJECT: Final = "project"
"""The name of a change that is a whole project, added or left out."""

WHOLE: Final = "*"
"""The name under which a project's own references stand, for every field that has none of its own."""


@unique
class ChangeKind(StrEnum):
    """What happened to a project, or to one field of it, between two versions."""

    FIELD = "field"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Stated:
    """The cause of one change, and the references of the contributions behind it."""

    cause: ChangeCause
    refs: tuple[str, ...] = ()


def stated_for(field: str, cause: ChangeCause, causes: Mapping[str, Any] | None) -> Stated:
    """Return the cause of one field: its own if one was stated, else the project's.

    ``causes`` is {field: {"cause": …, "refs": […]}} as stored; under ``WHOLE`` stand the
    references of the project's cause.
    """
    own = (causes or {}).get(field)
    if own is not None:
        return Stated(ChangeCause(own["cause"]), tuple(own.get("refs") or ()))
    whole = (causes or {}).get(WHOLE) or {}
    return Stated(cause, tuple(whole.get("refs") or ()))


@dataclass(frozen=True, slots=True)
class CauseCount:
    """How many changes there are, by cause; the causes sum to ``total``.

    ``from_contributions`` come from something written here, ``named`` of them say from which text.
    """

    total: int
    by_cause: tuple[tuple[ChangeCause, int], ...]
    from_contributions: int
    named: int


def count(changes: Iterable[Stated]) -> CauseCount:
    """Count changes by cause, in the order of the enumeration; causes without a change are left out."""
    listed = list(changes)
    found = Counter(one.cause for one in listed)
    people = [one for one in listed if one.cause in FROM_CONTRIBUTIONS]
    return CauseCount(
        total=len(listed),
        by_cause=tuple((cause, found[cause]) for cause in ChangeCause if found[cause]),
        from_contributions=len(people),
        named=sum(bool(one.refs) for one in people),
    )
