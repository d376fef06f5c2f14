"""Plans: the working copy, its conflicts, and versions that never change."""

from __future__ import annotations

import json
import threading
from datetime import date

import pytest
import sqlalchemy as sa

from participate.db import db, writing
from participate.journal.models import JournalEntry
from participate.plans import actions, queries
from participate.plans.models import ActionPlan, Project, ProjectRevision, VersionProject
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ChangeCause, VersionKind
from participate.rules.policy import Place, RefusedError, Role
from tests import makers
from tests.conftest import both_engines

pytestmark = pytest.mark.usefixtures("app")


def officer_of(made):
    return makers.actor_of(makers.staff(made.collectivity, Role.OFFICER))


def place_of(made):
    return Place(collectivity_id=made.collectivity.id, plan_id=made.plan.id, stage=made.plan.stage)


def events(kind):
    rows = db.session.scalars(
        sa.select(JournalEntry).where(JournalEntry.type == kind).order_by(JournalEntry.seq)
    )
    return [json.loads(row.body)["public"] for row in rows]


def pins_of(version):
    rows = db.session.execute(
        sa.select(VersionProject.project_id, VersionProject.revision_id).where(
            VersionProject.version_id == version.id
        )
    )
    return {row.project_id: row.revision_id for row in rows}


def test_a_new_plan_begins_in_preparation_with_its_journal():
    where = makers.a_collectivity()
    officer = makers.actor_of(makers.staff(where, Role.OFFICER))
    plan = actions.create_plan(
        officer, where.id, "2024-2025", makers.words("t"), {}, date(2024, 1, 1), date(2025, 12, 31)
    )
    assert plan.stage is Stage.PREPARATION
    assert events("plan:created") == [{"cycle": "2024-2025"}]


@both_engines
def test_a_collectivity_has_one_plan_for_a_cycle():
    made = makers.a_plan(Stage.PREPARATION)
    with pytest.raises(actions.PlanExistsError):
        actions.create_plan(
            officer_of(made), made.collectivity.id, "2024-2025", {}, {}, date(2024, 1, 1), date(2025, 12, 31)
        )


def test_only_officers_and_administrators_begin_a_plan():
    where = makers.a_collectivity()
    moderator = makers.actor_of(makers.staff(where, Role.MODERATOR))
    with pytest.raises(RefusedError):
        actions.create_plan(moderator, where.id, "2024-2025", {}, {}, date(2024, 1, 1), date(2025, 12, 31))


@both_engines
def test_two_axes_cannot_share_an_address():
    made = makers.a_plan(Stage.PREPARATION)
    with pytest.raises(actions.AxisExistsError):
        actions.save_axis(
            officer_of(made), made.collectivity.id, made.plan.id, slug="axis-1", title={}, description={}
        )


@both_engines
def test_an_axis_with_projects_cannot_be_taken_away():
    made = makers.a_plan(Stage.PREPARATION)
    officer = officer_of(made)
    with pytest.raises(actions.AxisInUseError):
        actions.remove_axis(officer, made.collectivity.id, made.plan.id, made.axes[0].id)
    free = actions.save_axis(
        officer, made.collectivity.id, made.plan.id, slug="free", title={"ar": "م"}, description={}
    )
    actions.remove_axis(officer, made.collectivity.id, made.plan.id, free.id)
    assert [axis.slug for axis in queries.axes(made.collectivity.id, made.plan.id)] == ["axis-1", "axis-2"]


def test_a_new_project_takes_the_next_number_even_after_a_removal():
    made = makers.a_plan(Stage.PREPARATION)
    officer = officer_of(made)
    actions.remove_project(officer, place_of(made), made.projects[2].id)
    project = actions.create_project(officer, made.collectivity.id, made.plan.id, made.axes[0].id)
    assert project.number == 4


def test_a_project_cannot_stand_under_an_axis_of_another_plan():
    made, other = makers.a_plan(Stage.PREPARATION), makers.a_plan(Stage.PREPARATION)
    with pytest.raises(actions.NoSuchThingError):
        actions.create_project(officer_of(made), made.collectivity.id, made.plan.id, other.axes[0].id)


