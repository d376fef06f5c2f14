"""Planning consultations, voices and optional facts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.consultations import actions, queries
from participate.consultations.models import Consultation, Participant, Turnout
from participate.db import clock, db, set_clock, writing
from participate.journal import queries as journal
from participate.journal.models import JournalEntry
from participate.network.models import Neighbourhood
from participate.people.queries import Voice
from participate.plans.models import ActionPlan
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import (
    Accepts,
    AgeBand,
    ConsultationKind,
    ConsultationState,
    Eligibility,
    Gender,
    ParticipantKind,
)
from participate.rules.policy import RefusedError, Role
from tests import makers
from tests.conftest import both_engines

pytestmark = pytest.mark.usefixtures("app")
OWN = Voice(ParticipantKind.CITIZEN, None, None, {})


def committed(make: Any, *args: Any, **values: Any) -> Any:
    with writing():
        made = make(*args, **values)
        db.session.commit()
    return made


@pytest.fixture
def plan(app: Any) -> makers.APlan:
    return committed(makers.a_plan)


def raise_level(person: Any) -> None:
    person.level = 3
    db.session.add(person)


def planned(plan: makers.APlan, **rules: Any) -> Consultation:
    officer = committed(makers.staff, plan.collectivity, Role.OFFICER)
    opens = clock() + timedelta(days=15)
    with writing():
        row = actions.plan_consultation(
            makers.actor_of(officer),
            plan.collectivity.id,
            plan.plan.id,
            rules.pop("kind", ConsultationKind.CALL_FOR_IDEAS),
            makers.words("a call"),
            opens,
            rules.pop("closes_at", opens + timedelta(days=7)),
            **rules,
        )
        db.session.commit()
    return row


def test_planning_opens_a_chain_and_is_not_public(app):
    plan = committed(makers.a_plan, Stage.PREPARATION)
    row = planned(plan)
    assert row.state is ConsultationState.PLANNED
    assert Accepts.PRIORITY.value not in row.accepts
    assert db.session.scalars(sa.select(JournalEntry.type)).all() == ["consultation:planned"]
    assert not [fault for fault in journal.verify() if fault]
    assert queries.consultations_of(plan.collectivity.id, plan.plan.id) == []
    assert queries.current_consultation(plan.collectivity.id, plan.plan.id) is None


def test_a_consultation_is_planned_in_preparation_only_and_by_officers(plan):
    with pytest.raises(RefusedError):
        planned(plan)


def test_a_window_that_ends_before_it_begins_is_refused(app):
    plan = committed(makers.a_plan, Stage.PREPARATION)
    with pytest.raises(actions.WindowError):
        planned(plan, closes_at=clock())


def test_a_rule_out_of_bounds_is_refused_by_the_database(app):
    plan = committed(makers.a_plan, Stage.PREPARATION)
    with pytest.raises(IntegrityError):
        planned(plan, priorities_max=11)


def test_each_consultation_has_a_key_of_its_own(app):
    plan = committed(makers.a_plan, Stage.PREPARATION)
    assert planned(plan).key_wrapped != planned(plan).key_wrapped


def test_the_current_consultation_is_the_open_one_then_the_announced_then_the_last_ended(plan):
    now = clock()
    call = committed(makers.a_consultation, plan, ConsultationKind.CALL_FOR_IDEAS, closed=True, closes_at=now)
    soon = committed(
        makers.a_consultation,
        plan,
        ConsultationKind.CALL_FOR_IDEAS,
        state=ConsultationState.ANNOUNCED,
        opened_at=None,
        opens_at=now + timedelta(days=3),
        closes_at=now + timedelta(days=13),
    )

    def current() -> int:
        found = queries.current_consultation(plan.collectivity.id, plan.plan.id)
        place = queries.consultation_place(plan.collectivity.slug, plan.plan.cycle)
        assert found is not None
        assert place.consultation_id == found.id == place.ids["consultation"]
        return found.id

    def change(row: Consultation, **values: Any) -> None:
        for name, value in values.items():
            setattr(row, name, value)
        db.session.add(row)

    assert current() == plan.review.id
    committed(change, plan.review, state=ConsultationState.CLOSED, closed_at=now)
    assert current() == soon.id
    committed(change, soon, state=ConsultationState.PLANNED, announced_at=None)
    assert current() == plan.review.id
    by_kind = queries.consultation_place(
        plan.collectivity.slug, plan.plan.cycle, ConsultationKind.CALL_FOR_IDEAS
    )
    assert by_kind.consultation_id == call.id


def test_the_window_is_half_open(plan):
    view = queries.consultation_of(plan.collectivity.id, plan.review.id)
    assert view.is_open(view.opens_at)
    assert not view.is_open(view.closes_at)
    assert not view.is_open(view.opens_at - timedelta(microseconds=1))


def test_counts_are_floored_while_it_runs_and_exact_once_it_has_ended(plan):
    def count(people: int) -> None:
        db.session.merge(
            Turnout(
                collectivity_id=plan.collectivity.id,
                consultation_id=plan.review.id,
                people=people,
                associations=3,
            )
        )

    committed(count, 217)
    view = queries.consultation_of(plan.collectivity.id, plan.review.id)
    assert (view.people.at_least, view.associations.fewer_than_ten) == (210, True)

    def end() -> None:
        row = db.session.get(Consultation, (plan.collectivity.id, plan.review.id))
        row.state, row.closed_at = ConsultationState.CLOSED, row.closes_at

    committed(end)
    view = queries.consultation_of(plan.collectivity.id, plan.review.id)
    assert (view.people.at_least, view.associations.at_least) == (217, 3)
    row = db.session.scalars(sa.select(Consultation.people_count)).one()
    assert row == 217


def test_seen_at_the_desk_asks_for_that_level(plan):
    def ask() -> None:
        row = db.session.get(Consultation, (plan.collectivity.id, plan.review.id))
        row.eligibility = Eligibility.SEEN_AT_DESK

    committed(ask)
    assert queries.consultation_place(plan.collectivity.slug, plan.plan.cycle).min_level == 3


def test_a_plan_without_a_consultation_is_a_place_where_nothing_is_added(app):
    plan = committed(makers.a_plan, Stage.PREPARATION)
    place = queries.consultation_place(plan.collectivity.slug, plan.plan.cycle)
    assert place.consultation_id is None
    assert not place.window_open
    assert place.accepts == frozenset()


# --- voices ---------------------------------------------------------------------------------------


@both_engines
def test_a_voice_is_one_row_however_often_it_speaks_and_its_level_only_rises(plan):
    person = committed(makers.a_person)
    actor = makers.actor_of(person)
    first = committed(actions.participant_for, actor, plan.review, OWN)
    assert (first.level, first.declared) == (1, False)
    committed(raise_level, person)
    risen = committed(actions.participant_for, makers.actor_of(person), plan.review, OWN, declared=True)
    assert (risen.id, risen.level, risen.declared) == (first.id, 3, True)
    again = committed(actions.participant_for, actor, plan.review, OWN)
    assert (again.level, again.declared) == (3, True)


@both_engines
def test_closing_settles_levels_to_what_accounts_have_then(plan):
    person = committed(makers.a_person)
    committed(actions.participant_for, makers.actor_of(person), plan.review, OWN)
    committed(raise_level, person)
    assert committed(actions.settle_levels, plan.review) == 1
    assert db.session.scalars(sa.select(Participant.level)).one() == 3


# --- facts ----------------------------------------------------------------------------------------


def test_facts_are_asked_once_and_may_be_skipped(plan):
    person = committed(makers.a_person)
    actor = makers.actor_of(person)
    with writing(), pytest.raises(actions.NotYourVoiceError):
        actions.set_facts(actor, plan.review)
    committed(actions.participant_for, actor, plan.review, OWN)
    where = committed(
        lambda: db.session.merge(
            Neighbourhood(collectivity_id=plan.collectivity.id, id=7, slug="medina", name=makers.words("m"))
        )
    )
    row = committed(
        actions.set_facts,
        actor,
        plan.review,
        neighbourhood_id=where.id,
        age_band=AgeBand.A25_34,
        gender=Gender.WOMAN,
    )
    assert row.facts_asked_at is not None
    with writing(), pytest.raises(actions.FactsFrozenError):
        actions.set_facts(actor, plan.review, gender=Gender.MAN)


def test_facts_are_frozen_at_the_end(plan):
    person = committed(makers.a_person)
    committed(actions.participant_for, makers.actor_of(person), plan.review, OWN)
    committed(set_clock, plan.review.closes_at)
    with writing(), pytest.raises(actions.FactsFrozenError):
        actions.set_facts(makers.actor_of(person), plan.review)


def test_a_neighbourhood_of_another_place_is_refused(plan):
    person = committed(makers.a_person)
    committed(actions.participant_for, makers.actor_of(person), plan.review, OWN)
    with writing(), pytest.raises(actions.NotYourVoiceError):
        actions.set_facts(makers.actor_of(person), plan.review, neighbourhood_id=12345)


def test_a_plan_that_does_not_exist_is_named(plan):
    officer = committed(makers.staff, plan.collectivity, Role.OFFICER)
    with writing(), pytest.raises(actions.NoSuchPlanError):
        actions.plan_consultation(
            makers.actor_of(officer),
            plan.collectivity.id,
            1,
            ConsultationKind.CALL_FOR_IDEAS,
            {},
            clock(),
            clock() + timedelta(days=8),
        )
    assert db.session.scalars(sa.select(ActionPlan.id)).one() == plan.plan.id
