"""A Polis export comes in whole or not at all, and its synthesis is printed the same each time."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from participate.consultations.models import Consultation, Participant
from participate.db import db, writing
from participate.journal import queries as journal
from participate.journal.models import JournalEntry
from participate.opendata import queries as opendata
from participate.plans import queries as plans
from participate.plans.models import ActionPlan
from participate.portal import queries as portal
from participate.positions.models import ImportedStatement, Position, Statement
from participate.synthesis.cli import bring_in, synthesis
from tests import makers
from tests.conftest import both_engines

COMMENTS = "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body"
VOTES = "timestamp,datetime,comment-id,voter-id,vote"
CELLS = "participant,group-id,n-comments,n-votes,n-agree,n-disagree,0,1,2"


def an_export(folder: Path, **changed: list[str] | None) -> Path:
    """Three comments, three voters, a vote that was changed; any file can be replaced or left out."""
    files: dict[str, list[str] | None] = {
        "comments": [
            COMMENTS,
            '1000,x,0,8,1,0,1,"نريد إنارة، ""الآن"""',
            "1001,x,1,8,1,1,0,Des bancs",
            "1002,x,2,9,0,0,-1,Rejected",
        ],
        "votes": [
            VOTES,
            "3000,x,0,8,-1",
            "2000,x,0,8,1",
            "2001,x,0,9,1",
            "2002,x,1,9,0",
            "2003,x,1,10,-1",
            "2004,x,2,10,1",
        ],
        "participants-votes": [CELLS, "8,0,2,1,0,1,-1,,", "9,1,1,2,1,0,1,0,", "10,,0,2,1,1,,-1,1"],
    }
    folder.mkdir(exist_ok=True)
    for name, lines in (files | changed).items():
        if lines is not None:
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


@pytest.fixture
def commune(app) -> str:
    with writing():
        slug = makers.a_collectivity(hosted=True).slug
        db.session.commit()
    return slug


def bring(folder: Path, commune: str, *more: str) -> Result:
    arguments = ["polis", str(folder), "--collectivity", commune, "--title", "Nos idées", *more]
    return CliRunner().invoke(bring_in, arguments)


def printed(key: int, *more: str) -> str:
    done = CliRunner().invoke(synthesis, [str(key), "--json", *more])
    assert done.exit_code == 0, done.output
    return done.output


def brought(folder: Path, commune: str, *more: str) -> int:
    done = bring(folder, commune, *more)
    assert done.exit_code == 0, done.output
    return int(done.output.splitlines()[-1])


@both_engines
def test_an_export_becomes_a_closed_consultation_and_its_figures_are_printed(commune, tmp_path) -> None:
    key = brought(an_export(tmp_path / "a"), commune)
    row = db.session.scalars(sa.select(Consultation).where(Consultation.id == key)).one()
    assert (row.state.value, row.title) == ("closed", {"fr": "Nos idées"})
    found = json.loads(printed(key, "--compat"))
    assert found["participants"] == 3
    seen = [
        (one["external_id"], one["kind"], one["agree"], one["disagree"], one["pass"], one["not_seen"])
        for one in found["statements"]
    ]
    assert seen == [
        ("0", "imported", 1, 1, 0, 1),
        ("1", "imported", 0, 1, 1, 1),
        ("2", "imported", 1, 0, 0, 2),
    ]
    assert [one["label"] for one in found["statements"]] == ["uncertain", "uncertain", None]
    assert [one["moderated"] for one in found["statements"]] == [1, 0, -1]
    assert found["statements"][0]["text"] == 'نريد إنارة، "الآن"'
    assert (found["groups"]["published"], found["groups"]["reason"]) == (False, "too_few_votes")
    assert found["compat"]["mod-out"] == [2]
    assert set(found["compat"]["projections"]) == {"8", "9", "10"}
    assert {"schema", "input_sha256", "themes", "audiences", "coverage"} <= set(found)


