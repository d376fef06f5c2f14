"""The council in the browser: the public page, and the secretary's walk with every mistake."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from participate.db import clock, db, set_clock, writing
from participate.rules.lifecycle import Stage
from participate.rules.policy import Role
from participate.rules.windows import CASABLANCA
from participate.synthesis import actions as synthesis
from tests import makers
from tests.rooms.council.test_actions import OPENS, Room
from tests.rooms.synthesis.makers import a_full_review


@pytest.fixture
def made(app) -> makers.APlan:
    with writing():
        plan = makers.a_plan(Stage.COUNCIL)
        a_full_review(plan)
        synthesis.seal(None, plan.review.id, clock())
        db.session.commit()
    return plan


@pytest.fixture
def secretary(client, made):
    with writing():
        person = makers.staff(made.collectivity, Role.SECRETARY)
        db.session.commit()
    return client.sign_in(person)


def desk(made: makers.APlan, rest: str = "") -> str:
    return f"/fr/desk/{made.collectivity.slug}/plan/{made.plan.cycle}/council/{rest}"


def go_to(moment: datetime) -> None:
    with writing():
        set_clock(moment)
        db.session.commit()


SITTING = {
    "call": "1",
    "held_on": "2023-10-02",
    "held_at": "10:00",
    "in_office": "41",
    "present": "30",
    "excused": "4",
}


def announced(secretary, made) -> None:
    sent = secretary.submit(desk(made, "session"), {"opens_on": "2023-10-02", "agenda_ar": "برنامج الانفتاح"})
    assert sent.status_code == 303
    go_to(datetime(2023, 10, 2, 14, tzinfo=CASABLANCA))


def sat(secretary, made) -> None:
    announced(secretary, made)
    assert secretary.submit(desk(made, "sitting"), SITTING).status_code == 303


VOTES = {
    **{f"{name}_{n}": value for n in (1, 2, 3) for name, value in (("in_favour", "25"), ("against", "3"), ("abstain", "2"))},
    "reference": "124/2023",
    "decided_on": "2023-10-02",
}  # fmt: skip


def test_the_secretarys_walk(secretary, made, client) -> None:
    assert secretary.get(desk(made)).status_code == 200
    sat(secretary, made)
    sent = secretary.submit(desk(made, "deliberation"), VOTES)
    assert sent.status_code == 303
    page = secretary.get(desk(made)).get_data(as_text=True)
    assert "124/2023" in page
    assert "/calendar/adopt" in page or "adopt" in page
    # The public reads it once the plan has followed it.
    assert "124/2023" not in client.get(f"/fr{made.path}/council/").get_data(as_text=True)
    with writing():
        db.session.execute(db.text("UPDATE deliberation SET performed_at = recorded_at"))
        db.session.commit()
    for lang in ("ar", "fr", "en", "zgh"):
        page = client.get(f"/{lang}{made.path}/council/").get_data(as_text=True)
        assert "124/2023" in page
        assert "52" in page


def test_the_form_comes_back_filled_to_correct_a_decision(secretary, made) -> None:
    sat(secretary, made)
    secretary.submit(desk(made, "deliberation"), VOTES)
    page = secretary.get(desk(made, "deliberation")).get_data(as_text=True)
    assert 'value="124/2023"' in page
    assert 'value="25"' in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"in_favour_1": "29"}, "in_favour_1"),
        ({"decision_2": "rejected"}, "decision_2"),
        ({"decision_2": "postponed"}, "reason_ar_2"),
        ({"decision_3": "adopted_amended"}, "amendment_ar_3"),
        ({"outcome": "returned"}, "reason_ar"),
        ({"decided_on": "2023-10-09"}, "decided_on"),
        ({"reference": " "}, "reference"),
        ({"in_favour_1": "many"}, "in_favour_1"),
        ({"in_favour_1": "1", "against_1": "9"}, "decision_1"),
    ],
)
def test_each_mistake_comes_back_beside_its_field_with_everything_typed(
    secretary, made, changes, field
) -> None:
    sat(secretary, made)
    sent = secretary.submit(
        desk(made, "deliberation"),
        {
            **VOTES,
            "reason_fr_2": "kept words",
            **changes,
            **({"reason_fr_2": ""} if field == "reason_ar_2" else {}),
        },
    )
    page = sent.get_data(as_text=True)
    assert sent.status_code == 422
    assert f'id="{field}-error"' in page
    assert "2023-10" in page


def test_a_sitting_without_quorum_offers_the_next_call(secretary, made, client) -> None:
    announced(secretary, made)
    secretary.submit(desk(made, "sitting"), {**SITTING, "present": "12"})
    page = secretary.get(desk(made)).get_data(as_text=True)
    assert "council/sitting" in page
    assert "council/deliberation" not in page
    assert secretary.get(desk(made, "deliberation")).status_code == 404
    assert client.get(f"/fr{made.path}/council/").status_code == 200
    early = secretary.submit(desk(made, "sitting"), {**SITTING, "call": "2", "held_on": "2023-10-03"})
    assert early.status_code == 422


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"present": "50"}, "present"),
        ({"excused": "20"}, "excused"),
        ({"call": "2"}, "call"),
        ({"held_on": "2023-09-01"}, "held_on"),
        ({"held_at": "noon"}, "held_at"),
    ],
)
def test_a_sitting_that_cannot_be_is_explained(secretary, made, changes, field) -> None:
    announced(secretary, made)
    sent = secretary.submit(desk(made, "sitting"), {**SITTING, **changes})
    assert sent.status_code == 422
    assert f'id="{field}-error"' in sent.get_data(as_text=True)


@pytest.mark.parametrize("day", ["2023-09-04", "2023-08-01", ""])
def test_a_session_on_a_wrong_day_is_explained(secretary, made, day) -> None:
    sent = secretary.submit(desk(made, "session"), {"opens_on": day})
    assert sent.status_code == 422


def test_a_double_click_announces_once(secretary, made) -> None:
    form = secretary.get(desk(made, "session")).get_data(as_text=True)
    from tests.clients import form_of  # noqa: PLC0415

    fields, _ = form_of(form)
    fields |= {"opens_on": "2023-10-02"}
    first, second = (secretary.post(desk(made, "session"), data=fields) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)


@pytest.mark.parametrize("role", [None, *Role])
def test_who_opens_the_desk(client, made, role) -> None:
    if role:
        with writing():
            person = makers.staff(made.collectivity, role)
            db.session.commit()
        client.sign_in(person)
    reads = role in {Role.OFFICER, Role.COMMITTEE_MEMBER, Role.PRESIDENT, Role.SECRETARY, Role.COUNCILLOR}
    status = client.get(desk(made)).status_code
    assert status == (200 if reads else 303 if role is None else 403)
    status = client.get(desk(made, "session")).status_code
    assert status == (200 if role is Role.SECRETARY else 303 if role is None else 403)


@pytest.mark.parametrize("stage", list(Stage))
def test_the_public_page_stands_at_every_stage(app, client, stage) -> None:
    with writing():
        plan = makers.a_plan(stage)
        db.session.commit()
    assert client.get(f"/ar{plan.path}/council/").status_code == 200


def test_the_agenda_and_the_calendar_before_the_session(app, client) -> None:
    room = Room()
    room.session()
    page = client.get(f"/en{room.made.path}/council/").get_data(as_text=True)
    assert "2 October 2023" in page
    assert "The agenda of the session goes to the governor" in page
    assert OPENS.isoformat() in page


def test_the_public_page_asks_few_questions_of_the_database(client, made) -> None:
    client.get(f"/fr{made.path}/council/")
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    client.get(f"/fr{made.path}/council/")
    assert len(seen) <= 15, "\n".join(seen)


TYPED = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "-1",
            "0",
            "41",
            "99999999999999999999",
            "2023-10-02",
            "9999-12-31",
            "0001-01-01",
            "10:00",
            "adopted",
            "returned",
            "%",
            "\x00",
        ]
    ),
)


@settings(max_examples=40)
@given(st.data())
def test_no_form_breaks_whatever_is_typed(app, data) -> None:
    if not hasattr(app, "fuzz"):
        with writing():
            plan = makers.a_plan(Stage.COUNCIL)
            person = makers.staff(plan.collectivity, Role.SECRETARY)
            db.session.commit()
        client = app.test_client().sign_in(person)
        client.inspects = False  # what is typed comes back as typed, control characters too
        announced(client, plan)
        client.submit(desk(plan, "sitting"), SITTING)
        app.fuzz = (client, plan)
    client, plan = app.fuzz
    page = data.draw(st.sampled_from(["session", "sitting", "deliberation"]))
    names = {
        "session": ["kind", "opens_on", "agenda_ar", "agenda_fr"],
        "sitting": list(SITTING),
        "deliberation": [
            "outcome",
            "reference",
            "decided_on",
            "reason_ar",
            "decision_1",
            "in_favour_1",
            "against_2",
            "reason_ar_2",
            "amendment_fr_3",
        ],
    }[page]
    fields = {name: data.draw(TYPED) for name in data.draw(st.lists(st.sampled_from(names), unique=True))}
    assert client.submit(desk(plan, page), fields).status_code < 500
