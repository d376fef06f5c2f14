"""Who reads what: every state, every viewer, every surface."""

from __future__ import annotations

import pytest

from participate.contributions import queries
from participate.contributions.models import Contribution
from participate.db import clock, db
from participate.rules.moderation import Risk
from participate.rules.outcomes import READABLE_STATES, CommentKind, PublishState, Section, Stance
from participate.rules.policy import ANYBODY, Role
from tests import makers
from tests.conftest import both_engines
from tests.makers import actor_of
from tests.rooms.contributions.makers import BODY, a_comment, an_idea, put, trusted

SECRET = "SECRET-7319"


@pytest.fixture
def made(app):
    return makers.a_plan()


def viewers(made, author):
    other_place = makers.a_plan()
    return {
        "anonymous": ANYBODY,
        "author": actor_of(author),
        "citizen": actor_of(trusted()),
        "moderator": actor_of(makers.staff(made.collectivity, Role.MODERATOR)),
        "moderator elsewhere": actor_of(makers.staff(other_place.collectivity, Role.MODERATOR)),
        "officer": actor_of(makers.staff(made.collectivity, Role.OFFICER)),
    }


def may_read(viewer: str, state: PublishState) -> bool:
    """The oracle, written by hand: `design/4-trust.md` in one function."""
    if viewer == "author":
        return True
    if state in READABLE_STATES:
        return True
    return viewer == "moderator" and state is not PublishState.WITHDRAWN


@both_engines
def test_every_surface_agrees_with_the_oracle_in_each_state_for_each_viewer(made):
    author = trusted("Author A.")
    comment = a_comment(made, author, body=f"{BODY} {SECRET}")
    idea = an_idea(
        made, author, title=f"Un titre {SECRET}", problem=f"{SECRET} un problème", proposal=f"{SECRET} oui"
    )
    project = made.projects[0].id
    for state in PublishState:
        comment, idea = put(made, comment, state), put(made, idea, state)
        shown_text = state is not PublishState.REDACTED
        for name, actor in viewers(made, author).items():
            allowed = may_read(name, state)
            seen = queries.one(made.collectivity.id, comment.ref, actor)
            assert seen.readable == allowed, (state, name)
            assert (SECRET in seen.body) == (allowed and shown_text), (state, name)
            assert (seen.author.name == "Author A.") == allowed, (state, name)
            seen_idea = queries.one(made.collectivity.id, idea.ref, actor)
            assert (SECRET in seen_idea.title) == (allowed and shown_text), (state, name)
            listed = queries.comments_of_project(made.collectivity.id, project, actor=actor).rows
            assert all(SECRET not in row.body or (allowed and shown_text) for row in listed), (state, name)
            ideas = queries.ideas_of(made.collectivity.id, made.plan.id, actor=actor).rows
            assert all(SECRET not in row.title or (allowed and shown_text) for row in ideas), (state, name)
            queue = queries.queue(made.collectivity.id, actor)
            assert (SECRET in repr(queue)) <= allowed, (state, name)
        public = state in READABLE_STATES
        exported = repr(list(queries.export(made.collectivity.id)))
        assert (comment.ref in exported) == public, state
        assert "Author A." not in exported
        assert (SECRET in exported) == (public and shown_text), state


def test_a_list_shows_my_waiting_text_to_me_only(made):
    author = trusted()
    row = put(made, a_comment(made, author), PublishState.WAITING)
    project = made.projects[0].id
    mine = queries.comments_of_project(made.collectivity.id, project, actor=actor_of(author)).rows
    theirs = queries.comments_of_project(made.collectivity.id, project, actor=actor_of(trusted())).rows
    assert [one.id for one in mine] == [row.id]
    assert theirs == ()


def test_a_stub_stays_in_the_thread_only_while_it_holds_replies(made):
    alone, held = a_comment(made), a_comment(made)
    a_comment(made, parent_id=held.id, body="Je réponds à cela.")
    put(made, alone, PublishState.HIDDEN)
    put(made, held, PublishState.HIDDEN)
    rows = queries.comments_of_project(made.collectivity.id, made.projects[0].id).rows
    assert [row.id for row in rows] == [held.id]


