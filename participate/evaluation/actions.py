"""The joint evaluation: recorded once, with a score and a comment for each question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError

from participate.db import Words, add, clock, db, new_id
from participate.evaluation.models import Evaluation, EvaluationCriterion
from participate.journal.actions import of_plan, record
from participate.rules.policy import Act, Actor, Place, require


class AlreadyEvaluatedError(Exception):
    """The plan has its evaluation; a correction would be an addendum, never an edit."""


class NoCriterionError(Exception):
    """An evaluation without a single question."""


@dataclass(frozen=True)
class Criterion:
    """One question with its score, 1 (no evidence) to 4 (complete)."""

    question: Words
    score: int
    comment: Words


def record_evaluation(
    actor: Actor, place: Place, *, held_on: date, lessons: Words, criteria: Sequence[Criterion]
) -> Evaluation:
    """Record the evaluation held with civil society.

    Raises NoCriterionError, or AlreadyEvaluatedError when the plan has one.
    """
    require(actor, Act.EVALUATION_RECORD, place)
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    assert actor.person_id is not None
    if not criteria:
        raise NoCriterionError
    try:
        with db.session.begin_nested():
            row = add(
                Evaluation(
                    collectivity_id=place.collectivity_id,
                    id=new_id(),
                    plan_id=place.plan_id,
                    held_on=held_on,
                    lessons=lessons,
                    recorded_by=actor.person_id,
                    recorded_at=clock(),
                )
            )
    except IntegrityError:
        raise AlreadyEvaluatedError(place.plan_id) from None
    for position, criterion in enumerate(criteria, start=1):
        add(
            EvaluationCriterion(
                collectivity_id=place.collectivity_id,
                id=new_id(),
                evaluation_id=row.id,
                position=position,
                question=criterion.question,
                score=criterion.score,
                comment=criterion.comment,
            )
        )
    record(
        actor.person_id,
        "evaluation:recorded",
        of_plan(place.collectivity_id, place.plan_id),
        f"evaluation:{row.id}",
        {"held_on": held_on, "criteria": len(criteria)},
    )
    return row
