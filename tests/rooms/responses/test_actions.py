"""The fate of ideas, themes, answers and their second reader, on both engines where the database decides."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.contributions.models import Contribution
from participate.db import add, clock, db, new_id
from participate.journal.models import JournalEntry
from participate.plans.models import PlanVersion, ProjectRevision, VersionProject
from participate.responses import actions
from participate.responses.models import IdeaFate, Response, Theme, ThemeMember
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import (
    FATES_NEEDING_REASON,
    OUTCOMES_NEEDING_REASON,
    ConsultationKind,
    ConsultationState,
    Fate,
    Outcome,
    PublishState,
    ResponseState,
    VersionKind,
)
from participate.rules.policy import RefusedError, Role
from tests import makers
from tests.conftest import both_engines
from tests.rooms.responses.makers import REASON, TEXT, a_desk, a_response, a_text, a_theme, about, an_idea


@pytest.fixture
def desk(app):
    return a_desk()


def assess(desk, row, fate, **more):
    found = actions.assess_idea(desk.actor(), desk.here, row.id, fate, **more)
    db.session.commit()
    return found


def events(kind):
    return db.session.scalars(sa.select(JournalEntry).where(JournalEntry.type == kind)).all()


def at_stage(desk, stage):
    desk.made.plan = db.session.merge(desk.made.plan)
    desk.made.plan.stage = stage
    db.session.commit()


# --- who and when ------------------------------------------------------------------------------------


def refused(act):
    try:
        act()
    except RefusedError:
        return True
    return False


ANSWERING = {Stage.PREPARATION, Stage.CONSULTATION, Stage.SYNTHESIS}
COMMITTEE = {Role.OFFICER, Role.COMMITTEE_MEMBER}


@pytest.mark.parametrize("stage", Stage)
def test_only_the_committee_answers_and_only_before_the_council(app, stage):
    desk = a_desk()
    idea, text = an_idea(desk), a_text(desk)
    theme = a_theme(desk)
    row = a_response(desk, about(desk, theme))
    at_stage(desk, stage)
    for role in Role:
        who = makers.actor_of(makers.staff(desk.made.collectivity, role))
        verbs = {
            "assess": (
                COMMITTEE,
                lambda who=who: actions.assess_idea(who, desk.here, idea.id, Fate.RETAINED),
            ),
            "theme": (COMMITTEE, lambda who=who: actions.save_theme(who, desk.here, desk.review.id, TEXT)),
            "fill": (COMMITTEE, lambda who=who: actions.fill_theme(who, desk.here, theme.id, [text.id])),
            "take out": (COMMITTEE, lambda who=who: actions.take_out(who, desk.here, theme.id, [text.id])),
            "write": (
                COMMITTEE,
                lambda who=who: actions.write_response(who, about(desk, text), Outcome.ACCEPTED, TEXT),
            ),
            "approve": (
                COMMITTEE | {Role.PRESIDENT},
                lambda who=who: actions.approve(who, desk.here, row.id),
            ),
            "reopen": (COMMITTEE, lambda who=who: actions.reopen(who, desk.here, row.id)),
        }
        for name, (roles, act) in verbs.items():
            if role in roles and stage in ANSWERING:
                act()
            else:
                assert refused(act), f"{role} may not {name} in {stage}"
        db.session.rollback()


def test_a_role_of_another_commune_answers_nothing_here(desk):
    elsewhere = makers.actor_of(makers.staff(makers.a_collectivity(), Role.OFFICER))
    with pytest.raises(RefusedError):
        actions.assess_idea(elsewhere, desk.here, an_idea(desk).id, Fate.RETAINED)


# --- ideas ---------------------------------------------------------------------------------------------


def test_a_fate_is_recorded_with_its_reason_private_and_its_word_public(desk):
    idea = an_idea(desk)
    assess(desk, idea, Fate.DECLINED, reason=REASON)
    (entry,) = events("idea:assessed")
    assert '"fate":"declined"' in entry.body
    assert "اختصاص" not in entry.body


@pytest.mark.parametrize("fate", sorted(FATES_NEEDING_REASON))
@pytest.mark.parametrize("reason", [None, {}, {"ar": " \u200f "}, {"fr": "non"}])
def test_a_no_needs_its_reason_in_arabic(desk, fate, reason):
    idea = an_idea(desk)
    with pytest.raises(actions.ReasonMissingError):
        assess(desk, idea, fate, reason=reason)


def test_an_idea_is_merged_with_a_project_or_with_another_idea_never_with_nothing(desk):
    idea, other = an_idea(desk), an_idea(desk)
    with pytest.raises(actions.TargetMissingError):
        assess(desk, idea, Fate.MERGED)
    assert assess(desk, idea, Fate.MERGED, project_id=desk.made.projects[0].id).project_id
    assert assess(desk, idea, Fate.MERGED, merged_into=other.id).merged_into == other.id


def test_an_idea_is_not_merged_with_itself_nor_in_a_circle(desk):
    idea, other = an_idea(desk), an_idea(desk)
    with pytest.raises(actions.MergedWithItselfError):
        assess(desk, idea, Fate.MERGED, merged_into=idea.id)
    assess(desk, idea, Fate.MERGED, merged_into=other.id)
    with pytest.raises(actions.MergedWithItselfError):
        assess(desk, other, Fate.MERGED, merged_into=idea.id)


def test_an_idea_does_not_join_another_plans_project_or_idea(desk):
    idea, elsewhere = an_idea(desk), a_desk()
    with pytest.raises(actions.NoSuchThingError):
        assess(desk, idea, Fate.RETAINED, project_id=elsewhere.made.projects[0].id)
    with pytest.raises(actions.NoSuchThingError):
        assess(desk, idea, Fate.MERGED, merged_into=an_idea(elsewhere).id)


def test_a_fate_can_be_corrected_and_forgets_what_no_longer_fits(desk):
    idea = an_idea(desk)
    assess(desk, idea, Fate.MERGED, project_id=desk.made.projects[0].id)
    found = assess(desk, idea, Fate.DEFERRED, reason=REASON)
    assert (found.fate, found.project_id, found.reason) == (Fate.DEFERRED, None, REASON)
    assert len(events("idea:assessed")) == 2


def test_a_fate_decided_meanwhile_by_a_colleague_is_kept(desk):
    idea = an_idea(desk)
    assess(desk, idea, Fate.RETAINED, row_version=0)
    with pytest.raises(actions.ChangedMeanwhileError):
        assess(desk, idea, Fate.DECLINED, reason=REASON, row_version=0)


def test_a_comment_has_no_fate_and_a_withdrawn_idea_needs_none(desk):
    with pytest.raises(actions.NoSuchThingError):
        assess(desk, a_text(desk), Fate.RETAINED)
    with pytest.raises(actions.NotAnswerableError):
        assess(desk, an_idea(desk, state=PublishState.WITHDRAWN), Fate.RETAINED)


@both_engines
def test_the_database_refuses_a_no_without_reason_and_a_merge_without_target(app, engine_name):
    desk = a_desk()
    for fate in (*FATES_NEEDING_REASON, Fate.MERGED):
        idea = an_idea(desk)
        with pytest.raises(IntegrityError):
            add(
                IdeaFate(
                    collectivity_id=desk.here,
                    contribution_id=idea.id,
                    fate=fate,
                    decided_by=desk.officer.id,
                    decided_at=clock(),
                )
            )
        db.session.rollback()


# --- themes ----------------------------------------------------------------------------------------------


def mains(row):
    return {
        one.theme_id
        for one in db.session.scalars(
            sa.select(ThemeMember).where(ThemeMember.contribution_id == row.id, ThemeMember.main)
        )
    }


def test_themes_are_numbered_within_their_consultation(desk):
    assert [a_theme(desk).ref for _ in range(3)] == ["T001", "T002", "T003"]
    assert a_theme(a_desk()).ref == "T001"


def test_a_theme_needs_a_title(desk):
    with pytest.raises(actions.TextMissingError):
        actions.save_theme(desk.actor(), desk.here, desk.review.id, {"ar": "  ", "en": "English only"})


def test_a_contribution_has_one_main_theme_and_keeps_the_former_as_another(desk):
    text = a_text(desk)
    first, second = a_theme(desk, text), a_theme(desk)
    filled = actions.fill_theme(desk.actor(), desk.here, second.id, [text.id])
    db.session.commit()
    assert filled.added == (text.ref,)
    assert mains(text) == {second.id}
    actions.take_out(desk.actor(), desk.here, second.id, [text.id])
    db.session.commit()
    assert mains(text) == {first.id}


def test_filling_twice_changes_and_records_nothing(desk):
    text = a_text(desk)
    theme = a_theme(desk, text)
    before = len(events("theme:filled"))
    assert actions.fill_theme(desk.actor(), desk.here, theme.id, [text.id, text.id]).added == ()
    assert len(events("theme:filled")) == before


def test_a_second_theme_that_is_not_the_main_one_leaves_the_main_one(desk):
    text = a_text(desk)
    first, second = a_theme(desk, text), a_theme(desk)
    actions.fill_theme(desk.actor(), desk.here, second.id, [text.id], main=False)
    assert mains(text) == {first.id}


def test_replies_withdrawn_and_foreign_texts_are_left_out_and_counted(desk):
    text = a_text(desk)
    others = [
        a_text(desk, parent_id=text.id),
        a_text(desk, state=PublishState.WITHDRAWN),
        a_text(desk, state=PublishState.WAITING),
        a_text(desk, state=PublishState.MERGED, merged_into=text.id),
        a_text(a_desk()),
    ]
    theme = a_theme(desk)
    filled = actions.fill_theme(desk.actor(), desk.here, theme.id, [text.id, *(one.id for one in others)])
    assert filled.added == (text.ref,)
    assert filled.left == len(others)


def test_only_an_empty_theme_is_removed(desk):
    text = a_text(desk)
    theme = a_theme(desk, text)
    with pytest.raises(actions.ThemeInUseError):
        actions.remove_theme(desk.actor(), desk.here, theme.id)
    actions.take_out(desk.actor(), desk.here, theme.id, [text.id])
    actions.remove_theme(desk.actor(), desk.here, theme.id)
    db.session.commit()
    assert db.session.get(Theme, (desk.here, theme.id)) is None
    assert len(events("theme:removed")) == 1


@both_engines
def test_the_database_refuses_two_main_themes(app, engine_name):
    desk = a_desk()
    text = a_text(desk)
    a_theme(desk, text)
    other = a_theme(desk)
    with pytest.raises(IntegrityError):
        add(
            ThemeMember(
                collectivity_id=desk.here,
                theme_id=other.id,
                contribution_id=text.id,
                main=True,
                by_person_id=desk.officer.id,
                at=clock(),
            )
        )


# --- responses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", sorted(OUTCOMES_NEEDING_REASON))
def test_an_answer_that_says_no_needs_a_reason(desk, outcome):
    with pytest.raises(actions.ReasonMissingError):
        actions.write_response(desk.actor(), about(desk, a_theme(desk)), outcome, TEXT, {"fr": "seul"})


def test_an_answer_is_written_in_arabic_at_least(desk):
    with pytest.raises(actions.TextMissingError):
        actions.write_response(desk.actor(), about(desk, a_theme(desk)), Outcome.ACCEPTED, {"fr": "oui"})


def test_a_subject_is_exactly_one_thing():
    for keys in ({}, {"theme_id": 1, "project_id": 2}):
        with pytest.raises(ValueError, match="exactly one"):
            actions.Subject(1, 2, **keys)


def test_a_withdrawn_text_or_a_reply_gets_no_answer(desk):
    text = a_text(desk)
    for row in (a_text(desk, parent_id=text.id), a_text(desk, state=PublishState.WITHDRAWN)):
        with pytest.raises(actions.NotAnswerableError):
            a_response(desk, about(desk, row))


def test_the_writer_is_not_the_second_reader(desk):
    row = a_response(desk, about(desk, a_theme(desk)))
    with pytest.raises(RefusedError) as refused:
        actions.approve(desk.actor(), desk.here, row.id)
    assert refused.value.unmet == ("another_writer",)
    actions.approve(desk.actor(desk.president), desk.here, row.id)
    assert row.state is ResponseState.APPROVED


def test_who_rewrites_a_draft_becomes_its_writer(desk):
    subject = about(desk, a_theme(desk))
    row = a_response(desk, subject)
    actions.write_response(desk.actor(desk.member), subject, Outcome.ACCEPTED, TEXT)
    with pytest.raises(RefusedError):
        actions.approve(desk.actor(desk.member), desk.here, row.id)
    actions.approve(desk.actor(), desk.here, row.id)


@both_engines
def test_the_database_refuses_a_writer_who_approves_alone(app, engine_name):
    desk = a_desk()
    row = a_response(desk, about(desk, a_theme(desk)))
    row.state, row.approved_by, row.approved_at = ResponseState.APPROVED, desk.officer.id, clock()
    with pytest.raises(IntegrityError, match="second_reader"):
        db.session.flush()


@both_engines
def test_the_database_refuses_an_approved_answer_that_nobody_approved(app, engine_name):
    desk = a_desk()
    row = a_response(desk, about(desk, a_theme(desk)))
    row.state = ResponseState.APPROVED
    with pytest.raises(IntegrityError, match="approved"):
        db.session.flush()


@both_engines
def test_the_database_keeps_one_answer_a_subject(app, engine_name):
    desk = a_desk()
    for subject in (about(desk, a_theme(desk)), about(desk, a_text(desk)), about(desk, project=1)):
        first = a_response(desk, subject)
        with pytest.raises(IntegrityError):
            add(
                Response(
                    collectivity_id=desk.here,
                    id=new_id(),
                    consultation_id=first.consultation_id,
                    theme_id=first.theme_id,
                    contribution_id=first.contribution_id,
                    project_id=first.project_id,
                    outcome=Outcome.ACCEPTED,
                    text=TEXT,
                    written_by=desk.member.id,
                    written_at=clock(),
                )
            )
        db.session.rollback()


def test_nobody_approves_words_they_have_not_read(desk):
    subject = about(desk, a_theme(desk))
    row = a_response(desk, subject)
    read = row.row_version
    actions.write_response(desk.actor(), subject, Outcome.PARTLY_ACCEPTED, TEXT)
    with pytest.raises(actions.ChangedMeanwhileError):
        actions.approve(desk.actor(desk.member), desk.here, row.id, row_version=read)


def test_an_approved_answer_is_reopened_before_it_changes(desk):
    subject = about(desk, a_theme(desk))
    row = a_response(desk, subject, approved=True)
    with pytest.raises(actions.ApprovedError):
        actions.write_response(desk.actor(), subject, Outcome.DEFERRED, TEXT, REASON)
    actions.reopen(desk.actor(), desk.here, row.id)
    assert (row.state, row.approved_by) == (ResponseState.DRAFT, None)
    actions.write_response(desk.actor(), subject, Outcome.DEFERRED, TEXT, REASON)


def test_approving_and_reopening_twice_records_once(desk):
    row = a_response(desk, about(desk, a_theme(desk)))
    for _ in range(2):
        actions.approve(desk.actor(desk.member), desk.here, row.id)
    for _ in range(2):
        actions.reopen(desk.actor(), desk.here, row.id)
    assert len(events("response:approved")) == len(events("response:reopened")) == 1


def test_an_answer_written_meanwhile_by_a_colleague_is_kept(desk):
    subject = about(desk, a_theme(desk))
    a_response(desk, subject, row_version=0)
    with pytest.raises(actions.ChangedMeanwhileError):
        actions.write_response(desk.actor(desk.member), subject, Outcome.ACCEPTED, TEXT, row_version=0)


# --- published together --------------------------------------------------------------------------------------


def test_only_approved_answers_are_published_and_once(desk):
    approved = a_response(desk, about(desk, a_theme(desk)), approved=True)
    draft = a_response(desk, about(desk, a_text(desk)))
    now = clock()
    assert actions.publish_all(desk.review.id, now) == 1
    assert (approved.state, approved.published_at) == (ResponseState.PUBLISHED, now)
    assert draft.state is ResponseState.DRAFT
    assert actions.publish_all(desk.review.id, clock()) == 0
    assert approved.published_at == now


def test_answers_of_another_consultation_are_not_published_with_these(desk):
    other = a_desk()
    row = a_response(other, about(other, a_theme(other)), approved=True)
    assert actions.publish_all(desk.review.id, clock()) == 0
    assert row.state is ResponseState.APPROVED


def test_a_published_answer_stays_as_people_read_it_even_if_the_council_returns_the_plan(desk):
    subject = about(desk, a_theme(desk))
    row = a_response(desk, subject, approved=True)
    actions.publish_all(desk.review.id, clock())
    for act in (
        lambda: actions.write_response(desk.actor(desk.member), subject, Outcome.ACCEPTED, TEXT),
        lambda: actions.approve(desk.actor(desk.member), desk.here, row.id),
        lambda: actions.reopen(desk.actor(), desk.here, row.id),
    ):
        with pytest.raises(actions.PublishedError):
            act()


def test_a_returned_round_is_kept_as_it_was(desk):
    theme, text = a_theme(desk), a_text(desk)
    desk.review.state = ConsultationState.ARCHIVED
    db.session.commit()
    for act in (
        lambda: actions.fill_theme(desk.actor(), desk.here, theme.id, [text.id]),
        lambda: actions.write_response(desk.actor(), about(desk, text), Outcome.ACCEPTED, TEXT),
    ):
        with pytest.raises(actions.RoundOverError):
            act()


def test_a_change_points_to_the_new_wording_of_its_project_and_to_no_other(desk):
    changed = a_response(desk, about(desk, a_theme(desk, project=1)), approved=True, changed=True)
    same = a_response(desk, about(desk, project=2), approved=True, changed=True)
    plain = a_response(desk, about(desk, project=1), approved=True)
    version = add(
        PlanVersion(
            collectivity_id=desk.here,
            id=new_id(),
            plan_id=desk.made.plan.id,
            number=2,
            kind=VersionKind.REVISED,
            published_at=clock(),
        )
    )
    project = desk.made.projects[0]
    revision = add(
        ProjectRevision(
            collectivity_id=desk.here,
            id=new_id(),
            project_id=project.id,
            number=2,
            published_at=clock(),
            **makers.project_values(1, desk.made.axes[0]),
        )
    )
    for one, words in ((project, revision), (desk.made.projects[1], desk.made.revisions[1])):
        add(
            VersionProject(
                collectivity_id=desk.here, version_id=version.id, project_id=one.id, revision_id=words.id
            )
        )
    actions.publish_all(desk.review.id, clock())
    assert changed.revision_id == revision.id
    assert same.revision_id is None
    assert plain.revision_id is None


def test_ideas_of_the_call_are_answered_in_their_own_consultation(desk):
    call = makers.a_consultation(desk.made, ConsultationKind.CALL_FOR_IDEAS, closed=True)
    idea = an_idea(desk, consultation=call)
    theme = a_theme(desk)
    assert actions.fill_theme(desk.actor(), desk.here, theme.id, [idea.id]).left == 1
    subject = actions.Subject(desk.here, call.id, contribution_id=idea.id)
    assert actions.write_response(desk.actor(), subject, Outcome.ACCEPTED, TEXT).consultation_id == call.id
    assert db.session.get(Contribution, (desk.here, idea.id)) is not None
