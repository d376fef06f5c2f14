"""The joint evaluation: once, by those who may, with at least one question."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.db import db, writing
from participate.evaluation import actions, queries
from participate.evaluation.models import EvaluationCriterion
from participate.journal.models import JournalEntry
from participate.rules.lifecycle import Stage
from participate.rules.policy import RefusedError, Role
from tests import makers
from tests.conftest import both_engines
from tests.rooms.monitoring.makers import place_of

CRITERIA = [
    actions.Criterion({"ar": "هل أنجز؟"}, 3, {"ar": "جزئيا"}),
    actions.Criterion({"ar": "هل أشرك؟"}, 4, {}),
]
WHEN = date(2023, 8, 20)


@pytest.fixture
def made(app) -> makers.APlan:
    with writing():
        plan = makers.a_plan(Stage.EVALUATION)
        db.session.commit()
    return plan


def record(made, role=Role.COMMITTEE_MEMBER, stage=Stage.EVALUATION, criteria=CRITERIA):
    with writing():
        person = makers.actor_of(makers.staff(made.collectivity, role))
        db.session.commit()
        row = actions.record_evaluation(
            person, place_of(made, stage), held_on=WHEN, lessons={"ar": "دروس"}, criteria=criteria
        )
        db.session.commit()
    return row


@both_engines
def test_an_evaluation_is_public_with_its_questions_in_order(made) -> None:
    record(made)
    found = queries.evaluation_of(made.collectivity.id, made.plan.id)
    assert found.held_on == WHEN
    assert [c.score for c in found.criteria] == [3, 4]
    assert db.session.scalar(sa.select(JournalEntry).where(JournalEntry.type == "evaluation:recorded"))


@both_engines
def test_a_plan_is_evaluated_once(made) -> None:
    record(made)
    with pytest.raises(actions.AlreadyEvaluatedError):
        record(made)


def test_an_evaluation_without_a_question_is_refused(made) -> None:
    with pytest.raises(actions.NoCriterionError):
        record(made, criteria=[])


@both_engines
def test_the_table_refuses_a_score_beyond_four(made) -> None:
    record(made)
    with writing(), pytest.raises(IntegrityError):
        db.session.execute(sa.update(EvaluationCriterion).values(score=5))


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("stage", list(Stage))
def test_who_records_and_when(made, role, stage) -> None:
    if role in {Role.OFFICER, Role.COMMITTEE_MEMBER} and stage is Stage.EVALUATION:
        record(made, role, stage)
    else:
        with pytest.raises(RefusedError):
            record(made, role, stage)
