"""Acts in the order of their moments: the platform's clock is set to each before it is performed."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from participate.db import clock, db, set_clock

BATCH = 40

Act = Callable[[], None]


@dataclass
class Agenda:
    """What is to be performed, and when. An act may add later ones."""

    say: Callable[[str], None]
    _acts: list[tuple[datetime, int, str, Act]] = field(default_factory=list)
    _count: itertools.count[int] = field(default_factory=itertools.count)
    performed: int = 0
    now: datetime | None = None

    def add(self, moment: datetime, act: Act, chapter: str = "") -> None:
        """Plan an act. A chapter is said when it begins."""
        heapq.heappush(self._acts, (moment, next(self._count), chapter, act))

    def perform_until(self, end: datetime) -> None:
        """Perform everything before `end`, committing in batches, and let the clock stand at `end`."""
        waiting = 0
        while self._acts and self._acts[0][0] < end:
            moment, _number, chapter, act = heapq.heappop(self._acts)
            if chapter:
                self.say(f"{moment:%Y-%m-%d}  {chapter}")
            if self.now is None or moment > self.now:
                set_clock(moment)
            act()
            self.now = clock()
            self.performed += 1
            waiting += 1
            if waiting >= BATCH:
                db.session.commit()
                db.session.expunge_all()
                waiting = 0
        if self.now is None or end > self.now:
            set_clock(end)
        db.session.commit()
