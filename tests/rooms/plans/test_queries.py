"""Plans: what readers get, what is missing, and what changed."""

from __future__ import annotations

import pytest
from sqlalchemy import event
from werkzeug.exceptions import NotFound

from participate.db import db
from participate.plans import actions, queries
from participate.plans.queries import Missing, Status
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ChangeCause, VersionKind
from participate.rules.policy import Place, Role
from participate.rules.text import DiffOp
from tests import makers

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def made():
    return makers.a_plan(Stage.PREPARATION)


@pytest.fixture
def officer(made):
    return makers.actor_of(makers.staff(made.collectivity, Role.OFFICER))


def place_of(made):
    return Place(collectivity_id=made.collectivity.id, plan_id=made.plan.id, stage=made.plan.stage)


def statements_of(call):
    seen = []

    def count(_c, _cur, statement, *_rest):
        seen.append(statement)

    db.session.flush()
    event.listen(db.engine, "before_cursor_execute", count)
    try:
        call()
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(seen)


def test_an_unknown_address_is_not_found(made):
    with pytest.raises(NotFound):
        queries.plan_place(made.collectivity.slug, "1999-2000")
    with pytest.raises(NotFound):
        queries.project_place(made.collectivity.slug, made.plan.cycle, 99)
    with pytest.raises(NotFound):
        queries.collectivity_place("nowhere")


def test_a_project_is_readable_once_a_version_holds_it(made, officer):
    slug, cycle = made.collectivity.slug, made.plan.cycle
    assert not queries.project_place(slug, cycle, 1).readable
    actions.publish_version(officer, made.plan, VersionKind.DRAFT)
    assert queries.project_place(slug, cycle, 1).readable


def test_the_working_copy_is_not_published_by_being_written(made, officer):
    assert queries.published_plan(made.collectivity.id, made.plan.id).version is None
    assert queries.published_project(made.collectivity.id, made.plan.id, 1) is None
    actions.publish_version(officer, made.plan, VersionKind.DRAFT)
    actions.save_project(
        officer, place_of(made), made.projects[0].id, made.projects[0].row_version, {"title": {"ar": "سر"}}
    )
    assert queries.published_project(made.collectivity.id, made.plan.id, 1).title == made.projects[
        1
    ].title | {
        "ar": "title of project 1 (ع)",
        "fr": "title of project 1 (f)",
    }


def test_a_plan_with_its_projects_is_one_statement(made, officer):
    actions.publish_version(officer, made.plan, VersionKind.DRAFT)
    here, plan = made.collectivity.id, made.plan.id
    assert statements_of(lambda: queries.published_plan(here, plan)) == 1
    assert statements_of(lambda: queries.published_project(here, plan, 2)) == 1
    assert statements_of(lambda: queries.versions(made.plan)) == 1
    view = queries.published_plan(here, plan)
    assert [p.number for p in view.projects] == [1, 2, 3]
    assert (view.version.number, view.version.projects) == (1, 3)
    assert view.projects[0].milestones[0].starts.isoformat() == "2024-03-01"


def test_a_version_is_read_by_its_number(made, officer):
    actions.publish_version(officer, made.plan, VersionKind.DRAFT)
    actions.save_project(
        officer, place_of(made), made.projects[0].id, made.projects[0].row_version, {"title": {"ar": "جديد"}}
    )
    actions.publish_version(officer, made.plan, VersionKind.DRAFT)
    here, plan = made.collectivity.id, made.plan.id
    assert queries.published_plan(here, plan).projects[0].title == {"ar": "جديد"}
    assert queries.published_plan(here, plan, number=1).projects[0].title["ar"] == "title of project 1 (ع)"
    assert queries.published_project(here, plan, 1, version_number=1).revision_number == 1


