from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from participate.contributions import actions as texts
from participate.contributions import queries as texts_read
from participate.contributions.models import Comment, Contribution
from participate.db import add, clock, db, new_id, set_clock, writing
from participate.journal import queries as journal
from participate.journal.models import JournalEntry
from participate.letters.queries import appeal_news
from participate.moderation import actions, queries
from participate.moderation.models import Appeal, ModerationDecision, Removal
from participate.people.models import Person
from participate.positions.models import Statement
from participate.rules.moderation import (
    AppealOutcome,
    AppealRefusal,
    Decision,
    DecisionRefusedError,
    ReasonCode,
)
from participate.rules.outcomes import PublishState, Section
from participate.rules.policy import RefusedError, Role
from tests import makers
from tests.conftest import both_engines
from tests.rooms.moderation.makers import a_comment, a_desk, actor, an_idea, place_of


@pytest.fixture
def desk(app):
    with writing():
        made = a_desk()
        db.session.commit()
        yield made


def later(**delta):
    set_clock(clock() + timedelta(**delta))


def hide(desk, text=None, by=None):
    return actions.decide(
        actor(by or desk.first),
        place_of(desk, text or desk.text),
        (text or desk.text).id,
        Decision.HIDE,
        ReasonCode.INSULT_DEFAMATION,
        "une insulte au voisin",
        lang="fr",
    )


def state(text):
    return db.session.get(Contribution, (text.collectivity_id, text.id), populate_existing=True).state


@both_engines
def test_publishing_makes_a_text_public_votable_and_journaled(app):
    with writing():
        desk = a_desk()
        actions.decide(actor(desk.first), desk.place, desk.text.id, Decision.PUBLISH)
        assert state(desk.text) is PublishState.PUBLISHED
        statement = db.session.get(
            Statement, (desk.text.collectivity_id, desk.text.statement_id), populate_existing=True
        )
        assert statement.votable
        entry = db.session.scalars(sa.select(JournalEntry).where(JournalEntry.type == "decision:made")).one()
        assert desk.text.ref in entry.body
        assert str(desk.author.id) not in entry.body
        assert str(desk.first.id) not in entry.body
        assert not any(journal.verify())
        db.session.commit()


@pytest.mark.parametrize("decision", [d for d in Decision if d is not Decision.PUBLISH])
def test_every_decision_but_publishing_owes_a_reason(desk, decision):
    with pytest.raises(DecisionRefusedError):
        actions.decide(actor(desk.first), desk.place, desk.text.id, decision)


def test_the_database_refuses_a_decision_without_reason(desk):
    with pytest.raises(IntegrityError):
        add(
            ModerationDecision(
                collectivity_id=desk.text.collectivity_id,
                id=new_id(),
                ref="X",
                contribution_id=desk.text.id,
                consultation_id=desk.text.consultation_id,
                decision=Decision.HIDE,
                received_at=clock(),
                in_time=True,
                state_before=PublishState.WAITING,
                decided_by=desk.first.id,
                decided_at=clock(),
            )
        )


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MODERATOR])
def test_only_moderators_decide(desk, role):
    person = makers.staff(desk.plan.collectivity, role)
    with pytest.raises(RefusedError):
        actions.decide(actor(person), desk.place, desk.text.id, Decision.PUBLISH)


def test_a_moderator_of_another_collectivity_decides_nothing_here(desk):
    stranger = makers.staff(makers.a_collectivity(), Role.MODERATOR)
    with pytest.raises(RefusedError):
        actions.decide(actor(stranger), desk.place, desk.text.id, Decision.PUBLISH)


def test_nobody_decides_on_their_own_text(desk):
    own = a_comment(desk.plan, desk.first)
    with pytest.raises(RefusedError) as refused:
        actions.decide(actor(desk.first), place_of(desk, own), own.id, Decision.PUBLISH)
    assert refused.value.unmet == ("not_own",)


