"""What the figures are computed from: rows of plain facts, and their hash."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from participate.db import Words
from participate.journal.encoding import canonical, sha256
from participate.rules import outcomes as o
from participate.synthesis import shapes as s

METHOD = (
    "counts: unique voices; a person or an association counts once",
    "percentages: only from 20 people on; support is agree / (agree + disagree)",
    "stability: Wilson 95 % interval of the figure among participants, not a margin of error",
    "labels: consensual when the lowest audience's lower bound is above one half; divisive when a gap between two audiences excludes zero after Benjamini-Hochberg; uncertain otherwise",
    "small cells: fewer than 10, their complements, unanimous ones and enough neighbours are hidden",
    "quotes: the most agreed published text for each stance, earliest first on ties, then the most agreed of the rest, up to four, near-identical texts once; one text against is always among them when there is one",
    "campaigns: texts whose character 3-5-grams have a cosine of 0.8 or more, three or more texts",
    "coverage: published ideas and top-level comments with an approved answer of their own or of their theme",
    "opinion groups are not computed in this version",
)


@dataclass(frozen=True)
class VoiceRow:
    """How many voices share these facts; `neighbourhood` None is "not stated"."""

    kind: str
    channel: str
    level: int
    neighbourhood: str | None
    gender: str
    age: str
    people: int


@dataclass(frozen=True)
class PositionRow:
    """How many voices with these facts took one position on one project; value 2 is a priority."""

    project: int
    kind: str
    channel: str
    level: int
    neighbourhood: str | None
    gender: str
    age: str
    value: int
    people: int


@dataclass(frozen=True)
class TextRow:
    """A contribution in any state. `author` is a number within this reading, `words` what the public reads."""

    ref: str
    here: bool
    consultation_kind: str
    kind: str
    comment_kind: str | None
    stance: str
    state: str
    lang: str
    author: int
    author_kind: str
    by_staff: bool
    association: Words | None
    project: int | None
    is_reply: bool
    title: str
    words: str
    at: datetime
    statement: bool
    agree: int
    disagree: int
    passed: int
    axis: Words | None
    merged_into: str | None
    response: s.ResponseView | None
    fate: str | None
    fate_reason: Words | None
    fate_project: int | None

    @property
    def readable(self) -> bool:
        """Whether everybody reads it."""
        return self.state in READABLE

    @property
    def answerable(self) -> bool:
        """Whether the commune owes it an answer."""
        return self.readable and not self.is_reply


@dataclass(frozen=True)
class ProjectRow:
    """A project of the version under review."""

    number: int
    title: Words
    axis: Words
    response: s.ResponseView | None


@dataclass(frozen=True)
class ThemeRow:
    """A theme with the refs of its members; `main` are those whose main theme it is."""

    ref: str
    title: Words
    project: int | None
    members: tuple[str, ...]
    main: tuple[str, ...]
    response: s.ResponseView | None


@dataclass(frozen=True)
class DecisionRow:
    """One decision of a moderator that was not undone."""

    decision: str
    reason: str | None
    minutes: int
    in_time: bool
    by_due: bool
    appeal: str | None


@dataclass(frozen=True)
class NeighbourhoodRow:
    """A neighbourhood people could name."""

    slug: str
    name: Words
    population: int | None


@dataclass(frozen=True)
class Inputs:
    """Everything a reading is made from. The order of rows says nothing."""

    about: s.About
    neighbourhoods: tuple[NeighbourhoodRow, ...]
    voices: tuple[VoiceRow, ...]
    positions: tuple[PositionRow, ...]
    texts: tuple[TextRow, ...]
    projects: tuple[ProjectRow, ...]
    themes: tuple[ThemeRow, ...]
    opinions: tuple[s.OpinionView, ...]
    decisions: tuple[DecisionRow, ...]
    meetings: tuple[s.MeetingView, ...]
    changes: s.Changes | None
    rounds: tuple[s.Round, ...]


READABLE = frozenset(state.value for state in o.READABLE_STATES)


def input_hash(inputs: Inputs) -> str:
    """Return the SHA-256 of the rows, each written canonically and sorted: shuffled rows hash alike."""
    parts = []
    for name, value in asdict(inputs).items():
        if isinstance(value, (list, tuple)):
            parts.append([name, sorted(canonical(row) for row in value)])
        else:
            parts.append([name, canonical(value)])
    return sha256(canonical(parts))
