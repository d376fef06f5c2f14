"""Words people send: who may, when, and what follows from each change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from participate.contributions import actions, queries
from participate.contributions.models import Comment, Contribution, ContributionEdit, CoSignature, Idea
from participate.db import clock, db, new_id, set_clock
from participate.journal import queries as journal
from participate.journal.models import JournalEntry
from participate.people.models import AdvisoryBody
from participate.people.queries import voices_of
from participate.positions.models import Position, Receipt, Statement
from participate.rules.outcomes import READABLE_STATES, CommentKind, PublishState, Section, Stance
from participate.rules.policy import RefusedError, Role
from tests import makers
from tests.conftest import both_engines
from tests.makers import actor_of
from tests.rooms.contributions.makers import BODY, a_comment, an_idea, here, myself, put, trusted


@pytest.fixture
def made(app):
    return makers.a_plan()


def statement_of(row):
    return db.session.get(Statement, (row.collectivity_id, row.statement_id), populate_existing=True)


def test_a_text_of_somebody_seen_at_the_desk_is_public_at_once(made):
    row = a_comment(made, section=Section.SOLUTION, stance=Stance.FOR)
    assert row.state is PublishState.PUBLISHED
    assert row.published_at == row.submitted_at
    assert statement_of(row).votable


def test_the_first_three_texts_of_a_new_account_wait_and_the_fourth_does_not(made):
    person = makers.a_person()
    rows = [
        a_comment(made, person, body=f"{word} {BODY[::step]}")
        for word, step in zip("abc", (1, 2, 3), strict=True)
    ]
    assert {row.state for row in rows} == {PublishState.WAITING}
    for row in rows:
        put(made, row, PublishState.PUBLISHED)
    fourth = a_comment(
        made, person, body="Pour les marchés de la ville, il faudrait aussi des bancs à l'ombre."
    )
    assert fourth.state is PublishState.PUBLISHED


def test_a_text_with_a_telephone_number_waits_whoever_wrote_it(made):
    row = a_comment(made, body="Appelez mon voisin au 0661234567, il sait tout des lampadaires.")
    assert row.state is PublishState.WAITING
    assert "personal_data" in row.signals
    assert not statement_of(row).votable
    assert row.due_at == row.submitted_at + timedelta(hours=48)


def test_near_copies_of_a_text_wait(made):
    a_comment(made, body=BODY)
    second = a_comment(made, body=BODY + " !")
    assert second.state is PublishState.WAITING
    assert second.signals == ["near_duplicate"]


def test_questions_and_replies_own_no_statement(made):
    question = a_comment(made, kind=CommentKind.QUESTION)
    reply = a_comment(made, parent_id=question.id, body="Oui, dès le mois de mars.")
    assert question.statement_id is None
    assert reply.statement_id is None


def test_a_reply_to_a_reply_hangs_on_the_first_comment_and_its_section(made):
    first = a_comment(made, section=Section.BUDGET)
    reply = a_comment(made, parent_id=first.id, body="Une réponse bien différente.")
    second = a_comment(made, parent_id=reply.id, body="Une autre, tout aussi différente de la première.")
    words = queries.words_of(second)
    assert words.parent_id == first.id
    assert words.section is Section.BUDGET
    db.session.expire_all()
    assert db.session.get(Contribution, (first.collectivity_id, first.id)).reply_count == 2


def test_a_comment_is_bound_to_the_words_its_author_read(made):
    assert queries.words_of(a_comment(made)).revision_id == made.revisions[0].id


def test_an_amendment_that_changes_nothing_is_refused(made):
    with pytest.raises(actions.NoWordingError):
        a_comment(made, kind=CommentKind.AMENDMENT, amend_from="les mots", amend_to="les mots")


def test_each_text_has_a_receipt_made_from_its_journal_entry(made):
    row = a_comment(made, body=BODY)
    receipt = db.session.scalar(sa.select(Receipt).where(Receipt.code == row.receipt_code))
    entry = db.session.scalar(sa.select(JournalEntry).where(JournalEntry.hash == receipt.entry_hash))
    assert entry.type == "comment:submitted"
    assert BODY not in entry.body
    assert list(journal.verify()) == [None] * len(list(journal.verify()))


def test_the_journal_holds_no_person_in_public(made):
    person = trusted("Souad B.")
    row = a_comment(made, person)
    entry = db.session.scalar(sa.select(JournalEntry).where(JournalEntry.type == "comment:submitted"))
    assert str(person.id) not in entry.body
    assert row.ref in entry.body


def test_the_language_is_guessed_and_the_author_may_say_otherwise(made):
    assert a_comment(made, body="Les bancs sont cassés dans le jardin public.").lang == "fr"
    assert a_comment(made, body="الكراسي مكسرة في الحديقة العمومية منذ مدة").lang == "ar"
    assert a_comment(made, body="lkrasi mherrsin f jnan dyal lmdina", lang="ar").lang == "ar"


def test_nothing_is_taken_after_the_close_even_by_an_old_place(made):
    place = here(made)
    person = trusted()
    set_clock(made.review.closes_at)
    db.session.commit()
    with pytest.raises(RefusedError) as refused:
        actions.submit_comment(
            actor_of(person), place, myself(person, made), project_id=made.projects[0].id, body=BODY
        )
    assert refused.value.unmet == ("window_open",)
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Contribution)) == 0


def test_a_consultation_that_takes_no_comments_refuses_one(made):
    made.review.accepts = ["position"]
    db.session.commit()
    with pytest.raises(RefusedError) as refused:
        a_comment(made)
    assert refused.value.unmet == ("accepts_comment",)


def test_a_project_that_is_not_under_review_takes_no_comment(made):
    other = makers.a_plan()
    with pytest.raises(actions.NotInThisConsultationError):
        a_comment(made, project_id=other.projects[0].id)


def test_staff_are_marked_and_an_association_speaks_in_its_own_name(made):
    officer = makers.staff(made.collectivity, Role.OFFICER)
    officer.level = 3
    delegate = trusted()
    association = makers.an_association(made.collectivity, delegate)
    voice = next(
        v for v in voices_of(delegate.id, made.collectivity.id) if v.association_id == association.id
    )
    by_staff = a_comment(made, officer)
    by_association = a_comment(made, delegate, voice=voice)
    own = a_comment(made, delegate, body="Et pour moi, la priorité est le trottoir de la gare routière.")
    kinds = {
        row.id: row.author.kind
        for row in queries.comments_of_project(made.collectivity.id, made.projects[0].id).rows
    }
    assert kinds == {by_staff.id: "staff", by_association.id: "association", own.id: "citizen"}
    assert by_association.participant_id != own.participant_id


@both_engines
def test_a_statement_is_votable_exactly_while_its_text_is_public(made):
    row = a_comment(made)
    for state in [*PublishState, *reversed(PublishState)]:
        row = put(made, row, state)
        assert statement_of(row).votable == (state in READABLE_STATES), state


@both_engines
def test_the_reply_counter_follows_the_state_of_replies(made):
    first = a_comment(made)
    reply = a_comment(made, parent_id=first.id, body="Une réponse.")

    def count():
        return db.session.scalar(sa.select(Contribution.reply_count).where(Contribution.id == first.id))

    assert count() == 1
    for state in PublishState:
        put(made, reply, state)
        assert count() == (1 if state in READABLE_STATES else 0), state


def test_a_returned_text_is_due_from_its_author_and_an_undo_gives_the_promise_back(made):
    row = a_comment(made, body="Appelez mon voisin au 0661234567, il sait tout des lampadaires.")
    promised = row.due_at
    row = put(made, row, PublishState.RETURNED)
    assert row.due_at == clock_day(row, 5)
    assert put(made, row, PublishState.WAITING).due_at == promised


def clock_day(row, days):
    # The clock moves by milliseconds between the act and this line.
    expected = row.submitted_at + timedelta(days=days)
    return row.due_at if abs(row.due_at - expected) < timedelta(minutes=1) else expected


def edit(person, row, **fields):
    place = queries.place_of_contribution(row.collectivity_id, row.id)
    changed = actions.edit(actor_of(person), place, **fields)
    db.session.commit()
    return changed


def test_words_can_be_changed_until_somebody_answers_and_the_old_ones_stay(made):
    person = trusted()
    row = a_comment(made, person, body=BODY)
    edit(person, row, body="Les lampadaires de la rue des Oliviers et de la gare sont éteints.")
    kept = db.session.scalar(sa.select(ContributionEdit).where(ContributionEdit.contribution_id == row.id))
    assert kept.before["body"].startswith(BODY)
    seen = queries.one(row.collectivity_id, row.ref)
    assert seen.edited
    assert "gare" in seen.body


def test_no_edit_after_a_reply_by_another_but_one_after_ones_own(made):
    person = trusted()
    row = a_comment(made, person)
    a_comment(made, person, parent_id=row.id, body="J'ajoute une précision.")
    edit(person, row, body="Les lampadaires de toute la ville sont éteints.")
    a_comment(made, parent_id=row.id, body="Vraiment ?")
    with pytest.raises(RefusedError) as refused:
        edit(person, row, body="Rien de tout cela.")
    assert refused.value.unmet == ("untouched",)


def test_no_edit_after_a_position_by_another(made):
    person = trusted()
    row = a_comment(made, person)
    voter = makers.a_participant(made.review)
    db.session.add(
        Position(
            collectivity_id=row.collectivity_id,
            statement_id=row.statement_id,
            participant_id=voter.id,
            value=1,
            at=clock(),
        )
    )
    db.session.commit()
    with pytest.raises(RefusedError) as refused:
        edit(person, row, body="Autre chose, après coup.")
    assert refused.value.unmet == ("untouched",)


def test_only_the_author_edits_and_withdraws(made):
    row = a_comment(made)
    stranger = trusted()
    place = queries.place_of_contribution(row.collectivity_id, row.id)
    for verb in (actions.edit, actions.withdraw):
        with pytest.raises(RefusedError) as refused:
            verb(actor_of(stranger), place)
        assert refused.value.unmet == ("owner",)


def test_an_edit_that_brings_in_a_telephone_number_waits_for_a_moderator(made):
    person = trusted()
    row = a_comment(made, person)
    changed = edit(person, row, body="Appelez le 0661234567 pour en savoir plus sur les lampadaires.")
    assert changed.state is PublishState.WAITING
    assert not statement_of(changed).votable


def test_a_masked_text_that_its_author_edits_is_read_again(made):
    person = trusted()
    row = put(made, a_comment(made, person), PublishState.REDACTED)
    assert edit(person, row, body="Une phrase sans rien de masqué dedans.").state is PublishState.WAITING


def test_an_edit_of_an_older_reading_is_a_conflict(made):
    person = trusted()
    row = a_comment(made, person)
    read = row.row_version
    edit(person, row, body="Une première correction du texte.")
    with pytest.raises(StaleDataError):
        edit(person, row, body="Une seconde correction.", row_version=read)


def test_an_edit_changes_neither_kind_nor_place_in_the_thread(made):
    person = trusted()
    row = a_comment(made, person)
    edit(person, row, kind=CommentKind.QUESTION, body="Une question ? Non, toujours un avis.")
    assert queries.words_of(row).kind is CommentKind.OPINION


def test_a_withdrawn_text_leaves_a_stub_without_words(made):
    person = trusted()
    row = a_comment(made, person)
    a_comment(made, parent_id=row.id, body="Je réponds.")
    place = queries.place_of_contribution(row.collectivity_id, row.id)
    actions.withdraw(actor_of(person), place)
    db.session.commit()
    listed = queries.comments_of_project(row.collectivity_id, made.projects[0].id).rows
    assert [(one.state, one.body, one.author.name) for one in listed] == [(PublishState.WITHDRAWN, "", None)]
    assert len(listed[0].replies) == 1
    with pytest.raises(RefusedError):
        actions.withdraw(actor_of(person), place)


def test_a_returned_text_can_be_sent_again_even_after_the_close_but_not_after_five_days(made):
    person = trusted()
    row = put(made, a_comment(made, person), PublishState.RETURNED)
    with pytest.raises(RefusedError):
        edit(person, row, body="Par la mauvaise porte.")
    place = queries.place_of_contribution(row.collectivity_id, row.id)
    set_clock(row.due_at - timedelta(minutes=1))
    again = actions.resubmit(actor_of(person), place, body="Réécrit avec soin, sans nommer personne.")
    assert again.state is PublishState.WAITING
    assert again.due_at > clock() + timedelta(hours=47)
    db.session.commit()
    with pytest.raises(actions.NotReturnedError):
        actions.resubmit(actor_of(person), place, body="Encore une fois.")
    row = put(made, again, PublishState.RETURNED)
    set_clock(row.due_at)
    with pytest.raises(actions.TooLateToRewriteError):
        actions.resubmit(actor_of(person), place, body="Trop tard.")


def cosign(person, row, made):
    actions.cosign(
        actor_of(person), queries.place_of_contribution(row.collectivity_id, row.id), myself(person, made)
    )
    db.session.commit()


def test_an_idea_is_cosigned_once_a_voice_and_never_by_its_author(made):
    author, friend = trusted(), trusted()
    row = an_idea(made, author)
    cosign(friend, row, made)
    with pytest.raises(actions.AlreadyCosignedError):
        cosign(friend, row, made)
    db.session.rollback()
    with pytest.raises(RefusedError) as refused:
        cosign(author, row, made)
    assert refused.value.unmet == ("not_own",)
    db.session.rollback()
    db.session.expire_all()
    assert db.session.scalar(sa.select(Idea.cosigner_count).where(Idea.id == row.id)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CoSignature)) == 1
    assert queries.has_cosigned(row.collectivity_id, row.id, friend.id)


def test_an_idea_of_another_plans_axis_is_refused(made):
    other = makers.a_plan()
    with pytest.raises(actions.NotInThisConsultationError):
        an_idea(made, axis_id=other.axes[0].id)


def test_an_idea_takes_only_a_file_its_author_sent(made):
    with pytest.raises(actions.NotInThisConsultationError):
        an_idea(made, file_id=new_id())


def test_the_opinion_of_an_advisory_body_is_kept_unedited_and_can_be_replaced(made):
    body = AdvisoryBody(
        collectivity_id=made.collectivity.id, id=new_id(), slug="equality", name=makers.words("équité")
    )
    db.session.add(body)
    member = makers.staff(made.collectivity, Role.ADVISORY_MEMBER)
    db.session.commit()
    for text in ("  Premier avis.\n\nAvec deux paragraphes.", "Second avis."):
        actions.file_opinion(actor_of(member), here(made), body_id=body.id, text=text, lang="fr")
        db.session.commit()
    assert [one.text for one in queries.opinions(made.collectivity.id, made.review.id)] == ["Second avis."]
    with pytest.raises(RefusedError):
        actions.file_opinion(actor_of(trusted()), here(made), body_id=body.id, text="Moi aussi.", lang="fr")
    with pytest.raises(actions.NotInThisConsultationError):
        actions.file_opinion(
            actor_of(member), replace(here(made), consultation_id=None), body_id=body.id, text="Sans cadre."
        )


def test_every_comment_has_the_words_of_its_own_kind(made):
    row = a_comment(made, kind=CommentKind.AMENDMENT, amend_from="un banc", amend_to="deux bancs à l'ombre")
    seen = queries.one(row.collectivity_id, row.ref)
    assert "".join(text for op, text in seen.amend if op != "del") == "deux bancs à l'ombre"
    assert db.session.get(Comment, (row.collectivity_id, row.id)).amend_from == "un banc"
