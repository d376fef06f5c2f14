"""The follow-up in the browser."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from participate.db import db, set_clock, writing
from participate.rules.lifecycle import Stage
from participate.rules.policy import Role
from participate.rules.windows import CASABLANCA
from tests import makers
from tests.rooms.monitoring.makers import an_adopted_plan, an_observation

REPORT = {"status": "limited", "text_ar": "انطلقت الأشغال في الحي", "text_fr": "Les travaux ont commencé"}
SEEN = {"text": "The lamps on our street work since Monday."}


@pytest.fixture
def adopted(app):
    with writing():
        return an_adopted_plan()


def staff(client, made, role):
    with writing():
        person = makers.staff(made.collectivity, role)
        db.session.commit()
    return client.sign_in(person)


def desk(made, rest: str) -> str:
    return f"/fr/desk/{made.collectivity.slug}/plan/{made.plan.cycle}/{rest}"


@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
def test_everybody_reads_the_follow_up(adopted, client, lang) -> None:
    made, _milestone = adopted
    page = client.get(f"/{lang}{made.path}/follow-up/")
    assert page.status_code == 200
    assert "milestone (" in page.get_data(as_text=True)


def test_before_the_adoption_the_page_says_what_will_be_there(app, client) -> None:
    with writing():
        made = makers.a_plan(Stage.CONSULTATION)
        db.session.commit()
    assert client.get(f"/fr{made.path}/follow-up/").status_code == 200


def test_an_officer_reports_and_everybody_reads_it(adopted, client) -> None:
    made, milestone = adopted
    officer = staff(client, made, Role.OFFICER)
    sent = officer.submit(desk(made, f"follow-up/{milestone.id}"), REPORT)
    assert sent.status_code == 303
    assert "Les travaux ont commencé" in client.get(f"/fr{made.path}/follow-up/").get_data(as_text=True)


def test_a_new_report_begins_where_the_milestone_stands(adopted, client) -> None:
    made, milestone = adopted
    officer = staff(client, made, Role.OFFICER)
    officer.submit(desk(made, f"follow-up/{milestone.id}"), {**REPORT, "status": "substantial"})
    again = officer.get(desk(made, f"follow-up/{milestone.id}")).get_data(as_text=True)
    assert '<option selected value="substantial">' in again, "a report does not set a milestone back unsaid"


def test_a_late_milestone_without_a_reason_comes_back_with_everything_typed(adopted, client) -> None:
    made, milestone = adopted
    with writing():
        set_clock(datetime(2024, 9, 1, tzinfo=CASABLANCA))
        db.session.commit()
    officer = staff(client, made, Role.OFFICER)
    path = desk(made, f"follow-up/{milestone.id}")
    sent = officer.submit(path, REPORT)
    assert sent.status_code == 422
    assert "Les travaux ont commencé" in sent.get_data(as_text=True)
    assert 'id="delay_ar-error"' in sent.get_data(as_text=True)
    assert officer.submit(path, {**REPORT, "delay_ar": "تأخر التوريد"}).status_code == 303


def test_a_milestone_that_is_not_there_is_not_found(adopted, client) -> None:
    made, milestone = adopted
    officer = staff(client, made, Role.OFFICER)
    assert officer.get(desk(made, "follow-up/1")).status_code == 404
    page = officer.get(desk(made, f"follow-up/{milestone.id}")).get_data(as_text=True)
    from tests.clients import form_of  # noqa: PLC0415

    fields, _action = form_of(page)
    assert officer.post(desk(made, "follow-up/1"), data={**fields, **REPORT}).status_code == 404
    assert officer.get(desk(made, f"follow-up/{2**70}")).status_code == 404


def test_a_resident_observes_and_a_moderator_publishes(adopted, client, app) -> None:
    made, _milestone = adopted
    with writing():
        resident = makers.a_person("Salma B.")
        db.session.commit()
    client.sign_in(resident)
    path = f"/fr{made.path}/projects/1/observations/new"
    assert client.submit(path, SEEN).status_code == 303
    assert SEEN["text"] not in client.get(f"/fr{made.path}/follow-up/").get_data(as_text=True)
    moderator = staff(app.test_client(), made, Role.MODERATOR)
    assert moderator.submit(desk(made, "observations/"), {"decision": "publish"}).status_code == 303
    page = client.get(f"/fr{made.path}/follow-up/").get_data(as_text=True)
    assert SEEN["text"] in page
    assert "Salma B." in page


def test_what_is_typed_signed_out_waits_for_the_sign_in(adopted, client) -> None:
    made, _milestone = adopted
    path = f"/fr{made.path}/projects/1/observations/new"
    sent = client.submit(path, SEEN)
    assert sent.status_code == 303
    assert "sign-in" in sent.headers["Location"]
    assert SEEN["text"] in client.get(path).get_data(as_text=True)


def test_an_observation_decided_twice_is_said(adopted, client) -> None:
    made, _milestone = adopted
    with writing():
        row = an_observation(made, makers.a_person())
        db.session.commit()
    moderator = staff(client, made, Role.MODERATOR)
    moderator.submit(desk(made, "observations/"), {"decision": "hide"})
    with writing():
        an_observation(made, makers.a_person(), "another one, still waiting")
        db.session.commit()
    page = moderator.get(desk(made, "observations/")).get_data(as_text=True)
    from tests.clients import form_of  # noqa: PLC0415

    fields, _action = form_of(page)
    again = moderator.post(desk(made, f"observations/{row.id}"), data={**fields, "decision": "publish"})
    assert again.status_code == 409


@pytest.mark.parametrize("role", [None, *Role])
def test_who_opens_the_desk(adopted, client, role) -> None:
    made, milestone = adopted
    if role:
        staff(client, made, role)
    refused = 303 if role is None else 403
    status = client.get(desk(made, f"follow-up/{milestone.id}")).status_code
    assert status == (200 if role is Role.OFFICER else refused)
    status = client.get(desk(made, "observations/")).status_code
    assert status == (200 if role is Role.MODERATOR else refused)


TYPED = st.one_of(st.text(max_size=40), st.sampled_from(["limited", "x" * 3000, "\x00", "complete", ""]))


@settings(max_examples=25)
@given(st.data())
def test_no_form_breaks_whatever_is_typed(app, data) -> None:
    if not hasattr(app, "fuzz"):
        with writing():
            made, milestone = an_adopted_plan()
        officer = staff(app.test_client(), made, Role.OFFICER)
        officer.inspects = False
        app.fuzz = (officer, made, milestone.id)
    client, made, milestone_id = app.fuzz
    path, names = data.draw(
        st.sampled_from(
            [
                (desk(made, f"follow-up/{milestone_id}"), ["status", "text_ar", "text_fr", "delay_ar"]),
                (f"/fr{made.path}/projects/1/observations/new", ["text"]),
            ]
        )
    )
    fields = {name: data.draw(TYPED) for name in names}
    assert client.submit(path, fields).status_code < 500
