"""What moderators, authors and the public are shown, as frozen rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from participate.db import Words
from participate.rules.moderation import AppealOutcome, Decision, ReasonCode, Risk
from participate.rules.outcomes import (
    CommentKind,
    ContributionKind,
    ParticipantKind,
    PublishState,
    Section,
    Stance,
)

EXCERPT = 280


class View(StrEnum):
    """The lists of the desk."""

    WAITING = "waiting"
    FLAGGED = "flagged"
    LATE = "late"


@dataclass(frozen=True)
class Subject:
    """What a contribution is about."""

    kind: ContributionKind
    comment_kind: CommentKind | None
    section: Section | None
    project_id: int | None
    project_number: int | None
    title: Words | str | None  # of the project, idea or axis


@dataclass(frozen=True)
class Row:
    """A text in the queue."""

    id: int
    ref: str
    state: PublishState
    stance: Stance
    author: Words | str | None
    author_kind: ParticipantKind
    subject: Subject
    body: str
    lang: str
    submitted_at: datetime
    due_at: datetime
    signals: tuple[str, ...]
    reports: int
    risk: Risk
    row_version: int
    own: bool
    removal_asked_by: int | None


@dataclass(frozen=True)
class Listing:
    """One page of the queue and the cursor of the next."""

    rows: tuple[Row, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Counts:
    """How many texts wait, in the desk's navigation."""

    waiting: int
    flagged: int
    late: int
    appeals: int


@dataclass(frozen=True)
class DecisionRow:
    """A decision, as moderators and the author see it. No name."""

    id: int
    ref: str
    contribution_ref: str
    contribution_state: PublishState
    decision: Decision
    reason: ReasonCode | None
    facts: str
    lang: str
    article: str
    source: str
    decided_by: int | None
    second_by: int | None
    decided_at: datetime
    undone_at: datetime | None
    appeal: str | None  # open, confirmed, reversed

    @property
    def appeal_outcome(self) -> AppealOutcome | None:
        """What became of the appeal, if it was decided."""
        return AppealOutcome(self.appeal) if self.appeal in set(AppealOutcome) else None


@dataclass(frozen=True)
class ReportRow:
    """What a citizen said when reporting. No name."""

    reason: ReasonCode
    note: str
    lang: str
    at: datetime


@dataclass(frozen=True)
class RemovalRow:
    """A removal that waits for a second person."""

    id: int
    reason: ReasonCode
    facts: str
    lang: str
    article: str
    asked_by: int
    asked_at: datetime


@dataclass(frozen=True)
class TextField:
    """One field of a contribution: what its author wrote and what is shown after redaction."""

    name: str
    text: str
    redacted: str | None


@dataclass(frozen=True)
class Case:
    """Everything a moderator may know of one contribution."""

    row: Row
    consultation_id: int
    fields: tuple[TextField, ...]
    author_level: int
    author_since: datetime | None
    published_before: int
    edited_at: datetime | None
    history: tuple[DecisionRow, ...]
    reports: tuple[ReportRow, ...]
    removal: RemovalRow | None
    has_open_appeal: bool


@dataclass(frozen=True)
class Target:
    """Somewhere a comment can be moved to."""

    project_id: int
    number: int
    title: Words


@dataclass(frozen=True)
class AppealRow:
    """An appeal on the moderators' list."""

    id: int
    decision: DecisionRow
    contribution_ref: str
    text: str
    lang: str
    filed_at: datetime
    due_at: datetime
    state: str
    explanation: str
    by_me: bool  # the reader took or confirmed the decision, or wrote the text: a colleague must answer


@dataclass(frozen=True)
class Appealable:
    """The decision an author may ask somebody else to look at again."""

    decision: DecisionRow
    notified_at: datetime
    deadline: datetime
    closes_at: datetime
    appeal: AppealRow | None
    title: str


@dataclass(frozen=True)
class LogRow:
    """One line of the public log: no text, no name."""

    ref: str
    at: datetime
    decision: Decision
    reason: ReasonCode | None
    by_due_action: bool
    two_people: bool
    source: str
    kind: ContributionKind
    lang: str
    delay: timedelta
    on_time: bool
    appeal: str | None


@dataclass(frozen=True)
class LogPage:
    """One page of the public log."""

    rows: tuple[LogRow, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Figures:
    """What moderation did in a collectivity, in numbers anybody may check."""

    by_reason: tuple[tuple[ReasonCode | None, tuple[tuple[Decision, int], ...], int], ...]
    actions: tuple[Decision, ...]
    total: int
    in_time: int
    by_due_action: int
    by_authority: int
    appeals: int
    appeals_decided: int
    reversed: int
    by_stance: tuple[tuple[Stance, int, int], ...]  # stance, texts, of which hidden or removed
