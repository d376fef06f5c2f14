"""Tallies: the one place that hides them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.consultations.queries import ENDED
from participate.db import db
from participate.positions.models import Priority, ProjectStatement, Statement
from participate.rules.outcomes import ResultsMode, StatementKind
from participate.rules.tallies import Tally


def revealed() -> Any:
    """Return THE condition on Consultation under which directional figures are shown to anybody at all."""
    return sa.or_(Consultation.state.in_(ENDED), Consultation.results == ResultsMode.LIVE)


@dataclass(frozen=True)
class StatementTally:
    """The count of one statement: exact, and only after the close."""

    statement_id: int
    kind: StatementKind
    tally: Tally
    priorities: int


def tallies(collectivity_id: int, consultation_id: int) -> dict[int, StatementTally] | None:
    """Return the tally of every statement of a consultation by its key; None for everybody before the close.

    One statement. Statements whose text is no longer public are included: their positions were taken.
    """
    chosen = (
        sa.select(sa.func.count())
        .where(Priority.collectivity_id == Statement.collectivity_id, Priority.statement_id == Statement.id)
        .correlate(Statement)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Statement.id, Statement.kind, Statement.agree, Statement.disagree, Statement.passed, chosen)
        .select_from(Consultation)
        .outerjoin(
            Statement,
            (Statement.collectivity_id == Consultation.collectivity_id)
            & (Statement.consultation_id == Consultation.id),
        )
        .where(
            Consultation.collectivity_id == collectivity_id, Consultation.id == consultation_id, revealed()
        )
        .order_by(Statement.id)
    ).all()
    if not rows:
        return None
    return {
        row[0]: StatementTally(row[0], row[1], Tally(row[2], row[3], row[4]), row[5])
        for row in rows
        if row[0] is not None
    }


def tallies_of(collectivity_id: int, statement_ids: Collection[int]) -> dict[int, Tally]:
    """Return the tallies of some statements: those of consultations still open are left out."""
    if not statement_ids:
        return {}
    rows = db.session.execute(
        sa.select(Statement.id, Statement.agree, Statement.disagree, Statement.passed)
        .join(
            Consultation,
            (Consultation.collectivity_id == Statement.collectivity_id)
            & (Consultation.id == Statement.consultation_id),
        )
        .where(Statement.collectivity_id == collectivity_id, Statement.id.in_(statement_ids), revealed())
    )
    return {row[0]: Tally(*row[1:]) for row in rows}


def project_tallies(collectivity_id: int, consultation_id: int) -> dict[int, StatementTally] | None:
    """Return `tallies` of projects only, by the project's key; None before the close."""
    known = tallies(collectivity_id, consultation_id)
    if known is None:
        return None
    rows = db.session.execute(
        sa.select(ProjectStatement.project_id, ProjectStatement.statement_id).where(
            ProjectStatement.collectivity_id == collectivity_id,
            ProjectStatement.consultation_id == consultation_id,
        )
    )
    return {project_id: known[statement_id] for project_id, statement_id in rows}
