"""An author says whether the revised text satisfies them; who reads it, and when."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.contributions.queries import place_of
from participate.db import clock, db, writing
from participate.journal.models import JournalDetail, JournalEntry
from participate.letters import words as letters
from participate.letters.queries import PlanFacts, PlanNews
from participate.plans.models import ActionPlan
from participate.portal import actions as portal
from participate.portal.own_data import own_data
from participate.responses import actions, queries
from participate.responses.models import Judgement, Response
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ConsultationState, ResponseState, Satisfied
from participate.rules.policy import RefusedError, Role
from participate.synthesis import actions as synthesis
from participate.synthesis.bundle import verify
from tests import makers
from tests.conftest import both_engines
from tests.rooms.responses.makers import a_desk, a_response, a_text, about, an_idea

NOTE = "الأجل ما زال طويلا"


class Hall:
    """Texts by people with accounts, answered and published, and the plan before the council."""

    def __init__(self, texts: int = 1, *, sealed: bool = False) -> None:
        with writing():
            self.desk = a_desk()
            self.people = [makers.a_person() for _ in range(texts)]
            voices = [makers.a_participant(self.desk.review, one) for one in self.people]
            self.texts = [a_text(self.desk, participant_id=voice.id) for voice in voices]
            for one in self.texts:
                a_response(self.desk, about(self.desk, one), approved=True)
            if sealed:
                synthesis.seal(None, self.desk.review.id, clock())
            db.session.commit()
        self.publish()
        self.move(Stage.COUNCIL)

    def answer(self, text) -> None:
        self.move(Stage.SYNTHESIS)
        with writing():
            a_response(self.desk, about(self.desk, text), approved=True)
        self.publish()
        self.move(Stage.COUNCIL)

    def publish(self) -> None:
        with writing():
            db.session.execute(
                sa.update(Response).values(state=ResponseState.PUBLISHED, published_at=clock())
            )
            db.session.commit()

    def move(self, stage: Stage) -> None:
        with writing():
            db.session.execute(
                sa.update(ActionPlan).where(ActionPlan.id == self.desk.made.plan.id).values(stage=stage)
            )
            db.session.commit()

    @property
    def slug(self) -> str:
        return self.desk.made.collectivity.slug

    def judge(self, number: int, satisfied: Satisfied, note: str = "", who=None) -> None:
        with writing():
            place = place_of(self.slug, self.texts[number].ref)
            actions.judge(makers.actor_of(who or self.people[number]), place, satisfied, note)
            db.session.commit()

    def judged(self) -> queries.Judged:
        return queries.judged(self.desk.here, self.desk.review.id)[0]

    def address(self, number: int = 0, lang: str = "fr") -> str:
        return f"/{lang}/{self.slug}/c/{self.texts[number].ref}/satisfied"


@both_engines
def test_an_author_has_one_answer_and_changes_it_until_the_session(app) -> None:
    hall = Hall()
    hall.judge(0, Satisfied.YES)
    hall.judge(0, Satisfied.NO, NOTE)
    (row,) = db.session.scalars(sa.select(Judgement))
    assert (row.satisfied, row.note, row.lang) == (Satisfied.NO, NOTE, "ar")
    caught = None
    with writing():
        try:
            db.session.execute(
                sa.insert(Judgement).values(
                    collectivity_id=row.collectivity_id, contribution_id=row.contribution_id,
                    participant_id=row.participant_id, acting_person_id=1, satisfied=Satisfied.YES, note="",
                    lang="fr", at=clock(),
                )
            )  # fmt: skip
        except IntegrityError as error:
            caught = error
        db.session.rollback()
    assert caught is not None
    hall.move(Stage.IMPLEMENTATION)
    with pytest.raises(RefusedError):
        hall.judge(0, Satisfied.YES)


def test_what_was_answered_is_nowhere_in_the_journal(app) -> None:
    hall = Hall()
    hall.judge(0, Satisfied.NO, NOTE)
    entry = db.session.scalars(sa.select(JournalEntry).where(JournalEntry.type == "answer:judged")).one()
    private = [one.payload for one in db.session.scalars(sa.select(JournalDetail))]
    told = json.dumps([entry.body, private], ensure_ascii=False)
    assert hall.texts[0].ref in told
    assert NOTE not in told
    assert not {"satisfied", "note"} & set(str(told).replace('"', " ").split())


@pytest.mark.parametrize("who", ["stranger", "officer"])
def test_nobody_answers_for_somebody_else(app, who) -> None:
    hall = Hall()
    other = hall.desk.officer if who == "officer" else makers.a_person()
    with pytest.raises(RefusedError):
        hall.judge(0, Satisfied.YES, who=other)


def test_a_text_without_a_published_answer_cannot_be_judged(app) -> None:
    hall = Hall()
    with writing():
        db.session.execute(sa.update(Response).values(state=ResponseState.APPROVED, published_at=None))
        db.session.commit()
    with pytest.raises(actions.NotJudgeableError):
        hall.judge(0, Satisfied.YES)


def test_a_text_of_the_round_that_the_council_returned_cannot_be_judged(app) -> None:
    hall = Hall()
    with writing():
        hall.desk.review.state = ConsultationState.ARCHIVED
        db.session.commit()
    with pytest.raises(actions.RoundOverError):
        hall.judge(0, Satisfied.YES)


def test_authors_are_counted_once_for_each_project_and_a_mixed_author_is_partly_satisfied(app) -> None:
    hall = Hall(3)
    with writing():
        second = a_text(hall.desk, participant_id=hall.texts[0].participant_id)
    hall.answer(second)
    hall.texts.append(second)
    hall.judge(0, Satisfied.YES)
    hall.judge(3, Satisfied.NO, NOTE, who=hall.people[0])
    hall.judge(1, Satisfied.NO)
    found = hall.judged()
    assert (found.number, found.authors) == (1, 3)
    assert (found.yes, found.partly, found.no, found.unsaid) == (0, 1, 1, 1)
    assert [note.text for note in found.notes] == [NOTE]


def test_a_later_withdrawal_moves_no_count(app) -> None:
    hall = Hall(2)
    hall.judge(0, Satisfied.YES)
    before = hall.judged()
    with writing():
        hall.texts[0].withdrawn_at = clock()
        hall.texts[0].state = "withdrawn"
        db.session.commit()
    assert hall.judged() == before


@pytest.mark.parametrize(("yes", "no", "silent"), [(3, 1, 8), (12, 9, 3), (20, 0, 0), (12, 11, 0)])
def test_everybody_reads_no_count_that_tells_on_few_authors(app, yes, no, silent) -> None:
    hall = Hall(yes + no + silent)
    for number in range(yes + no):
        hall.judge(number, Satisfied.YES if number < yes else Satisfied.NO)
    (found,) = queries.judged_publicly(hall.desk.here, hall.desk.review.id)
    shown = [one for one in (found.yes, found.partly, found.no, found.unsaid) if one is not None]
    assert found.notes == ()
    assert all(one >= 10 and found.authors - one >= 10 for one in shown)
    hidden = found.authors - sum(shown)
    assert hidden == 0 or hidden >= 20 or not shown


def test_the_walk_on_the_page_keeps_what_was_typed_and_ends_on_ones_own_pages(app, client) -> None:
    hall = Hall()
    client.sign_in(hall.people[0])
    mine = client.get("/ar/me/").get_data(as_text=True)
    assert hall.address(lang="ar") in mine
    own = client.get(f"/ar/{hall.slug}/c/{hall.texts[0].ref}").get_data(as_text=True)
    assert hall.address(lang="ar") in own
    missing = client.submit(hall.address(), {"note": NOTE})
    assert missing.status_code == 422
    assert NOTE in missing.get_data(as_text=True)
    done = client.submit(hall.address(), {"satisfied": "partly", "note": NOTE})
    assert done.status_code == 303
    after = client.get(done.location).get_data(as_text=True)
    assert "en partie" in after
    assert NOTE in after
    assert "en partie" in client.get("/fr/me/").get_data(as_text=True)
    client.sign_in(makers.a_person())
    assert NOTE not in client.get(done.location).get_data(as_text=True)
    assert client.get(hall.address()).status_code == 403


def test_an_idea_is_judged_like_a_comment(app, client) -> None:
    hall = Hall()
    with writing():
        idea = an_idea(hall.desk, participant_id=hall.texts[0].participant_id)
    hall.answer(idea)
    client.sign_in(hall.people[0])
    path = f"/fr/{hall.slug}/c/{idea.ref}/satisfied"
    done = client.submit(path, {"satisfied": "no"})
    assert done.status_code == 303
    assert path in client.get(done.location).get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.COUNCILLOR, Role.MODERATOR])
def test_officers_and_councillors_read_the_sentences_and_nobody_else(app, client, role) -> None:
    hall = Hall()
    hall.judge(0, Satisfied.NO, NOTE)
    with writing():
        person = makers.staff(hall.desk.made.collectivity, role)
        db.session.commit()
    client.sign_in(person)
    found = client.get(f"/fr/desk/{hall.slug}/plan/{hall.desk.made.plan.cycle}/satisfaction/")
    assert found.status_code == (403 if role is Role.MODERATOR else 200)
    assert (NOTE in found.get_data(as_text=True)) is (role is not Role.MODERATOR)


def test_the_dossier_tells_everybody_only_after_the_session_and_never_the_sentence(app, client) -> None:
    hall = Hall(24, sealed=True)
    for number in range(24):
        hall.judge(number, Satisfied.YES if number < 13 else Satisfied.NO, NOTE)
    results = f"/fr{hall.desk.made.path}/results/"
    told = "Said after the seal"
    before = client.get(results + "dossier.json").get_data(as_text=True)
    assert json.loads(before)["beside_the_seal"] == {"authors": []}
    assert 'id="authors"' not in client.get(results).get_data(as_text=True)
    hall.move(Stage.IMPLEMENTATION)
    page = client.get(results).get_data(as_text=True)
    assert 'id="authors"' in page
    assert told not in page
    after = client.get(results + "dossier.json").get_data(as_text=True)
    (row,) = json.loads(after)["beside_the_seal"]["authors"]
    assert row == {
        "project": 1,
        "authors": 24,
        "yes": None,
        "partly": None,
        "no": None,
        "unsaid": None,
    } or all(one is None or one >= 10 for one in (row["yes"], row["no"], row["partly"], row["unsaid"]))
    assert json.loads(after)["snapshot"] == json.loads(before)["snapshot"]
    assert verify(after).ok
    assert NOTE not in page + after


def test_the_letter_with_the_answers_asks_whether_the_revised_text_satisfies(app) -> None:
    hall = Hall()
    news = PlanNews(None, ())
    plan = PlanFacts(hall.slug, {"ar": "ا", "fr": "Ici"}, "2023", {"ar": "ا", "fr": "Plan"})
    with app.test_request_context("/ar/"):
        letter = letters.responses(news, plan)
    assert "/me/" in letter.body
    assert "يرضيكم النص المعدل" in letter.body


def test_what_somebody_said_is_in_their_data_and_their_sentence_goes_with_their_account(app) -> None:
    hall = Hall()
    hall.judge(0, Satisfied.NO, NOTE)
    person = hall.people[0]
    assert own_data(person.id)["judgements"][0]["note"] == NOTE
    with writing():
        portal.leave(makers.actor_of(person), take_back=False)
        db.session.commit()
    assert db.session.scalars(sa.select(Judgement.note)).one() == ""
    assert hall.judged().no == 1
