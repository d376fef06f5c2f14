"""What counts as answered, what everybody reads, and how many statements it takes."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from participate.contributions.models import Comment
from participate.db import clock, db
from participate.lifecycle import queries as lifecycle
from participate.responses import actions, queries
from participate.responses.queries import About
from participate.rules.outcomes import ConsultationKind, Fate, Outcome, PublishState, ResponseState
from participate.rules.tallies import MIN_BASE
from tests import makers
from tests.conftest import both_engines
from tests.rooms.responses.makers import REASON, TEXT, a_desk, a_response, a_text, a_theme, about, an_idea


@pytest.fixture
def desk(app):
    return a_desk()


def covered(desk):
    found = queries.coverage(desk.here, desk.review.id)
    return found.answered, found.answerable


def statements(act):
    seen = []

    def count(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(seen)


# --- coverage -----------------------------------------------------------------------------------------


@both_engines
def test_coverage_counts_ideas_and_top_level_comments_and_nothing_else(app, engine_name):
    desk = a_desk()
    text, idea = a_text(desk), an_idea(desk)
    a_text(desk, parent_id=text.id)
    for state in (PublishState.WITHDRAWN, PublishState.WAITING, PublishState.HIDDEN, PublishState.REMOVED):
        a_text(desk, state=state)
    a_text(desk, state=PublishState.MERGED, merged_into=text.id)
    for state in (PublishState.PUBLISHED_LATE, PublishState.REDACTED):
        a_text(desk, state=state)
    assert covered(desk) == (0, 4)
    a_response(desk, about(desk, idea), approved=True)
    assert covered(desk) == (1, 4)


@both_engines
def test_a_theme_covers_all_it_holds_and_a_draft_covers_nobody(app, engine_name):
    desk = a_desk()
    texts = [a_text(desk) for _ in range(3)]
    theme = a_theme(desk, *texts)
    row = a_response(desk, about(desk, theme), Outcome.DECLINED)
    assert covered(desk) == (0, 3)
    actions.approve(desk.actor(desk.member), desk.here, row.id)
    assert covered(desk) == (3, 3)
    assert queries.coverage(desk.here, desk.review.id).by_outcome == {Outcome.DECLINED: 3}
    actions.publish_all(desk.review.id, clock())
    assert covered(desk) == (3, 3)
    assert queries.coverage(desk.here, desk.review.id).complete


def test_the_general_answer_to_a_project_covers_no_comment(desk):
    a_text(desk, project=1)
    a_response(desk, about(desk, project=1), approved=True)
    assert covered(desk) == (0, 1)


def test_a_draft_answer_to_one_text_covers_it_only_once_approved(desk):
    row = a_response(desk, about(desk, a_text(desk)))
    assert covered(desk) == (0, 1)
    actions.approve(desk.actor(desk.member), desk.here, row.id)
    assert covered(desk) == (1, 1)


def test_a_text_withdrawn_after_its_answer_leaves_both_sides_of_the_count(desk):
    text = a_text(desk)
    a_text(desk)
    a_response(desk, about(desk, text), approved=True)
    assert covered(desk) == (1, 2)
    text.state, text.withdrawn_at = PublishState.WITHDRAWN, clock()
    db.session.commit()
    assert covered(desk) == (0, 1)


def test_its_own_answer_then_its_main_themes_outcome_is_the_one_counted(desk):
    text = a_text(desk)
    first, second = a_theme(desk, text), a_theme(desk)
    actions.fill_theme(desk.actor(), desk.here, second.id, [text.id], main=False)
    a_response(desk, about(desk, second), Outcome.DEFERRED, approved=True)
    assert queries.coverage(desk.here, desk.review.id).by_outcome == {Outcome.DEFERRED: 1}
    a_response(desk, about(desk, first), Outcome.ACCEPTED, approved=True)
    assert queries.coverage(desk.here, desk.review.id).by_outcome == {Outcome.ACCEPTED: 1}
    a_response(desk, about(desk, text), Outcome.DECLINED, approved=True)
    assert queries.coverage(desk.here, desk.review.id).by_outcome == {Outcome.DECLINED: 1}
    assert covered(desk) == (1, 1)


def test_coverage_is_one_statement_and_agrees_with_the_calendar(desk):
    a_response(desk, about(desk, a_theme(desk, a_text(desk), a_text(desk))), approved=True)
    an_idea(desk)
    assert statements(lambda: queries.coverage(desk.here, desk.review.id)) == 1
    facts = lifecycle.facts(desk.made.plan)
    assert (facts.answered, facts.answerable) == covered(desk) == (2, 3)


def test_several_consultations_are_counted_together_and_none_is_complete_when_empty(desk):
    call = makers.a_consultation(desk.made, ConsultationKind.CALL_FOR_IDEAS, closed=True)
    an_idea(desk, consultation=call)
    a_text(desk)
    assert queries.coverage(desk.here, desk.review.id, call.id).answerable == 2
    assert queries.coverage(desk.here).complete


# --- what everybody reads -----------------------------------------------------------------------------


def test_an_answer_is_read_only_once_it_is_published(desk):
    text, other = a_text(desk), a_text(desk)
    theme = a_theme(desk, text, other)
    a_response(desk, about(desk, theme), approved=True)
    a_response(desk, about(desk, project=1), approved=True)
    project = desk.made.projects[0].id
    assert queries.response_for(desk.here, [text.id, other.id]) == {}
    assert queries.response_of_projects(desk.here, [project]) == {}
    actions.publish_all(desk.review.id, clock())
    found = queries.response_for(desk.here, [text.id, other.id])
    assert {key: one.text for key, one in found.items()} == {text.id: TEXT, other.id: TEXT}
    assert queries.response_of_projects(desk.here, [project])[project].outcome is Outcome.ACCEPTED


def test_its_own_answer_goes_before_its_themes(desk):
    text = a_text(desk)
    a_response(desk, about(desk, a_theme(desk, text)), Outcome.DEFERRED, approved=True)
    a_response(desk, about(desk, text), Outcome.ACCEPTED, approved=True)
    actions.publish_all(desk.review.id, clock())
    assert queries.response_for(desk.here, [text.id])[text.id].outcome is Outcome.ACCEPTED


def test_fates_are_read_at_once_with_project_or_other_idea(desk):
    joined, merged, declined = an_idea(desk), an_idea(desk), an_idea(desk)
    who = desk.actor()
    actions.assess_idea(who, desk.here, joined.id, Fate.RETAINED, project_id=desk.made.projects[1].id)
    actions.assess_idea(who, desk.here, merged.id, Fate.MERGED, merged_into=joined.id)
    actions.assess_idea(who, desk.here, declined.id, Fate.DECLINED, reason=REASON)
    found = queries.fates(desk.here, [joined.id, merged.id, declined.id])
    assert found[joined.id].project_number == 2
    assert found[merged.id].merged_ref == joined.ref
    assert found[declined.id].reason == REASON
    assert queries.fates(a_desk().here, [joined.id]) == {}


def test_nobody_sees_who_supports_a_text_before_the_consultation_closes(app):
    desk = a_desk(stage=makers.Stage.CONSULTATION)
    text = a_text(desk, agree=MIN_BASE)
    found = queries.point(desk.here, desk.made.plan.id, text.ref)
    assert (found.agree, found.disagree) == (None, None)
    assert [one.agree for one in queries.projects(desk.here, desk.review.id)] == [None] * 3
    assert queries.point(a_desk().here, desk.made.plan.id, text.ref) is None


def test_a_masked_text_is_masked_at_the_desk_too(desk):
    text = a_text(desk, words="appelez le 0661234567", state=PublishState.REDACTED)
    words = db.session.get(Comment, (desk.here, text.id))
    words.redacted = {"body": "appelez le […]"}
    db.session.commit()
    assert queries.point(desk.here, desk.made.plan.id, text.ref).text == "appelez le […]"


# --- the desk's lists ---------------------------------------------------------------------------------


def test_what_is_grouped_or_answered_alone_is_no_longer_to_group(desk):
    texts = [a_text(desk) for _ in range(3)]
    a_theme(desk, texts[0])
    a_response(desk, about(desk, texts[1]))
    assert [one.id for one in queries.ungrouped(desk.here, desk.review.id).rows] == [texts[2].id]
    assert queries.ungrouped_counts(desk.here, desk.review.id) == {1: 1}


def test_counts_by_part_say_what_each_filter_lists(desk):
    idea = an_idea(desk)
    for more in ({"project": 2}, {"project": 2}, {"project": 0}, {"idea_id": idea.id}):
        a_text(desk, **more)
    counts = queries.ungrouped_counts(desk.here, desk.review.id)
    assert counts == {2: 2, About.PLAN: 1, About.IDEAS: 1}
    for part, count in counts.items():
        wanted = {"about": part} if isinstance(part, About) else {"project": part}
        assert len(queries.ungrouped(desk.here, desk.review.id, **wanted).rows) == count
    assert len(queries.ungrouped(desk.here, desk.review.id).rows) == 5


def test_each_list_is_one_statement_however_long(desk):
    texts = [a_text(desk) for _ in range(6)]
    theme = a_theme(desk, *texts[:3])
    a_response(desk, about(desk, theme), approved=True)
    an_idea(desk)
    plan, review, key, keys = desk.made.plan.id, desk.review.id, theme.id, [one.id for one in texts]
    here = desk.here
    for act in (
        lambda: queries.ungrouped(here, review),
        lambda: queries.ungrouped_counts(here, review),
        lambda: queries.themes(here, review),
        lambda: queries.members(here, key),
        lambda: queries.ideas(here, plan),
        lambda: queries.idea_counts(here, plan),
        lambda: queries.projects(here, review),
        lambda: queries.written(here, [review], ResponseState.APPROVED),
        lambda: queries.response_for(here, keys),
        lambda: queries.published_points(here, plan),
        lambda: queries.fates(here, [1, 2, 3]),
    ):
        assert statements(act) == 1


def test_pages_of_the_desk_take_no_more_statements_for_more_texts(desk, client):
    client.sign_in(desk.officer)
    a_theme(desk, a_text(desk))
    paths = ("responses/", "ideas/", "responses/themes/")
    for _ in range(2):
        a_text(desk)
        an_idea(desk)
    few = [statements(lambda path=path: client.get(f"{desk.path}/{path}")) for path in paths]
    for _ in range(8):
        a_text(desk)
        an_idea(desk)
        a_theme(desk, a_text(desk))
    assert [statements(lambda path=path: client.get(f"{desk.path}/{path}")) for path in paths] == few
    assert max(few) <= 24
