"""The calendar, the moves with their checklists, and the public timeline."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.db import clock, db, set_clock, writing
from participate.lifecycle import actions, queries, words
from participate.plans.models import ActionPlan
from participate.rules.lifecycle import MOVES, Facts, MoveName, Need, Stage, Step, Warn
from participate.rules.outcomes import ConsultationKind, ConsultationState
from participate.rules.policy import Role
from participate.rules.windows import casablanca_date
from tests import makers
from tests.rooms.lifecycle import makers as own


def plan_at(stage, **changes):
    with writing():
        made = makers.a_plan(stage, **changes)
        db.session.commit()
    return made


def person(made, role):
    with writing():
        found = makers.staff(made.collectivity, role)
        db.session.commit()
    return found


def calendar(made, rest="", lang="fr"):
    return f"/{lang}/desk/{made.collectivity.slug}/plan/{made.plan.cycle}/calendar{rest}"


def consultation(made_id):
    return db.session.scalar(
        sa.select(Consultation).where(Consultation.id == made_id).execution_options(populate_existing=True)
    )


def stage_of(made):
    return db.session.scalar(sa.select(ActionPlan.stage).where(ActionPlan.id == made.plan.id))


def move_clock(moment):
    with writing():
        set_clock(moment)
        db.session.commit()


MOVE_PAGES = {
    Stage.SYNTHESIS: [("/transmit", Role.OFFICER)],
    Stage.COUNCIL: [("/adopt", Role.SECRETARY), ("/return", Role.SECRETARY), ("/withdraw", Role.PRESIDENT)],
    Stage.IMPLEMENTATION: [("/evaluation", Role.OFFICER)],
    Stage.EVALUATION: [("/close", Role.OFFICER)],
}


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
@pytest.mark.parametrize("stage", list(Stage))
def test_the_calendar_shows_at_every_stage(client, app, stage, lang):
    made = plan_at(stage)
    client.sign_in(person(made, Role.OFFICER))
    assert client.get(calendar(made, lang=lang)).status_code == 200


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
@pytest.mark.parametrize(("stage", "rest", "role"), [(s, *p) for s, ps in MOVE_PAGES.items() for p in ps])
def test_every_move_has_a_page_that_says_what_it_needs(client, app, stage, rest, role, lang):
    made = plan_at(stage)
    client.sign_in(person(made, role))
    page = client.get(calendar(made, rest, lang))
    assert page.status_code == 200


@pytest.mark.parametrize(("stage", "rest", "role"), [(s, *p) for s, ps in MOVE_PAGES.items() for p in ps])
def test_nobody_else_reaches_a_move(client, app, stage, rest, role):
    made = plan_at(stage)
    client.sign_in(person(made, Role.COUNCILLOR))
    assert client.get(calendar(made, rest)).status_code == 403
    assert client.post(calendar(made, rest)).status_code in {400, 403}


def test_a_consultation_is_planned_announced_and_opens_by_itself_on_the_next_act(client, app):
    made = plan_at(Stage.PREPARATION)
    client.sign_in(person(made, Role.OFFICER))
    first = casablanca_date(clock()) + timedelta(days=14)
    answer = client.submit(
        calendar(made, "/new"),
        {
            "kind": "call_for_ideas",
            "title_ar": "الدعوة إلى تقديم المقترحات",
            "first_day": first.isoformat(),
            "last_day": (first + timedelta(days=6)).isoformat(),
        },
    )
    assert answer.status_code == 303
    assert answer.location.endswith("/announce")
    row = db.session.scalar(sa.select(Consultation))
    assert (row.state, (row.closes_at - row.opens_at).days) == (ConsultationState.PLANNED, 7)
    assert client.submit(answer.location).status_code == 303
    assert consultation(row.id).state is ConsultationState.ANNOUNCED
    move_clock(row.opens_at + timedelta(seconds=1))
    # Any act of the collectivity performs what is due first, even one that is then refused.
    assert client.submit(calendar(made, "/new"), {"title_ar": ""}).status_code == 422
    assert consultation(row.id).state is ConsultationState.OPEN


def test_an_empty_or_backward_plan_is_asked_again_and_keeps_what_was_typed(client, app):
    made = plan_at(Stage.PREPARATION)
    client.sign_in(person(made, Role.OFFICER))
    page = client.submit(
        calendar(made, "/new"),
        {"title_ar": "عنوان محفوظ", "first_day": "2023-10-10", "last_day": "2023-10-01"},
    )
    assert page.status_code == 422
    assert "عنوان محفوظ" in page.text


def test_the_announcement_asks_why_when_the_notice_is_short(client, app):
    made = plan_at(Stage.PREPARATION)
    with writing():
        call = own.planned(made, ConsultationKind.CALL_FOR_IDEAS, starts=5, lasts=7)
        long = own.planned(made, ConsultationKind.CALL_FOR_IDEAS, starts=15, lasts=7)
        db.session.commit()
    client.sign_in(person(made, Role.OFFICER))
    assert 'name="reason_ar"' in client.get(calendar(made, f"/{call.id}/announce")).text
    assert 'name="reason_ar"' not in client.get(calendar(made, f"/{long.id}/announce")).text
    client.submit(calendar(made, f"/{call.id}/announce"), {"reason_ar": "الدورة قريبة جدا"})
    assert consultation(call.id).notice_override == {"ar": "الدورة قريبة جدا"}


def test_the_opening_names_the_incomplete_projects_and_offers_the_override(client, app):
    made = plan_at(Stage.PREPARATION)
    with writing():
        made.projects[1].solution = {"fr": "Solution"}
        own.a_draft(made)
        review = own.planned(made, starts=13)
        actions.announce(own.actor(made, Role.OFFICER), review)
        db.session.commit()
    move_clock(review.opens_at)
    client.sign_in(person(made, Role.OFFICER))
    page = client.get(calendar(made, f"/{review.id}/open"))
    assert f"/calendar/{review.id}/notice" in page.text
    assert "project 2" in client.get(calendar(made, f"/{review.id}/open", "en")).text
    assert "csrf_token" not in page.text.split('class="checklist"')[1].split("</ul>")[0]
    refused = client.post(calendar(made, f"/{review.id}/open"), data={"csrf_token": "x"})
    assert refused.status_code == 400
    assert client.submit(calendar(made, f"/{review.id}/notice"), {"reason_ar": "قصير"}).status_code == 422
    assert (
        client.submit(calendar(made, f"/{review.id}/notice"), {"reason_ar": "سبب واضح للعموم"}).status_code
        == 303
    )


def test_a_deadline_is_extended_with_its_reason(client, app):
    made = plan_at(Stage.CONSULTATION)
    client.sign_in(person(made, Role.OFFICER))
    page = calendar(made, f"/{made.review.id}/extend")
    for mistake in (
        {"reason_ar": "", "last_day": "2023-09-05"},
        {"reason_ar": "سبب طويل كاف", "last_day": "2023-08-25"},
    ):
        again = client.submit(page, mistake)
        assert again.status_code == 422
        assert mistake["last_day"] in again.text
        assert mistake["reason_ar"] in again.text
    assert client.submit(page, {"reason_ar": "طلب من الجمعيات", "last_day": "2023-09-05"}).status_code == 303
    assert casablanca_date(consultation(made.review.id).closes_at).isoformat() == "2023-09-06"


def test_too_late_to_extend_promises_no_button(client, app):
    made = plan_at(Stage.CONSULTATION)
    client.sign_in(person(made, Role.OFFICER))
    page = calendar(made, f"/{made.review.id}/extend")
    promise, too_late = "Le bouton apparaît ici", "Il est trop tard"
    assert too_late not in client.get(page).text
    closes_at = made.review.closes_at
    with writing():
        set_clock(closes_at - timedelta(hours=47))
        db.session.commit()
    text = client.get(page).text
    assert too_late in text
    assert promise not in text
    assert promise in client.get(calendar(made, f"/{made.review.id}/close")).text, "that day will come"


def test_closing_too_early_has_no_button(client, app):
    made = plan_at(Stage.CONSULTATION)
    client.sign_in(person(made, Role.OFFICER))
    page = client.get(calendar(made, f"/{made.review.id}/close"))
    assert page.status_code == 200
    assert '<form method="post" class="forms"' not in page.text


def test_dates_change_before_the_opening(client, app):
    made = plan_at(Stage.PREPARATION)
    with writing():
        call = own.planned(made, ConsultationKind.CALL_FOR_IDEAS)
        db.session.commit()
    client.sign_in(person(made, Role.OFFICER))
    answer = client.submit(
        calendar(made, f"/{call.id}/dates"), {"first_day": "2023-10-02", "last_day": "2023-10-08"}
    )
    assert answer.status_code == 303
    assert casablanca_date(consultation(call.id).opens_at).isoformat() == "2023-10-02"


def test_the_president_withdraws_with_a_reason(client, app):
    made = plan_at(Stage.CONSULTATION)
    client.sign_in(person(made, Role.PRESIDENT))
    assert client.submit(calendar(made, "/withdraw"), {"reason_ar": ""}).status_code == 422
    answer = client.submit(calendar(made, "/withdraw"), {"reason_ar": "إعادة الانتخابات الجماعية"})
    assert answer.status_code == 303
    assert stage_of(made) is Stage.WITHDRAWN
    page = client.get(answer.location)
    assert "إعادة الانتخابات الجماعية" in page.text


def test_the_secretary_publishes_what_the_council_adopted(client, app):
    made = plan_at(Stage.COUNCIL)
    with writing():
        own.deliberated(made)
        db.session.commit()
    client.sign_in(person(made, Role.SECRETARY))
    assert client.submit(calendar(made, "/adopt"), {}).status_code == 303
    assert stage_of(made) is Stage.IMPLEMENTATION


def test_the_secretary_is_not_led_to_pages_they_may_not_read(client, app):
    made = plan_at(Stage.COUNCIL)
    client.sign_in(person(made, Role.SECRETARY))
    page = client.get(calendar(made, "/adopt")).text
    for address in set(re.findall(r'href="(/fr/desk/[^"]*)"', page)):
        assert client.get(address).status_code == 200, address


def test_the_secretary_follows_a_return(client, app):
    made = plan_at(Stage.COUNCIL)
    with writing():
        own.deliberated(made, outcome="returned")
        db.session.commit()
    client.sign_in(person(made, Role.SECRETARY))
    assert client.submit(calendar(made, "/return"), {}).status_code == 303
    assert stage_of(made) is Stage.PREPARATION


def test_evaluation_begins_and_the_plan_closes(client, app):
    made = plan_at(Stage.IMPLEMENTATION)
    move_clock(clock().replace(year=2026, month=1, day=2))
    client.sign_in(person(made, Role.OFFICER))
    assert client.submit(calendar(made, "/evaluation"), {}).status_code == 303
    with writing():
        own.evaluated(made)
        db.session.commit()
    assert client.submit(calendar(made, "/close"), {}).status_code == 303
    assert stage_of(made) is Stage.CLOSED


def test_counting_back_from_a_session_day(client, app):
    made = plan_at(Stage.PREPARATION)
    client.sign_in(person(made, Role.OFFICER))
    page = client.get(calendar(made, "?session=2023-10-02"))
    assert "12 septembre 2023" in page.text
    assert client.get(calendar(made, "?session=never")).status_code == 200


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
@pytest.mark.parametrize("stage", list(Stage))
def test_the_timeline_is_public_and_makes_no_session(client, app, stage, lang):
    made = plan_at(stage)
    page = client.get(f"/{lang}{made.path}/timeline/")
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers


def test_what_is_only_planned_is_not_in_the_timeline(client, app):
    made = plan_at(Stage.PREPARATION)
    with writing():
        call = own.planned(made, ConsultationKind.CALL_FOR_IDEAS, starts=20, lasts=7)
        db.session.commit()
        before = queries.timeline(made.plan, clock())
        actions.announce(own.actor(made, Role.OFFICER), call)
        db.session.commit()
        after = queries.timeline(made.plan, clock())
    assert [e.event for e in before] == [queries.Event.STARTS, queries.Event.ENDS]
    assert {e.event for e in after} == {
        queries.Event.ANNOUNCED,
        queries.Event.OPENS,
        queries.Event.CLOSES,
        queries.Event.STARTS,
        queries.Event.ENDS,
    }


def test_the_strip_of_stars_says_until_when_it_is_open(client, app):
    made = plan_at(Stage.CONSULTATION)
    with app.test_request_context("/fr/"):
        app.preprocess_request()
        steps = words.strip(queries.cycle_steps(made.plan), made.collectivity.slug, made.plan.cycle)
    assert [s["key"] for s in steps] == [s.value for s in Step]
    assert [s["state"] for s in steps] == ["done", "done", "now", "todo", "todo", "todo", "todo"]
    assert "mardi 29 août 2023" in steps[2]["when"]
    assert steps[5]["when"] == "2024–2025"
    assert steps[5]["url"] is None


def test_the_strip_is_one_statement(app):
    with writing():
        made = makers.a_plan(Stage.CONSULTATION)
        seen = []

        def count(_connection, _cursor, statement, *_rest):
            seen.append(statement)

        sa.event.listen(db.engine, "before_cursor_execute", count)
        try:
            queries.cycle_steps(made.plan)
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", count)
    assert len(seen) == 1


def test_a_plan_nothing_of_which_is_public_has_its_ideas_to_come(app):
    with writing():
        made = makers.a_plan(Stage.PREPARATION)
        steps = queries.cycle_steps(made.plan)
    assert [s.state.value for s in steps][:2] == ["now", "todo"]


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_every_need_warning_move_and_event_has_its_words(app, lang):
    with app.test_request_context(f"/{lang}/"):
        app.preprocess_request()
        for said in (
            [words.need(one) for one in Need]
            + [words.warning(one) for one in Warn]
            + [words.move(one) for one in MoveName]
            + [
                words.event(queries.TimelineEvent(one, casablanca_date(clock()), done=True))
                for one in queries.Event
                if one is not queries.Event.VERSION
            ]
        ):
            assert said
        known = Facts(
            stage=Stage.SYNTHESIS,
            now=clock(),
            pending=2,
            open_appeals=1,
            ideas_without_fate=3,
            projects_without_response=(1, 2),
            projects_undecided=(3,),
            incomplete_projects=(4,),
            answerable=5,
            answered=2,
            appeal_window_ends=clock() + timedelta(days=1),
            opens_at=clock(),
            closes_at=clock(),
            announced_at=clock(),
        )
        told = {need: words.detail(need, known) for need in Need}
    assert sum(text is not None for text in told.values()) == 11
    assert MOVES
