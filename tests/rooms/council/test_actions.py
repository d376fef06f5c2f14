"""The secretary's acts: session, sittings by call, decisions that agree with votes and voices."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.council import actions, queries
from participate.council.actions import VoteRow
from participate.council.models import Deliberation, ProjectVote, Sitting
from participate.db import add, clock, db, new_id, set_clock, writing
from participate.lifecycle import queries as lifecycle
from participate.rules import council as law
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ProjectDecision
from participate.rules.policy import Place, RefusedError, Role
from participate.rules.windows import CASABLANCA
from participate.synthesis import actions as synthesis
from tests import makers
from tests.conftest import both_engines
from tests.rooms.synthesis.makers import take, voices

OPENS = date(2023, 10, 2)
ADOPTED = ProjectDecision.ADOPTED
REASON = {"ar": "سبب"}


class Room:
    """A plan before its council, with its secretary."""

    def __init__(self, stage: Stage = Stage.COUNCIL) -> None:
        with writing():
            self.made = makers.a_plan(stage)
            self.secretary = makers.actor_of(makers.staff(self.made.collectivity, Role.SECRETARY))
            db.session.commit()
        self.place = Place(collectivity_id=self.made.collectivity.id, plan_id=self.made.plan.id, stage=stage)

    def act(self, verb, *args, **values):
        with writing():
            row = verb(self.secretary, self.place, *args, **values)
            db.session.commit()
        return row

    def session(self) -> int:
        return self.act(actions.announce_session, "ordinary", OPENS, {"ar": "البرنامج"}).id

    def sit(self, session: int, call: int, day: date, present: int, in_office: int = 41) -> Sitting:
        now = datetime(day.year, day.month, day.day, 12, tzinfo=CASABLANCA)
        with writing():
            set_clock(now)
            db.session.commit()
        held = now - timedelta(hours=2)
        return self.act(actions.record_sitting, session, call, held, in_office, present, 1)

    def votes(self, **changes) -> list[VoteRow]:
        values = {"decision": ADOPTED, "in_favour": 20, "against": 2, "abstain": 1}
        return [VoteRow(project.id, **{**values, **changes}) for project in self.made.projects]

    def decide(self, sitting: int, votes: list[VoteRow], outcome: str = "adopted", **values) -> Deliberation:
        return self.act(actions.record_deliberation, sitting, "124/2023", OPENS, outcome, votes, **values)

    def view(self) -> queries.SessionView:
        db.session.expire_all()
        found = queries.session_of(self.made.collectivity.id, self.made.plan.id)
        assert found is not None
        return found


@pytest.fixture
def room(app) -> Room:
    return Room()


@both_engines
def test_a_plan_is_decided_project_by_project_at_the_first_call(room) -> None:
    sitting = room.sit(room.session(), 1, OPENS, 30)
    room.decide(sitting.id, room.votes())
    found = queries.votes_of(room.made.collectivity.id, room.made.plan.id)
    assert [v.number for v in found.votes] == [1, 2, 3]
    assert found.adopted == 3
    assert not found.performed
    facts = lifecycle.council_facts(room.made.plan)
    assert facts["quorum"]
    assert facts["projects_undecided"] == ()
    assert facts["deliberation_dated"]


@both_engines
def test_two_calls_without_quorum_are_kept_and_the_third_decides_with_any_number(room) -> None:
    session = room.session()
    first = room.sit(session, 1, OPENS, 20)  # 21 of 41 are needed
    assert not first.quorum
    assert room.view().next_call is law.Call.SECOND
    with pytest.raises(law.NoQuorumError):
        room.decide(first.id, room.votes())
    second = room.sit(session, 2, OPENS + timedelta(days=3), 20)
    assert not second.quorum
    days = room.view().next_days
    third = room.sit(session, 3, days.first, 7)
    assert third.quorum
    room.decide(third.id, room.votes(in_favour=5, against=1, abstain=1))
    view = room.view()
    assert [(s.call, s.quorum.reached) for s in view.sittings] == [(1, False), (2, False), (3, True)]
    assert view.next_call is None


def test_the_second_call_meets_between_three_and_five_days_later(room) -> None:
    session = room.session()
    room.sit(session, 1, OPENS, 3)
    for days in (1, 2, 6):
        with pytest.raises(actions.WrongDayError):
            room.sit(session, 2, OPENS + timedelta(days=days), 30)
    assert room.sit(session, 2, OPENS + timedelta(days=5), 30).quorum


@pytest.mark.parametrize("call", [2, 3])
def test_a_later_call_needs_the_earlier_ones(room, call) -> None:
    with pytest.raises(actions.CallOutOfOrderError) as caught:
        room.sit(room.session(), call, OPENS, 30)
    assert caught.value.expected is law.Call.FIRST


def test_after_a_quorum_there_is_no_other_call(room) -> None:
    session = room.session()
    room.sit(session, 1, OPENS, 21)
    with pytest.raises(actions.CallOutOfOrderError):
        room.sit(session, 2, OPENS + timedelta(days=3), 30)


def test_nobody_sits_before_the_session_or_tomorrow(room) -> None:
    session = room.session()
    with pytest.raises(actions.WrongDayError):
        room.sit(session, 1, OPENS - timedelta(days=1), 30)
    with writing():
        set_clock(datetime(2023, 10, 2, 12, tzinfo=CASABLANCA))
        db.session.commit()
    with pytest.raises(actions.NotYetHeldError):
        room.act(actions.record_sitting, session, 1, clock() + timedelta(days=1), 41, 30, 0)


@pytest.mark.parametrize(
    ("in_office", "present", "excused"), [(41, 42, 0), (41, 40, 2), (0, 0, 0), (41, 30, -1)]
)
def test_members_that_cannot_be_are_refused(room, in_office, present, excused) -> None:
    session = room.session()
    with writing():
        set_clock(datetime(2023, 10, 2, 12, tzinfo=CASABLANCA))
        db.session.commit()
    with pytest.raises((actions.CountsError, law.PresentExceedInOfficeError)):
        room.act(actions.record_sitting, session, 1, clock(), in_office, present, excused)


def test_an_ordinary_session_opens_in_its_months_and_only_once_on_a_day(room) -> None:
    with pytest.raises(law.SessionOutsideCalendarError):
        room.act(actions.announce_session, "ordinary", date(2023, 9, 4))
    room.act(actions.announce_session, "extraordinary", date(2023, 9, 4))
    with pytest.raises(actions.SessionExistsError):
        room.act(actions.announce_session, "extraordinary", date(2023, 9, 4))
    with pytest.raises(actions.InThePastError):
        room.act(actions.announce_session, "extraordinary", date(2023, 8, 1))


@both_engines
def test_more_votes_than_members_present_are_refused_by_the_action_and_by_the_table(room) -> None:
    sitting = room.sit(room.session(), 1, OPENS, 22)
    with pytest.raises(actions.ProjectVoteError) as caught:
        room.decide(sitting.id, room.votes(in_favour=20, against=2, abstain=1))
    assert isinstance(caught.value.cause, law.VotesExceedPresentError)
    row = room.decide(sitting.id, room.votes(in_favour=20, against=1, abstain=1))
    with writing(), pytest.raises(IntegrityError):
        db.session.execute(
            sa.update(ProjectVote).where(ProjectVote.deliberation_id == row.id).values(abstain=2)
        )


@both_engines
@pytest.mark.parametrize(
    "decision", [ProjectDecision.POSTPONED, ProjectDecision.REJECTED, ProjectDecision.ADOPTED_AMENDED]
)
def test_the_table_itself_asks_for_a_reason_or_an_amendment(room, decision) -> None:
    sitting = room.sit(room.session(), 1, OPENS, 30)
    row = room.decide(sitting.id, room.votes())
    with writing(), pytest.raises(IntegrityError):
        db.session.execute(
            sa.update(ProjectVote).where(ProjectVote.deliberation_id == row.id).values(decision=decision)
        )


@both_engines
def test_the_table_refuses_a_sitting_that_does_not_sum(room) -> None:
    session = room.session()
    with writing(), pytest.raises(IntegrityError):
        add(
            Sitting(
                collectivity_id=room.made.collectivity.id, id=new_id(), session_id=session, call=1,
                held_at=clock(), in_office=41, present=30, excused=1, absent=9, quorum=True,
                recorded_by=1, recorded_at=clock(),
            )
        )  # fmt: skip


@pytest.mark.parametrize(
    ("vote", "cause"),
    [
        ({"in_favour": 5, "against": 6}, law.AdoptedWithoutMajorityError),
        ({"decision": ProjectDecision.REJECTED, "reason": REASON}, law.RejectedWithMajorityError),
        ({"decision": ProjectDecision.POSTPONED}, law.DecisionReasonMissingError),
        (
            {"decision": ProjectDecision.REJECTED, "in_favour": 1, "against": 9},
            law.DecisionReasonMissingError,
        ),
        ({"in_favour": -1}, law.NegativeMembersError),
    ],
)
def test_a_decision_that_its_votes_or_reason_do_not_bear_is_refused(room, vote, cause) -> None:
    sitting = room.sit(room.session(), 1, OPENS, 30)
    with pytest.raises(actions.ProjectVoteError) as caught:
        room.decide(sitting.id, room.votes(**vote))
    assert isinstance(caught.value.cause, cause)


def test_an_amendment_has_words(room) -> None:
    sitting = room.sit(room.session(), 1, OPENS, 30)
    with pytest.raises(actions.ProjectVoteError) as caught:
        room.decide(sitting.id, room.votes(decision=ProjectDecision.ADOPTED_AMENDED, amendment={"ar": "  "}))
    assert caught.value.amendment_missing
    room.decide(sitting.id, room.votes(decision=ProjectDecision.ADOPTED_AMENDED, amendment={"ar": "تعديل"}))


def amended_plan(room: Room) -> int:
    """Record a decision in which the first project is amended; return the sitting."""
    sitting = room.sit(room.session(), 1, OPENS, 30)
    votes = room.votes()
    votes[0] = VoteRow(
        votes[0].project_id, ProjectDecision.ADOPTED_AMENDED, 20, 2, 1, amendment={"ar": "خفض الميزانية"}
    )
    room.decide(sitting.id, votes)
    return sitting.id


def test_the_text_of_an_amendment_is_kept_with_only_what_differs(room) -> None:
    amended_plan(room)
    project = room.made.projects[0]
    row = room.act(
        actions.write_amendment,
        project.id,
        {"budget_mad": 9_000, "problem": dict(project.problem), "solution": {"ar": "حل آخر", "fr": ""}},
    )
    assert row.amended_text == {"budget_mad": 9_000, "solution": {"ar": "حل آخر"}}
    found, vote = queries.amended_project(room.made.collectivity.id, room.made.plan.id, project.number)
    assert (found.budget_mad, found.solution) == (9_000, {"ar": "حل آخر"})
    assert vote.amendment == {"ar": "خفض الميزانية"}


def test_an_amendment_that_changes_nothing_is_refused(room) -> None:
    amended_plan(room)
    project = room.made.projects[0]
    with pytest.raises(actions.NothingAmendedError):
        room.act(actions.write_amendment, project.id, {"budget_mad": project.budget_mad})


def test_only_a_project_adopted_with_an_amendment_is_rewritten(room) -> None:
    amended_plan(room)
    with pytest.raises(actions.NotAmendedError):
        room.act(actions.write_amendment, room.made.projects[1].id, {"budget_mad": 1})


def test_correcting_the_counts_keeps_the_amended_text_and_another_decision_drops_it(room) -> None:
    sitting = amended_plan(room)
    project = room.made.projects[0]
    room.act(actions.write_amendment, project.id, {"budget_mad": 9_000})
    again = room.votes()
    again[0] = VoteRow(project.id, ProjectDecision.ADOPTED_AMENDED, 19, 3, 1, amendment={"ar": "خفض"})
    room.decide(sitting, again)
    assert queries.votes_of(room.made.collectivity.id, room.made.plan.id).votes[0].amended_text == {
        "budget_mad": 9_000
    }
    room.decide(sitting, room.votes())
    assert queries.votes_of(room.made.collectivity.id, room.made.plan.id).votes[0].amended_text is None
    assert queries.amended_project(room.made.collectivity.id, room.made.plan.id, project.number) is None


def with_voices(room: Room, agree: int, disagree: int) -> None:
    with writing():
        people = voices(room.made, agree + disagree)
        take(room.made, 0, people[:agree], 1)
        take(room.made, 0, people[agree:], -1)
        synthesis.seal(None, room.made.review.id, clock())
        db.session.commit()


def test_a_decision_against_ninety_percent_support_needs_a_reason(room) -> None:
    with_voices(room, 36, 4)
    sitting = room.sit(room.session(), 1, OPENS, 30)
    against = {"decision": ProjectDecision.REJECTED, "in_favour": 2, "against": 18}
    votes = room.votes()
    with pytest.raises(actions.ProjectVoteError) as caught:
        room.decide(sitting.id, [VoteRow(room.made.projects[0].id, abstain=0, **against), *votes[1:]])
    assert caught.value.number == 1
    room.decide(
        sitting.id, [VoteRow(room.made.projects[0].id, abstain=0, reason=REASON, **against), *votes[1:]]
    )


def test_adopting_against_a_clear_opposition_needs_a_reason_too(room) -> None:
    with_voices(room, 4, 36)
    sitting = room.sit(room.session(), 1, OPENS, 30)
    with pytest.raises(actions.ProjectVoteError) as caught:
        room.decide(sitting.id, room.votes())
    assert (caught.value.number, caught.value.contradicts) == (1, "opposition")
    room.decide(sitting.id, room.votes(reason=REASON))


def test_few_voices_oblige_to_nothing(room) -> None:
    with_voices(room, 1, 18)
    sitting = room.sit(room.session(), 1, OPENS, 30)
    room.decide(sitting.id, room.votes())


def test_every_project_has_exactly_one_decision(room) -> None:
    sitting = room.sit(room.session(), 1, OPENS, 30)
    votes = room.votes()
    with pytest.raises(actions.VotesMissingError) as caught:
        room.decide(sitting.id, votes[:1])
    assert caught.value.numbers == (2, 3)
    with pytest.raises(actions.UnknownProjectError):
        room.decide(sitting.id, [*votes, votes[0]])
    with pytest.raises(actions.UnknownProjectError):
        room.decide(sitting.id, [*votes, VoteRow(1, ADOPTED, 20, 0, 0)])


def test_a_plan_is_returned_with_a_reason(room) -> None:
    sitting = room.sit(room.session(), 1, OPENS, 30)
    with pytest.raises(actions.NoReasonGivenError):
        room.decide(sitting.id, [], "returned")
    room.decide(sitting.id, [], "returned", reason=REASON)
    found = queries.votes_of(room.made.collectivity.id, room.made.plan.id)
    assert (found.outcome, found.votes) == ("returned", ())


@both_engines
def test_until_the_plan_follows_it_a_decision_can_be_corrected_and_then_no_more(room) -> None:
    sitting = room.sit(room.session(), 1, OPENS, 30)
    first = room.decide(sitting.id, room.votes())
    second = room.decide(sitting.id, room.votes(in_favour=25))
    assert second.id == first.id
    found = queries.votes_of(room.made.collectivity.id, room.made.plan.id)
    assert {v.in_favour for v in found.votes} == {25}
    with writing():
        db.session.execute(sa.update(Deliberation).values(performed_at=clock()))
        db.session.commit()
    db.session.expire_all()
    with pytest.raises(actions.AlreadyFollowedError):
        room.decide(sitting.id, room.votes())


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SECRETARY])
def test_only_the_secretary_records(room, role) -> None:
    with writing():
        other = makers.actor_of(makers.staff(room.made.collectivity, role))
        with pytest.raises(RefusedError):
            actions.announce_session(other, room.place, "ordinary", OPENS)


def test_before_the_dossier_no_sitting_is_recorded(app) -> None:
    room = Room(Stage.SYNTHESIS)
    with pytest.raises(RefusedError):
        room.sit(room.session(), 1, OPENS, 30)
