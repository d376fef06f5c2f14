"""Tables of the evaluation."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from participate.db import Model, Scoped, Words, ref


class Evaluation(Scoped, Model):
    """The joint evaluation of a plan, once per plan."""

    __tablename__ = "evaluation"
    __table_args__ = (ref("plan_id", "action_plan"), sa.UniqueConstraint("collectivity_id", "plan_id"))

    plan_id: Mapped[int]
    held_on: Mapped[date]
    lessons: Mapped[Words]
    recorded_by: Mapped[int]
    recorded_at: Mapped[datetime]


class EvaluationCriterion(Scoped, Model):
    """One question of the evaluation with its score from 1 (no evidence) to 4 (complete)."""

    __tablename__ = "evaluation_criterion"
    __table_args__ = (
        ref("evaluation_id", "evaluation"),
        sa.UniqueConstraint("collectivity_id", "evaluation_id", "position"),
        sa.CheckConstraint("score BETWEEN 1 AND 4", name="score"),
    )

    evaluation_id: Mapped[int]
    position: Mapped[int]
    question: Mapped[Words]
    score: Mapped[int]
    comment: Mapped[Words]
