"""What later rooms add to a contribution: its fate, the reason of a decision, the answer it got."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from participate.db import Words
from participate.rules.outcomes import Fate
from participate.rules.policy import Actor, Place


@dataclass(frozen=True)
class FateView:
    """What became of an idea, as shown under it."""

    fate: Fate
    reason: Words | None
    decided_at: datetime
    project_number: int | None = None
    merged_ref: str | None = None


@dataclass(frozen=True)
class ReasonView:
    """Why a moderator did something to a text, as told to its author, and where their appeal stands.

    `outcome` and `answer` are what the other moderator decided and wrote; empty while it waits.
    """

    label: str
    facts: str
    at: datetime
    until: datetime | None = None
    appeal_url: str | None = None
    appealed: bool = False
    outcome: str = ""
    answer: str = ""


def _none_for_any(_collectivity_id: int, _ids: Sequence[int]) -> Mapping[int, Any]:
    return {}


def _no_reason(_actor: Actor, _collectivity_id: int, _contribution_id: int) -> ReasonView | None:
    return None


def _nothing_to_judge(_place: Place, _contribution_id: int) -> dict[str, Any] | None:
    return None


@dataclass
class Later:
    """Questions that rooms above this one answer; their `init_app` puts the functions here.

    `fate_of(collectivity_id, idea ids)` → FateView by id; `ids_with_fate(collectivity_id, fate)` → a
    SELECT of idea ids; `response_of(collectivity_id, ids)` → the published answer by id, in the shape
    of `ui.response`; `reason_of(actor, collectivity_id, id)` → the latest decision's reason, for the
    author; `report_url(slug, ref)`; `to_judge(place, id)` → what an author said of the revised text and where
    they say it.
    """

    fate_of: Callable[[int, Sequence[int]], Mapping[int, FateView]] = _none_for_any
    ids_with_fate: Callable[[int, Fate], sa.Select[Any]] | None = None
    response_of: Callable[[int, Sequence[int]], Mapping[int, Any]] = _none_for_any
    reason_of: Callable[[Actor, int, int], ReasonView | None] = _no_reason
    to_judge: Callable[[Place, int], dict[str, Any] | None] = _nothing_to_judge
    report_url: Callable[[str, str], str | None] = field(default=lambda _slug, _ref: None)


later = Later()
