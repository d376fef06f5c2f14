"""A councillor reads: notes that are theirs alone, questions, and answers that join the sealed dossier."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, IntegrityError

from participate.council import actions, queries
from participate.council.models import CouncillorNote, CouncilQuestion, DossierAddendum
from participate.db import add, clock, db, new_id, set_clock, writing
from participate.journal.models import JournalDetail, JournalEntry
from participate.letters import jobs as letters
from participate.people.models import NetworkAdministrator
from participate.plans.models import ActionPlan
from participate.portal import actions as portal
from participate.portal.own_data import own_data
from participate.post.models import Mail
from participate.rules.lifecycle import Stage
from participate.rules.policy import Place, RefusedError, Role
from participate.synthesis import actions as synthesis
from participate.synthesis import queries as sealed
from tests import makers
from tests.conftest import both_engines
from tests.rooms.synthesis.makers import a_full_review

SECRET = "أسأل عن كلفة الصيانة قبل التصويت"
QUESTION = "Qui paie l’entretien après la première année ?"
ANSWER = "Le service des espaces verts, sur son budget."


class Hall:
    """A sealed dossier before the council, two councillors and an officer."""

    def __init__(self) -> None:
        with writing():
            self.made = makers.a_plan(Stage.COUNCIL)
            a_full_review(self.made)
            synthesis.seal(None, self.made.review.id, clock())
            here = self.made.collectivity
            self.people = {
                "reader": makers.staff(here, Role.COUNCILLOR),
                "colleague": makers.staff(here, Role.COUNCILLOR),
                "officer": makers.staff(here, Role.OFFICER),
                "secretary": makers.staff(here, Role.SECRETARY),
                "administrator": makers.staff(here, Role.ADMINISTRATOR),
                "auditor": makers.staff(here, Role.AUDITOR),
            }
            db.session.commit()
        self.place = Place(
            collectivity_id=here.id, plan_id=self.made.plan.id, stage=Stage.COUNCIL, slug=here.slug
        )
        self.project = self.made.projects[0]

    def act(self, who: str, verb, *args):
        with writing():
            row = verb(makers.actor_of(self.people[who]), self.place, *args)
            db.session.commit()
        return row

    def address(self, rest: str = "") -> str:
        return f"/fr/desk/{self.made.collectivity.slug}/plan/{self.made.plan.cycle}/council/{rest}"

    def notes(self, who: str):
        return queries.notes_of(self.people[who].id, self.made.collectivity.id, self.made.plan.id)

    def later(self, by: timedelta) -> None:
        with writing():
            set_clock(clock() + by)
            db.session.commit()


@pytest.fixture
def hall(app) -> Hall:
    return Hall()


# --- notes -------------------------------------------------------------------------------------------------


@both_engines
def test_a_councillor_has_one_note_on_a_project_and_writes_over_it(hall) -> None:
    hall.act("reader", actions.save_note, hall.project.id, "Première lecture.")
    hall.act("reader", actions.save_note, hall.project.id, SECRET)
    hall.act("colleague", actions.save_note, hall.project.id, "Autre chose.")
    assert hall.notes("reader")[hall.project.id].body == SECRET
    assert hall.notes("colleague")[hall.project.id].body == "Autre chose."
    caught = None
    with writing():
        mine = hall.notes("reader")[hall.project.id]
        try:
            add(
                CouncillorNote(
                    collectivity_id=hall.made.collectivity.id, id=new_id(), project_id=mine.project_id,
                    person_id=hall.people["reader"].id, body="two", updated_at=clock(),
                )
            )  # fmt: skip
        except IntegrityError as error:
            caught = error
        db.session.rollback()
    assert caught is not None


def test_nobody_but_its_author_finds_a_note_in_any_page_or_file(hall, client) -> None:
    hall.act("reader", actions.save_note, hall.project.id, SECRET)
    paths = [
        hall.address(), hall.address("reading/"), hall.address("reading/1/"), hall.address("questions/"),
        f"/fr{hall.made.path}/results/", f"/fr{hall.made.path}/results/1", f"/fr{hall.made.path}/council/",
        f"/fr{hall.made.path}/results/dossier.json", f"/fr/desk/{hall.made.collectivity.slug}/", "/fr/me/",
        "/fr/me/data",
    ]  # fmt: skip
    for who in ("colleague", "officer", "secretary", "administrator", "auditor"):
        client.sign_in(hall.people[who])
        for path in paths:
            assert SECRET not in client.get(path).get_data(as_text=True), (who, path)
        assert SECRET not in str(own_data(hall.people[who].id))
    with writing():
        network = makers.a_person()
        add(NetworkAdministrator(person_id=network.id, granted_at=clock()))
        db.session.commit()
    client.sign_in(network)
    assert client.get(hall.address("reading/1/")).status_code == 403
    client.sign_in(hall.people["reader"])
    assert SECRET in client.get(hall.address("reading/1/")).get_data(as_text=True)
    assert SECRET in str(own_data(hall.people["reader"].id)["councillor_notes"])


def test_a_note_leaves_no_trace_in_the_journal(hall) -> None:
    before = db.session.scalar(sa.select(sa.func.count()).select_from(JournalEntry))
    hall.act("reader", actions.save_note, hall.project.id, SECRET)
    hall.act("reader", actions.remove_note, hall.project.id)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(JournalEntry)) == before
    assert not [one for one in db.session.scalars(sa.select(JournalDetail)) if SECRET in str(one.payload)]


def test_a_removed_note_can_be_taken_back_for_a_day_and_is_then_erased(hall) -> None:
    hall.act("reader", actions.save_note, hall.project.id, SECRET)
    hall.act("reader", actions.remove_note, hall.project.id)
    hall.later(timedelta(hours=23))
    hall.act("reader", actions.restore_note, hall.project.id)
    assert hall.notes("reader")[hall.project.id].removed_at is None
    hall.act("reader", actions.remove_note, hall.project.id)
    with writing():
        assert actions.purge_notes(clock()) == 0
        db.session.commit()
    hall.later(timedelta(days=1))
    with pytest.raises(actions.NoSuchNoteError):
        hall.act("reader", actions.restore_note, hall.project.id)
    with writing():
        assert actions.purge_notes(clock()) == 1
        db.session.commit()
    assert hall.notes("reader") == {}


def test_nobody_removes_or_restores_the_note_of_another(hall) -> None:
    hall.act("reader", actions.save_note, hall.project.id, SECRET)
    with pytest.raises(actions.NoSuchNoteError):
        hall.act("colleague", actions.remove_note, hall.project.id)
    db.session.rollback()
    for who in ("officer", "secretary", "administrator"):
        with pytest.raises(RefusedError):
            hall.act(who, actions.save_note, hall.project.id, "x")
        db.session.rollback()
    assert hall.notes("reader")[hall.project.id].body == SECRET


def test_notes_go_with_the_account(hall) -> None:
    hall.act("reader", actions.save_note, hall.project.id, SECRET)
    with writing():
        person = hall.people["reader"]
        db.session.execute(sa.text("DELETE FROM role_grant WHERE person_id = :p"), {"p": person.id})
        portal.leave(makers.actor_of(person), take_back=False)
        db.session.commit()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CouncillorNote)) == 0


def test_an_empty_note_keeps_the_page_and_what_was_typed(hall, client) -> None:
    client.sign_in(hall.people["reader"])
    sent = client.submit(hall.address("reading/1/"), {"body": "   "}, action="/note")
    assert sent.status_code == 422
    sent = client.submit(hall.address("reading/1/"), {"body": SECRET}, action="/note")
    assert sent.status_code == 303
    page = client.get(hall.address("reading/1/"))
    assert SECRET in page.get_data(as_text=True)
    assert client.submit(hall.address("reading/1/"), action="/note/remove").status_code == 303
    assert SECRET not in client.get(hall.address("reading/1/")).get_data(as_text=True)
    assert client.submit(hall.address("reading/1/"), action="/note/restore").status_code == 303
    assert SECRET in client.get(hall.address("reading/1/")).get_data(as_text=True)


# --- questions ---------------------------------------------------------------------------------------------


@both_engines
def test_an_answer_is_attached_to_the_dossier_and_the_seal_still_holds(hall) -> None:
    before = sealed.head(hall.made.collectivity.id, hall.made.plan.id).sealed
    hall.act("reader", actions.ask, hall.project.id, QUESTION)
    hall.act("colleague", actions.ask, hall.project.id, "Et les écoles ?")
    hall.act("officer", actions.answer, 2, "Aussi.")
    hall.act("officer", actions.answer, 1, ANSWER)
    found = queries.addenda_of(hall.made.collectivity.id, hall.made.review.id)
    assert [(one.number, one.question, one.answer) for one in found] == [
        (1, "Et les écoles ?", "Aussi."),
        (2, QUESTION, ANSWER),
    ]
    after = sealed.head(hall.made.collectivity.id, hall.made.plan.id).sealed
    assert after.holds
    assert (after.sha256, after.snapshot) == (before.sha256, before.snapshot)
    entry = db.session.scalars(sa.select(JournalEntry).where(JournalEntry.type == "addendum:attached")).all()
    assert len(entry) == 2


@both_engines
def test_an_addendum_cannot_be_changed_by_anybody(hall) -> None:
    hall.act("reader", actions.ask, hall.project.id, QUESTION)
    hall.act("officer", actions.answer, 1, ANSWER)
    for statement in ("UPDATE dossier_addendum SET answer = 'other'", "DELETE FROM dossier_addendum"):
        with pytest.raises(DatabaseError, match="append-only"):
            db.session.execute(sa.text(statement))
        db.session.rollback()
    with pytest.raises(actions.AnsweredError):
        hall.act("officer", actions.answer, 1, "Autre chose.")
    db.session.rollback()
    with pytest.raises(actions.AnsweredError):
        hall.act("reader", actions.withdraw_question, 1)
    db.session.rollback()


def test_only_the_councillor_who_asked_withdraws_a_question(hall) -> None:
    hall.act("reader", actions.ask, hall.project.id, QUESTION)
    with pytest.raises(actions.NoSuchQuestionError):
        hall.act("colleague", actions.withdraw_question, 1)
    db.session.rollback()
    hall.act("reader", actions.withdraw_question, 1)
    assert queries.questions_of(hall.made.collectivity.id, hall.made.plan.id) == []
    with pytest.raises(actions.NoSuchQuestionError):
        hall.act("officer", actions.answer, 1, ANSWER)
    db.session.rollback()
    assert hall.act("reader", actions.ask, hall.project.id, QUESTION).number == 2, "numbers are not reused"


def test_questions_end_with_the_council_and_need_a_seal(hall, app) -> None:
    with writing():
        bare = makers.a_plan(Stage.COUNCIL)
        member = makers.staff(bare.collectivity, Role.COUNCILLOR)
        place = Place(collectivity_id=bare.collectivity.id, plan_id=bare.plan.id, stage=Stage.COUNCIL)
        with pytest.raises(actions.NotSealedError):
            actions.ask(makers.actor_of(member), place, bare.projects[0].id, QUESTION)
        db.session.rollback()
    with writing():
        db.session.execute(sa.update(ActionPlan).values(stage=Stage.IMPLEMENTATION))
        db.session.commit()
    with pytest.raises(RefusedError):
        hall.act("reader", actions.ask, hall.project.id, QUESTION)
    db.session.rollback()


def test_officers_are_told_of_a_question_and_the_councillor_of_the_answer_once(hall) -> None:
    hall.act("reader", actions.ask, hall.project.id, QUESTION)
    letters.post_news()
    letters.post_news()

    def mails() -> list[tuple[int, bool]]:
        rows = db.session.scalars(sa.select(Mail).where(Mail.kind == "question").order_by(Mail.created_at))
        return [(one.person_id, ANSWER in one.body) for one in rows]

    assert mails() == [(hall.people["officer"].id, False)]
    hall.act("officer", actions.answer, 1, ANSWER)
    letters.post_news()
    assert sorted(mails()) == sorted([(hall.people["officer"].id, False), (hall.people["reader"].id, True)])


def test_the_walk_from_ones_own_page_to_the_addendum_of_the_dossier(hall, client) -> None:
    client.sign_in(hall.people["reader"])
    assert hall.address("reading/") in client.get("/fr/me/").get_data(as_text=True)
    page = client.get(hall.address("reading/1/")).get_data(as_text=True)
    assert "Qui a pris position" in page
    assert "Ce qui a changé dans les mots" in page or 'id="changes"' in page
    assert client.submit(hall.address("reading/1/"), {"text": "?"}, action="/questions").status_code == 422
    sent = client.submit(hall.address("reading/1/"), {"text": QUESTION}, action="/questions")
    assert sent.status_code == 303
    client.sign_in(hall.people["officer"])
    assert QUESTION in client.get(hall.address("questions/")).get_data(as_text=True)
    assert client.submit(hall.address("questions/1"), {"text": " "}).status_code == 422
    assert client.submit(hall.address("questions/1"), {"text": ANSWER}).status_code == 303
    assert client.get(hall.address("questions/1")).status_code == 409
    client.delete_cookie("participate", domain="localhost")
    for path in ("results/", "results/1"):
        html = client.get(f"/fr{hall.made.path}/{path}").get_data(as_text=True)
        assert QUESTION in html
        assert ANSWER in html
        assert hall.people["reader"].display_name not in html
    assert QUESTION not in client.get(f"/fr{hall.made.path}/results/2").get_data(as_text=True)


def test_a_question_that_waits_is_read_by_its_author_and_the_officers_alone(hall, client) -> None:
    hall.act("reader", actions.ask, hall.project.id, QUESTION)
    client.sign_in(hall.people["colleague"])
    assert QUESTION not in client.get(hall.address("reading/1/")).get_data(as_text=True)
    assert client.get(hall.address("questions/")).status_code == 403
    assert QUESTION not in client.get(f"/fr{hall.made.path}/results/").get_data(as_text=True)


def test_the_numbers_of_questions_and_addenda_are_unique(hall) -> None:
    hall.act("reader", actions.ask, hall.project.id, QUESTION)
    assert {tuple(c.columns.keys()) for c in CouncilQuestion.__table__.constraints if isinstance(c, sa.UniqueConstraint)} == {
        ("collectivity_id", "plan_id", "number")
    }  # fmt: skip
    assert ("collectivity_id", "question_id") in {
        tuple(c.columns.keys())
        for c in DossierAddendum.__table__.constraints
        if isinstance(c, sa.UniqueConstraint)
    }
