"""The panel, its own page, priorities and receipts, as browsers meet them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.db import db, set_clock, writing
from participate.people.models import BrowserSession, Draft
from participate.positions import actions
from participate.positions.models import Position, Priority, Receipt, Statement
from participate.post.models import Mail
from participate.rules.outcomes import ConsultationState, StatementKind
from participate.rules.policy import Role
from tests import makers
from tests.rooms.positions.makers import as_association, prioritise, take

HTMX = {"HX-Request": "true"}


def committed(make: Any, *args: Any, **values: Any) -> Any:
    with writing():
        made = make(*args, **values)
        db.session.commit()
    return made


@pytest.fixture
def plan(app: Any) -> makers.APlan:
    return committed(makers.a_plan, projects=5)


@pytest.fixture
def person(app: Any) -> Any:
    return committed(makers.a_person)


def address(plan: makers.APlan, number: int = 1, what: str = "position", lang: str = "fr") -> str:
    return f"/{lang}{plan.path}/projects/{number}/{what}"


def end(plan: makers.APlan) -> None:
    committed(set_clock, plan.review.closes_at + timedelta(hours=1))


def close(plan: makers.APlan) -> None:
    def shut() -> None:
        row = db.session.get(Consultation, (plan.review.collectivity_id, plan.review.id))
        row.state = ConsultationState.CLOSED
        row.closed_at = row.closes_at

    end(plan)
    committed(shut)


# --- signed out -------------------------------------------------------------------------------------


def test_a_signed_out_choice_is_kept_until_one_button_confirms_it(client, plan, person):
    page = client.get(address(plan) + "?value=1")
    assert page.status_code == 200
    assert re.search(r'<input checked[^>]*name="value"[^>]*value="1"', page.text)
    answer = client.submit(address(plan) + "?value=1", {"value": "-1", "declared": "y"})
    assert answer.status_code == 303
    assert "/sign-in" in answer.location
    draft = db.session.scalars(sa.select(Draft)).one()
    assert draft.fields["value"] == "-1"
    assert db.session.scalars(sa.select(Position)).all() == []

    def sign_in() -> None:
        row = db.session.scalars(sa.select(BrowserSession)).one()
        row.person_id = person.id

    committed(sign_in)
    back = client.submit(address(plan))
    assert back.status_code == 303
    assert db.session.scalars(sa.select(Position)).one().value == -1


def test_the_project_page_offers_links_to_the_signed_out_and_makes_no_session(client, plan):
    page = client.get(f"/fr{plan.path}/projects/1/")
    assert page.status_code == 200
    assert f"{address(plan)}?value=1" in page.text
    assert "Set-Cookie" not in page.headers


def test_signing_in_through_htmx_leaves_the_page(client, plan):
    client.get(address(plan))
    token = client.submit(address(plan), {"value": "1", "declared": "y"}, headers=HTMX)
    assert token.status_code == 204
    assert "/sign-in" in token.headers["HX-Redirect"]


# --- signed in -------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
def test_the_page_of_the_panel_is_well_formed_in_every_language(client, plan, person, lang):
    client.sign_in(person)
    for what in ("position", "priority"):
        assert client.get(address(plan, what=what, lang=lang)).status_code == 200


def test_a_position_without_javascript_comes_back_to_the_project_with_its_receipt(client, plan, person):
    client.sign_in(person)
    answer = client.submit(address(plan), {"value": "1", "declared": "y"})
    assert answer.status_code == 303
    assert answer.location.endswith(f"{plan.path}/projects/1/#position")
    code = db.session.scalars(sa.select(Receipt)).one().code
    assert answer.headers["X-Receipt"] == code
    assert code in client.get(f"/fr{plan.path}/projects/1/").text


def test_htmx_gets_the_panel_in_place_with_the_receipt(client, plan, person):
    client.sign_in(person)
    answer = client.submit(address(plan), {"value": "0", "declared": "y"}, headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div class="position" id="position">')
    assert db.session.scalars(sa.select(Receipt)).one().code in answer.text
    assert re.search(r'id="position-0"\s+name="value" value="0" aria-pressed="true"', answer.text)


def test_return_to_is_followed_only_within_the_site(client, plan, person):
    client.sign_in(person)
    there = client.submit(address(plan), {"value": "1", "declared": "y", "return_to": f"/fr{plan.path}/"})
    assert there.location.endswith(f"{plan.path}/")
    away = client.submit(address(plan), {"value": "1", "return_to": "//evil.example/"})
    assert "evil" not in away.location


def test_a_first_act_without_the_declaration_says_so_and_keeps_the_choice(client, plan, person):
    client.sign_in(person)
    for headers in ({}, HTMX):
        answer = client.submit(address(plan), {"value": "-1"}, headers=headers)
        assert answer.status_code == 422
        assert 'value="-1"' in answer.text
        assert 'id="declared-error"' in answer.text
    assert db.session.scalars(sa.select(Participant)).all() == []


def test_the_declaration_is_asked_once(client, plan, person):
    client.sign_in(person)
    assert 'name="declared"' in client.get(f"/fr{plan.path}/projects/1/").text
    client.submit(address(plan), {"value": "1", "declared": "y"})
    assert 'name="declared"' not in client.get(f"/fr{plan.path}/projects/2/").text
    assert client.submit(address(plan, 2), {"value": "1"}).status_code == 303


def test_no_choice_at_all_is_asked_for_again(client, plan, person):
    client.sign_in(person)
    answer = client.submit(address(plan), {"declared": "y"})
    assert answer.status_code == 422
    assert 'id="value-error"' in answer.text


@pytest.mark.parametrize("value", ["2", "one", "", "٣", "1 "])
def test_a_made_up_value_is_refused_in_words(client, plan, person, value):
    client.sign_in(person)
    assert client.submit(address(plan), {"value": value, "declared": "y"}).status_code == 422


def test_a_delegate_chooses_the_voice_and_others_are_not_asked(client, plan, person):
    association = committed(makers.an_association, plan.collectivity, person)
    client.sign_in(person)
    page = client.get(address(plan))
    assert 'name="voice"' in page.text
    client.submit(address(plan), {"value": "1", "declared": "y", "voice": str(association.id)})
    row = db.session.scalars(sa.select(Participant)).one()
    assert (row.association_id, row.person_id) == (association.id, None)
    other = committed(makers.a_person)
    client.sign_in(other)
    assert 'name="voice"' not in client.get(address(plan)).text


def test_staff_are_told_why_they_cannot_and_where_they_can_write(client, plan):
    officer = committed(makers.staff, plan.collectivity, Role.OFFICER)
    client.sign_in(officer)
    page = client.get(address(plan, lang="en"))
    assert 'name="value"' not in page.text
    assert "Staff of the commune take no position" in page.text
    token = token_of(client.get(f"/fr{plan.path}/").text)
    answer = client.post(address(plan), data={"csrf_token": token, "value": "1", "declared": "y"})
    assert answer.status_code == 403
    assert db.session.scalars(sa.select(Position)).all() == []


# --- the end ----------------------------------------------------------------------------------------


def test_a_late_choice_is_answered_with_the_end_the_choice_and_what_happens_next(client, plan, person):
    client.sign_in(person)
    hidden = client.get(address(plan))
    assert hidden.status_code == 200
    fields = {"csrf_token": token_of(hidden.text), "value": "1", "declared": "y"}
    end(plan)
    answer = client.post(address(plan, lang="en"), data=fields)
    assert answer.status_code == 403
    assert "This consultation has ended" in answer.text
    assert "29 August 2023" in answer.text
    assert "I support it" in answer.text
    assert "council" in answer.text
    assert db.session.scalars(sa.select(Position)).all() == []
    through_htmx = client.post(address(plan, lang="en"), data=fields, headers=HTMX)
    assert through_htmx.headers["HX-Redirect"].endswith("/position?value=1")


def token_of(html: str) -> str:
    return html.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]


def test_tallies_are_hidden_from_everybody_until_the_close_and_shown_after(client, plan):
    people = [committed(makers.a_person) for _ in range(3)]
    for one, value in zip(people, (1, 1, -1), strict=True):
        take(one, plan.review, plan.statements[0], value)
    officer = committed(makers.staff, plan.collectivity, Role.OFFICER, Role.COUNCILLOR)
    for reader in (None, people[0], officer):
        if reader is not None:
            client.sign_in(reader)
        page = client.get(f"/en{plan.path}/projects/1/")
        assert "result" not in page.text.split("<aside>", 1)[1].split("</aside>", 1)[0]
        assert "Fewer than 10 positions so far." in page.text
    close(plan)
    assert "3 positions were taken." in client.get(address(plan, lang="en")).text


# --- priorities --------------------------------------------------------------------------------------


def test_priorities_are_chosen_until_the_slots_are_full_then_swapped(client, plan, person):
    client.sign_in(person)
    take(person, plan.review, plan.statements[0], 1)
    for number in (1, 2, 3):
        assert client.submit(address(plan, number, "priority"), {"on": "1"}).status_code == 303
    full = client.get(address(plan, 4, "priority"))
    assert full.text.count('name="instead"') == 3
    answer = client.submit(address(plan, 4, "priority"), {"on": "1"})
    assert answer.status_code == 422
    assert answer.text.count('name="instead"') == 3
    swapped = client.submit(address(plan, 4, "priority"), {"on": "1", "instead": str(plan.statements[0])})
    assert swapped.status_code == 303
    assert set(db.session.scalars(sa.select(Priority.statement_id))) == set(plan.statements[1:4])
    panel = client.get(f"/fr{plan.path}/projects/5/").text
    assert address(plan, 5, "priority") in panel


def test_a_priority_is_taken_back(client, plan, person):
    prioritise(person, plan.review, plan.statements[0], True)
    client.sign_in(person)
    assert client.submit(address(plan, 1, "priority")).status_code == 303
    assert db.session.scalars(sa.select(Priority)).all() == []


def test_htmx_toggles_a_priority_in_the_panel(client, plan, person):
    take(person, plan.review, plan.statements[0], 1)
    client.sign_in(person)
    answer = client.submit(address(plan, 1, "priority"), {"on": "1"}, headers=HTMX)
    assert 'id="position-priority"' in answer.text
    assert 'aria-pressed="true"' in answer.text


# --- texts -------------------------------------------------------------------------------------------


@pytest.fixture
def text(plan: makers.APlan) -> Statement:
    return committed(actions.new_statement, plan.collectivity.id, plan.review.id, StatementKind.COMMENT)


def test_a_position_on_a_text_has_its_own_page_and_answers_in_place(client, plan, person, text):
    where = f"/fr/{plan.collectivity.slug}/statements/{text.id}/position"
    assert client.get(where + "?value=1").status_code == 200
    client.sign_in(person)
    answer = client.submit(where, {"value": "1", "declared": "y"})
    assert answer.status_code == 303
    assert db.session.scalars(sa.select(Position)).one().revision_id is None
    page = client.get(where)
    assert db.session.scalars(sa.select(Receipt)).one().code in page.text
    block = client.submit(where, {"value": "-1"}, headers=HTMX)
    assert f'id="p-{text.id}"' in block.text
    assert db.session.scalars(sa.select(Position)).one().value == -1


def test_a_text_that_is_not_public_says_so(client, plan, person, text):
    def hide() -> None:
        db.session.get(Statement, (plan.collectivity.id, text.id)).votable = False

    committed(hide)
    client.sign_in(person)
    page = client.get(f"/en/{plan.collectivity.slug}/statements/{text.id}/position")
    assert "Positions cannot be taken on this text." in page.text


def test_a_project_is_not_reached_as_a_text_nor_from_another_place(client, plan, person, text):
    client.sign_in(person)
    other = committed(makers.a_collectivity)
    assert (
        client.get(f"/fr/{plan.collectivity.slug}/statements/{plan.statements[0]}/position").status_code
        == 404
    )
    assert client.get(f"/fr/{other.slug}/statements/{text.id}/position").status_code == 404


# --- receipts ----------------------------------------------------------------------------------------


def test_anybody_checks_a_receipt_and_learns_neither_who_nor_what(client, plan, person):
    code = take(person, plan.review, plan.statements[1], -1).code
    typed = code.lower().replace("-", " ")
    found = client.get(f"/en/{plan.collectivity.slug}/receipts/?code={typed}")
    assert found.status_code == 303
    page = client.get(found.location)
    assert "The public record of this place holds it, unaltered." in page.text
    assert "It stands" in page.text
    for secret in ("I oppose it", person.display_name, "title of project 2", str(person.id)):
        assert secret not in page.text
    assert "Set-Cookie" not in page.headers


def test_its_owner_also_sees_what_was_chosen_and_can_have_it_mailed_once(client, plan, person):
    code = take(person, plan.review, plan.statements[1], -1).code
    client.sign_in(person)
    where = f"/en/{plan.collectivity.slug}/receipts/{code}"
    page = client.get(where)
    assert "I oppose it" in page.text
    for _ in range(2):
        assert client.submit(where, action="mail").status_code == 303
    mail = db.session.scalars(sa.select(Mail)).one()
    assert code in mail.body
    assert "http://localhost/en/" in mail.body


def test_all_receipts_come_in_one_letter_that_names_no_project_and_no_choice(client, plan, person):
    first = take(person, plan.review, plan.statements[0], 1).code
    codes = [
        take(person, plan.review, one, value).code
        for one, value in zip(plan.statements[:3], (-1, 1, 0), strict=True)
    ]
    other = take(committed(makers.a_person), plan.review, plan.statements[0], 1).code
    client.sign_in(person)
    assert (
        client.submit(f"/en/{plan.collectivity.slug}/receipts/{codes[0]}", action="mail").status_code == 303
    )
    [mail] = db.session.scalars(sa.select(Mail)).all()
    assert all(code in mail.body for code in codes)
    assert first not in mail.body  # replaced
    assert other not in mail.body
    for secret in ("title of project", "support", "oppose", "مؤيد", "معارض"):
        assert secret not in mail.body
    # Something new, another letter.
    take(person, plan.review, plan.statements[2], 1)
    client.submit(f"/en/{plan.collectivity.slug}/receipts/{codes[0]}", action="mail")
    assert len(db.session.scalars(sa.select(Mail)).all()) == 2


def test_somebody_elses_receipt_is_not_mailed(client, plan, person):
    mine = take(person, plan.review, plan.statements[1], -1).code
    other = committed(makers.a_person)
    theirs = take(other, plan.review, plan.statements[1], 1).code
    client.sign_in(person)
    token = token_of(client.get(f"/en/{plan.collectivity.slug}/receipts/{mine}").text)
    answer = client.post(f"/en/{plan.collectivity.slug}/receipts/{theirs}/mail", data={"csrf_token": token})
    assert answer.status_code == 403
    assert db.session.scalars(sa.select(Mail)).all() == []


def test_a_replaced_receipt_says_so_and_leads_its_owner_to_the_newer(client, plan, person):
    old = take(person, plan.review, plan.statements[1], -1).code
    new = take(person, plan.review, plan.statements[1], 1).code
    where = f"/en/{plan.collectivity.slug}/receipts/{old}"
    public = client.get(where).text
    assert "Replaced by a newer receipt" in public
    assert new not in public
    client.sign_in(person)
    mine = client.get(where).text
    assert new in mine
    assert "I oppose it" in mine


@pytest.mark.parametrize(
    ("typed", "status"),
    [("ZZ-0000-0000", 404), ("hello", 422), ("", 200), ("'; drop table receipt", 422), ("B" * 200, 422)],
)
def test_a_code_that_is_none_of_ours_is_answered_in_words(client, plan, typed, status):
    page = client.get(f"/ar/{plan.collectivity.slug}/receipts/", query_string={"code": typed})
    assert page.status_code == status
    assert client.get(f"/ar/{plan.collectivity.slug}/receipts/ZZ-0000-0000").status_code == 404


def test_a_receipt_of_another_place_is_not_found_here(client, plan, person):
    code = take(person, plan.review, plan.statements[1], -1).code
    other = committed(makers.a_collectivity)
    assert client.get(f"/en/{other.slug}/receipts/{code}").status_code == 404


def test_a_delegate_owns_the_receipts_of_the_association(client, plan, person):
    association = committed(makers.an_association, plan.collectivity, person)
    code = take(person, plan.review, plan.statements[0], 1, voice=as_association(association, person)).code
    client.sign_in(person)
    assert "I support it" in client.get(f"/en/{plan.collectivity.slug}/receipts/{code}").text


# --- the budget ----------------------------------------------------------------------------------------


def statements_of(client: Any, act: Any) -> list[str]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    return [one for one in seen if not one.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA"))]


def test_a_position_through_the_browser_stays_within_its_budget(client, plan, person):
    """22 today: session 1, clock 1, place 2, due acts 1, actor 2, voices 1, declaration 1, the act 13."""
    take(person, plan.review, plan.statements[0], 1)
    client.sign_in(person)
    token = token_of(client.get(address(plan)).text)
    seen = statements_of(
        client, lambda: client.post(address(plan), data={"csrf_token": token, "value": "-1"})
    )
    assert len(seen) <= 22, "\n".join(seen)


def test_the_panel_page_stays_within_its_budget(client, plan, person):
    take(person, plan.review, plan.statements[0], 1)
    client.sign_in(person)
    seen = statements_of(client, lambda: client.get(address(plan)))
    assert len(seen) <= 16, "\n".join(seen)