def test_counters_are_the_positions_and_one_entry_tells_of_all(commune, tmp_path) -> None:
    key = brought(an_export(tmp_path / "a"), commune)
    for one in db.session.scalars(sa.select(Statement).where(Statement.consultation_id == key)):
        values = db.session.scalars(sa.select(Position.value).where(Position.statement_id == one.id)).all()
        counted = (values.count(1), values.count(-1), values.count(0))
        assert counted == (one.agree, one.disagree, one.passed)
    entry = db.session.scalars(
        sa.select(JournalEntry).where(JournalEntry.type == "consultation:imported")
    ).one()
    told = json.loads(entry.body)["public"]
    assert (told["statements"], told["participants"], told["positions"]) == (3, 3, 5)
    assert not [fault for fault in journal.verify() if fault]


def shuffled(folder: Path, into: Path, seed: int) -> Path:
    into.mkdir()
    for path in folder.glob("*.csv"):
        head, *rows = list(csv.reader(io.StringIO(path.read_text("utf-8"), newline="")))
        random.Random(seed).shuffle(rows)
        with (into / path.name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *rows])
    return into


def test_shuffled_rows_and_repeated_runs_print_the_same_bytes(commune, tmp_path) -> None:
    folder = an_export(tmp_path / "a", votes=[VOTES, *some_votes()], **{"participants-votes": None})
    first = brought(folder, commune)
    second = brought(shuffled(folder, tmp_path / "b", 5), commune)
    assert first != second
    told = printed(first, "--compat")
    assert printed(second, "--compat") == told
    assert printed(first, "--compat") == told
    assert "members" not in json.loads(printed(first))["groups"]
    assert "members" in json.loads(printed(first, "--members"))["groups"]


def some_votes() -> list[str]:
    dice = random.Random(3)
    return [
        f"{dice.randint(2000, 2050)},x,{dice.randint(0, 2)},{dice.randint(1, 30)},{dice.choice([-1, 0, 1])}"
        for _ in range(150)
    ]


def test_the_export_itself_settles_two_votes_of_one_moment(commune, tmp_path) -> None:
    votes = [VOTES, "5,x,0,1,-1", "5,x,0,1,1"]
    key = brought(an_export(tmp_path / "a", votes=votes, **{"participants-votes": None}), commune)
    assert json.loads(printed(key))["statements"][0]["disagree"] == 1
    cells = [CELLS, "1,,0,1,1,0,1,,"]
    key = brought(an_export(tmp_path / "b", votes=votes, **{"participants-votes": cells}), commune)
    assert json.loads(printed(key))["statements"][0]["agree"] == 1


