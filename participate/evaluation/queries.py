"""Reading the evaluation of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from participate.db import Words, db
from participate.evaluation.models import Evaluation, EvaluationCriterion


@dataclass(frozen=True)
class CriterionRow:
    """One question, its score from 1 to 4, and why."""

    question: Words
    score: int
    comment: Words


@dataclass(frozen=True)
class EvaluationView:
    """The joint evaluation of a plan."""

    held_on: date
    lessons: Words
    criteria: tuple[CriterionRow, ...]


def evaluation_of(collectivity_id: int, plan_id: int) -> EvaluationView | None:
    """Return the plan's evaluation with its criteria in order, or None before it is held."""
    rows = db.session.execute(
        sa.select(Evaluation, EvaluationCriterion)
        .join(
            EvaluationCriterion,
            sa.and_(
                EvaluationCriterion.collectivity_id == Evaluation.collectivity_id,
                EvaluationCriterion.evaluation_id == Evaluation.id,
            ),
        )
        .where(Evaluation.collectivity_id == collectivity_id, Evaluation.plan_id == plan_id)
        .order_by(EvaluationCriterion.position)
    ).all()
    if not rows:
        return None
    head = rows[0][0]
    return EvaluationView(
        head.held_on, head.lessons, tuple(CriterionRow(c.question, c.score, c.comment) for _, c in rows)
    )