def test_comments_are_filtered_and_counted_as_texts(made):
    project = made.projects[0].id
    a_comment(made, stance=Stance.FOR, section=Section.SOLUTION)
    a_comment(made, stance=Stance.AGAINST, section=Section.BUDGET)
    question = a_comment(made, kind=CommentKind.QUESTION)
    a_comment(made, parent_id=question.id, body="Réponse qui ne compte pas.")
    put(made, a_comment(made, stance=Stance.FOR), PublishState.HIDDEN)
    counts = queries.counts_of_project(made.collectivity.id, project)
    assert counts.total == 3
    assert counts.by_stance[Stance.FOR] == 1
    assert counts.by_stance[Stance.AGAINST] == 1
    assert counts.by_kind[CommentKind.QUESTION] == 1
    assert counts.by_section[Section.SOLUTION] == 1
    for wanted, number in (
        ({"stance": Stance.FOR}, 1),
        ({"section": Section.BUDGET}, 1),
        ({"kind": CommentKind.QUESTION}, 1),
        ({"associations": True}, 0),
    ):
        assert len(queries.comments_of_project(made.collectivity.id, project, **wanted).rows) == number, (
            wanted
        )


@both_engines
def test_pages_follow_one_another_without_gap_or_double(made):
    person = trusted()
    written = [a_comment(made, person).id for _ in range(7)]
    for one in written:
        put(made, db.session.get(Contribution, (made.collectivity.id, one)), PublishState.PUBLISHED)
    seen, cursor = [], None
    for _ in range(5):
        found = queries.comments_of_project(made.collectivity.id, made.projects[0].id, after=cursor, limit=3)
        seen += [row.id for row in found.rows]
        cursor = found.after
        if cursor is None:
            break
    assert seen == written[::-1]


@pytest.mark.parametrize(
    "cursor", ["", "x", "é", "A" * 3000, "OTk5OTk5OTk5OTk5OTk5OTk5OTk5Ljk", "MS4tMQ", "LjE"]
)
def test_an_unreadable_cursor_starts_at_the_beginning(made, cursor):
    row = a_comment(made)
    rows = queries.comments_of_project(made.collectivity.id, made.projects[0].id, after=cursor).rows
    assert [one.id for one in rows] == [row.id]


def test_ideas_that_resemble_what_is_typed_are_found_in_either_script(made):
    arabic = an_idea(
        made,
        title="إحداث سوق مغطى للخضر في حي المسيرة",
        problem="يشتغل الباعة تحت الشمس وعلى الطريق.",
        proposal="تغطية ساحة السوق وربطها بالماء والكهرباء.",
    )
    french = an_idea(made, title="Un marché couvert à la Massira")
    hidden = put(made, an_idea(made, title="Un marché couvert près de la gare"), PublishState.HIDDEN)

    def found(text):
        return [row.id for row in queries.similar_ideas(made.collectivity.id, made.plan.id, text)]

    assert found("سُوق مغطّى للخضر") == [arabic.id]
    assert found("marche couvert") == [french.id]
    assert hidden.id not in found("marché couvert près de la gare")
    assert found("une piscine olympique") == []
    assert found("un") == []


def test_the_queue_puts_the_oldest_risk_first(made):
    moderator = actor_of(makers.staff(made.collectivity, Role.MODERATOR))
    plain = a_comment(made, makers.a_person())
    grave = a_comment(made, body="Son numéro est le 0661234567, appelez-la sur les lampadaires.")
    reported = a_comment(made)
    db.session.merge(reported).reports = 2
    db.session.commit()
    rows = queries.queue(made.collectivity.id, moderator)
    assert [row.id for row in rows] == [grave.id, reported.id, plain.id]
    assert [row.risk for row in rows] == [Risk.GRAVE, Risk.SOME, Risk.NONE]
    assert queries.queue(made.collectivity.id, ANYBODY) == queries.queue(
        made.collectivity.id, actor_of(trusted())
    )
    assert queries.pending_count(made.collectivity.id) == 2
    assert not rows[0].late
    assert rows[0].due_at > clock()


def test_my_texts_are_mine_in_my_own_name_and_for_my_association(made):
    person = trusted()
    a_comment(made, person)
    an_idea(made, person)
    a_comment(made)
    assert len(queries.mine(person.id)) == 2
    assert all(row.receipt_code for row in queries.mine(person.id))


def test_a_reference_is_found_however_it_is_typed(made):
    row = a_comment(made)
    assert queries.by_ref(row.collectivity_id, row.ref.lower().replace("-", "")).id == row.id
    assert queries.by_ref(row.collectivity_id, "nothing-here") is None
    assert queries.by_ref(makers.a_plan().collectivity.id, row.ref) is None
