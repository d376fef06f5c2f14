from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from participate.council.models import CouncilSession, Deliberation, ProjectVote, Sitting
from participate.db import add, clock, db, new_id, set_clock, writing
from participate.journal import actions as journal
from participate.letters import jobs, queries
from participate.letters.models import JournalCursor
from participate.moderation import actions
from participate.post.models import Mail
from participate.responses.models import Response
from participate.rules.moderation import AppealOutcome, Decision, ReasonCode
from participate.rules.outcomes import Outcome, ProjectDecision, PublishState, ResponseState
from tests import makers
from tests.conftest import both_engines
from tests.rooms.moderation.makers import a_comment, a_desk, a_voice, actor, an_idea, place_of


@pytest.fixture
def desk(app):
    with writing():
        made = a_desk()
        db.session.commit()
    jobs.post_news()
    return made


def mails(kind=None):
    db.session.rollback()
    wanted = sa.select(Mail).where(Mail.cancelled_at.is_(None)).order_by(Mail.created_at, Mail.id)
    return db.session.scalars(wanted.where(Mail.kind == kind) if kind else wanted).all()


def decide(
    desk,
    decision=Decision.HIDE,
    reason=ReasonCode.INSULT_DEFAMATION,
    text=None,
    facts="une insulte au voisin",
):
    text = text or desk.text
    with writing():
        made = actions.decide(actor(desk.first), place_of(desk, text), text.id, decision, reason, facts)
        db.session.commit()
    return made


def wait(**delta):
    with writing():
        set_clock(clock() + timedelta(**delta))
        db.session.commit()


def test_the_author_gets_the_reason_the_article_and_the_way_to_appeal(desk):
    decide(desk)
    wait(seconds=10)
    assert jobs.post_news() == 1
    (mail,) = mails()
    assert mail.address == "zineb.secret@example.test"
    assert mail.person_id == desk.author.id
    assert "Injure ou diffamation" in mail.body
    assert "une insulte au voisin" in mail.body
    assert "5" in mail.body
    assert mail.body.count("http") == 1
    assert f"/fr/{desk.slug}/c/{desk.text.ref}/appeal" in mail.body
    assert desk.first.display_name not in mail.body


@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
@pytest.mark.parametrize("decision", [Decision.PUBLISH, Decision.HIDE, Decision.RETURN])
def test_letters_speak_the_language_of_their_reader(app, lang, decision):
    with writing():
        desk = a_desk()
        desk.author.lang = lang
        db.session.commit()
    decide(desk, decision, None if decision is Decision.PUBLISH else ReasonCode.OFF_TOPIC, facts="")
    wait(seconds=11)
    jobs.post_news()
    (mail,) = mails()
    assert mail.lang == lang
    assert f"/{lang}/" in mail.body
    if decision is not Decision.PUBLISH:
        said = {"ar": "خارج الموضوع", "zgh": "خارج الموضوع", "fr": "Hors sujet", "en": "Off topic"}[lang]
        assert said in mail.body


def test_a_suspended_person_is_told_by_mail_why_and_how_to_appeal(desk):
    decide(desk, Decision.SUSPEND, ReasonCode.VIOLENCE_THREAT, facts="menaces répétées")
    wait(seconds=11)
    assert jobs.post_news() == 1
    (mail,) = mails()
    assert mail.address == "zineb.secret@example.test"
    assert mail.subject == "Votre compte est suspendu"
    assert "menaces répétées" in mail.body
    assert "Menace" in mail.body
    assert f"/fr/{desk.slug}/c/{desk.text.ref}/appeal" in mail.body


def test_nothing_leaves_before_the_ten_seconds_are_over(desk):
    decide(desk)
    wait(seconds=9)
    assert jobs.post_news() == 0
    wait(seconds=1)
    assert jobs.post_news() == 1


def test_of_an_undone_decision_nobody_hears(desk):
    made = decide(desk)
    with writing():
        actions.undo(actor(desk.first), made.id)
        db.session.commit()
    wait(minutes=1)
    assert jobs.post_news() == 0
    assert mails() == []


def test_a_reported_text_that_was_kept_makes_no_letter(desk):
    with writing():
        public = a_comment(desk.plan, desk.author, state=PublishState.PUBLISHED)
        db.session.commit()
    decide(desk, Decision.PUBLISH, None, public, "")
    wait(seconds=11)
    assert jobs.post_news() == 0


def test_somebody_without_an_address_is_not_written_to(desk):
    decide(desk)
    with writing():
        db.session.merge(desk.author).email = None
        db.session.commit()
    wait(seconds=11)
    assert jobs.post_news() == 0
    assert jobs.post_news() == 0


def test_the_answer_to_an_appeal_is_sent_with_its_explanation(desk):
    made = decide(desk)
    wait(minutes=1)
    with writing():
        asked = actions.appeal(actor(desk.author), made.id, "Ce n'était pas une insulte.", "fr")
        actions.decide_appeal(
            actor(desk.second), asked.id, AppealOutcome.REVERSED, "C'est un proverbe.", "fr"
        )
        db.session.commit()
    jobs.post_news()
    (mail,) = mails("appeal")
    assert "C'est un proverbe." in mail.body


def test_a_text_published_late_is_told(desk):
    wait(hours=46)
    with writing():
        actions.publish_due(desk.text.collectivity_id)
        db.session.commit()
    assert jobs.post_news() == 1


