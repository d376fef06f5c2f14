"""The moves of a plan: each from every stage, once, under lock, by the database's clock."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from participate.consultations.models import Extension
from participate.contributions.models import Comment, Contribution
from participate.council import actions as council
from participate.db import add, clock, db, new_id, set_clock, writing
from participate.journal import queries as journal
from participate.journal.models import Chain, Checkpoint, JournalEntry
from participate.lifecycle import actions, queries
from participate.moderation.models import ModerationDecision
from participate.monitoring.models import Milestone
from participate.plans import actions as plans
from participate.plans import queries as plan_queries
from participate.positions.models import ProjectStatement
from participate.responses.models import IdeaFate, Response
from participate.rules import lifecycle as law
from participate.rules.lifecycle import MoveName, MoveRefusedError, Need, Stage
from participate.rules.moderation import Decision, ReasonCode
from participate.rules.outcomes import (
    ChangeCause,
    ConsultationKind,
    ConsultationState,
    ContributionKind,
    Fate,
    ProjectDecision,
    PublishState,
    ResponseState,
    VersionKind,
)
from participate.rules.policy import Place, RefusedError, Role
from participate.rules.windows import EmptyWindowError
from participate.synthesis.models import Seal
from tests import makers
from tests.conftest import both_engines
from tests.rooms.lifecycle import makers as own

pytestmark = pytest.mark.usefixtures("app")
SECOND = timedelta(microseconds=1)


def events(kind):
    rows = db.session.scalars(
        sa.select(JournalEntry).where(JournalEntry.type == kind).order_by(JournalEntry.seq)
    )
    return [json.loads(row.body)["public"] for row in rows]


def needs_of(caught):
    return set(caught.value.unmet.needs)


# --- announcing -----------------------------------------------------------------------------------


def test_announcing_makes_the_dates_public_and_counts_the_notice():
    made = makers.a_plan(Stage.PREPARATION)
    call = own.planned(made, ConsultationKind.CALL_FOR_IDEAS, starts=14, lasts=7)
    actions.announce(own.actor(made, Role.OFFICER), call)
    assert call.state is ConsultationState.ANNOUNCED
    assert events("consultation:announced")[0]["notice_days"] == 14


def test_a_window_of_six_days_cannot_be_announced():
    made = makers.a_plan(Stage.PREPARATION)
    call = own.planned(made, ConsultationKind.CALL_FOR_IDEAS, lasts=6)
    with pytest.raises(MoveRefusedError) as caught:
        actions.announce(own.actor(made, Role.OFFICER), call)
    assert needs_of(caught) == {Need.WINDOW_LONG_ENOUGH}


def test_new_dates_must_be_announced_again():
    made = makers.a_plan(Stage.PREPARATION)
    officer = own.actor(made, Role.OFFICER)
    call = own.planned(made, ConsultationKind.CALL_FOR_IDEAS)
    actions.announce(officer, call, {"ar": "سبب"})
    actions.reschedule(officer, call, own.midnight(30), own.midnight(40))
    assert (call.state, call.announced_at, call.notice_override) == (ConsultationState.PLANNED, None, None)
    with pytest.raises(EmptyWindowError):
        actions.reschedule(officer, call, own.midnight(30), own.midnight(30))


def test_an_open_consultation_cannot_be_given_new_dates():
    made = makers.a_plan(Stage.PREPARATION)
    call = makers.a_consultation(made, ConsultationKind.CALL_FOR_IDEAS)
    with pytest.raises(actions.AlreadyOpenError):
        actions.reschedule(own.actor(made, Role.OFFICER), call, own.midnight(1), own.midnight(20))


# --- opening --------------------------------------------------------------------------------------


def test_a_review_opens_by_itself_at_midnight_and_binds_the_draft():
    made = makers.a_plan(Stage.PREPARATION)
    version = own.a_draft(made)
    review = own.planned(made)
    actions.announce(own.actor(made, Role.OFFICER), review)
    set_clock(review.opens_at - timedelta(seconds=5))
    assert actions.run_due(made.collectivity.id) == []
    set_clock(review.opens_at)
    assert actions.run_due(made.collectivity.id) == [f"opened:{review.id}"]
    assert (review.state, review.version_id) == (ConsultationState.OPEN, version.id)
    assert made.plan.stage is Stage.CONSULTATION
    bound = db.session.scalars(
        sa.select(ProjectStatement.revision_id).where(ProjectStatement.consultation_id == review.id)
    ).all()
    assert sorted(bound) == sorted(
        p.revision_id for p in plan_queries.published_plan(made.collectivity.id, made.plan.id).projects
    )
    chain = db.session.scalar(sa.select(Chain).where(Chain.ref == review.id))
    assert db.session.scalar(sa.select(Checkpoint.seq).where(Checkpoint.chain_id == chain.id)) == chain.seq
    assert journal.first_fault(chain) is None


def test_what_due_actions_did_once_they_do_not_do_again():
    made = makers.a_plan(Stage.PREPARATION)
    own.a_draft(made)
    review = own.planned(made)
    actions.announce(own.actor(made, Role.OFFICER), review)
    set_clock(review.opens_at)
    actions.run_due(None)
    assert actions.run_due(None) == []
    assert len(events("consultation:opened")) == 1


def test_a_call_needs_an_axis_named_in_arabic():
    made = makers.a_plan(Stage.PREPARATION)
    for axis in made.axes:
        axis.title = {"fr": "Axe"}
    call = own.planned(made, ConsultationKind.CALL_FOR_IDEAS, lasts=7)
    officer = own.actor(made, Role.OFFICER)
    actions.announce(officer, call)
    set_clock(call.opens_at)
    with pytest.raises(MoveRefusedError) as caught:
        actions.open_(officer, call)
    assert needs_of(caught) == {Need.HAS_ARABIC_AXIS}
    assert actions.run_due(made.collectivity.id) == []
    assert call.state is ConsultationState.ANNOUNCED


def test_opening_a_call_leaves_the_plan_in_preparation():
    made = makers.a_plan(Stage.PREPARATION)
    call = own.planned(made, ConsultationKind.CALL_FOR_IDEAS, lasts=7)
    actions.announce(own.actor(made, Role.OFFICER), call)
    set_clock(call.opens_at)
    actions.run_due(made.collectivity.id)
    assert (call.state, made.plan.stage) == (ConsultationState.OPEN, Stage.PREPARATION)


def test_a_short_notice_holds_the_opening_until_it_has_a_public_reason():
    made = makers.a_plan(Stage.PREPARATION)
    own.a_draft(made)
    officer = own.actor(made, Role.OFFICER)
    review = own.planned(made, starts=13)
    actions.announce(officer, review)
    set_clock(review.opens_at)
    with pytest.raises(MoveRefusedError) as caught:
        actions.open_(officer, review)
    assert needs_of(caught) == {Need.NOTICE_GIVEN}
    with pytest.raises(actions.NoReasonError):
        actions.override_notice(officer, review, {"ar": ""})
    actions.override_notice(officer, review, {"ar": "الدورة قريبة"})
    assert events("notice:overridden")[0]["reason"] == {"ar": "الدورة قريبة"}
    actions.open_(officer, review)
    assert review.state is ConsultationState.OPEN


def test_a_review_needs_a_published_draft_complete_in_arabic():
    made = makers.a_plan(Stage.PREPARATION)
    officer = own.actor(made, Role.OFFICER)
    review = own.planned(made)
    actions.announce(officer, review)
    set_clock(review.opens_at)
    with pytest.raises(MoveRefusedError) as caught:
        actions.open_(officer, review)
    assert needs_of(caught) == {Need.HAS_PUBLISHED_DRAFT}
    place = Place(collectivity_id=made.collectivity.id, plan_id=made.plan.id)
    project = made.projects[1]
    plans.save_project(officer, place, project.id, 1, {"solution": {"fr": "Solution"}})
    own.a_draft(made)
    assert queries.facts(made.plan, review).incomplete_projects == (2,)
    plans.save_project(officer, place, project.id, project.row_version, {"solution": {"ar": "حل"}})
    with pytest.raises(MoveRefusedError) as caught:
        actions.open_(officer, review)
    assert needs_of(caught) == {Need.PROJECTS_COMPLETE}, "people would read the published words"
    own.a_draft(made)
    actions.open_(officer, review)
    assert review.version_id == made.version.id


def test_two_consultations_of_a_plan_are_never_open_together():
    made = makers.a_plan(Stage.PREPARATION)
    makers.a_consultation(made, ConsultationKind.CALL_FOR_IDEAS)
    second = own.planned(made, ConsultationKind.CALL_FOR_IDEAS, lasts=7)
    officer = own.actor(made, Role.OFFICER)
    actions.announce(officer, second)
    set_clock(second.opens_at)
    with pytest.raises(MoveRefusedError) as caught:
        actions.open_(officer, second)
    assert needs_of(caught) == {Need.NO_OTHER_OPEN}


# --- extending and closing ----------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "allowed"), [(48, True), (49, True), (47, False)])
def test_a_deadline_moves_until_48_hours_before_the_end(hours, allowed):
    made = makers.a_plan(Stage.CONSULTATION)
    end = made.review.closes_at
    # A second of grace: the clock runs between reading it and the move.
    set_clock(end - timedelta(hours=hours, seconds=1 if allowed else 0))
    officer = own.actor(made, Role.OFFICER)
    if allowed:
        actions.extend(officer, made.review, end + timedelta(days=7), {"ar": "طلب الجمعيات"})
        assert made.review.closes_at == end + timedelta(days=7)
        assert db.session.scalar(sa.select(Extension.old_closes_at)) == end
    else:
        with pytest.raises(MoveRefusedError) as caught:
            actions.extend(officer, made.review, end + timedelta(days=7), {"ar": "طلب"})
        assert needs_of(caught) == {Need.EXTENSION_IN_TIME}


def test_a_deadline_is_never_shortened_and_never_moved_without_a_reason():
    made = makers.a_plan(Stage.CONSULTATION)
    officer = own.actor(made, Role.OFFICER)
    with pytest.raises(MoveRefusedError) as caught:
        actions.extend(officer, made.review, made.review.closes_at - timedelta(days=1), {"ar": "سبب"})
    assert needs_of(caught) == {Need.EXTENSION_LONGER}
    with pytest.raises(MoveRefusedError) as caught:
        actions.extend(officer, made.review, made.review.closes_at + timedelta(days=1), {"ar": ""})
    assert needs_of(caught) == {Need.REASON_GIVEN}


@both_engines
def test_the_window_is_half_open_to_the_microsecond():
    made = makers.a_plan(Stage.CONSULTATION)
    end = made.review.closes_at
    assert queries.due(made.collectivity.id, end - SECOND)[0] == []
    due, _late = queries.due(made.collectivity.id, end)
    assert [(d.consultation_id, d.opening) for d in due] == [(made.review.id, False)]
    known = law.Facts(stage=Stage.CONSULTATION, now=end - SECOND, closes_at=end)
    assert not law.NEEDS[Need.CLOSING_TIME_REACHED](known)


def test_closing_a_review_writes_its_tally_and_a_checkpoint():
    made = makers.a_plan(Stage.CONSULTATION)
    set_clock(made.review.closes_at)
    assert actions.run_due(made.collectivity.id) == [f"closed:{made.review.id}"]
    assert (made.review.state, made.plan.stage) == (ConsultationState.CLOSED, Stage.SYNTHESIS)
    entry = events("consultation:closed")[0]
    assert entry["tally_sha256"] == actions.tally_hash(made.review)
    chain = db.session.scalar(sa.select(Chain).where(Chain.ref == made.review.id))
    assert entry["entries"] == chain.seq - 1
    assert db.session.scalar(sa.select(Checkpoint.seq).where(Checkpoint.chain_id == chain.id)) == chain.seq


def test_closing_before_the_end_is_refused():
    made = makers.a_plan(Stage.CONSULTATION)
    with pytest.raises(MoveRefusedError) as caught:
        actions.close(own.actor(made, Role.OFFICER), made.review)
    assert needs_of(caught) == {Need.CLOSING_TIME_REACHED}


def test_the_hash_of_a_tally_changes_with_a_vote():
    made = makers.a_plan(Stage.CONSULTATION)
    before = actions.tally_hash(made.review)
    db.session.execute(
        sa.text("UPDATE statement SET agree = agree + 1 WHERE id = :id"), {"id": made.statements[0]}
    )
    assert actions.tally_hash(made.review) != before


def test_nothing_due_costs_one_statement():
    made = makers.a_plan(Stage.CONSULTATION)
    now, seen = clock(), []

    def count(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert actions.run_due(made.collectivity.id, now) == []
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", count)
    assert len(seen) == 1


@both_engines
def test_two_due_actions_at_once_close_once(app):
    with writing():
        made = makers.a_plan(Stage.CONSULTATION)
        set_clock(made.review.closes_at)
        db.session.commit()
    ready, done = threading.Barrier(2), []
    where = made.collectivity.id

    def run():
        with app.app_context():
            ready.wait()
            with writing():
                done.append(actions.run_due(where))
                db.session.commit()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [[], [f"closed:{made.review.id}"]]
    assert len(events("consultation:closed")) == 1


@both_engines
def test_two_due_actions_at_once_open_once(app):
    with writing():
        made = makers.a_plan(Stage.PREPARATION)
        own.a_draft(made)
        review = own.planned(made)
        actions.announce(own.actor(made, Role.OFFICER), review)
        set_clock(review.opens_at)
        db.session.commit()
    ready, done, where = threading.Barrier(2), [], made.collectivity.id

    def run():
        with app.app_context():
            ready.wait()
            with writing():
                done.append(actions.run_due(where))
                db.session.commit()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [[], [f"opened:{review.id}"]]


# --- to the council and back ---------------------------------------------------------------------------


def test_a_plan_without_answers_does_not_go_to_the_council():
    made = makers.a_plan(Stage.SYNTHESIS)
    with pytest.raises(MoveRefusedError) as caught:
        actions.transmit(own.actor(made, Role.OFFICER), made.plan)
    assert needs_of(caught) == {Need.EVERY_PROJECT_HAS_RESPONSE}


def test_transmission_publishes_answers_version_and_seal_at_once():
    made = makers.a_plan(Stage.SYNTHESIS)
    officer = own.actor(made, Role.OFFICER)
    own.answered(made)
    project = made.projects[0]
    place = Place(collectivity_id=made.collectivity.id, plan_id=made.plan.id)
    plans.save_project(
        officer, place, project.id, 1, {"title": {"ar": "أوضح"}, "change_cause": ChangeCause.CONTRIBUTION}
    )
    version = actions.transmit(officer, made.plan, {"ar": "بعد آراء السكان"})
    assert (version.number, version.kind, made.plan.stage) == (2, VersionKind.REVISED, Stage.COUNCIL)
    assert version.note == {"ar": "بعد آراء السكان"}
    assert set(db.session.scalars(sa.select(Response.state))) == {ResponseState.PUBLISHED}
    seal = db.session.scalar(sa.select(Seal))
    assert events("plan:transmitted") == [{"version": 2, "seal": seal.sha256, "responses": 3}]


def test_a_revised_version_already_published_is_the_one_that_goes_to_the_council():
    made = makers.a_plan(Stage.SYNTHESIS)
    officer = own.actor(made, Role.OFFICER)
    own.answered(made)
    revised = plans.publish_version(officer, made.plan, VersionKind.REVISED)
    assert actions.transmit(officer, made.plan).id == revised.id


def test_a_transmission_that_fails_on_its_way_changes_nothing():
    made = makers.a_plan(Stage.SYNTHESIS)
    own.answered(made)
    made.projects[0].solution = {}
    with pytest.raises(MoveRefusedError) as caught:
        actions.transmit(own.actor(made, Role.OFFICER), made.plan)
    assert needs_of(caught) == {Need.REVISED_VERSION_READY}
    assert set(db.session.scalars(sa.select(Response.state))) == {ResponseState.APPROVED}


def a_contribution(made, state, **changes):
    """A comment of the closed review."""
    participant = makers.a_participant(made.review)
    row = add(
        Contribution(
            **{
                "collectivity_id": made.collectivity.id,
                "id": new_id(),
                "kind": ContributionKind.COMMENT,
                "ref": f"T-{participant.id % 10**8}",
                "consultation_id": made.review.id,
                "participant_id": participant.id,
                "state": state,
                "lang": "ar",
                "signals": [],
                "submitted_at": clock(),
                "due_at": clock(),
                "published_at": clock(),
                **changes,
            }
        )
    )
    if row.kind is ContributionKind.COMMENT:
        add(
            Comment(
                collectivity_id=made.collectivity.id,
                id=row.id,
                project_id=made.projects[0].id,
                body="نص التعليق",
            )
        )
    return row


def a_decision(made, contribution, decision, when):
    return add(
        ModerationDecision(
            collectivity_id=made.collectivity.id,
            id=new_id(),
            ref=f"D-{contribution.id % 10**8}",
            contribution_id=contribution.id,
            consultation_id=made.review.id,
            decision=decision,
            reason=ReasonCode.PERSONAL_DATA,
            received_at=when,
            in_time=True,
            state_before=PublishState.WAITING,
            decided_by=makers.a_person().id,
            decided_at=when,
        )
    )


def test_what_waits_for_a_moderator_or_an_answer_holds_the_plan_back():
    made = makers.a_plan(Stage.SYNTHESIS)
    own.answered(made)
    a_contribution(made, PublishState.WAITING)
    a_contribution(made, PublishState.PUBLISHED)
    known = queries.facts(made.plan)
    assert (known.pending, known.answerable, known.answered) == (1, 1, 0)
    assert set(law.check(MoveName.TRANSMIT, known).needs) == {Need.NOTHING_PENDING, Need.COVERAGE_COMPLETE}


def test_a_returned_text_waits_five_days_for_its_author_and_no_longer():
    made = makers.a_plan(Stage.SYNTHESIS)
    now = clock()
    row = a_contribution(made, PublishState.RETURNED)
    a_decision(made, row, Decision.RETURN, now - timedelta(days=4))
    assert queries.facts(made.plan, now=now).pending == 1
    assert queries.facts(made.plan, now=now + timedelta(days=1)).pending == 0


def test_the_right_of_appeal_holds_the_plan_until_it_ends():
    made = makers.a_plan(Stage.SYNTHESIS)
    row = a_contribution(made, PublishState.HIDDEN)
    a_decision(made, row, Decision.HIDE, clock())
    ends = queries.facts(made.plan).appeal_window_ends
    assert ends is not None
    assert Need.APPEAL_WINDOW_OVER in law.check(MoveName.TRANSMIT, queries.facts(made.plan)).needs
    set_clock(ends)
    assert Need.APPEAL_WINDOW_OVER not in law.check(MoveName.TRANSMIT, queries.facts(made.plan)).needs


def test_every_published_idea_needs_its_fate():
    made = makers.a_plan(Stage.SYNTHESIS)
    row = a_contribution(made, PublishState.PUBLISHED, kind=ContributionKind.IDEA)
    assert queries.facts(made.plan).ideas_without_fate == 1
    add(
        IdeaFate(
            collectivity_id=made.collectivity.id,
            contribution_id=row.id,
            fate=Fate.RETAINED,
            decided_by=makers.a_person().id,
            decided_at=clock(),
        )
    )
    assert queries.facts(made.plan).ideas_without_fate == 0


def test_adoption_publishes_only_what_was_adopted_and_begins_its_milestones():
    made = makers.a_plan(Stage.COUNCIL, projects=4)
    own.deliberated(
        made,
        decisions={
            1: ProjectDecision.ADOPTED,
            2: ProjectDecision.ADOPTED_AMENDED,
            3: ProjectDecision.POSTPONED,
            4: ProjectDecision.REJECTED,
        },
    )
    secretary = own.actor(made, Role.SECRETARY)
    with pytest.raises(MoveRefusedError) as caught:
        actions.adopt(secretary, made.plan)
    assert needs_of(caught) == {Need.AMENDMENTS_WRITTEN}, "an amendment changes something that can be read"
    council.write_amendment(
        secretary,
        plan_queries.plan_place(made.collectivity.slug, made.plan.cycle),
        made.projects[1].id,
        {"budget_mad": 125_000, "solution": {"ar": "حل آخر"}},
    )
    version = actions.adopt(secretary, made.plan)
    assert (version.kind, version.number, made.plan.stage) == (VersionKind.ADOPTED, 2, Stage.IMPLEMENTATION)
    view = plan_queries.published_plan(made.collectivity.id, made.plan.id)
    assert view.projects[1].budget_mad == 125_000
    assert view.projects[1].solution == {"ar": "حل آخر"}
    assert [(p.number, p.revision_number, p.change_cause) for p in view.projects] == [
        (1, 1, ChangeCause.NONE_STATED),
        (2, 2, ChangeCause.COUNCIL),
    ]
    assert view.projects[1].change_note == {"ar": "تعديل المجلس"}
    followed = db.session.execute(sa.select(Milestone.project_id, Milestone.position)).all()
    assert sorted(followed) == sorted([(made.projects[0].id, 1), (made.projects[1].id, 1)])
    changes = plan_queries.differences(made.version, version)
    assert [p.status.value for p in changes.projects] == ["same", "changed", "removed", "removed"]
    assert plan_queries.published_project(made.collectivity.id, made.plan.id, 3).version_number == 1
    assert events("plan:adopted")[0]["reference"] == "12/2023"


@pytest.mark.parametrize(
    ("changes", "need"),
    [
        ({"quorum": False}, Need.QUORUM_REACHED),
        ({"decisions": {2: None}}, Need.EVERY_PROJECT_DECIDED),
    ],
)
def test_adoption_needs_a_quorum_and_every_decision(changes, need):
    made = makers.a_plan(Stage.COUNCIL)
    own.deliberated(made, **changes)
    with pytest.raises(MoveRefusedError) as caught:
        actions.adopt(own.actor(made, Role.SECRETARY), made.plan)
    assert needs_of(caught) == {need}


def test_adoption_needs_a_recorded_decision():
    made = makers.a_plan(Stage.COUNCIL)
    with pytest.raises(MoveRefusedError) as caught:
        actions.adopt(own.actor(made, Role.SECRETARY), made.plan)
    assert needs_of(caught) == {Need.QUORUM_REACHED, Need.EVERY_PROJECT_DECIDED, Need.DELIBERATION_DATED}


def test_a_returned_plan_is_not_adopted():
    made = makers.a_plan(Stage.COUNCIL)
    own.deliberated(made, outcome="returned")
    with pytest.raises(actions.NotAdoptedError):
        actions.adopt(own.actor(made, Role.SECRETARY), made.plan)


def test_an_adopted_plan_is_not_returned():
    made = makers.a_plan(Stage.COUNCIL)
    own.deliberated(made)
    with pytest.raises(actions.NotAdoptedError):
        actions.return_(own.actor(made, Role.SECRETARY), made.plan)


def test_a_council_that_adopts_no_project_cannot_make_an_adopted_version():
    made = makers.a_plan(Stage.COUNCIL)
    own.deliberated(made, decisions=dict.fromkeys((1, 2, 3), ProjectDecision.REJECTED))
    with pytest.raises(plans.NothingToPublishError):
        actions.adopt(own.actor(made, Role.SECRETARY), made.plan)


def test_a_returned_plan_is_prepared_again_and_reviewed_on_a_new_draft():
    made = makers.a_plan(Stage.COUNCIL)
    own.deliberated(made, outcome="returned")
    actions.return_(own.actor(made, Role.SECRETARY), made.plan)
    assert (made.plan.stage, made.review.state) == (Stage.PREPARATION, ConsultationState.ARCHIVED)
    officer = own.actor(made, Role.OFFICER)
    review = own.planned(made)
    actions.announce(officer, review)
    set_clock(review.opens_at)
    assert queries.facts(made.plan, review).draft_version_projects == 3, "version 1 is still a draft"
    actions.open_(officer, review)
    assert made.plan.stage is Stage.CONSULTATION


def test_evaluation_begins_on_the_last_day_and_closes_once_recorded():
    made = makers.a_plan(Stage.IMPLEMENTATION)
    officer = own.actor(made, Role.OFFICER)
    with pytest.raises(MoveRefusedError) as caught:
        actions.start_evaluation(officer, made.plan)
    assert needs_of(caught) == {Need.END_REACHED}
    set_clock(clock().replace(year=2026, month=1, day=2))
    actions.start_evaluation(officer, made.plan)
    with pytest.raises(MoveRefusedError) as caught:
        actions.close_plan(officer, made.plan)
    assert needs_of(caught) == {Need.EVALUATION_RECORDED}
    own.evaluated(made)
    actions.close_plan(officer, made.plan)
    assert made.plan.stage is Stage.CLOSED


def test_withdrawing_closes_what_is_open_and_keeps_everything_public():
    made = makers.a_plan(Stage.CONSULTATION)
    president = own.actor(made, Role.PRESIDENT)
    with pytest.raises(MoveRefusedError) as caught:
        actions.withdraw(president, made.plan, {"ar": ""})
    assert needs_of(caught) == {Need.REASON_GIVEN}
    actions.withdraw(president, made.plan, {"ar": "إعادة الانتخابات"})
    assert (made.plan.stage, made.review.state) == (Stage.WITHDRAWN, ConsultationState.CLOSED)
    assert len(events("consultation:closed")) == 1
    view = plan_queries.published_plan(made.collectivity.id, made.plan.id)
    assert (len(view.projects), view.withdrawn_reason) == (3, {"ar": "إعادة الانتخابات"})
    assert actions.run_due(made.collectivity.id) == []


# --- the table, walked ---------------------------------------------------------------------------------

TRIES = {
    MoveName.TRANSMIT: (Role.OFFICER, lambda who, made: actions.transmit(who, made.plan)),
    MoveName.ADOPT: (Role.SECRETARY, lambda who, made: actions.adopt(who, made.plan)),
    MoveName.RETURN: (Role.SECRETARY, lambda who, made: actions.return_(who, made.plan)),
    MoveName.START_EVALUATION: (Role.OFFICER, lambda who, made: actions.start_evaluation(who, made.plan)),
    MoveName.CLOSE_PLAN: (Role.OFFICER, lambda who, made: actions.close_plan(who, made.plan)),
    MoveName.WITHDRAW: (Role.PRESIDENT, lambda who, made: actions.withdraw(who, made.plan, {"ar": "سبب"})),
}


def readied(move, made):
    """Give a plan everything a move needs but the stage."""
    if made.review is not None and move is MoveName.TRANSMIT:
        own.answered(made)
    if move in (MoveName.ADOPT, MoveName.RETURN):
        own.deliberated(made, outcome="adopted" if move is MoveName.ADOPT else "returned")
    if move is MoveName.START_EVALUATION:
        set_clock(clock().replace(year=2026, month=1, day=2))
    if move is MoveName.CLOSE_PLAN:
        own.evaluated(made)


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("move", list(TRIES))
def test_each_move_of_a_plan_leads_from_its_stages_only(move, stage):
    made = makers.a_plan(stage)
    readied(move, made)
    role, act = TRIES[move]
    try:
        act(own.actor(made, role), made)
        performed = True
    except (RefusedError, MoveRefusedError, actions.NotAdoptedError):
        performed = False
    assert performed is (stage in law.MOVES[move].sources)
    assert made.plan.stage is (law.MOVES[move].target if performed else stage)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("move", list(TRIES))
def test_each_move_of_a_plan_has_its_people(move, role):
    made = makers.a_plan(next(iter(sorted(law.MOVES[move].sources))))
    readied(move, made)
    try:
        TRIES[move][1](own.actor(made, role), made)
        performed = True
    except RefusedError:
        performed = False
    people = {
        MoveName.TRANSMIT: {Role.OFFICER, Role.PRESIDENT},
        MoveName.ADOPT: {Role.SECRETARY},
        MoveName.RETURN: {Role.SECRETARY},
        MoveName.START_EVALUATION: {Role.OFFICER},
        MoveName.CLOSE_PLAN: {Role.OFFICER},
        MoveName.WITHDRAW: {Role.PRESIDENT},
    }
    assert performed is (role in people[move])


@pytest.mark.parametrize("state", list(ConsultationState))
def test_each_move_of_a_consultation_has_its_state(state):
    made = makers.a_plan(Stage.PREPARATION)
    officer = own.actor(made, Role.OFFICER)
    ended = state in (ConsultationState.CLOSED, ConsultationState.ARCHIVED)
    call = makers.a_consultation(
        made,
        ConsultationKind.CALL_FOR_IDEAS,
        state=state,
        closed_at=clock() if ended else None,
        announced_at=clock() - timedelta(days=60),
    )
    outcomes = {}
    for name, act in (
        ("announce", lambda: actions.announce(officer, call)),
        ("open", lambda: actions.open_(officer, call)),
        ("extend", lambda: actions.extend(officer, call, call.closes_at + timedelta(days=1), {"ar": "سبب"})),
    ):
        with db.session.begin_nested() as savepoint:
            try:
                act()
                outcomes[name] = True
            except MoveRefusedError:
                outcomes[name] = False
            savepoint.rollback()
        db.session.refresh(call)
    assert outcomes == {
        "announce": state is ConsultationState.PLANNED,
        "open": state is ConsultationState.ANNOUNCED,
        "extend": state is ConsultationState.OPEN,
    }