def test_what_a_project_lacks_is_judged_in_arabic(made, officer):
    project = actions.create_project(
        officer,
        made.collectivity.id,
        made.plan.id,
        made.axes[0].id,
        {
            "title": {"fr": "Titre"},
            "problem": {"ar": "مشكل"},
            "milestones": [{"title": {"ar": "مرحلة"}, "starts": "2024-01-01"}],
        },
    )
    view = queries.working_project(made.collectivity.id, made.plan.id, project.number)
    assert view.missing == (Missing.TITLE, Missing.SOLUTION, Missing.MILESTONE)
    assert [(c.lang, c.written, c.total) for c in view.completeness] == [
        ("ar", 2, 8),
        ("fr", 1, 8),
        ("en", 0, 8),
    ]
    assert view.changed
    assert not view.published


def test_a_language_left_empty_is_the_same_as_one_never_written(made, officer):
    actions.publish_version(officer, made.plan, VersionKind.DRAFT)
    project = made.projects[0]
    actions.save_project(
        officer, place_of(made), project.id, project.row_version, {"title": {**project.title, "en": ""}}
    )
    assert not queries.working_project(made.collectivity.id, made.plan.id, 1).changed


def test_differences_compare_word_by_word_in_each_language_and_say_why(made, officer):
    one = actions.publish_version(officer, made.plan, VersionKind.DRAFT)
    project = made.projects[0]
    actions.save_project(
        officer,
        place_of(made),
        project.id,
        project.row_version,
        {
            "problem": {"ar": project.problem["ar"], "fr": "problem of every project 1 (f)"},
            "budget_mad": 90_000,
            "change_cause": ChangeCause.CONTRIBUTION,
            "change_note": {"ar": "طلب السكان"},
        },
    )
    actions.remove_project(officer, place_of(made), made.projects[2].id)
    actions.create_project(
        officer, made.collectivity.id, made.plan.id, made.axes[0].id, {"title": {"ar": "رابع"}}
    )
    two = actions.publish_version(officer, made.plan, VersionKind.DRAFT)
    found = queries.differences(one, two)
    assert [(p.number, p.status) for p in found.projects] == [
        (1, Status.CHANGED),
        (2, Status.SAME),
        (3, Status.REMOVED),
        (4, Status.ADDED),
    ]
    changed = found.projects[0]
    assert [(f.name, f.lang) for f in changed.fields] == [("problem", "fr"), ("budget_mad", None)]
    assert (DiffOp.INS, "every ") in [(c.op, c.text) for c in changed.fields[0].pieces]
    assert [(c.cause, c.note) for c in changed.causes] == [(ChangeCause.CONTRIBUTION, {"ar": "طلب السكان"})]
    assert found.any


def test_differences_over_several_versions_keep_every_cause(made, officer):
    versions = [actions.publish_version(officer, made.plan, VersionKind.DRAFT)]
    project = made.projects[0]
    for text, cause in (("أ", ChangeCause.WORKSHOP), ("ب", ChangeCause.LEGAL)):
        actions.save_project(
            officer,
            place_of(made),
            project.id,
            project.row_version,
            {"title": {"ar": text}, "change_cause": cause},
        )
        versions.append(actions.publish_version(officer, made.plan, VersionKind.DRAFT))
    causes = queries.differences(versions[0], versions[2]).projects[0].causes
    assert [c.cause for c in causes] == [ChangeCause.WORKSHOP, ChangeCause.LEGAL]


def test_the_preview_of_a_version_is_what_differences_then_say(made, officer):
    one = actions.publish_version(officer, made.plan, VersionKind.DRAFT)
    project = made.projects[1]
    actions.save_project(
        officer,
        place_of(made),
        project.id,
        project.row_version,
        {"milestones": [], "axis_id": made.axes[1].id},
    )
    actions.remove_project(officer, place_of(made), made.projects[0].id)
    preview = queries.unpublished_differences(made.collectivity.id, made.plan.id)
    two = actions.publish_version(officer, made.plan, VersionKind.DRAFT)
    after = queries.differences(one, two)
    assert [(p.number, p.status, p.fields) for p in preview.projects] == [
        (p.number, p.status, p.fields) for p in after.projects
    ]


def test_before_the_first_version_every_project_is_new(made):
    preview = queries.unpublished_differences(made.collectivity.id, made.plan.id)
    assert {p.status for p in preview.projects} == {Status.ADDED}