def test_saving_keeps_what_is_not_named():
    made = makers.a_plan(Stage.PREPARATION)
    project = made.projects[0]
    before = dict(project.problem)
    actions.save_project(
        officer_of(made), place_of(made), project.id, 1, {"title": {"ar": "عنوان", "fr": ""}}
    )
    db.session.expire_all()
    row = db.session.get(Project, (made.collectivity.id, project.id))
    assert (row.title, row.problem, row.row_version) == ({"ar": "عنوان"}, before, 2)


def test_saving_the_same_words_changes_nothing():
    made = makers.a_plan(Stage.PREPARATION)
    project = made.projects[0]
    saved = actions.save_project(
        officer_of(made), place_of(made), project.id, 1, {"title": dict(project.title)}
    )
    assert saved.row_version == 1
    assert events("project:edited") == []


@both_engines
def test_a_text_read_before_somebody_else_saved_is_refused():
    made = makers.a_plan(Stage.PREPARATION)
    one, two = officer_of(made), officer_of(made)
    project = made.projects[0]
    actions.save_project(one, place_of(made), project.id, 1, {"title": {"ar": "الأول"}})
    with pytest.raises(actions.ChangedMeanwhileError):
        actions.save_project(two, place_of(made), project.id, 1, {"title": {"ar": "الثاني"}})
    db.session.expire_all()
    assert db.session.get(Project, (made.collectivity.id, project.id)).title == {"ar": "الأول"}


def test_autosaves_of_one_person_are_one_entry_of_the_journal():
    made = makers.a_plan(Stage.PREPARATION)
    one, two = officer_of(made), officer_of(made)
    project = made.projects[0]
    for version, text in enumerate(("أ", "أب", "أبج"), start=1):
        actions.save_project(one, place_of(made), project.id, version, {"title": {"ar": text}})
    assert len(events("project:edited")) == 1
    actions.save_project(two, place_of(made), project.id, 4, {"title": {"ar": "د"}})
    assert len(events("project:edited")) == 2


@pytest.mark.parametrize("stage", list(Stage))
def test_the_stage_binds_officers_too(stage):
    made = makers.a_plan(stage)
    try:
        actions.save_project(
            officer_of(made), place_of(made), made.projects[0].id, 1, {"title": {"ar": "جديد"}}
        )
        allowed = True
    except RefusedError:
        allowed = False
    assert allowed is (stage in {Stage.PREPARATION, Stage.CONSULTATION, Stage.SYNTHESIS})


@pytest.mark.parametrize("role", list(Role))
def test_only_officers_edit(role):
    made = makers.a_plan(Stage.PREPARATION)
    actor = makers.actor_of(makers.staff(made.collectivity, role))
    try:
        actions.save_project(actor, place_of(made), made.projects[0].id, 1, {"title": {"ar": "جديد"}})
        allowed = True
    except RefusedError:
        allowed = False
    assert allowed is (role is Role.OFFICER)


def test_an_officer_of_another_commune_edits_nothing():
    made, other = makers.a_plan(Stage.PREPARATION), makers.a_plan(Stage.PREPARATION)
    with pytest.raises(RefusedError):
        actions.save_project(
            officer_of(other), place_of(made), made.projects[0].id, 1, {"title": {"ar": "جديد"}}
        )


def test_versions_are_numbered_across_kinds_and_keep_unchanged_revisions():
    made = makers.a_plan(Stage.PREPARATION)
    officer = officer_of(made)
    first = actions.publish_version(officer, made.plan, VersionKind.DRAFT, {"ar": "أول نشر"})
    project = made.projects[0]
    actions.save_project(
        officer,
        place_of(made),
        project.id,
        project.row_version,
        {"title": {"ar": "أوضح"}, "change_cause": ChangeCause.WORKSHOP, "change_note": {"ar": "بعد الورشة"}},
    )
    made.plan.stage = Stage.SYNTHESIS
    db.session.flush()
    second = actions.publish_version(officer, made.plan, VersionKind.REVISED)
    assert (first.number, second.number) == (1, 2)
    pins = {version.id: pins_of(version) for version in (first, second)}
    same = [p.id for p in made.projects if pins[first.id][p.id] == pins[second.id][p.id]]
    assert same == [made.projects[1].id, made.projects[2].id]
    revision = db.session.get(ProjectRevision, (made.collectivity.id, pins[second.id][project.id]))
    assert (revision.number, revision.change_cause, revision.change_note) == (
        2,
        ChangeCause.WORKSHOP,
        {"ar": "بعد الورشة"},
    )
    db.session.expire_all()
    assert db.session.get(Project, (made.collectivity.id, project.id)).change_cause is ChangeCause.NONE_STATED
    assert [e["projects"] for e in events("version:published")] == [
        [[1, 1], [2, 1], [3, 1]],
        [[1, 2], [2, 1], [3, 1]],
    ]