def test_nobody_decides_on_their_associations_text(desk):
    association = makers.an_association(desk.plan.collectivity, desk.first)
    theirs = a_comment(desk.plan, desk.author, association=association)
    with pytest.raises(RefusedError) as refused:
        actions.decide(actor(desk.first), place_of(desk, theirs), theirs.id, Decision.PUBLISH)
    assert refused.value.unmet == ("not_own",)


def test_in_bulk_ones_own_text_is_left_and_the_others_are_decided(desk):
    own = a_comment(desk.plan, desk.first)
    other = a_comment(desk.plan, desk.author)
    picked = [(one.id, one.row_version) for one in (own, other, desk.text)]
    done = actions.decide_many(
        actor(desk.first), queries.space(desk.slug), picked, Decision.HIDE, ReasonCode.OFF_TOPIC
    )
    assert (len(done.decided), done.own, done.changed) == (2, 1, 0)
    assert state(own) is PublishState.WAITING
    assert state(other) is PublishState.HIDDEN


def test_in_bulk_a_text_that_changed_meanwhile_is_left(desk):
    done = actions.decide_many(
        actor(desk.first),
        queries.space(desk.slug),
        [(desk.text.id, desk.text.row_version + 1)],
        Decision.PUBLISH,
    )
    assert (len(done.decided), done.changed) == (0, 1)


def test_a_colleague_who_decided_first_is_not_overwritten(desk):
    seen = desk.text.row_version
    hide(desk)
    with pytest.raises(StaleDataError):
        actions.decide(actor(desk.second), desk.place, desk.text.id, Decision.PUBLISH, seen=seen)


@both_engines
def test_a_decision_can_be_taken_back_before_ten_seconds_and_not_after(app):
    with writing():
        desk = a_desk()
        made = hide(desk)
        set_clock(made.decided_at + timedelta(seconds=9.5))
        actions.undo(actor(desk.first), made.id)
        assert state(desk.text) is PublishState.WAITING
        made = hide(desk)
        set_clock(made.decided_at + timedelta(seconds=10))
        with pytest.raises(actions.UndoTooLateError):
            actions.undo(actor(desk.first), made.id)
        assert state(desk.text) is PublishState.HIDDEN
        db.session.commit()


def test_undoing_puts_back_everything_that_was(desk):
    before = (desk.text.state, desk.text.due_at, desk.text.published_at)
    desk.text.reports = 2
    db.session.flush()
    made = actions.decide(actor(desk.first), desk.place, desk.text.id, Decision.PUBLISH)
    actions.undo(actor(desk.first), made.id)
    row = db.session.get(Contribution, (desk.text.collectivity_id, desk.text.id), populate_existing=True)
    assert (row.state, row.due_at, row.published_at) == before
    assert row.reports == 2


def test_a_bulk_is_taken_back_as_one(desk):
    other = a_comment(desk.plan, desk.author)
    picked = [(one.id, one.row_version) for one in (other, desk.text)]
    done = actions.decide_many(
        actor(desk.first), queries.space(desk.slug), picked, Decision.HIDE, ReasonCode.OFF_TOPIC
    )
    actions.undo(actor(desk.first), done.decided[0].id)
    assert state(other) is PublishState.WAITING
    assert state(desk.text) is PublishState.WAITING


def test_only_the_decider_takes_a_decision_back(desk):
    made = hide(desk)
    with pytest.raises(RefusedError):
        actions.undo(actor(desk.second), made.id)


def test_masking_replaces_passages_and_puts_no_words_in_anybodys_mouth(desk):
    body = db.session.get(Comment, (desk.text.collectivity_id, desk.text.id)).body
    shown = body.replace("0661223344", "[…]")
    actions.decide(
        actor(desk.first),
        desk.place,
        desk.text.id,
        Decision.PUBLISH_REDACTED,
        ReasonCode.PERSONAL_DATA,
        redacted={"body": shown},
    )
    words = db.session.get(Comment, (desk.text.collectivity_id, desk.text.id), populate_existing=True)
    assert words.redacted == {"body": shown}
    assert "0661223344" in words.body
    assert state(desk.text) is PublishState.REDACTED


