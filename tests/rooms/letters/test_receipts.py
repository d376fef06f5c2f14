"""The daily letter of receipts: once a day, without what was chosen, stopped by its own link."""

from __future__ import annotations

import re
import threading
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from participate.db import add, clock, db, new_id, set_clock, writing
from participate.journal.models import JournalEntry
from participate.letters import receipts
from participate.letters.models import LetterChoice
from participate.people.models import Mandate
from participate.positions.models import Receipt
from participate.post.models import Mail
from participate.rules.windows import CASABLANCA, casablanca_midnight
from tests import makers
from tests.conftest import both_engines
from tests.rooms.positions.makers import as_association, take


@pytest.fixture
def plan(app):
    with writing():
        made = makers.a_plan(projects=3)
        db.session.commit()
    receipts.post_receipts()
    return made


def take_part(plan, person, project=0, value=1) -> None:
    take(person, plan.review, plan.statements[project], value)


def move_to(moment: datetime) -> None:
    with writing():
        set_clock(moment)
        db.session.commit()


def next_day(days: int = 1) -> date:
    """Move to one minute past a midnight in Morocco; return the day that was."""
    today = clock().astimezone(CASABLANCA).date()
    move_to(casablanca_midnight(today + timedelta(days=days)) + timedelta(minutes=1))
    return today


def mails():
    db.session.rollback()
    return db.session.scalars(sa.select(Mail).where(Mail.kind == "receipt").order_by(Mail.id)).all()


def a_reader(lang="fr"):
    with writing():
        person = makers.a_person(lang=lang)
        db.session.commit()
    return person


@both_engines
def test_a_day_of_receipts_comes_in_one_letter_after_midnight_and_once(plan) -> None:
    person = a_reader()
    for project in range(3):
        take_part(plan, person, project)
    assert receipts.post_receipts() == 0, "the day is not over"
    next_day()
    assert receipts.post_receipts() == 1
    assert receipts.post_receipts() == 0
    (mail,) = mails()
    codes = db.session.scalars(sa.select(Receipt.code)).all()
    assert len(codes) == 3
    assert all(code in mail.body for code in codes)
    assert f"/fr/{plan.collectivity.slug}/receipts/" in mail.body


@pytest.mark.parametrize("value", [-1, 0, 1])
def test_the_letter_does_not_depend_on_what_was_chosen(plan, value) -> None:
    person = a_reader()
    take_part(plan, person, 1, value)
    next_day()
    receipts.post_receipts()
    (mail,) = mails()
    code = db.session.scalars(sa.select(Receipt.code)).one()
    told = mail.body.replace(code, "CODE").replace(receipts.token_of(person.id), "TOKEN")
    told = told.replace(plan.collectivity.slug, "SLUG").replace(plan.collectivity.name["fr"], "NAME")
    assert not re.search(r"favor|contre|d’accord|soutien|oppose|indécis", told)
    assert plan.projects[1].title["fr"] not in told


def test_a_position_changed_on_the_same_day_has_only_its_last_receipt(plan) -> None:
    person = a_reader()
    take_part(plan, person, 0, 1)
    take_part(plan, person, 0, -1)
    next_day()
    receipts.post_receipts()
    rows = db.session.execute(sa.select(Receipt.code, Receipt.replaced_by)).all()
    (mail,) = mails()
    assert [code in mail.body for code, newer in rows] == [newer is None for code, newer in rows]


def test_the_day_is_the_day_in_morocco(plan) -> None:
    person = a_reader()
    today = clock().astimezone(CASABLANCA).date()
    midnight = casablanca_midnight(today + timedelta(days=1))
    move_to(midnight - timedelta(seconds=1))
    take_part(plan, person, 0)
    move_to(midnight)
    take_part(plan, person, 1)
    assert receipts.post_receipts() == 1
    next_day()
    assert receipts.post_receipts() == 1
    assert [mail.key.split(":")[1] for mail in mails()] == [
        today.isoformat(),
        (today + timedelta(days=1)).isoformat(),
    ]


def test_days_in_which_the_worker_stood_still_are_made_up_for_a_week_and_no_longer(plan) -> None:
    person = a_reader()
    take_part(plan, person, 0)
    next_day(3)
    assert receipts.post_receipts() == 1
    take_part(plan, person, 1)
    next_day(10)
    assert receipts.post_receipts() == 0


def test_before_its_first_day_nothing_old_is_sent(app) -> None:
    with writing():
        made = makers.a_plan(projects=1)
        db.session.commit()
    person = a_reader()
    take_part(made, person, 0)
    next_day(5)
    assert receipts.post_receipts() == 0


@both_engines
def test_two_workers_at_once_write_each_letter_once(app, plan) -> None:
    for _ in range(3):
        take_part(plan, a_reader(), 0)
    next_day()
    gate = threading.Barrier(2)

    def run() -> None:
        with app.app_context():
            gate.wait()
            receipts.post_receipts()
            db.session.remove()

    workers = [threading.Thread(target=run) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert len(mails()) == 3


def test_both_delegates_get_the_receipts_of_their_association(plan) -> None:
    with writing():
        first, second = makers.a_person(), makers.a_person()
        association = makers.an_association(plan.collectivity, first)
        for person, ended in ((second, None), (makers.a_person(), clock())):
            add(
                Mandate(
                    collectivity_id=plan.collectivity.id, id=new_id(), association_id=association.id,
                    person_id=person.id, started_at=clock(), ended_at=ended,
                )
            )  # fmt: skip
        db.session.commit()
    take(first, plan.review, plan.statements[0], 1, voice=as_association(association, first))
    next_day()
    assert receipts.post_receipts() == 2
    assert {mail.person_id for mail in mails()} == {first.id, second.id}


def test_the_link_stops_the_letter_without_signing_in_and_only_by_its_button(app, plan, client) -> None:
    person = a_reader()
    take_part(plan, person, 0)
    next_day()
    receipts.post_receipts()
    path = re.findall(r"https?://[^/]+(/fr/letters/receipts/\S+)", mails()[0].body)[0]
    assert client.get(path).status_code == 200
    assert receipts.wanted_by(person.id), "a scanner that follows the link changes nothing"
    before = db.session.scalar(sa.select(sa.func.count()).select_from(JournalEntry))
    assert client.submit(path, {}).status_code == 303
    assert not receipts.wanted_by(person.id)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(JournalEntry)) == before
    take_part(plan, person, 1)
    next_day()
    assert receipts.post_receipts() == 0
    assert client.submit(path, {}).status_code == 303
    assert receipts.wanted_by(person.id)


def test_a_link_that_was_not_made_here_is_nobodys(plan, client) -> None:
    other = a_reader()
    made = receipts.token_of(other.id)
    for token in (str(other.id), made[:-1] + ("0" if made[-1] != "0" else "1"), made + "0", "f" * 40):
        assert client.get(f"/fr/letters/receipts/{token}").status_code == 404
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LetterChoice)) == 0


def test_a_choice_that_is_none_is_refused(plan, client) -> None:
    person = a_reader()
    path = f"/fr/letters/receipts/{receipts.token_of(person.id)}"
    refused = client.submit(path, {"receipts": "perhaps"})
    assert refused.status_code == 422
    assert "Choisissez une réponse." in refused.get_data(as_text=True)
    assert receipts.wanted_by(person.id)


def test_my_letters_lead_to_the_choice(plan, client) -> None:
    person = a_reader()
    client.sign_in(person)
    assert "/fr/letters/receipts/" in client.get("/fr/me/letters/").get_data(as_text=True)