def test_published_groups_decide_how_many_are_sought_and_what_is_said_of_them(commune, tmp_path) -> None:
    key = brought(an_export(tmp_path / "a"), commune)
    groups = db.session.execute(
        sa.select(Participant.external_id, Participant.external_group).where(
            Participant.consultation_id == key
        )
    ).all()
    assert dict(map(tuple, groups)) == {"8": "0", "9": "1", "10": None}
    found = json.loads(printed(key, "--compat"))
    assert found["compat"]["groups_given"]
    assert (found["compat"]["k"], found["groups"]["k"]) == (2, 2)
    assert set(found["compat"]["group-votes"]) == {"0", "1"}
    assert found["compat"]["group-votes"]["1"]["votes"]["0"] == {"A": 1, "D": 0, "S": 1}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"votes": None}, "votes.csv is not in the folder"),
        ({"comments": None}, "comments.csv is not in the folder"),
        ({"votes": ["timestamp,comment-id,voter-id"]}, "votes.csv has no column vote"),
        ({"votes": [VOTES, "1,x,0,1,5"]}, "votes.csv, line 2: 5 is none of -1, 0, 1"),
        ({"votes": [VOTES, "1,x,0,1,yes"]}, "votes.csv, line 2: 'yes' is not a whole number"),
        ({"votes": [VOTES, "1,x,0,1,nan"]}, "votes.csv, line 2: 'nan' is not a whole number"),
        ({"votes": [VOTES, "1,x,0,1"]}, "votes.csv, line 2: 4 cells under 5 columns"),
        ({"votes": [VOTES, "1e30,x,0,1,1"]}, "is not a moment"),
        ({"votes": [VOTES, "1,x,77,1,1"]}, "a vote is about comment 77, which is not among the comments"),
        ({"votes": [VOTES, "1,x,0,,1"]}, "votes.csv, line 2: there is no id"),
        ({"votes": [VOTES]}, "there is no vote in it"),
        ({"comments": [COMMENTS, "1,x,0,1,0,0,1,a", "1,x,0,1,0,0,1,b"]}, "comment 0 is there twice"),
        ({"comments": [COMMENTS, "1,x,0,1,0,0,2,a"]}, "comments.csv, line 2: 2 is none of"),
        ({"comments": [COMMENTS, f"1,x,0,1,0,0,1,{'a' * 10_001}"]}, "the text has 10001 characters"),
        ({"comments": [COMMENTS, '1,x,0,1,0,0,1,"a']}, "comments.csv, line 2:"),
        (
            {"participants-votes": [CELLS, "8,0,2,1,0,1,1,,", "8,0,2,1,0,1,1,,"]},
            "participant 8 is there twice",
        ),
    ],
)
def test_a_broken_export_is_refused_in_a_sentence_and_leaves_nothing(
    commune, tmp_path, changed, sentence
) -> None:
    done = bring(an_export(tmp_path / "a", **changed), commune)
    assert done.exit_code == 1
    assert "nothing was brought in" in done.output
    assert sentence in done.output
    assert len(done.output.strip().splitlines()) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Consultation)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ActionPlan)) == 0


def test_bytes_that_are_no_text_and_places_that_are_not_there_are_refused(commune, tmp_path) -> None:
    folder = an_export(tmp_path / "a")
    assert "no collectivity has its space at nowhere" in bring(folder, "nowhere").output
    (folder / "votes.csv").write_bytes(b"\xff\xfe\x00")
    assert "votes.csv is not UTF-8 text" in bring(folder, commune).output
    empty = ["polis", str(folder), "--collectivity", commune, "--title", " "]
    assert "the title is empty" in CliRunner().invoke(bring_in, empty).output


def test_a_failure_halfway_leaves_nothing(commune, tmp_path, monkeypatch) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("participate.synthesis.polis.bringing.journal.record", broken)
    assert bring(an_export(tmp_path / "a"), commune).exit_code == 1
    for table in (ActionPlan, Consultation, Statement, ImportedStatement, Participant, Position):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_the_shell_plan_is_in_no_list(commune, tmp_path) -> None:
    brought(an_export(tmp_path / "a"), commune)
    shell = db.session.scalars(sa.select(ActionPlan)).one()
    assert shell.shell
    assert plans.plans_of(shell.collectivity_id) == []
    assert portal.plans_of(shell.collectivity_id) == []
    assert opendata.plans_of(shell.collectivity_id) == ()
    assert portal.frame_of(commune).plan is None


def test_the_answers_of_the_api_are_read_with_either_sign(commune, tmp_path) -> None:
    comments = [
        {"tid": 0, "txt": "a", "mod": 1, "created": "1000", "pid": 1, "agree_count": 2, "disagree_count": 0},
        {"tid": 1, "txt": "b", "mod": 1, "created": "1000", "is_meta": True, "agree_count": 0},
    ]
    for sign in (1, -1):
        folder = tmp_path / f"sign{sign}"
        folder.mkdir()
        votes = [{"pid": one, "tid": 0, "vote": sign, "modified": "2000"} for one in (1, 2)]
        (folder / "comments.json").write_text(json.dumps(comments))
        (folder / "votes.json").write_text(json.dumps(votes))
        found = json.loads(printed(brought(folder, commune)))
        assert [one["agree"] for one in found["statements"]] == [2, 0]
        assert found["statements"][1]["label"] is None, "a question about who answers is no view"
    (folder / "votes.json").write_text("{}")
    assert "votes.json is not a list" in bring(folder, commune).output
    assert bring(folder, commune, "--format", "csv").exit_code == 1