@pytest.mark.parametrize(
    ("shown", "holds"),
    [
        ("Call […] now", True),
        ("[…] now", True),
        ("Call 06 […]", True),
        ("Call me now", False),
        ("Call […] never", False),
        ("They call […] now", False),
        ("Call 06 12 now", False),
        ("now […] Call", False),
    ],
)
def test_what_counts_as_masking(shown, holds):
    assert actions.is_masking("Call 06 12 now", shown) is holds


def test_a_masking_that_masks_nothing_is_refused(desk):
    with pytest.raises(actions.NothingMaskedError):
        actions.decide(
            actor(desk.first),
            desk.place,
            desk.text.id,
            Decision.PUBLISH_REDACTED,
            ReasonCode.PERSONAL_DATA,
            redacted={"body": "something else"},
        )


def test_a_comment_moves_to_another_project_and_section(desk):
    to = actions.Destination(project_id=desk.plan.projects[1].id, section=Section.BUDGET)
    made = actions.decide(
        actor(desk.first), desk.place, desk.text.id, Decision.MOVE, ReasonCode.OFF_TOPIC, moved_to=to
    )
    words = db.session.get(Comment, (desk.text.collectivity_id, desk.text.id), populate_existing=True)
    assert (words.project_id, words.section) == (desk.plan.projects[1].id, Section.BUDGET)
    assert words.revision_id == desk.plan.revisions[1].id
    actions.undo(actor(desk.first), made.id)
    words = db.session.get(Comment, (desk.text.collectivity_id, desk.text.id), populate_existing=True)
    assert (words.project_id, words.section) == (desk.plan.projects[0].id, Section.SOLUTION)


def test_a_copy_joins_the_text_that_was_there(desk):
    kept = a_comment(desk.plan, desk.second, state=PublishState.PUBLISHED)
    actions.decide(
        actor(desk.first), desk.place, desk.text.id, Decision.MERGE, ReasonCode.DUPLICATE, merged_into=kept.id
    )
    row = db.session.get(Contribution, (desk.text.collectivity_id, desk.text.id), populate_existing=True)
    assert (row.state, row.merged_into) == (PublishState.MERGED, kept.id)


def test_a_text_joins_neither_itself_nor_another_kind(desk):
    for target in (desk.text, an_idea(desk.plan, desk.second)):
        with pytest.raises(actions.UnknownTargetError):
            actions.decide(
                actor(desk.first),
                desk.place,
                desk.text.id,
                Decision.MERGE,
                ReasonCode.DUPLICATE,
                merged_into=target.id,
            )


# --- removal takes two ---


def ask(desk, text=None):
    return actions.ask_removal(
        actor(desk.first),
        place_of(desk, text or desk.text),
        (text or desk.text).id,
        ReasonCode.VIOLENCE_THREAT,
        "menace de mort",
    )


def test_one_moderator_alone_removes_nothing(desk):
    removal = ask(desk)
    assert state(desk.text) is PublishState.WAITING
    with pytest.raises(DecisionRefusedError):
        actions.confirm_removal(actor(desk.first), desk.place, removal.id)


def test_a_second_moderator_confirms_a_removal(desk):
    removal = ask(desk)
    made = actions.confirm_removal(actor(desk.second), desk.place, removal.id)
    assert state(desk.text) is PublishState.REMOVED
    assert (made.decided_by, made.second_by) == (desk.first.id, desk.second.id)


@both_engines
def test_the_database_refuses_a_removal_by_one_person(app):
    with writing():
        desk = a_desk()
        for second in (None, desk.first.id):
            with pytest.raises(IntegrityError), db.session.begin_nested():
                add(
                    ModerationDecision(
                        collectivity_id=desk.text.collectivity_id,
                        id=new_id(),
                        ref=f"X{second}",
                        contribution_id=desk.text.id,
                        consultation_id=desk.text.consultation_id,
                        decision=Decision.REMOVE,
                        reason=ReasonCode.HATE_DISCRIMINATION,
                        received_at=clock(),
                        in_time=True,
                        state_before=PublishState.WAITING,
                        decided_by=desk.first.id,
                        second_by=second,
                        decided_at=clock(),
                    )
                )


