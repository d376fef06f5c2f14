"""The plan's desk and the public pages of versions, as browsers meet them."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from participate.db import clock, db, writing
from participate.plans import actions, queries
from participate.plans.models import ActionPlan, Axis, PlanVersion, Project
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ChangeCause, VersionKind
from participate.rules.policy import Place, Role
from tests import makers
from tests.clients import form_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def made(app):
    with writing():
        found = makers.a_plan(Stage.PREPARATION)
        db.session.commit()
    return found


def person(made, *roles):
    with writing():
        found = makers.staff(made.collectivity, *roles)
        db.session.commit()
    return found


@pytest.fixture
def officer(made):
    return person(made, Role.OFFICER)


def desk(made, rest="", lang="fr"):
    return f"/{lang}/desk/{made.collectivity.slug}/plan/{made.plan.cycle}/{rest}"


def project(made, number=1):
    return db.session.scalar(
        sa.select(Project)
        .where(Project.plan_id == made.plan.id, Project.number == number)
        .execution_options(populate_existing=True)
    )


def save_behind(made, number=1, **texts):
    """Somebody else saves the project meanwhile."""
    with writing():
        other = makers.actor_of(makers.staff(made.collectivity, Role.OFFICER))
        row = project(made, number)
        place = Place(collectivity_id=made.collectivity.id, plan_id=made.plan.id)
        actions.save_project(other, place, row.id, row.row_version, texts)
        db.session.commit()


def publish(made, officer, kind=VersionKind.DRAFT):
    with writing():
        actions.publish_version(makers.actor_of(officer), made.plan, kind)
        db.session.commit()


PAGES = ("", "axes/", "axes/new", "projects/1", "projects/new", "projects/1/remove", "publish", "settings")


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
@pytest.mark.parametrize("rest", PAGES)
def test_every_desk_page_shows_in_every_language(client, made, officer, rest, lang):
    client.sign_in(officer)
    assert client.get(desk(made, rest, lang)).status_code == 200


@pytest.mark.parametrize("rest", PAGES)
def test_the_desk_asks_the_signed_out_to_sign_in(client, made, rest):
    assert client.get(desk(made, rest)).status_code == 303


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.OFFICER])
def test_others_cannot_post_to_the_editor(client, made, role):
    client.sign_in(person(made, role))
    page = client.post(desk(made, "projects/1"), data={"title_ar": "سرقة"})
    assert page.status_code in {400, 403}
    assert project(made).title["ar"] != "سرقة"


def test_the_committee_reads_the_working_copy_without_a_form(client, made):
    client.sign_in(person(made, Role.COMMITTEE_MEMBER))
    page = client.get(desk(made, "projects/1"))
    assert page.status_code == 200
    assert 'name="title_ar"' not in page.text


@pytest.mark.parametrize("role", [Role.OFFICER, Role.COMMITTEE_MEMBER, Role.PRESIDENT])
@pytest.mark.parametrize("projects", [0, 2])
@pytest.mark.parametrize("stage", [Stage.PREPARATION, Stage.SYNTHESIS, Stage.COUNCIL])
def test_no_desk_page_leads_a_reader_where_they_may_not_go(client, app, stage, projects, role):
    with writing():
        made = makers.a_plan(stage, projects=projects)
        reader = makers.staff(made.collectivity, role)
        db.session.commit()
    client.sign_in(reader)
    led_to = {
        address: rest
        for rest in ("", "axes/", "publish", "settings", *(["projects/1"] if projects else []))
        for address in re.findall(r'href="(/fr/desk/[^"#]*)"', client.get(desk(made, rest)).text)
        if "/council/" not in address
    }
    assert led_to
    for address, rest in led_to.items():
        assert client.get(address).status_code == 200, f"{rest}: {address}"


def test_an_officer_of_another_commune_is_refused(client, made):
    with writing():
        other = makers.a_plan(Stage.PREPARATION)
        stranger = makers.staff(other.collectivity, Role.OFFICER)
        db.session.commit()
    client.sign_in(stranger)
    assert client.get(desk(made)).status_code == 403


def test_saving_writes_both_languages_and_the_milestones(client, made, officer):
    client.sign_in(officer)
    answer = client.submit(
        desk(made, "projects/1"),
        {
            "title_ar": "عنوان جديد",
            "title_fr": "Titre neuf",
            "budget_mad": "1 250 000",
            "milestone_1_title_ar": "مرحلة ثانية",
            "milestone_1_starts": "2024-06-01",
            "milestone_1_ends": "2024-07-01",
            "change_cause": ChangeCause.WORKSHOP.value,
        },
    )
    assert answer.status_code == 303
    row = project(made)
    assert row.title == {"ar": "عنوان جديد", "fr": "Titre neuf"}
    assert row.budget_mad == 1_250_000
    assert [m["title"]["ar"] for m in row.milestones] == ["milestone 1 (ع)", "مرحلة ثانية"]
    assert row.change_cause is ChangeCause.WORKSHOP
    assert row.principles == ["transparency"]


@pytest.mark.parametrize(
    "fields",
    [
        {
            "milestone_1_title_fr": "Sans titre arabe",
            "milestone_1_starts": "2024-06-01",
            "milestone_1_ends": "2024-07-01",
        },
        {"milestone_1_title_ar": "بلا تاريخ"},
        {
            "milestone_1_title_ar": "مقلوبة",
            "milestone_1_starts": "2024-08-01",
            "milestone_1_ends": "2024-07-01",
        },
        {
            "milestone_1_title_ar": "يوم",
            "milestone_1_starts": "pas un jour",
            "milestone_1_ends": "2024-07-01",
        },
        {"title_ar": "ط" * 200},
        {"budget_mad": "beaucoup"},
        {"budget_mad": "-5"},
    ],
)
def test_what_cannot_be_saved_comes_back_with_everything_typed(client, made, officer, fields):
    client.sign_in(officer)
    page = client.submit(desk(made, "projects/1"), {**fields, "problem_fr": "Un texte à ne pas perdre"})
    assert page.status_code == 422
    assert "Un texte à ne pas perdre" in page.text
    assert "data-summary" in page.text
    assert project(made).row_version == 1


def test_a_milestone_is_removed_and_another_row_appears_without_javascript(client, made, officer):
    client.sign_in(officer)
    answer = client.submit(desk(made, "projects/1"), {"remove_milestone": "0", "title_ar": "مع الحذف"})
    assert answer.status_code == 303
    assert answer.location.endswith("#milestones")
    assert (project(made).milestones, project(made).title["ar"]) == ([], "مع الحذف")
    assert 'name="milestone_0_title_ar"' in client.get(desk(made, "projects/1")).text
    client.submit(
        desk(made, "projects/1"),
        {
            "add_milestone": "1",
            "milestone_0_title_ar": "أولى",
            "milestone_0_starts": "2024-01-01",
            "milestone_0_ends": "2024-02-01",
        },
    )
    assert 'name="milestone_1_title_ar"' in client.get(desk(made, "projects/1")).text


def test_autosave_answers_with_the_time_and_the_new_row_version(client, made, officer):
    client.sign_in(officer)
    fields, _action = form_of(client.get(desk(made, "projects/1")).text, "projects/1")
    first = client.post(desk(made, "projects/1"), data={**fields, "title_ar": "أثناء الكتابة"}, headers=HTMX)
    assert first.status_code == 200
    version = re.search(r'name="row_version"[^>]*value="(\d+)"', first.text).group(1)
    assert int(version) == project(made).row_version == 2
    assert "hx-swap-oob" in first.text
    second = client.post(
        desk(made, "projects/1"),
        data={
            **fields,
            "row_version": version,
            "title_ar": "أثناء الكتابة أيضا",
            "milestone_1_title_ar": "نصف",
        },
        headers=HTMX,
    )
    assert second.status_code == 200
    assert project(made).title["ar"] == "أثناء الكتابة أيضا"
    assert project(made).milestones[1]["title"] == {"ar": "نصف"}, "half a row is kept by autosave"


def test_autosave_never_overwrites_somebody_else(client, made, officer):
    client.sign_in(officer)
    fields, _action = form_of(client.get(desk(made, "projects/1")).text, "projects/1")
    save_behind(made, title={"ar": "نصهم"})
    answer = client.post(desk(made, "projects/1"), data={**fields, "title_ar": "نصي"}, headers=HTMX)
    assert answer.status_code == 200
    assert 'name="row_version"' not in answer.text
    assert project(made).title["ar"] == "نصهم"


def conflict(client, made):
    fields, _action = form_of(client.get(desk(made, "projects/1")).text, "projects/1")
    save_behind(made, title={"ar": "نصهم", "fr": "Leur titre"}, budget_mad=5)
    return client.post(
        desk(made, "projects/1"),
        data={**fields, "title_ar": "نصي", "title_fr": "Mon titre", "problem_fr": "Mon problème"},
    )


def test_two_people_at_once_get_a_page_with_both_texts(client, made, officer):
    client.sign_in(officer)
    page = conflict(client, made)
    assert page.status_code == 409
    for text in ("نصهم", "نصي", "Leur titre", "Mon titre", "Mon problème"):
        assert text in page.text
    assert "<ins>" in page.text
    assert project(made).title["fr"] == "Leur titre"


def test_on_the_conflict_page_each_field_is_chosen_or_merged(client, made, officer):
    client.sign_in(officer)
    fields, action = form_of(conflict(client, made).text, "projects/1")
    answer = client.post(
        action,
        data={
            **fields,
            "resolve": "1",
            "keep-title_ar": "theirs",
            "keep-title_fr": "mine",
            "title_fr": "Leur titre et le mien",
            "keep-budget_mad": "theirs",
        },
    )
    assert answer.status_code == 303
    row = project(made)
    assert row.title == {"ar": "نصهم", "fr": "Leur titre et le mien"}
    assert (row.budget_mad, row.problem["fr"]) == (5, "Mon problème")
    assert row.principles == ["transparency"]
    assert len(row.milestones) == 1


def test_a_third_save_in_between_is_a_conflict_again(client, made, officer):
    client.sign_in(officer)
    fields, action = form_of(conflict(client, made).text, "projects/1")
    save_behind(made, title={"ar": "نص ثالث"})
    assert client.post(action, data={**fields, "resolve": "1"}).status_code == 409


def test_the_same_words_saved_twice_are_no_conflict(client, made, officer):
    client.sign_in(officer)
    fields, _action = form_of(client.get(desk(made, "projects/1")).text, "projects/1")
    sent = {**fields, "title_ar": "مرة واحدة"}
    client.post(desk(made, "projects/1"), data=sent, headers=HTMX)
    assert client.post(desk(made, "projects/1"), data=sent).status_code == 303


def test_a_project_begins_with_a_title_and_an_axis_and_a_double_click_makes_one(client, made, officer):
    client.sign_in(officer)
    page = client.get(desk(made, "projects/new"))
    fields, _action = form_of(page.text)
    sent = {**fields, "title_ar": "مشروع رابع"}
    first = client.post(desk(made, "projects/new"), data=sent)
    second = client.post(desk(made, "projects/new"), data=sent)
    assert first.location == second.location
    assert first.location.endswith("/projects/4")
    assert client.get(first.location).status_code == 200


def test_an_empty_project_title_is_asked_for(client, made, officer):
    client.sign_in(officer)
    assert client.submit(desk(made, "projects/new"), {"title_ar": ""}).status_code == 422


def test_a_project_is_taken_out_and_put_back(client, made, officer):
    client.sign_in(officer)
    client.submit(desk(made, "projects/2/remove"))
    assert project(made, 2).removed_at is not None
    assert client.get(desk(made, "projects/2")).status_code == 200
    client.submit(desk(made, "projects/2/remove"))
    assert project(made, 2).removed_at is None


def test_axes_are_added_changed_and_taken_away(client, made, officer):
    client.sign_in(officer)
    client.submit(desk(made, "axes/new"), {"title_ar": "محور", "slug": "third"})
    axis = db.session.scalar(sa.select(Axis).where(Axis.slug == "third"))
    assert (axis.title, axis.position) == ({"ar": "محور"}, 3)
    client.submit(desk(made, f"axes/{axis.id}"), {"title_ar": "محور آخر"})
    db.session.expire_all()
    assert db.session.scalar(sa.select(Axis.title).where(Axis.slug == "third")) == {"ar": "محور آخر"}
    page = client.submit(desk(made, "axes/new"), {"title_ar": "مكرر", "slug": "third"})
    assert page.status_code == 422
    client.submit(desk(made, f"axes/{axis.id}"), {"remove": "1"})
    assert db.session.scalar(sa.select(Axis).where(Axis.slug == "third")) is None


def test_an_axis_in_use_stays_and_the_page_says_why(client, made, officer):
    client.sign_in(officer)
    page = client.submit(desk(made, f"axes/{made.axes[0].id}"), {"remove": "1"})
    assert page.status_code == 409


def test_publishing_shows_the_differences_first_and_then_the_version_to_everybody(client, made, officer):
    client.sign_in(officer)
    publish(made, officer)
    client.submit(desk(made, "projects/1"), {"problem_fr": "Un problème tout neuf"})
    preview = client.get(desk(made, "publish"))
    assert "tout neuf" in preview.text
    answer = client.submit(desk(made, "publish"), {"note_ar": "ملاحظة", "note_fr": "Une note"})
    assert answer.status_code == 303
    assert answer.location.endswith("/versions/2/")
    assert db.session.scalar(sa.select(PlanVersion.note).where(PlanVersion.number == 2)) == {
        "ar": "ملاحظة",
        "fr": "Une note",
    }


@pytest.mark.parametrize("stage", [Stage.CONSULTATION, Stage.COUNCIL, Stage.IMPLEMENTATION])
def test_at_other_stages_nothing_is_published_and_the_page_says_when(client, app, stage):
    with writing():
        made = makers.a_plan(stage)
        officer = makers.staff(made.collectivity, Role.OFFICER)
        db.session.commit()
    client.sign_in(officer)
    page = client.get(desk(made, "publish"))
    assert page.status_code == 200
    assert 'name="note_ar"' not in page.text


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_everybody_reads_versions_and_what_changed_between_them(client, made, officer, lang):
    publish(made, officer)
    save_behind(
        made,
        problem={"ar": "مشكل جديد", "fr": "problem of project 1, mais neuf"},
        change_cause=ChangeCause.CONTRIBUTION,
        change_note={"ar": "سؤال السكان", "fr": "Une question d’habitants"},
        budget_mad=1,
        principles=["transparency", "digitisation"],
    )
    publish(made, officer)
    base = f"/{lang}{made.path}"
    page = client.get(f"{base}/changes/")
    assert page.status_code == 200
    assert "<ins>" in page.text
    assert ("Une question d’habitants" if lang in {"fr", "en"} else "سؤال السكان") in page.text
    assert client.get(f"{base}/changes/?from=1&to=2").status_code == 200
    assert client.get(f"{base}/changes/?from=9&to=x").status_code == 200
    one = client.get(f"{base}/versions/1/")
    assert one.status_code == 200
    assert "مشكل جديد" not in one.text
    assert client.get(f"{base}/versions/3/").status_code == 404
    assert "Set-Cookie" not in page.headers


def test_everybody_reads_the_history_of_a_project(client, made, officer):
    path = f"/fr{made.path}/projects/1/history/"
    assert client.get(path).status_code == 404, "nothing of it is public yet"
    publish(made, officer)
    assert client.get(path).status_code == 200
    save_behind(made, problem={"ar": "مشكل", "fr": "Tout autre"}, change_cause=ChangeCause.LEGAL)
    publish(made, officer)
    page = client.get(path)
    assert "Tout autre" in page.text
    assert "Set-Cookie" not in page.headers
    steps = queries.history(made.collectivity.id, made.plan.id, 1)
    assert [(step.number, step.versions) for step in steps] == [(1, (1,)), (2, (2,))]
    assert [step.number for step in queries.history(made.collectivity.id, made.plan.id, 2)] == [1]
    assert queries.history(made.collectivity.id, made.plan.id, 2)[0].versions == (1, 2)


@pytest.mark.parametrize(
    "rest", ["projects/99", "projects/99999999999999999999", "axes/5", "axes/99999999999999999999"]
)
def test_what_does_not_exist_is_not_found(client, made, officer, rest):
    client.sign_in(officer)
    assert client.get(desk(made, rest)).status_code == 404


def test_before_the_first_version_the_page_says_so(client, made):
    assert client.get(f"/fr{made.path}/changes/").status_code == 200


def test_a_plan_is_begun_with_its_years_once(client, made, officer):
    client.sign_in(officer)
    path = f"/fr/desk/{made.collectivity.slug}/plans/new"
    good = {
        "cycle": "2026-2027",
        "title_ar": "البرنامج المقبل",
        "starts_on": "2026-01-01",
        "ends_on": "2027-12-31",
    }
    answer = client.submit(path, good)
    assert answer.status_code == 303
    assert client.get(answer.location).status_code == 200
    assert client.submit(path, good).status_code == 422
    assert client.submit(path, {**good, "cycle": "2028-2029", "ends_on": "2025-01-01"}).status_code == 422
    assert client.get(f"/fr/desk/{made.collectivity.slug}/plans/").status_code == 200


def test_the_name_and_days_of_a_plan_change(client, made, officer):
    client.sign_in(officer)
    assert client.submit(desk(made, "settings"), {"title_fr": "Autre nom"}).status_code == 303
    db.session.expire_all()
    row = db.session.scalar(sa.select(ActionPlan).where(ActionPlan.id == made.plan.id))
    assert row.title["fr"] == "Autre nom"
    assert row.starts_on.year == 2024


def test_what_was_saved_is_read_back_as_it_was_typed(made):
    view = queries.working_project(made.collectivity.id, made.plan.id, 1)
    assert view.milestones[0].title == makers.words("milestone 1")
    assert view.updated_at <= clock()
