"""Reading a consultation from the database."""

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from participate.db import clock, db, writing
from participate.meetings.models import Attendance, Meeting
from participate.plans import actions as plans
from participate.plans.models import Project
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ConsultationKind, ConsultationState, VersionKind
from participate.synthesis import queries
from tests import makers
from tests.conftest import both_engines
from tests.rooms.synthesis.makers import a_full_review, turnout

READING_STATEMENTS = 12


def statements() -> list[str]:
    """Collect every statement from now on."""
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    return seen


def a_full_plan(seed: int = 1) -> makers.APlan:
    with writing():
        plan = makers.a_plan(Stage.SYNTHESIS)
        a_full_review(plan, seed=seed)
        db.session.commit()
    return plan


@both_engines
def test_a_full_review_in_figures(app) -> None:
    made = a_full_plan()
    found = queries.reading(made.review.id)
    assert (found.voices.people, found.voices.associations) == (60, 1)
    texts = found.contributions
    assert (texts.received, texts.published, texts.pending, texts.returned) == (19, 13, 1, 1)
    assert (texts.hidden, texts.removed, texts.withdrawn, texts.merged) == (1, 1, 1, 1)
    first = found.projects[0]
    assert (first.tally.agree, first.tally.disagree, first.tally.pass_, first.tally.n) == (52, 4, 5, 61)
    assert first.priorities == 12
    assert [q.ref for q in first.quotes] == ["REFFOR01", "REFAGAI1", "REFUND01", "REFFOR02"]
    assert first.response.outcome == "accepted"
    assert [(t.ref, t.texts, t.authors) for t in found.themes] == [("T1", 3, 3), ("T2", 6, 6)]
    assert [(c.texts, c.accounts) for c in found.campaigns] == [(6, 6)]
    assert [(i.ref, i.fate) for i in found.association_ideas] == [("REFIDEA1", "deferred")]
    assert (found.coverage.answered, found.coverage.answerable) == (10, 12)
    assert found.projects[1].label == "divisive"


@both_engines
def test_a_reading_takes_as_many_statements_however_many_people_there_are(app) -> None:
    made = a_full_plan()
    with app.app_context():
        seen = statements()
        queries.reading(made.review.id)
    assert len(seen) <= READING_STATEMENTS, "\n".join(seen)


@pytest.mark.parametrize(
    "state", [ConsultationState.PLANNED, ConsultationState.ANNOUNCED, ConsultationState.OPEN]
)
def test_before_the_close_there_is_no_reading(app, state) -> None:
    with writing():
        made = makers.a_plan(Stage.CONSULTATION)
        a_full_review(made)
        db.session.execute(sa.update(type(made.review)).values(state=state))
        db.session.commit()
    db.session.expire_all()
    assert queries.reading(made.review.id) is None


def test_nothing_hidden_and_nobody_is_in_the_snapshot(app) -> None:
    with writing():
        made = makers.a_plan(Stage.SYNTHESIS)
        filled = a_full_review(made)
        from participate.people.models import Person  # noqa: PLC0415

        for voice in filled["people"]:
            person = db.session.get(Person, voice.person_id)
            person.display_name, person.email = f"CANARY {person.id}", f"canary{person.id}@example.test"
        db.session.commit()
    text = queries.snapshot(queries.reading(made.review.id))
    assert "CANARY" not in text
    assert "@example.test" not in text
    for voice in filled["people"]:
        assert str(voice.person_id) not in text
        assert str(voice.id) not in text


def test_two_databases_filled_in_another_order_read_alike(app) -> None:
    one, two = a_full_plan(seed=1), a_full_plan(seed=2)
    first, second = (queries.document(queries.reading(made.review.id)) for made in (one, two))
    # What differs by nature: the two places, their association's name and the milliseconds.
    for name in (
        "statements",
        "projects",
        "audiences",
        "contributions",
        "campaigns",
        "voices",
        "limits",
        "figures",
    ):
        assert _without_moments(first[name]) == _without_moments(second[name]), name


def _without_moments(value):
    if isinstance(value, dict):
        return {k: _without_moments(v) for k, v in value.items() if k != "at"}
    return [_without_moments(one) for one in value] if isinstance(value, list) else value


def test_the_same_rows_read_twice_give_the_same_bytes(app) -> None:
    made = a_full_plan()
    first = queries.snapshot(queries.reading(made.review.id))
    db.session.expire_all()
    assert queries.snapshot(queries.reading(made.review.id)) == first


def test_a_revised_version_shows_what_changed_and_why(app) -> None:
    made = a_full_plan()
    with writing():
        project = db.session.get(Project, (made.collectivity.id, made.projects[0].id))
        project.solution = {**project.solution, "ar": "حل جديد"}
        project.change_cause = "contribution"
        plan = plans.locked_plan(made.collectivity.id, made.plan.id)
        plans.pin_version(None, plan, VersionKind.REVISED)
        db.session.commit()
    found = queries.reading(made.review.id)
    assert found.changes is not None
    assert next((c.number, c.status) for c in found.changes.projects) == (1, "changed")
    assert found.projects[0].change.fields[0].name == "solution"
    assert found.figures.changed >= 1
    assert found.figures.changed_by_people == 1


def test_a_workshop_is_counted_apart(app) -> None:
    made = a_full_plan()
    with writing():
        scope = {"collectivity_id": made.collectivity.id}
        meeting = Meeting(
            **scope, id=7, plan_id=made.plan.id, slug="workshop", title=makers.words("w"), venue=makers.words("v"),
            starts_at=makers.OPENED, ends_at=clock(),
        )  # fmt: skip
        db.session.add(meeting)
        db.session.flush()
        db.session.add(Attendance(**scope, meeting_id=7, audience="citizens", women=40, men=30, not_stated=2))
        db.session.commit()
    found = queries.reading(made.review.id)
    assert [(m.total, m.women, m.men) for m in found.meetings] == [(72, 40, 30)]
    assert found.participants == 61


def test_the_call_for_ideas_stands_beside_the_review(app) -> None:
    with writing():
        made = makers.a_plan(Stage.SYNTHESIS)
        call = makers.a_consultation(made, ConsultationKind.CALL_FOR_IDEAS, closed=True)
        turnout(call, 33)
        a_full_review(made)
        db.session.commit()
    found = queries.reading(made.review.id)
    assert [(r.kind, r.people, r.received) for r in found.rounds] == [("call_for_ideas", 33, 0)]
    assert found.contributions.received == 19


def test_a_draft_answer_is_in_no_reading(app) -> None:
    made = a_full_plan()
    with writing():
        db.session.execute(
            sa.text(
                "UPDATE response SET state = 'draft', published_at = NULL, approved_by = NULL, text = '{\"ar\": \"CANARY draft\"}'"
            )
        )
        db.session.commit()
    db.session.expire_all()
    found = queries.reading(made.review.id)
    assert "CANARY" not in queries.snapshot(found)
    assert found.coverage.answered == 0
