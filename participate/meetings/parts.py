"""The parts of a meeting as `record_meeting` takes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from participate.db import Words
from participate.rules.outcomes import MeetingAudience


@dataclass(frozen=True)
class AgendaLine:
    """A line of the agenda; `group` is the number of the working group it belongs to, None: everybody."""

    starts_at: datetime
    ends_at: datetime
    title: Words
    group: int | None = None


@dataclass(frozen=True)
class Group:
    """A working group: its number, its subject, and the numbers of the projects it discussed."""

    number: int
    title: Words
    projects: tuple[int, ...] = ()


@dataclass(frozen=True)
class Count:
    """How many people of one audience came."""

    audience: MeetingAudience
    women: int = 0
    men: int = 0
    not_stated: int = 0


@dataclass(frozen=True)
class Note:
    """A point noted in the room: in which group, about which project (its number), in which language."""

    text: str
    lang: str
    group: int | None = None
    project: int | None = None