def test_a_public_text_is_hidden_while_a_second_moderator_looks(desk):
    public = a_comment(desk.plan, desk.author, state=PublishState.PUBLISHED)
    removal = ask(desk, public)
    assert state(public) is PublishState.HIDDEN
    actions.decline_removal(actor(desk.second), place_of(desk, public), removal.id)
    assert state(public) is PublishState.WAITING
    assert db.session.get(Removal, (removal.collectivity_id, removal.id)).state == "declined"


def test_while_a_removal_waits_nothing_else_is_decided(desk):
    ask(desk)
    with pytest.raises(actions.RemovalPendingError):
        hide(desk, by=desk.second)


# --- appeals ---


def test_due_process_from_hiding_to_publication_by_another_person(desk):
    made = hide(desk)
    later(minutes=1)
    asked = actions.appeal(actor(desk.author), made.id, "Ce n'était pas une insulte.", "fr")
    with pytest.raises(RefusedError):
        actions.decide_appeal(actor(desk.first), asked.id, AppealOutcome.REVERSED, "non")
    actions.decide_appeal(actor(desk.second), asked.id, AppealOutcome.REVERSED, "Vous aviez raison.", "fr")
    assert state(desk.text) is PublishState.PUBLISHED


def test_a_confirmed_appeal_changes_nothing(desk):
    made = hide(desk)
    later(minutes=1)
    asked = actions.appeal(actor(desk.author), made.id, "Ce n'était pas une insulte.", "fr")
    actions.decide_appeal(actor(desk.second), asked.id, AppealOutcome.CONFIRMED, "Si, hélas.", "fr")
    assert state(desk.text) is PublishState.HIDDEN


def test_one_appeal_a_decision(desk):
    made = hide(desk)
    later(minutes=1)
    actions.appeal(actor(desk.author), made.id, "Ce n'était pas une insulte.", "fr")
    with pytest.raises(actions.AppealRefusedError) as refused:
        actions.appeal(actor(desk.author), made.id, "Encore une fois, non.", "fr")
    assert refused.value.args == (AppealRefusal.ALREADY_APPEALED,)


def test_a_decision_that_is_undone_leaves_no_appeal_open(desk):
    made = hide(desk)
    later(seconds=5)
    with pytest.raises(actions.AppealRefusedError) as refused:
        actions.appeal(actor(desk.author), made.id, "Ce n'était pas une insulte.", "fr")
    assert refused.value.args == (AppealRefusal.NOTHING_TO_APPEAL,)
    actions.undo(actor(desk.first), made.id)
    later(minutes=1)
    with pytest.raises(actions.AppealRefusedError):
        actions.appeal(actor(desk.author), made.id, "Ce n'était pas une insulte.", "fr")
    assert db.session.scalar(sa.select(Appeal.id)) is None


def test_an_appeal_comes_in_time_or_not_at_all(desk):
    made = hide(desk)
    later(days=12)
    with pytest.raises(actions.AppealRefusedError) as refused:
        actions.appeal(actor(desk.author), made.id, "Ce n'était pas une insulte.", "fr")
    assert refused.value.args == (AppealRefusal.TOO_LATE,)


def test_only_the_author_appeals(desk):
    made = hide(desk)
    later(minutes=1)
    with pytest.raises(actions.AppealRefusedError) as refused:
        actions.appeal(actor(makers.a_person()), made.id, "Je proteste vivement.", "fr")
    assert refused.value.args == (AppealRefusal.NOT_THE_AUTHOR,)


@both_engines
def test_the_database_refuses_an_appeal_heard_by_the_first_person(app):
    with writing():
        desk = a_desk()
        made = hide(desk)
        with pytest.raises(IntegrityError):
            add(
                Appeal(
                    collectivity_id=made.collectivity_id,
                    id=new_id(),
                    decision_id=made.id,
                    contribution_id=desk.text.id,
                    lang="fr",
                    text="non",
                    state="confirmed",
                    first_decided_by=desk.first.id,
                    filed_at=clock(),
                    due_at=clock(),
                    decided_by=desk.first.id,
                    decided_at=clock(),
                )
            )


