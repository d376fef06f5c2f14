"""Reviews that are not as one hopes: nobody came, one came, all agree, two plans at once, a project added late."""

from __future__ import annotations

import pytest

from participate.db import clock, db, writing
from participate.plans import actions as plans
from participate.positions.models import Position
from participate.rules.lifecycle import Stage
from participate.rules.policy import Role
from participate.synthesis import actions, bundle, queries
from tests import makers
from tests.conftest import both_engines
from tests.rooms.synthesis.makers import a_full_review, a_text, take, turnout, voices

PAGES = ("results/", "results/1", "results/tendencies", "results/verification")


def a_review(people: int = 0, value: int = 1) -> makers.APlan:
    """A closed review in which so many citizens took the same position on the first project."""
    with writing():
        made = makers.a_plan(Stage.SYNTHESIS)
        came = voices(made, people)
        take(made, 0, came, value)
        turnout(made.review, people)
        db.session.commit()
    return made


def sealed(made: makers.APlan) -> queries.Sealed:
    with writing():
        actions.seal(None, made.review.id, clock())
        db.session.commit()
    found = queries.sealed(made.review.id)
    assert found is not None
    return found


def read_in_every_language(client, made: makers.APlan) -> str:
    told = ""
    for lang in ("ar", "fr", "zgh", "en"):
        for page in PAGES:
            answer = client.get(f"/{lang}{made.path}/{page}")
            assert answer.status_code == 200, (lang, page)
            told += answer.get_data(as_text=True)
    return told


@both_engines
@pytest.mark.parametrize("people", [0, 1])
def test_a_review_to_which_nobody_or_one_person_came_is_sealed_and_read(app, client, people) -> None:
    made = a_review(people)
    found = sealed(made)
    first = found.reading.projects[0]
    assert (found.reading.participants, first.tally.n, first.tally.not_seen) == (people, people, 0)
    assert first.support.percent is None, "no percentage of nobody, nor of one"
    assert first.label == "uncertain"
    assert found.reading.agreements == found.reading.disagreements == ()
    for table in (*found.reading.audiences, *first.audiences):
        if table.dimension in {"gender", "age"}:
            rows = [getattr(row, "people", None) or getattr(row, "tally", None) for row in table.rows]
            assert rows == [None] * len(rows), table.dimension
    read_in_every_language(client, made)
    answer = client.get(f"/fr{made.path}/results/dossier.json")
    assert bundle.verify(answer.get_data(as_text=True)).ok


@pytest.mark.parametrize("value", [-1, 0, 1])
def test_a_small_group_of_one_mind_is_counted_and_called_neither_consensus_nor_percentage(
    app, client, value
) -> None:
    made = a_review(12, value)
    found = sealed(made)
    first = found.reading.projects[0]
    assert (first.tally.agree, first.tally.pass_, first.tally.disagree) == (
        12 * (value == 1), 12 * (value == 0), 12 * (value == -1),
    )  # fmt: skip
    assert first.label == "uncertain"
    assert first.support.percent is None
    traits = [t for t in first.audiences if t.dimension in {"gender", "age"}]
    assert all(row.tally is None for table in traits for row in table.rows), (
        "a unanimous cell names its people"
    )
    read_in_every_language(client, made)


def test_a_project_added_after_the_draft_is_in_the_plan_and_has_no_figure_it_was_not_asked_for(
    app, client
) -> None:
    made = a_review(30)
    with writing():
        officer = makers.actor_of(makers.staff(made.collectivity, Role.OFFICER))
        late = plans.create_project(officer, made.collectivity.id, made.plan.id, made.axes[0].id)
        db.session.commit()
    reading = queries.reading(made.review.id)
    assert late.number not in [one.number for one in reading.projects], "it was not put to anybody"
    assert reading.projects[0].tally.agree == 30
    sealed(made)
    assert client.get(f"/fr{made.path}/results/{late.number}").status_code == 404
    read_in_every_language(client, made)


@both_engines
def test_two_plans_of_one_commune_at_once_share_no_voice_no_text_and_no_figure(app) -> None:
    one = a_review(0)
    with writing():
        a_full_review(one)
        other = makers.a_plan(Stage.SYNTHESIS, collectivity=one.collectivity, cycle="2026-2027")
        came = voices(other, 3)
        take(other, 0, came, -1)
        a_text(other, came[0], "Seulement ici, dans l’autre plan.", ref="REFOTHER")
        db.session.commit()
    first, second = queries.reading(one.review.id), queries.reading(other.review.id)
    assert (first.participants, second.participants) == (61, 3)
    assert second.projects[0].tally.disagree == 3
    assert second.contributions.received == 1
    assert "REFOTHER" not in str(first)
    assert "REFFOR01" not in str(second)
    rows = db.session.query(Position).filter_by(collectivity_id=one.collectivity.id).count()
    assert sum(p.tally.n for p in (*first.projects, *second.projects)) == rows
    seals = (sealed(one), sealed(other))
    assert seals[0].sha256 != seals[1].sha256
    assert [found.reading.participants for found in seals] == [61, 3]
