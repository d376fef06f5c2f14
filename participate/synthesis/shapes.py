"""The shape of a synthesis: frozen dataclasses that are also its public JSON.

`plain` writes a reading as JSON values and `read` makes the same reading again, so that a page made
from the database and a page made from a sealed snapshot cannot differ. A trailing underscore of a
field is not part of its JSON name (`pass_` is "pass"). Moments are ISO 8601 texts.
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, Union

from participate.db import Words

SCHEMA = "participate-synthesis/1"
T = TypeVar("T")


@dataclass(frozen=True)
class Count:
    """How many of one kind."""

    key: str
    count: int


@dataclass(frozen=True)
class About:
    """Which consultation this is; moments are ISO 8601, UTC."""

    collectivity: str
    collectivity_name: Words
    population: int | None
    cycle: str
    plan_title: Words
    consultation_kind: str
    consultation_title: Words
    announced_at: str | None
    opens_at: str
    closes_at: str
    version: int | None
    projects: int


@dataclass(frozen=True)
class Voices:
    """Unique voices: a person or an association counts once, however often it spoke."""

    people: int
    associations: int
    slips: int
    imported: int


@dataclass(frozen=True)
class CountRow:
    """One category of a table of people; `people` None when it is too small to publish."""

    key: str
    label: Words | None
    people: int | None
    population: int | None = None


@dataclass(frozen=True)
class CountsTable:
    """Who took part, along one dimension; key "" is "not stated"."""

    dimension: str
    total: int
    rows: tuple[CountRow, ...]


@dataclass(frozen=True)
class Day:
    """Texts received on one day in Casablanca."""

    date: str
    texts: int


@dataclass(frozen=True)
class Contributions:
    """Texts by what became of them; the seven states sum to `received`."""

    received: int
    published: int
    pending: int
    returned: int
    hidden: int
    removed: int
    withdrawn: int
    merged: int
    published_late: int
    redacted: int
    ideas: int
    comments: int
    replies: int
    authors: int
    languages: tuple[Count, ...]
    days: tuple[Day, ...]
    median_length: int


@dataclass(frozen=True)
class Round:
    """Another consultation of the same plan, e.g. the call for ideas."""

    kind: str
    title: Words
    opens_at: str
    closes_at: str
    people: int
    associations: int
    received: int
    published: int


@dataclass(frozen=True)
class TallyView:
    """The four counts, always together; `not_seen` None where nobody can know it."""

    agree: int
    disagree: int
    pass_: int
    not_seen: int | None
    n: int


@dataclass(frozen=True)
class SupportView:
    """A part of a base; percentage and its 95 % stability only from 20 on."""

    count: int
    base: int
    percent: int | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class AudienceRow:
    """The tally of one audience; None when it is too small or unanimous."""

    key: str
    label: Words | None
    tally: TallyView | None


@dataclass(frozen=True)
class AudienceTable:
    """The tallies of one statement along one dimension."""

    dimension: str
    rows: tuple[AudienceRow, ...]


@dataclass(frozen=True)
class GapView:
    """Two audiences whose support differs beyond chance; only figures that the tables publish."""

    dimension: str
    higher: str
    higher_label: Words | None
    higher_tally: TallyView
    lower: str
    lower_label: Words | None
    lower_tally: TallyView


@dataclass(frozen=True)
class TextCounts:
    """Published texts about a project: counts of texts, never called support."""

    comments: int
    amendments: int
    questions: int
    replies: int
    for_: int
    against: int
    undecided: int
    without_stance: int
    authors: int


@dataclass(frozen=True)
class ResponseView:
    """The commune's reasoned answer."""

    outcome: str
    text: Words
    reason: Words | None
    changed: bool
    at: str | None


@dataclass(frozen=True)
class Quote:
    """A text word for word, chosen by the stated rule; an association is named, a person is not."""

    ref: str
    stance: str
    lang: str
    text: str
    association: Words | None
    agree: int
    dissenting: bool


@dataclass(frozen=True)
class FieldChange:
    """A field that reads differently; `lang` None where it has no language."""

    name: str
    lang: str | None
    before: str
    after: str


@dataclass(frozen=True)
class CauseView:
    """Why it changed."""

    cause: str
    note: Words | None


@dataclass(frozen=True)
class ChangeView:
    """What became of one project from the version people read to the one before the council."""

    number: int
    title: Words
    status: str
    causes: tuple[CauseView, ...]
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Changes:
    """What changed between two versions of the plan."""

    from_version: int
    to_version: int
    projects: tuple[ChangeView, ...]


@dataclass(frozen=True)
class ProjectReading:
    """One project, in the order of the plan."""

    number: int
    title: Words
    axis: Words
    tally: TallyView
    base: int
    support: SupportView
    support_with_pass: SupportView
    label: str
    gap: GapView | None
    audiences: tuple[AudienceTable, ...]
    priorities: int
    texts: TextCounts
    quotes: tuple[Quote, ...]
    response: ResponseView | None
    change: ChangeView | None

    @property
    def ref(self) -> str:
        """The name of its statement in the public JSON."""
        return f"project-{self.number}"