def test_neither_of_two_who_removed_hears_the_appeal(desk):
    made = actions.confirm_removal(actor(desk.second), desk.place, ask(desk).id)
    later(minutes=1)
    asked = actions.appeal(actor(desk.author), made.id, "Je plaisantais, c'est une citation.", "fr")
    for one in (desk.first, desk.second):
        with pytest.raises(RefusedError):
            actions.decide_appeal(actor(one), asked.id, AppealOutcome.CONFIRMED, "non")
    third = makers.staff(desk.plan.collectivity, Role.MODERATOR)
    actions.decide_appeal(actor(third), asked.id, AppealOutcome.CONFIRMED, "Confirmé.", "fr")


def test_while_an_appeal_is_open_nobody_goes_round_it(desk):
    made = hide(desk)
    later(minutes=1)
    actions.appeal(actor(desk.author), made.id, "Ce n'était pas une insulte.", "fr")
    with pytest.raises(actions.AppealOpenError):
        actions.decide(actor(desk.first), desk.place, desk.text.id, Decision.PUBLISH)


def returned_then_hidden(desk):
    """A text that came back rewritten and was hidden then: two decisions, neither appealed yet."""
    first = actions.decide(
        actor(desk.first),
        desk.place,
        desk.text.id,
        Decision.RETURN,
        ReasonCode.INSULT_DEFAMATION,
        "un mot",
        lang="fr",
    )
    later(minutes=1)
    row = db.session.get(type(desk.text), (desk.text.collectivity_id, desk.text.id), populate_existing=True)
    texts.resubmit(
        actor(desk.author),
        texts_read.place_of(desk.slug, row.ref),
        row_version=row.row_version,
        body="Autrement dit.",
    )
    later(minutes=1)
    second = hide(desk)
    later(minutes=1)
    return first, second


def test_each_of_two_decisions_on_a_text_has_an_appeal_of_its_own(desk):
    first, second = returned_then_hidden(desk)
    for made in (first, second):
        asked = actions.appeal(actor(desk.author), made.id, "Ce n'était pas une insulte.", "fr")
        actions.decide_appeal(actor(desk.second), asked.id, AppealOutcome.CONFIRMED, "Confirmé.", "fr")
    with pytest.raises(actions.AppealRefusedError):
        actions.appeal(actor(desk.author), first.id, "Encore une fois.", "fr")


def test_being_right_about_an_earlier_decision_does_not_undo_the_later_one(desk):
    first, second = returned_then_hidden(desk)
    asked = actions.appeal(actor(desk.author), first.id, "Ce n'était pas une insulte.", "fr")
    actions.decide_appeal(actor(desk.second), asked.id, AppealOutcome.REVERSED, "En effet.", "fr")
    assert state(desk.text) is PublishState.HIDDEN
    news = appeal_news(desk.text.collectivity_id, first.ref)
    assert news is not None
    assert (news.reversed, news.public) == (True, False)
    asked = actions.appeal(actor(desk.author), second.id, "Celui-ci non plus.", "fr")
    actions.decide_appeal(actor(desk.second), asked.id, AppealOutcome.REVERSED, "En effet.", "fr")
    assert state(desk.text) is PublishState.PUBLISHED


def test_a_later_decision_that_was_reversed_stands_in_the_way_of_nothing(desk):
    first, second = returned_then_hidden(desk)
    asked = actions.appeal(actor(desk.author), second.id, "Non.", "fr")
    actions.decide_appeal(actor(desk.second), asked.id, AppealOutcome.REVERSED, "En effet.", "fr")
    asked = actions.appeal(actor(desk.author), first.id, "Ni celui-là.", "fr")
    actions.decide_appeal(actor(desk.second), asked.id, AppealOutcome.REVERSED, "En effet.", "fr")
    assert state(desk.text) is PublishState.PUBLISHED


