"""After the vote: the act, the minutes, the control, the page for everybody, one letter each."""

import io
from datetime import date

import docx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.council import actions, queries
from participate.council.actions import VoteRow
from participate.council.models import ActControl
from participate.db import clock, db, writing
from participate.journal.models import JournalEntry
from participate.letters import jobs as letters
from participate.lifecycle import actions as lifecycle
from participate.plans.queries import plan_place
from participate.post.models import Mail
from participate.rules.control import Control, ControlTrouble
from participate.rules.outcomes import ProjectDecision
from participate.synthesis import actions as synthesis
from tests.conftest import both_engines
from tests.rooms.council.test_actions import OPENS, Room
from tests.rooms.synthesis.makers import a_full_review, take, voices

WHY = {"ar": "لا توجد ميزانية كافية هذه السنة", "fr": "Le budget de cette année ne suffit pas."}


class Chamber(Room):
    """A council that has people's voices before it: 26 of 27 support the third project."""

    def __init__(self) -> None:
        super().__init__()
        with writing():
            a_full_review(self.made)
            crowd = voices(self.made, 20)
            take(self.made, 2, crowd[:19], 1)
            take(self.made, 2, crowd[19:], -1)
            synthesis.seal(None, self.made.review.id, clock())
            db.session.commit()

    def rows(self, **third) -> list[VoteRow]:
        first, second, last = self.made.projects
        amendment = {"ar": "خفض الميزانية", "fr": "Budget réduit"}
        return [
            VoteRow(first.id, ProjectDecision.ADOPTED, 25, 3, 2),
            VoteRow(second.id, ProjectDecision.ADOPTED_AMENDED, 28, 0, 2, amendment=amendment),
            VoteRow(last.id, ProjectDecision.REJECTED, 4, 22, 4, **third),
        ]

    def decided(self, *, follow: bool = True) -> None:
        sitting = self.sit(self.session(), 1, OPENS, 30)
        self.decide(sitting.id, self.rows(reason=WHY))
        self.act(actions.write_amendment, self.made.projects[1].id, {"budget_mad": 150_000})
        if follow:
            with writing():
                lifecycle.adopt(self.secretary, self.made.plan)
                db.session.commit()

    @property
    def page(self) -> str:
        return f"/fr{self.made.path}/council/"


@pytest.fixture
def chamber(app) -> Chamber:
    return Chamber()


def test_against_nine_in_ten_the_council_must_say_why_and_everybody_reads_it(chamber, client) -> None:
    sitting = chamber.sit(chamber.session(), 1, OPENS, 30)
    with pytest.raises(actions.ProjectVoteError):
        chamber.decide(sitting.id, chamber.rows())
    db.session.rollback()
    chamber.decide(sitting.id, chamber.rows(reason=WHY))
    chamber.act(actions.write_amendment, chamber.made.projects[1].id, {"budget_mad": 150_000})
    with writing():
        lifecycle.adopt(chamber.secretary, chamber.made.plan)
        db.session.commit()
    html = client.get(chamber.page).get_data(as_text=True)
    assert WHY["fr"] in html
    assert "26 pour" in html


def test_the_page_after_the_session_can_be_shared_and_is_linked_from_the_plan(chamber, client) -> None:
    before = client.get(chamber.page).get_data(as_text=True)
    chamber.decided()
    html = client.get(chamber.page).get_data(as_text=True)
    assert 'property="og:image"' in html
    assert "Ce qui a été décidé, et ce que les gens avaient dit" in html
    assert "Ce qui a été décidé, et ce que les gens avaient dit" not in before
    assert "0 sur 2 changements viennent des contributions" in html, "the council cut a budget and a project"
    plan = client.get(f"/fr{chamber.made.path}/").get_data(as_text=True)
    assert f'href="{chamber.page}"' in plan


# --- documents ---------------------------------------------------------------------------------------------


def test_the_act_is_written_in_arabic_from_what_was_recorded(chamber, client) -> None:
    chamber.decided()
    text = client.get(f"{chamber.page}act.txt").get_data(as_text=True)
    assert "يصادق المجلس على مشروعين (2) من أصل 3" in text
    assert "الأصوات الموافقة: 28، الرافضة: 0، الممتنعة: 2، الأعضاء الحاضرون: 30" in text
    assert WHY["ar"] in text
    assert "خفض الميزانية" in text
    assert text.count("المادة") == 5, "the plan, three projects, the sending"
    html = client.get(f"{chamber.page}act/").get_data(as_text=True)
    assert 'dir="rtl"' in html
    assert f'href="{chamber.page}act.docx"' in html
    opened = docx.Document(io.BytesIO(client.get(f"{chamber.page}act.docx").data))
    assert [p.text for p in opened.paragraphs if p.text.startswith("المادة")] == [
        line for line in text.splitlines() if line.startswith("المادة")
    ]
    assert all("w:bidi" in p._p.xml for p in opened.paragraphs)


