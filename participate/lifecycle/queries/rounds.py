"""The consultations of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from participate.consultations.models import Consultation, Extension
from participate.db import Words, db
from participate.rules import windows
from participate.rules.outcomes import ConsultationKind, ConsultationState


@dataclass(frozen=True)
class ExtensionView:
    """A deadline that was moved, with its public reason."""

    old_closes_at: datetime
    new_closes_at: datetime
    reason: Words
    at: datetime


@dataclass(frozen=True)
class ConsultationRow:
    """A consultation as the calendar shows it."""

    collectivity_id: int
    id: int
    plan_id: int
    kind: ConsultationKind
    state: ConsultationState
    title: Words
    announced_at: datetime | None
    opens_at: datetime
    closes_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    notice_override: Words | None
    accepts: tuple[str, ...]
    min_level: int
    version_id: int | None
    extensions: tuple[ExtensionView, ...]

    @property
    def last_day(self) -> date:
        """The last day on which something is accepted."""
        return windows.Window(self.opens_at, self.closes_at).last_day

    @property
    def notice_days(self) -> int | None:
        """Days of public notice, None before the notice."""
        return windows.notice_days(self.announced_at, self.opens_at) if self.announced_at else None


def consultations_of(collectivity_id: int, plan_id: int) -> list[ConsultationRow]:
    """Return every consultation of a plan by its opening, with its extensions."""
    rows = db.session.execute(
        sa.select(Consultation, Extension)
        .outerjoin(
            Extension,
            (Extension.collectivity_id == Consultation.collectivity_id)
            & (Extension.consultation_id == Consultation.id),
        )
        .where(Consultation.collectivity_id == collectivity_id, Consultation.plan_id == plan_id)
        .order_by(Consultation.opens_at, Consultation.id, Extension.at)
        .execution_options(populate_existing=True)
    ).all()
    found: dict[int, tuple[Consultation, list[Extension]]] = {}
    for consultation, extension in rows:
        found.setdefault(consultation.id, (consultation, []))
        if extension is not None:
            found[consultation.id][1].append(extension)
    return [_consultation_row(*pair) for pair in found.values()]


def _consultation_row(row: Consultation, extensions: list[Extension]) -> ConsultationRow:
    return ConsultationRow(
        collectivity_id=row.collectivity_id,
        id=row.id,
        plan_id=row.plan_id,
        kind=row.kind,
        state=row.state,
        title=row.title,
        announced_at=row.announced_at,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        notice_override=row.notice_override,
        accepts=tuple(row.accepts),
        min_level=row.min_level,
        version_id=row.version_id,
        extensions=tuple(ExtensionView(e.old_closes_at, e.new_closes_at, e.reason, e.at) for e in extensions),
    )