def test_an_appeal_against_a_mask_shows_the_whole_text_again(desk):
    body = db.session.get(Comment, (desk.text.collectivity_id, desk.text.id)).body
    made = actions.decide(
        actor(desk.first),
        desk.place,
        desk.text.id,
        Decision.PUBLISH_REDACTED,
        ReasonCode.PERSONAL_DATA,
        redacted={"body": body.replace("0661223344", "[…]")},
    )
    later(minutes=1)
    asked = actions.appeal(actor(desk.author), made.id, "C'est le numéro du standard.", "fr")
    actions.decide_appeal(actor(desk.second), asked.id, AppealOutcome.REVERSED, "En effet.", "fr")
    assert state(desk.text) is PublishState.PUBLISHED
    assert (
        db.session.get(Comment, (desk.text.collectivity_id, desk.text.id), populate_existing=True).redacted
        is None
    )


def test_a_suspension_is_told_appealed_and_lifted(desk):
    made = actions.decide(
        actor(desk.first),
        desk.place,
        desk.text.id,
        Decision.SUSPEND,
        ReasonCode.VIOLENCE_THREAT,
        "menaces répétées",
    )
    assert db.session.get(Person, desk.author.id, populate_existing=True).suspended_at is not None
    later(minutes=1)
    asked = actions.appeal(actor(desk.author), made.id, "On a pris mon compte.", "fr")
    actions.decide_appeal(actor(desk.second), asked.id, AppealOutcome.REVERSED, "Établi.", "fr")
    assert db.session.get(Person, desk.author.id, populate_existing=True).suspended_at is None


# --- reports and what is due ---


@both_engines
def test_a_person_reports_a_text_once_and_it_goes_up_in_the_queue(app):
    with writing():
        desk = a_desk()
        public = a_comment(desk.plan, desk.author, state=PublishState.PUBLISHED)
        reader = actor(makers.a_person())
        actions.report(reader, place_of(desk, public), public.id, ReasonCode.COMMERCIAL_SPAM, "une pub")
        with pytest.raises(actions.AlreadyReportedError):
            actions.report(reader, place_of(desk, public), public.id, ReasonCode.COMMERCIAL_SPAM)
        rows = queries.queue(actor(desk.first), public.collectivity_id, queries.View.WAITING, clock()).rows
        assert [row.id for row in rows] == [public.id, desk.text.id]
        assert state(public) is PublishState.PUBLISHED
        db.session.commit()


def test_after_48_hours_what_nothing_flags_is_published_and_marked(desk):
    plain = a_comment(desk.plan, desk.author)
    flagged = a_comment(desk.plan, desk.author, signals=["personal_data"])
    later(hours=45, minutes=1)
    assert actions.publish_due(plain.collectivity_id) == 2
    assert state(plain) is PublishState.PUBLISHED_LATE
    assert state(flagged) is PublishState.WAITING
    assert actions.publish_due(plain.collectivity_id) == 0
    late = queries.queue(actor(desk.first), plain.collectivity_id, queries.View.LATE, clock()).rows
    assert [row.id for row in late] == [flagged.id]


def test_before_48_hours_nothing_moves_by_itself(desk):
    later(hours=44)
    assert actions.publish_due(desk.text.collectivity_id) == 0


def test_a_text_returned_and_not_rewritten_is_hidden_with_the_same_reason(desk):
    actions.decide(actor(desk.first), desk.place, desk.text.id, Decision.RETURN, ReasonCode.UNINTELLIGIBLE)
    later(days=4)
    assert actions.publish_due(desk.text.collectivity_id) == 0
    later(days=1, minutes=1)
    assert actions.publish_due(desk.text.collectivity_id) == 1
    assert state(desk.text) is PublishState.HIDDEN
    last = queries.decisions_on(desk.text.collectivity_id, desk.text.id)[0]
    assert (last.reason, last.decided_by) == (ReasonCode.UNINTELLIGIBLE, None)
