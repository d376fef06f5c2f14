"""Open data gives out what is public, and nothing else."""

import csv
import io
import json

import pytest

from participate.db import clock, db, writing
from participate.journal import actions as journal
from participate.journal.encoding import entry_hash
from participate.people.models import Person
from participate.rules.lifecycle import Stage
from participate.rules.policy import Role
from participate.synthesis import actions as synthesis
from tests import makers
from tests.rooms.synthesis.makers import a_full_review, a_text, voices

FILES = ("contributions.json", "contributions.csv", "projects.json", "results.json", "journal.json")


def a_review(stage: Stage) -> makers.APlan:
    """A full review in which everything private says CANARY."""
    with writing():
        made = makers.a_plan(stage)
        filled = a_full_review(made)
        for voice in filled["people"]:
            person = db.session.get(Person, voice.person_id)
            person.display_name, person.email = f"CANARY {person.id}", f"canary{person.id}@example.test"
        for code, (statement, value) in enumerate([(made.statements[0], 1), (made.statements[1], -1)]):
            journal.record(
                None,
                "position:taken",
                journal.of_consultation(made.collectivity.id, made.review.id),
                f"position:{code}",
                public={"statement": str(statement), "voter": "x"},
                private={"participant": 1, "person": 1, "mandate": None, "revision": None, "value": value},
            )
        db.session.commit()
    return made


def api(made: makers.APlan, name: str) -> str:
    return f"/api/v1{made.path}/{name}"


@pytest.mark.parametrize("stage", [Stage.CONSULTATION, Stage.SYNTHESIS, Stage.COUNCIL])
@pytest.mark.parametrize("role", [None, Role.MODERATOR, Role.OFFICER])
def test_no_file_holds_a_hidden_text_a_name_or_an_address(app, client, stage, role) -> None:
    made = a_review(stage)
    with writing():
        if stage is Stage.COUNCIL:
            synthesis.seal(None, made.review.id, clock())
        person = makers.staff(made.collectivity, role) if role else None
        db.session.commit()
    if person:
        client.sign_in(person)
    for name in FILES:
        response = client.get(api(made, name))
        assert response.status_code == 200, name
        text = response.get_data(as_text=True)
        assert "CANARY" not in text, name
        assert "@example.test" not in text, name
        assert response.headers["Cache-Control"] == "public, max-age=300"
        assert "Set-Cookie" not in response.headers


def test_the_json_holds_the_published_contributions_and_names_associations(app, client) -> None:
    made = a_review(Stage.SYNTHESIS)
    body = json.loads(client.get(api(made, "contributions.json")).get_data(as_text=True))
    refs = {row["ref"] for row in body["contributions"]}
    assert len(body["contributions"]) == 13
    assert {"REFFOR01", "REFREPL1", "REFIDEA1"} <= refs
    assert refs.isdisjoint({"REFHIDE1", "REFREMO1", "REFWITH1", "REFRETU1", "REFWAIT1", "REFMERG1"})
    idea = next(row for row in body["contributions"] if row["ref"] == "REFIDEA1")
    assert idea["author_kind"] == "association"
    assert idea["association_fr"].startswith("Association")
    assert body["licence"] == "CC BY 4.0"


def test_an_empty_plan_gives_an_empty_list(app, client) -> None:
    with writing():
        made = makers.a_plan(Stage.PREPARATION)
        db.session.commit()
    assert client.get(api(made, "contributions.json")).json["contributions"] == []
    assert client.get(api(made, "projects.json")).json["projects"] == []
    assert client.get(api(made, "results.json")).json["state"] == "not_announced"


def test_no_cell_of_the_csv_runs_as_a_formula(app, client) -> None:
    made = a_review(Stage.SYNTHESIS)
    with writing():
        a_text(made, voices(made, 1)[0], '=HYPERLINK("http://x";"y")', ref="REFEVIL1")
        db.session.commit()
    raw = client.get(api(made, "contributions.csv")).get_data()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(rows) == 14
    evil = next(row for row in rows if row["ref"] == "REFEVIL1")
    assert not evil["text"].startswith("=")
    assert "HYPERLINK" in evil["text"]


def test_results_wait_for_the_close_and_for_the_seal(app, client) -> None:
    opened, closed = a_review(Stage.CONSULTATION), a_review(Stage.SYNTHESIS)
    assert client.get(api(opened, "results.json")).json["state"] == "hidden_until_close"
    assert client.get(api(opened, "results.json")).json["results"] is None
    assert client.get(api(closed, "results.json")).json["results"] is None
    with writing():
        synthesis.seal(None, closed.review.id, clock())
        db.session.commit()
    body = client.get(api(closed, "results.json")).json
    assert body["state"] == "sealed"
    assert body["results"]["schema"] == "participate-synthesis/1"


def test_the_journal_withholds_for_and_against_until_the_close(app, client) -> None:
    opened = client.get(api(a_review(Stage.CONSULTATION), "journal.json")).json["entries"]
    taken = [row for row in opened if row["type"] == "position:taken"]
    assert len(taken) == 2
    assert all(row["withheld"] and row["body"] is None and row["hash"] for row in taken)
    closed = client.get(api(a_review(Stage.SYNTHESIS), "journal.json")).json["entries"]
    assert all(row["body"] for row in closed)


def test_a_copy_of_the_journal_proves_itself_page_by_page(app, client, monkeypatch) -> None:
    monkeypatch.setattr("participate.opendata.queries.files.PAGE_ENTRIES", 1)
    made = a_review(Stage.SYNTHESIS)
    url, entries = api(made, "journal.json"), []
    while url:
        body = client.get(url).json
        entries += body["entries"]
        url = body["next"]
    assert len(entries) >= 2
    heads: dict[str, str] = {}
    for row in entries:
        assert row["hash"] == entry_hash(row["prev"], row["body"])
        assert heads.get(row["chain"], row["prev"]) == row["prev"]
        heads[row["chain"]] = row["hash"]


@pytest.mark.parametrize(
    "cursor", ["", "x", "1", "1.x", "-1.2", "9" * 30 + ".1", f"{2**63}.0", "1.2.3", "٣.٤"]
)
def test_a_cursor_that_cannot_be_read_begins_at_the_beginning(app, client, cursor) -> None:
    made = a_review(Stage.SYNTHESIS)
    assert client.get(api(made, "journal.json"), query_string={"after": cursor}).status_code == 200


@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
def test_the_page_says_what_is_in_the_files(app, client, lang) -> None:
    made = a_review(Stage.SYNTHESIS)
    page = client.get(f"/{lang}/{made.collectivity.slug}/open-data/")
    assert page.status_code == 200
    for name in FILES:
        assert name in page.get_data(as_text=True)


def test_places_that_do_not_exist_are_not_found(app, client) -> None:
    assert client.get("/fr/nowhere/open-data/").status_code == 404
    assert client.get("/api/v1/nowhere/plans/2024-2025/projects.json").status_code == 404
    with writing():
        where = makers.a_collectivity(slug="quiet", hosted=False, code=None)
        db.session.commit()
    assert client.get(f"/fr/{where.slug}/open-data/").status_code == 404
