"""Tendencies: computed once after the close, shown with the dossier and only behind the gate, else explained."""

from __future__ import annotations

import json
import random
from array import array

import pytest
import sqlalchemy as sa

from participate.db import clock, db, writing
from participate.post.text import in_language
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import StatementKind
from participate.rules.policy import Role
from participate.synthesis import actions, child, jobs, opinions, tendencies, tendency_words
from participate.synthesis.models import OpinionMap
from participate.synthesis.opinions import Asked, Cast
from tests import makers
from tests.conftest import both_engines
from tests.rooms.synthesis.makers import a_full_review

REASONS = (
    "too_few_votes",
    "no_better_prediction",
    "no_more_than_chance",
    "unstable",
    "group_too_small",
)


def a_review(stage: Stage = Stage.SYNTHESIS) -> makers.APlan:
    with writing():
        plan = makers.a_plan(stage)
        a_full_review(plan)
        db.session.commit()
    return plan


def two_camps(people: int = 80, statements: int = 30) -> Cast:
    """Two camps that answer every second project in opposite ways, with a little noise."""
    dice = random.Random(1)
    votes = [
        (who, what, (1 if what % 2 or who % 2 else -1) * (-1 if dice.random() < 0.1 else 1))
        for who in range(people)
        for what in range(statements)
    ]
    return Cast(
        imported=False,
        statements=tuple(
            Asked(f"project-{one + 1}", str(one + 1), StatementKind.PROJECT, True, "", "", None, None)
            for one in range(statements)
        ),
        names=("",) * people,
        groups=None,
        person=array("i", [one[0] for one in votes]),
        statement=array("i", [one[1] for one in votes]),
        value=array("i", [one[2] for one in votes]),
    )


@pytest.fixture(scope="module")
def camps() -> tuple[Cast, dict]:
    cast = two_camps()
    return cast, child.compute(opinions.order(cast, texts=False))


def put(made: makers.APlan, document: dict) -> None:
    """Keep a document in the place of what the job would compute."""
    with writing():
        db.session.add(
            OpinionMap(
                collectivity_id=made.collectivity.id,
                consultation_id=made.review.id,
                schema=opinions.SCHEMA,
                input_sha256=document["input_sha256"],
                document=json.dumps(document),
                computed_at=clock(),
            )
        )
        db.session.commit()


def seal(made: makers.APlan) -> None:
    with writing():
        actions.seal(None, made.review.id, clock())
        db.session.commit()


def refused(reason: str, **figures: object) -> dict:
    gate = dict.fromkeys(opinions.GATE) | {"published": False, "reason": reason, "core": 12} | figures
    return {
        "input_sha256": "0" * 64,
        "participants": 60,
        "groups": gate,
        "tendencies": [],
        "statements": [],
    }


@both_engines
def test_the_job_computes_a_closed_consultation_once_and_keeps_no_participant(app) -> None:
    made = a_review()
    assert made.review.id in jobs.waiting()
    assert jobs.compute_maps() >= 1
    row = db.session.scalars(sa.select(OpinionMap).where(OpinionMap.consultation_id == made.review.id)).one()
    kept = json.loads(row.document)
    assert (kept["participants"], kept["groups"]["reason"]) == (61, "too_few_votes")
    assert set(kept) == {
        "schema", "input_sha256", "participants", "positions", "groups", "tendencies", "statements",
    }  # fmt: skip
    assert row.input_sha256 == kept["input_sha256"] == opinions.gathered(made.review.id).sha256
    assert jobs.waiting() == []
    assert jobs.compute_maps() == 0


def test_an_open_consultation_is_left_alone(app) -> None:
    made = a_review(Stage.CONSULTATION)
    assert made.review.id not in jobs.waiting()
    assert opinions.gathered(made.review.id) is None


def test_a_failure_of_the_engine_is_not_tried_again_at_once(app, monkeypatch) -> None:
    made = a_review()
    tries = []

    def fails(_order: object) -> None:
        tries.append(1)
        raise child.NotComputedError("no memory")

    monkeypatch.setattr(jobs, "_rests", {})
    monkeypatch.setattr(child, "compute", fails)
    assert jobs.compute_maps() == jobs.compute_maps() == 0
    assert len(tries) == len(jobs.waiting())
    assert made.review.id in jobs.waiting()