@both_engines
def test_two_runs_at_once_write_each_letter_once(app):
    with writing():
        desk = a_desk()
        texts = [a_comment(desk.plan, desk.author, f"texte numéro {n}") for n in range(12)]
        db.session.commit()
    for text in texts:
        decide(desk, text=text, facts="")
    wait(seconds=11)
    gate = threading.Barrier(4)
    written, troubles = [], []

    def run():
        with app.app_context():
            gate.wait()
            try:
                written.append(jobs.post_news())
            except Exception as error:  # noqa: BLE001  the main thread shows it
                troubles.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not troubles
    assert sum(written) == 12
    assert len(mails()) == 12
    assert jobs.post_news() == 0


@both_engines
def test_a_crash_between_two_letters_loses_nothing_and_doubles_nothing(app, monkeypatch):
    with writing():
        desk = a_desk()
        texts = [a_comment(desk.plan, desk.author, f"texte numéro {n}") for n in range(3)]
        db.session.commit()
    for text in texts:
        decide(desk, text=text, facts="")
    wait(seconds=11)
    real, calls = jobs.post.send, []

    def dying(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*args, **kwargs)

    monkeypatch.setattr(jobs.post, "send", dying)
    with pytest.raises(KeyboardInterrupt):
        jobs.post_news()
    db.session.rollback()
    monkeypatch.setattr(jobs.post, "send", real)
    assert mails() == []
    jobs.post_news()
    assert len(mails()) == 3


def test_a_cursor_set_back_by_a_restored_backup_doubles_no_letter(desk):
    decide(desk)
    wait(seconds=11)
    jobs.post_news()
    with writing():
        db.session.execute(sa.update(JournalCursor).values(seq=0))
        db.session.commit()
    jobs.post_news()
    assert len(mails()) == 1


def transmitted(desk):
    with writing():
        journal.record(
            desk.first.id,
            "plan:transmitted",
            journal.of_plan(desk.plan.collectivity.id, desk.plan.plan.id),
            f"plan:{desk.plan.plan.id}",
            public={"version": 2, "seal": "0" * 64, "responses": 1},
        )
        db.session.commit()


def test_an_author_gets_one_letter_about_everything_they_wrote(desk):
    with writing():
        first = a_comment(
            desk.plan, desk.author, "éclairer la ruelle du marché", state=PublishState.PUBLISHED
        )
        an_idea(desk.plan, desk.author)
        other = makers.a_person(lang="ar")
        a_comment(desk.plan, other, state=PublishState.PUBLISHED)
        add(
            Response(
                collectivity_id=first.collectivity_id,
                id=new_id(),
                consultation_id=first.consultation_id,
                contribution_id=first.id,
                outcome=Outcome.ACCEPTED,
                text=makers.words("oui"),
                state=ResponseState.PUBLISHED,
                written_by=desk.first.id,
                written_at=clock(),
                approved_by=desk.second.id,
                approved_at=clock(),
                published_at=clock(),
            )
        )
        db.session.commit()
    transmitted(desk)
    assert jobs.post_news() == 2
    assert jobs.post_news() == 0
    letters = {mail.person_id: mail for mail in mails("response")}
    assert set(letters) == {desk.author.id, other.id}
    assert "éclairer la ruelle" in letters[desk.author.id].body
    assert first.ref in letters[desk.author.id].body
    assert "Zineb" not in letters[other.id].body


def test_every_participant_hears_what_the_council_decided(desk):
    with writing():
        voter = makers.a_person(lang="fr")
        a_voice(desk.plan, voter)
        scope = {"collectivity_id": desk.plan.collectivity.id}
        session = add(
            CouncilSession(
                **scope,
                id=new_id(),
                plan_id=desk.plan.plan.id,
                opens_on=date(2023, 10, 2),
                announced_at=clock(),
            )
        )
        sitting = add(
            Sitting(
                **scope, id=new_id(), session_id=session.id, call=1, held_at=clock(), in_office=3, present=3, excused=0,
                absent=0, quorum=True, recorded_by=desk.first.id, recorded_at=clock(),
            )
        )  # fmt: skip
        made = add(
            Deliberation(
                **scope, id=new_id(), sitting_id=sitting.id, plan_id=desk.plan.plan.id, reference="2023/10-7",
                decided_on=date(2023, 10, 2), recorded_by=desk.first.id, recorded_at=clock(),
            )
        )  # fmt: skip
        for project in desk.plan.projects:
            add(
                ProjectVote(
                    **scope, deliberation_id=made.id, project_id=project.id, decision=ProjectDecision.ADOPTED,
                    present=3, in_favour=3, against=0, abstain=0,
                )
            )  # fmt: skip
        journal.record(
            desk.first.id,
            "plan:adopted",
            journal.of_plan(desk.plan.collectivity.id, desk.plan.plan.id),
            f"plan:{desk.plan.plan.id}",
            public={"version": 3, "reference": "2023/10-7", "decided_on": date(2023, 10, 2)},
        )
        db.session.commit()
    assert jobs.post_news() == 2
    letters = {mail.person_id: mail for mail in mails("adoption")}
    assert set(letters) == {voter.id, desk.author.id}
    assert "2023/10-7" in letters[voter.id].body
    assert desk.text.ref in letters[desk.author.id].body
    assert desk.text.ref not in letters[voter.id].body


def test_people_read_their_own_letters_again(app, desk):
    decide(desk)
    wait(seconds=11)
    jobs.post_news()
    with writing():
        db.session.execute(sa.update(Mail).values(sent_at=clock()))
        db.session.commit()
    mine = app.test_client().sign_in(desk.author).get("/fr/me/letters/").get_data(as_text=True)
    assert "Injure ou diffamation" in mine
    other = app.test_client().sign_in(desk.first).get("/fr/me/letters/").get_data(as_text=True)
    assert "Injure ou diffamation" not in other
    assert 'class="empty"' in other
    assert app.test_client().get("/fr/me/letters/").status_code == 303
    assert queries.letters_of(desk.author.id, "nonsense")[0]
