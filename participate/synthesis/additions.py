"""What later rooms add to a sealed dossier without touching it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


def _nothing(_collectivity_id: int, _consultation_id: int) -> Sequence[Any]:
    return ()


@dataclass
class Later:
    """`addenda_of(collectivity_id, consultation_id)` → dated questions and answers; set by the council's `init_app`."""

    addenda_of: Callable[[int, int], Sequence[Any]] = _nothing


later = Later()