def test_positions_hash_alike_whatever_the_keys_of_the_people(app) -> None:
    one, other = a_review(), a_review()
    first, second = opinions.gathered(one.review.id), opinions.gathered(other.review.id)
    assert (first.person, first.statement, first.value) == (second.person, second.statement, second.value)


def test_everybody_reads_it_with_the_sealed_dossier_and_nobody_else_before(app, client) -> None:
    made = a_review()
    put(made, refused("unstable", k=2, held_out_gain=0.05, stability=0.4, smallest=20, needed=10))
    address = f"/fr{made.path}/results/tendencies"
    assert "Les quatre vérifications" not in client.get(address).get_data(as_text=True)
    officer = app.test_client()
    with writing():
        person = makers.staff(made.collectivity, Role.OFFICER)
        db.session.commit()
        officer.sign_in(person)
    assert "Les quatre vérifications" in officer.get(address).get_data(as_text=True)
    seal(made)
    page = client.get(address).get_data(as_text=True)
    assert "Les quatre vérifications" in page
    assert "<circle" not in page


def test_before_it_is_computed_the_page_says_so(app, client) -> None:
    made = a_review()
    seal(made)
    assert "Pas encore calculées" in client.get(f"/fr{made.path}/results/tendencies").get_data(as_text=True)
    results = client.get(f"/ar{made.path}/results/").get_data(as_text=True)
    assert f"/ar{made.path}/results/tendencies" in results


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_a_refusal_is_explained_and_no_small_number_is_told(app, client, reason, lang) -> None:
    made = a_review()
    put(made, refused(reason, k=2, held_out_gain=0.031, stability=0.42, smallest=3, needed=11))
    seal(made)
    with app.test_request_context(f"/{lang}/"), in_language(lang):
        sentence = tendency_words.reason(tendencies.read(refused(reason, needed=11)))
    page = client.get(f"/{lang}{made.path}/results/tendencies").get_data(as_text=True)
    main = page.split("<main", 1)[1]
    assert sentence in main
    assert "<td>3</td>" not in main
    assert "<circle" not in main


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_published_tendencies_are_drawn_with_what_tells_them_apart(app, client, camps, lang) -> None:
    made = a_review()
    document = opinions.kept(*camps)
    assert document["groups"]["published"]
    put(made, document)
    seal(made)
    main = client.get(f"/{lang}{made.path}/results/tendencies").get_data(as_text=True).split("<main", 1)[1]
    assert main.count("<circle") == 2
    assert main.count('class="sect"') == 3


def test_small_and_unanimous_cells_are_kept_out_of_the_document(camps) -> None:
    cast, answer = camps
    answer = json.loads(json.dumps(answer))
    answer["opinion"]["tallies"][0][0] = [40, 0, 0]  # unanimous
    answer["opinion"]["tallies"][0][1] = [2, 3, 1]  # six people
    kept = opinions.kept(cast, answer)
    assert kept["statements"][0]["groups"] == [None, None]
    assert kept["statements"][1]["groups"] == [None, None]
    assert not {"project-1", "project-2"} & {d["id"] for t in kept["tendencies"] for d in t["distinct"]}


def test_what_is_told_apart_is_what_differs_most(camps) -> None:
    for tendency in opinions.kept(*camps)["tendencies"]:
        assert len(tendency["distinct"]) == 3
        for one in tendency["distinct"]:
            assert int(one["id"].removeprefix("project-")) % 2 == 1, "the camps differ on every second one"


def test_the_page_tells_the_limits_that_the_engine_has() -> None:
    from participate.synthesis.engine import grouping  # noqa: PLC0415

    told = (
        tendency_words.CORE_VOTES,
        tendency_words.CORE_PEOPLE,
        tendency_words.PLACED_VOTES,
        tendency_words.MIN_GAIN,
        tendency_words.MIN_STABILITY,
        tendency_words.MAX_P,
        tendency_words.SEED,
    )
    assert told == (
        grouping.CORE_VOTES,
        2 * grouping.MIN_GROUP,
        grouping.ASSIGNED_VOTES,
        grouping.MIN_GAIN,
        grouping.MIN_STABILITY,
        grouping.MAX_P,
        grouping.SEED,
    )