def test_the_minutes_keep_the_sittings_that_failed_and_set_each_vote_beside_what_people_said(
    chamber, client
) -> None:
    session = chamber.session()
    chamber.sit(session, 1, OPENS, 10)
    sitting = chamber.sit(session, 2, date(2023, 10, 5), 30)
    chamber.decide(sitting.id, chamber.rows(reason=WHY))
    client.sign_in(chamber.secretary.person_id)
    text = client.get(f"{chamber.page}minutes.txt").get_data(as_text=True)
    assert text.count("جلسة") == 2
    assert "لم يكتمل النصاب القانوني" in text
    assert "أيده 26، وعارضه 1" in text


@pytest.mark.parametrize("which", ["act/", "act.txt", "act.docx", "minutes/", "minutes.docx"])
def test_documents_are_public_once_the_plan_has_followed_the_decision(chamber, client, which) -> None:
    chamber.decided(follow=False)
    assert client.get(chamber.page + which).status_code == 404
    with writing():
        lifecycle.adopt(chamber.secretary, chamber.made.plan)
        db.session.commit()
    assert client.get(chamber.page + which).status_code == 200


def test_a_returned_plan_has_an_act_with_its_reason(chamber, client) -> None:
    sitting = chamber.sit(chamber.session(), 1, OPENS, 30)
    chamber.decide(sitting.id, [], "returned", reason=WHY)
    client.sign_in(chamber.secretary.person_id)
    text = client.get(f"{chamber.page}act.txt").get_data(as_text=True)
    assert "يعيد المجلس البرنامج إلى الإعداد" in text
    assert WHY["ar"] in text


# --- control -----------------------------------------------------------------------------------------------


def place(chamber: Chamber):
    return plan_place(chamber.made.collectivity.slug, chamber.made.plan.cycle)


@both_engines
def test_the_act_waits_and_becomes_enforceable_in_the_journal_for_good(chamber) -> None:
    chamber.decided()
    chamber.place = place(chamber)
    chamber.act(actions.record_control, Control.AWAITING, OPENS)
    chamber.act(actions.record_control, Control.ENFORCEABLE, OPENS, OPENS)
    with pytest.raises(actions.ControlError) as caught:
        chamber.act(actions.record_control, Control.REFUSED, OPENS, OPENS, WHY)
    db.session.rollback()
    assert caught.value.cause is ControlTrouble.SETTLED
    rows = db.session.scalars(sa.select(JournalEntry).where(JournalEntry.type == "control:recorded")).all()
    assert ["enforceable" in row.body for row in rows] == [False, True]
    decision = queries.votes_of(chamber.made.collectivity.id, chamber.made.plan.id)
    assert queries.control_of(chamber.made.collectivity.id, decision.id).state is Control.ENFORCEABLE
    for broken in ({"state": "refused"}, {"settled_on": None}, {"settled_on": date(2023, 9, 1)}):
        refused = None
        with writing():
            try:
                db.session.execute(sa.update(ActControl).values(**broken))
            except IntegrityError as error:
                refused = error
            db.session.rollback()
        assert refused is not None, broken


def test_everybody_reads_where_the_act_stands(chamber, client) -> None:
    chamber.decided()
    assert "Pas encore transmise" in client.get(chamber.page).get_data(as_text=True)
    slug, cycle = chamber.made.collectivity.slug, chamber.made.plan.cycle
    desk = f"/fr/desk/{slug}/plan/{cycle}/council/control"
    client.sign_in(chamber.secretary.person_id)
    fields = {"state": "refused", "sent_on": "2023-10-02", "settled_on": "2023-10-02"}
    assert client.submit(desk, fields).status_code == 422
    assert client.submit(desk, {**fields, "reason_ar": WHY["ar"], "reason_fr": WHY["fr"]}).status_code == 303
    html = client.get(chamber.page).get_data(as_text=True)
    assert "Refusée par l’autorité de contrôle" in html


# --- letters -----------------------------------------------------------------------------------------------


def test_each_participant_gets_one_letter_that_says_what_was_decided_on_what_they_wrote(chamber) -> None:
    chamber.decided()
    letters.post_news()
    letters.post_news()
    mails = db.session.scalars(sa.select(Mail).where(Mail.kind == "adoption")).all()
    people = [mail.person_id for mail in mails]
    assert len(people) == len(set(people)) > 20
    written = [mail.body for mail in mails if "projet 1\u00a0:" in mail.body]
    assert written, "those who wrote about project 1 read what became of it"
    assert all("/council/" in mail.body for mail in mails)
