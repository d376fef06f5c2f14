"""Reports and observations: who may, what lateness asks for, what the journal keeps."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.db import db, set_clock, writing
from participate.journal.models import JournalEntry
from participate.monitoring import actions, queries
from participate.monitoring.models import ProgressReport
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import MilestoneStatus
from participate.rules.policy import ANYBODY, RefusedError, Role
from participate.rules.windows import CASABLANCA
from tests import makers
from tests.conftest import both_engines
from tests.rooms.monitoring.makers import an_adopted_plan, an_observation, place_of

TEXT = {"ar": "انطلقت الأشغال"}
LATE = datetime(2024, 7, 1, 0, 30, tzinfo=CASABLANCA)
LAST_EVENING = datetime(2024, 6, 30, 23, 30, tzinfo=CASABLANCA)


@pytest.fixture
def adopted(app):
    with writing():
        return an_adopted_plan()


def actor(made, *roles):
    with writing():
        found = makers.actor_of(makers.staff(made.collectivity, *roles))
        db.session.commit()
    return found


def at(moment: datetime) -> None:
    with writing():
        set_clock(moment)
        db.session.commit()


def report(made, milestone, status=MilestoneStatus.LIMITED, **values):
    officer = actor(made, Role.OFFICER)
    with writing():
        row = actions.publish_progress(
            officer, place_of(made), milestone.id, status=status, text=TEXT, **values
        )
        db.session.commit()
    return row


@both_engines
def test_a_report_moves_its_milestone_and_is_recorded(adopted) -> None:
    made, milestone = adopted
    report(made, milestone, MilestoneStatus.SUBSTANTIAL)
    db.session.expire_all()
    row = queries.follow_up(made.collectivity.id, made.plan.id)[0].milestones[0]
    assert row.status is MilestoneStatus.SUBSTANTIAL
    assert [r.status for r in row.reports] == [MilestoneStatus.SUBSTANTIAL]
    assert db.session.scalar(sa.select(JournalEntry).where(JournalEntry.type == "progress:published"))


def test_a_milestone_is_late_from_the_midnight_after_its_last_day_and_then_owes_a_reason(adopted) -> None:
    made, milestone = adopted
    at(LAST_EVENING)
    assert not report(made, milestone).late
    at(LATE)
    with pytest.raises(actions.DelayReasonMissingError):
        report(made, milestone)
    assert report(made, milestone, delay_reason={"ar": "تأخر التوريد"}).late


def test_a_complete_milestone_owes_no_reason_however_late(adopted) -> None:
    made, milestone = adopted
    at(LATE)
    row = report(made, milestone, MilestoneStatus.COMPLETE, delay_reason={"ar": "س"})
    assert (row.late, row.delay_reason) == (False, None)


@both_engines
def test_the_table_refuses_a_late_report_without_its_reason(adopted) -> None:
    made, milestone = adopted
    report(made, milestone)
    with writing(), pytest.raises(IntegrityError):
        db.session.execute(sa.update(ProgressReport).values(late=True))


def test_a_milestone_of_another_plan_is_not_reported_here(adopted) -> None:
    made, _milestone = adopted
    with writing():
        other, milestone = an_adopted_plan()
    assert other.plan.id != made.plan.id
    with pytest.raises(actions.NoSuchMilestoneError):
        report(made, milestone)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("stage", list(Stage))
def test_who_reports_and_when(adopted, role, stage) -> None:
    made, milestone = adopted
    person = actor(made, role)
    allowed = role is Role.OFFICER and stage in {Stage.IMPLEMENTATION, Stage.EVALUATION}
    with writing():
        if allowed:
            actions.publish_progress(
                person, place_of(made, stage), milestone.id, status=MilestoneStatus.LIMITED, text=TEXT
            )
        else:
            with pytest.raises(RefusedError):
                actions.publish_progress(
                    person, place_of(made, stage), milestone.id, status=MilestoneStatus.LIMITED, text=TEXT
                )


@both_engines
def test_an_observation_waits_for_a_moderator_and_is_then_public_with_a_chosen_name(adopted) -> None:
    made, _milestone = adopted
    with writing():
        resident = makers.a_person("Salma B.")
        db.session.commit()
        actions.submit_observation(makers.actor_of(resident), place_of(made), text="I saw it.", lang="en")
        db.session.commit()
    key = (made.collectivity.id, made.plan.id)
    assert queries.follow_up(*key)[0].observations == ()
    (waiting,) = queries.observations(made.collectivity.id, "waiting", plan_id=made.plan.id)
    moderator = actor(made, Role.MODERATOR)
    with writing():
        actions.decide_observation(moderator, place_of(made), waiting.id, publish=True)
        db.session.commit()
    assert [(o.author, o.text) for o in queries.follow_up(*key)[0].observations] == [
        ("Salma B.", "I saw it.")
    ]
    with writing(), pytest.raises(actions.NoSuchObservationError):
        actions.decide_observation(moderator, place_of(made), waiting.id, publish=False)


def test_a_hidden_observation_stays_hidden(adopted) -> None:
    made, _milestone = adopted
    with writing():
        row = an_observation(made, makers.a_person())
        db.session.commit()
    moderator = actor(made, Role.MODERATOR)
    with writing():
        actions.decide_observation(moderator, place_of(made), row.id, publish=False)
        db.session.commit()
    assert queries.follow_up(made.collectivity.id, made.plan.id)[0].observations == ()


def test_nobody_decides_on_their_own_observation(adopted) -> None:
    made, _milestone = adopted
    with writing():
        person = makers.staff(made.collectivity, Role.MODERATOR)
        row = an_observation(made, person)
        db.session.commit()
        with pytest.raises(actions.NoSuchObservationError):
            actions.decide_observation(makers.actor_of(person), place_of(made), row.id, publish=True)


def test_a_signed_out_reader_observes_nothing(adopted) -> None:
    made, _milestone = adopted
    with writing(), pytest.raises(RefusedError):
        actions.submit_observation(ANYBODY, place_of(made), text="x", lang="en")


@both_engines
def test_the_follow_up_asks_three_questions_whatever_the_number_of_projects(adopted) -> None:
    made, _milestone = adopted
    seen: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    queries.follow_up(made.collectivity.id, made.plan.id)
    seen = [one for one in seen if one != "BEGIN"]
    assert len(seen) <= 3, "\n".join(seen)
