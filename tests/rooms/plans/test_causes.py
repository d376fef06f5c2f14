"""Every change has its cause, the contribution behind it can be followed, and the figure is counted."""

import pytest
import sqlalchemy as sa

from participate.contributions.models import Contribution
from participate.db import db, writing
from participate.plans import actions, queries
from participate.plans.actions import CauseRow
from participate.plans.models import ActionPlan
from participate.rules.changes import ChangeKind
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ChangeCause, PublishState, VersionKind
from participate.rules.policy import Place, Role
from tests import makers
from tests.conftest import both_engines
from tests.rooms.contributions.makers import a_comment


class Office:
    """A plan under review with a comment, then in synthesis with an officer at work."""

    def __init__(self) -> None:
        with writing():
            self.made = makers.a_plan(Stage.CONSULTATION)
            self.officer = makers.staff(self.made.collectivity, Role.OFFICER)
            db.session.commit()
        with writing():
            self.comment = a_comment(self.made)
            db.session.execute(sa.update(ActionPlan).values(stage=Stage.SYNTHESIS))
            db.session.commit()
        self.place = Place(
            collectivity_id=self.made.collectivity.id, plan_id=self.made.plan.id, stage=Stage.SYNTHESIS
        )

    def write(self, project: int = 0, **texts) -> None:
        with writing():
            row = self.made.projects[project]
            db.session.refresh(row)
            actor = makers.actor_of(self.officer)
            actions.save_project(actor, self.place, row.id, row.row_version, texts)
            db.session.commit()

    def state(self, *rows: CauseRow) -> None:
        with writing():
            actions.state_causes(makers.actor_of(self.officer), self.place, rows)
            db.session.commit()

    def publish(self) -> None:
        with writing():
            plan = actions.locked_plan(self.made.collectivity.id, self.made.plan.id)
            actions.publish_version(makers.actor_of(self.officer), plan, VersionKind.REVISED)
            db.session.commit()

    def changes(self) -> queries.CausedChanges:
        return queries.caused_changes(self.made.collectivity.id, self.made.plan.id)


@pytest.fixture
def office(app) -> Office:
    return Office()


def test_two_fields_of_one_project_can_have_two_causes(office) -> None:
    project = office.made.projects[0]
    office.write(solution=makers.words("another solution"), budget_mad=1, change_cause=ChangeCause.FINANCIAL)
    office.state(
        CauseRow(project.id, "solution", ChangeCause.CONTRIBUTION, (office.comment.ref.lower(),)),
        CauseRow(project.id, "budget_mad", ChangeCause.FINANCIAL),
    )
    office.publish()
    found = office.changes()
    assert [(one.field, one.stated.cause, one.stated.refs) for one in found.changes] == [
        ("solution", ChangeCause.CONTRIBUTION, (office.comment.ref,)),
        ("budget_mad", ChangeCause.FINANCIAL, ()),
    ]
    assert (found.count.total, found.count.from_contributions, found.count.named) == (2, 1, 1)


def test_a_field_without_a_cause_of_its_own_has_that_of_its_project_and_silence_is_shown(office) -> None:
    office.write(0, summary=makers.words("s"), change_cause=ChangeCause.WORKSHOP)
    office.write(1, summary=makers.words("s"))
    office.publish()
    found = office.changes()
    assert [one.stated.cause for one in found.changes] == [ChangeCause.WORKSHOP, ChangeCause.NONE_STATED]
    assert found.count.from_contributions == 0


def test_languages_of_one_field_are_one_change_and_a_project_added_or_left_out_is_one(office) -> None:
    office.write(0, summary={"ar": "ملخص آخر", "fr": "autre résumé"})
    with writing():
        actor = makers.actor_of(office.officer)
        actions.create_project(
            actor, office.made.collectivity.id, office.made.plan.id, office.made.axes[0].id,
            {"title": makers.words("new")},
        )  # fmt: skip
        actions.remove_project(actor, office.place, office.made.projects[1].id)
        db.session.commit()
    office.publish()
    kinds = [(one.number, one.kind) for one in office.changes().changes]
    assert kinds == [(1, ChangeKind.FIELD), (2, ChangeKind.REMOVED), (4, ChangeKind.ADDED)]


def test_causes_are_published_once_and_the_next_change_begins_without_one(office) -> None:
    project = office.made.projects[0]
    office.write(solution=makers.words("two"))
    office.state(CauseRow(project.id, "solution", ChangeCause.CONTRIBUTION, (office.comment.ref,)))
    office.publish()
    office.write(solution=makers.words("three"))
    office.publish()
    assert [one.stated.cause for one in office.changes().changes] == [
        ChangeCause.CONTRIBUTION,
        ChangeCause.NONE_STATED,
    ]


@both_engines
@pytest.mark.parametrize("trouble", ["unknown", "hidden", "elsewhere"])
def test_a_cause_names_a_contribution_that_everybody_can_read_here(office, trouble) -> None:
    ref = office.comment.ref
    if trouble == "unknown":
        ref = "7Q4K-2RXF"
    if trouble == "hidden":
        with writing():
            db.session.execute(sa.update(Contribution).values(state=PublishState.HIDDEN))
            db.session.commit()
    if trouble == "elsewhere":
        ref = Office().comment.ref
    caught = None
    try:
        office.state(CauseRow(office.made.projects[0].id, "solution", ChangeCause.CONTRIBUTION, (ref,)))
    except actions.UnknownReferenceError as error:
        caught = error
        db.session.rollback()
    assert caught is not None


def test_the_officer_states_causes_on_a_page_and_everybody_follows_them(office, client) -> None:
    slug, cycle = office.made.collectivity.slug, office.made.plan.cycle
    desk, public = f"/fr/desk/{slug}/plan/{cycle}", f"/fr{office.made.path}"
    office.write(solution=makers.words("a solution that people asked for"))
    client.sign_in(office.officer)
    assert f"{desk}/causes" in client.get(f"{desk}/publish").get_data(as_text=True)
    sent = client.submit(f"{desk}/causes", {"cause_1_solution": "contribution"})
    assert sent.status_code == 422
    sent = client.submit(
        f"{desk}/causes", {"cause_1_solution": "contribution", "refs_1_solution": "XXXX-0000"}
    )
    assert sent.status_code == 422
    assert "XXXX-0000" in sent.get_data(as_text=True)
    sent = client.submit(
        f"{desk}/causes", {"cause_1_solution": "contribution", "refs_1_solution": office.comment.ref}
    )
    assert sent.status_code == 303
    office.publish()
    client.delete_cookie("participate", domain="localhost")
    assert f"{public}/changes/causes/" in client.get(f"{public}/changes/").get_data(as_text=True)
    html = client.get(f"{public}/changes/causes/").get_data(as_text=True)
    assert f"/c/{office.comment.ref}" in html
    assert "1 sur 1 changement vient des contributions" in html


def test_what_changed_for_one_reason_says_it_once_with_each_difference(office, client) -> None:
    office.write(solution=makers.words("s"), summary=makers.words("t"), change_cause=ChangeCause.WORKSHOP)
    office.publish()
    html = client.get(f"/fr{office.made.path}/changes/causes/").get_data(as_text=True)
    assert html.count("<h3>") == 1
    assert html.count("Voir la différence\u00a0: ") == 2


@both_engines
def test_what_a_published_change_was_caused_by_cannot_be_rewritten(office) -> None:
    office.write(solution=makers.words("two"))
    office.publish()
    with pytest.raises(sa.exc.DatabaseError, match="append-only"):
        db.session.execute(sa.text("UPDATE project_revision SET change_causes = NULL"))
    db.session.rollback()