@dataclass(frozen=True)
class StatementView:
    """Anything people took positions on."""

    id: str
    external_id: str | None
    kind: str
    agree: int
    disagree: int
    pass_: int
    not_seen: int | None
    label: str | None


@dataclass(frozen=True)
class Groups:
    """Opinion groups; `published` is False, with the reason, when none are shown."""

    published: bool
    reason: str


@dataclass(frozen=True)
class ThemeReading:
    """Texts answered together: texts and authors are counted apart."""

    ref: str
    title: Words
    project: int | None
    texts: int
    authors: int
    associations: int
    refs: tuple[str, ...]
    response: ResponseView | None


@dataclass(frozen=True)
class Campaign:
    """Near-identical texts: one argument, `texts` copies from `accounts` accounts."""

    texts: int
    accounts: int
    projects: tuple[int, ...]
    lang: str
    excerpt: str
    refs: tuple[str, ...]


@dataclass(frozen=True)
class AssociationIdea:
    """A proposal of an association, and its fate."""

    ref: str
    association: Words
    title: str
    lang: str
    axis: Words
    consultation_kind: str
    fate: str | None
    reason: Words | None
    project: int | None
    response: ResponseView | None


@dataclass(frozen=True)
class OpinionView:
    """The opinion of an advisory body, unedited."""

    body: Words
    lang: str
    text: str
    at: str


@dataclass(frozen=True)
class Declined:
    """Something not retained, most shared first."""

    ref: str
    title: Words | None
    text: str
    lang: str
    project: int | None
    texts: int
    authors: int
    agree: int
    outcome: str
    reason: Words | None


@dataclass(frozen=True)
class Coverage:
    """Who was answered: published ideas and top-level comments."""

    answerable: int
    answered: int
    by_outcome: tuple[Count, ...]
    fates: tuple[Count, ...]
    median_days: int | None
    declined: tuple[Declined, ...]


@dataclass(frozen=True)
class ModerationFigures:
    """What moderators decided."""

    decisions: int
    by_decision: tuple[Count, ...]
    by_reason: tuple[Count, ...]
    in_time: int
    median_hours: int | None
    unreviewed: int
    appeals_open: int
    appeals_confirmed: int
    appeals_reversed: int


@dataclass(frozen=True)
class AttendanceRow:
    """Who came to a meeting, as counted in the room."""

    audience: str
    women: int
    men: int
    not_stated: int


@dataclass(frozen=True)
class MeetingView:
    """A workshop or meeting: attendance is counted apart and never added to voices."""

    slug: str
    title: Words
    starts_at: str
    attendance: tuple[AttendanceRow, ...]
    women: int
    men: int
    total: int


@dataclass(frozen=True)
class Point:
    """An agreement or a disagreement, with its numbers."""

    number: int
    title: Words
    why: str
    agree: int
    disagree: int
    pass_: int
    n: int


@dataclass(frozen=True)
class Limits:
    """What the figures do not say; None where a small cell hides it."""

    people: int
    population: int | None
    without_neighbourhood: int | None
    without_age: int | None
    without_gender: int | None
    campaign_texts: int
    campaign_accounts: int
    merged: int


@dataclass(frozen=True)
class Figures:
    """The five figures of the first page. `changed` is None until a revised version exists."""

    participants: int
    received: int
    published: int
    associations: int
    answered: int
    answerable: int
    changed: int | None
    changed_by_people: int | None


@dataclass(frozen=True)
class Reading:
    """A consultation in figures, words and answers; everything a page, a file or a council needs."""

    schema: str
    input_sha256: str
    about: About
    participants: int
    voices: Voices
    audiences: tuple[CountsTable, ...]
    contributions: Contributions
    rounds: tuple[Round, ...]
    statements: tuple[StatementView, ...]
    groups: Groups
    projects: tuple[ProjectReading, ...]
    themes: tuple[ThemeReading, ...]
    campaigns: tuple[Campaign, ...]
    association_ideas: tuple[AssociationIdea, ...]
    opinions: tuple[OpinionView, ...]
    coverage: Coverage
    moderation: ModerationFigures
    changes: Changes | None
    meetings: tuple[MeetingView, ...]
    agreements: tuple[Point, ...]
    disagreements: tuple[Point, ...]
    limits: Limits
    figures: Figures
    method: tuple[str, ...]

    def project(self, number: int) -> ProjectReading | None:
        """Return one project by its number."""
        return next((one for one in self.projects if one.number == number), None)

    def themes_of(self, number: int | None) -> tuple[ThemeReading, ...]:
        """Return the themes of one project; None: about the plan as a whole."""
        return tuple(one for one in self.themes if one.project == number)


# --- JSON ------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """Return dataclasses and tuples as the dictionaries and lists that JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name.rstrip("_"): plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return value


def read(kind: type[T], value: Any) -> T:
    """Make a dataclass again from what `plain` wrote. Raises KeyError or TypeError on another shape."""
    made: T = _made(kind, value)
    return made


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _made(kind: Any, value: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        return _made(next(one for one in typing.get_args(kind) if one is not type(None)), value)
    if origin is tuple:
        (one, *_) = typing.get_args(kind)
        return tuple(_made(one, part) for part in value)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{f.name: _made(hints[f.name], value[f.name.rstrip("_")]) for f in fields(kind)})
    return value