def test_the_hash_of_a_version_is_in_the_journal():
    made = makers.a_plan(Stage.PREPARATION)
    actions.publish_version(officer_of(made), made.plan, VersionKind.DRAFT)
    entry = events("version:published")[0]
    assert entry["kind"] == "draft"
    assert len(entry["sha256"]) == 64


def test_a_version_that_would_repeat_the_last_one_is_refused():
    made = makers.a_plan(Stage.PREPARATION)
    officer = officer_of(made)
    actions.publish_version(officer, made.plan, VersionKind.DRAFT)
    with pytest.raises(actions.NothingToPublishError):
        actions.publish_version(officer, made.plan, VersionKind.DRAFT)


def test_a_plan_without_projects_has_nothing_to_publish():
    made = makers.a_plan(Stage.PREPARATION, projects=0)
    with pytest.raises(actions.NothingToPublishError):
        actions.publish_version(officer_of(made), made.plan, VersionKind.DRAFT)


@pytest.mark.parametrize("kind", list(VersionKind))
@pytest.mark.parametrize("stage", list(Stage))
def test_each_kind_of_version_has_its_stage(kind, stage):
    made = makers.a_plan(stage)
    try:
        actions.publish_version(officer_of(made), made.plan, kind)
        published = True
    except (RefusedError, actions.WrongKindError):
        published = False
    assert published is (
        (stage, kind) in {(Stage.PREPARATION, VersionKind.DRAFT), (Stage.SYNTHESIS, VersionKind.REVISED)}
    )


def test_a_removed_project_leaves_the_next_version_and_can_come_back():
    made = makers.a_plan(Stage.PREPARATION)
    officer = officer_of(made)
    actions.publish_version(officer, made.plan, VersionKind.DRAFT)
    actions.remove_project(officer, place_of(made), made.projects[1].id)
    second = actions.publish_version(officer, made.plan, VersionKind.DRAFT)
    assert queries.revision_of(second.id, made.projects[1].id) is None
    actions.restore_project(officer, place_of(made), made.projects[1].id)
    third = actions.publish_version(officer, made.plan, VersionKind.DRAFT)
    assert queries.revision_of(third.id, made.projects[1].id) is not None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ProjectRevision)) == 3


@both_engines
@pytest.mark.parametrize("table", ["plan_version", "project_revision", "version_project"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET collectivity_id = collectivity_id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_published(table, verb):
    made = makers.a_plan(Stage.PREPARATION)
    actions.publish_version(officer_of(made), made.plan, VersionKind.DRAFT)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        db.session.execute(sa.text(verb.format(table)))
    db.session.rollback()


@both_engines
def test_two_officers_who_publish_at_once_make_two_numbers(app):
    with writing():
        made = makers.a_plan(Stage.PREPARATION)
        officers = [officer_of(made), officer_of(made)]
        db.session.commit()
    plan, done = made.plan, []

    def publish(officer):
        with app.app_context(), writing():
            try:
                done.append(actions.publish_version(officer, plan, VersionKind.DRAFT).number)
                db.session.commit()
            except actions.NothingToPublishError:
                done.append(None)

    threads = [threading.Thread(target=publish, args=(officer,)) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done, key=str) == [1, None]


def test_the_plan_row_itself_is_optimistic():
    made = makers.a_plan(Stage.PREPARATION)
    assert ActionPlan.__mapper__.version_id_col is not None
    assert made.plan.row_version == 1
