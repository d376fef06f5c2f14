"""The evaluation in the browser."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from participate.db import db, writing
from participate.rules.lifecycle import Stage
from participate.rules.policy import Role
from tests import makers

FORM = {
    "held_on": "2023-08-20",
    "criteria-0-question_ar": "هل أنجز ما وعد به؟",
    "criteria-0-question_fr": "Les promesses ont-elles été tenues ?",
    "criteria-0-score": "3",
    "criteria-0-comment_ar": "جزئيا",
    "lessons_ar": "نبدأ في المرة المقبلة من الأحياء البعيدة.",
    "lessons_fr": "Commencer par les quartiers éloignés.",
}


@pytest.fixture
def made(app) -> makers.APlan:
    with writing():
        plan = makers.a_plan(Stage.EVALUATION)
        db.session.commit()
    return plan


def staff(client, made, role):
    with writing():
        person = makers.staff(made.collectivity, role)
        db.session.commit()
    return client.sign_in(person)


def desk(made) -> str:
    return f"/fr/desk/{made.collectivity.slug}/plan/{made.plan.cycle}/evaluation"


@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
def test_before_it_is_held_the_page_says_when_it_comes(made, client, lang) -> None:
    assert client.get(f"/{lang}{made.path}/evaluation/").status_code == 200


def test_the_committee_records_it_and_everybody_reads_it(made, client) -> None:
    member = staff(client, made, Role.COMMITTEE_MEMBER)
    assert member.submit(desk(made), FORM).status_code == 303
    page = client.get(f"/fr{made.path}/evaluation/").get_data(as_text=True)
    assert "Les promesses ont-elles été tenues" in page
    assert "Commencer par les quartiers éloignés." in page


def test_a_second_one_is_refused_with_a_page(made, client) -> None:
    member = staff(client, made, Role.COMMITTEE_MEMBER)
    member.submit(desk(made), FORM)
    assert member.submit(desk(made), FORM).status_code == 409


@pytest.mark.parametrize(
    "changes",
    [
        {"held_on": ""},
        {"lessons_ar": "قصير"},
        {"criteria-0-score": ""},
        {"criteria-0-score": "9"},
        {"criteria-0-question_ar": "", "criteria-0-question_fr": ""},
    ],
)
def test_a_mistake_comes_back_with_everything_typed(made, client, changes) -> None:
    member = staff(client, made, Role.COMMITTEE_MEMBER)
    sent = member.submit(desk(made), {**FORM, **changes})
    assert sent.status_code == 422
    page = sent.get_data(as_text=True)
    assert "Commencer par les quartiers éloignés." in page
    assert "data-summary" in page, "what to mend is said at the top"
    assert "error" in sent.get_data(as_text=True)


@pytest.mark.parametrize("role", [None, *Role])
def test_who_opens_the_form(made, client, role) -> None:
    if role:
        staff(client, made, role)
    allowed = role in {Role.OFFICER, Role.COMMITTEE_MEMBER}
    assert client.get(desk(made)).status_code == (200 if allowed else 303 if role is None else 403)


TYPED = st.one_of(
    st.text(max_size=30), st.sampled_from(["1", "4", "5", "2023-08-20", "0001-01-01", "\x00", "x" * 5000])
)


@settings(max_examples=25)
@given(st.data())
def test_no_form_breaks_whatever_is_typed(app, data) -> None:
    if not hasattr(app, "fuzz"):
        with writing():
            plan = makers.a_plan(Stage.EVALUATION)
            db.session.commit()
        client = staff(app.test_client(), plan, Role.OFFICER)
        client.inspects = False
        app.fuzz = (client, plan)
    client, plan = app.fuzz
    names = data.draw(
        st.lists(st.sampled_from([*FORM, "criteria-1-score", "criteria-9-question_ar"]), unique=True)
    )
    fields = {**FORM, **{name: data.draw(TYPED) for name in names}}
    assert client.submit(desk(plan), fields).status_code < 500
