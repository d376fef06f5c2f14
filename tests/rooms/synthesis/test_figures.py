"""Figures of a consultation: they sum, hide small cells, and do not depend on the order of rows."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bench.comments import comments
from participate.rules import outcomes as o
from participate.synthesis import campaigns, figures, shapes
from participate.synthesis.bundle import STATES

AT = datetime(2023, 8, 1, tzinfo=UTC)
ABOUT = shapes.About(
    "commune", {"ar": "م"}, 1000, "2024-2025", {"ar": "ب"}, "draft_review", {"ar": "ت"}, None,
    AT.isoformat(), AT.isoformat(), 1, 2,
)  # fmt: skip


def a_text(ref: str, **changes: Any) -> figures.TextRow:
    values: dict[str, Any] = {
        "ref": ref, "here": True, "consultation_kind": "draft_review", "kind": "comment",
        "comment_kind": "opinion", "stance": "none", "state": "published", "lang": "fr",
        "author": 1, "author_kind": "citizen", "by_staff": False, "association": None, "project": 1,
        "is_reply": False, "title": "", "words": f"words of {ref}", "at": AT, "statement": True,
        "agree": 0, "disagree": 0, "passed": 0, "axis": None, "merged_into": None, "response": None,
        "fate": None, "fate_reason": None, "fate_project": None,
    }  # fmt: skip
    return figures.TextRow(**{**values, **changes})


def inputs(**changes: Any) -> figures.Inputs:
    values: dict[str, Any] = {
        "about": ABOUT,
        "neighbourhoods": (figures.NeighbourhoodRow("n", {"ar": "ن"}, 10), figures.NeighbourhoodRow("s", {"ar": "ج"}, None)),
        "voices": (), "positions": (), "texts": (),
        "projects": (figures.ProjectRow(1, {"ar": "أ"}, {}, None), figures.ProjectRow(2, {"ar": "ب"}, {}, None)),
        "themes": (), "opinions": (), "decisions": (), "meetings": (), "changes": None, "rounds": (),
    }  # fmt: skip
    return figures.Inputs(**{**values, **changes})


def voice(people: int, **facts: Any) -> figures.VoiceRow:
    values: dict[str, Any] = {
        "kind": "citizen",
        "channel": "web",
        "level": 1,
        "neighbourhood": None,
        "gender": "",
        "age": "",
    }
    return figures.VoiceRow(**{**values, **facts}, people=people)


def position(project: int, value: int, people: int, **facts: Any) -> figures.PositionRow:
    row = voice(people, **facts)
    return figures.PositionRow(
        project, row.kind, row.channel, row.level, row.neighbourhood, row.gender, row.age, value, people
    )


@given(st.lists(st.sampled_from(list(o.PublishState)), max_size=30))
def test_the_states_of_contributions_sum_to_those_received(states: list[o.PublishState]) -> None:
    found = figures.compute(inputs(texts=tuple(a_text(f"R{i}", state=s.value) for i, s in enumerate(states))))
    assert (
        sum(getattr(found.contributions, state) for state in STATES)
        == found.contributions.received
        == len(states)
    )


@given(st.lists(st.integers(0, 30), min_size=3, max_size=3))
def test_no_suppressed_people_can_be_found_by_subtraction(counts: list[int]) -> None:
    rows = tuple(voice(n, gender=g) for n, g in zip(counts, ("f", "m", ""), strict=True))
    table = next(t for t in figures.compute(inputs(voices=rows)).audiences if t.dimension == "gender")
    hidden = [row for row in table.rows if row.people is None]
    assert len(hidden) != 1
    if hidden and len(hidden) < len(table.rows):
        assert table.total - sum(row.people or 0 for row in table.rows) >= 20


def test_rows_in_any_order_give_the_same_json() -> None:
    rng = random.Random(3)
    texts = [a_text(f"R{i}", at=AT + timedelta(hours=i % 7), agree=i % 4, author=i) for i in range(30)]
    voices = [voice(25, gender="f", neighbourhood="n"), voice(22, gender="m", neighbourhood="s"), voice(12)]
    positions = [position(1, 1, 20, gender="f"), position(1, -1, 21, gender="m"), position(2, 0, 3)]
    before = figures.compute(inputs(texts=tuple(texts), voices=tuple(voices), positions=tuple(positions)))
    for rows in (texts, voices, positions):
        rng.shuffle(rows)  # type: ignore[arg-type]
    after = figures.compute(inputs(texts=tuple(texts), voices=tuple(voices), positions=tuple(positions)))
    assert shapes.plain(before) == shapes.plain(after)


def test_another_row_gives_another_input_hash() -> None:
    one = inputs(voices=(voice(25),))
    assert figures.input_hash(one) != figures.input_hash(replace(one, voices=(voice(26),)))


def test_under_twenty_positions_there_is_no_percentage() -> None:
    found = figures.compute(inputs(voices=(voice(40),), positions=(position(1, 1, 19), position(2, 1, 20))))
    few, enough = found.projects
    assert (few.support.percent, few.support.lower, few.support.count) == (None, None, 19)
    assert enough.support.percent == 100


def test_support_with_pass_and_without_are_not_mixed() -> None:
    project = figures.compute(
        inputs(voices=(voice(60),), positions=(position(1, 1, 30), position(1, -1, 10), position(1, 0, 10)))
    ).projects[0]
    assert (project.support.count, project.support.base) == (30, 40)
    assert (project.support_with_pass.count, project.support_with_pass.base) == (30, 50)
    assert (project.tally.n, project.tally.not_seen) == (50, 10)


def test_a_project_every_audience_supports_is_consensual_and_one_that_divides_them_is_divisive() -> None:
    found = figures.compute(
        inputs(
            voices=(voice(40, gender="f"), voice(40, gender="m")),
            positions=(
                position(1, 1, 38, gender="f"), position(1, 1, 37, gender="m"),
                position(2, 1, 38, gender="f"), position(2, -1, 35, gender="m"), position(2, 1, 5, gender="m"),
            ),
        )
    )  # fmt: skip
    assert [p.label for p in found.projects] == ["consensual", "divisive"]
    assert [p.number for p in found.agreements] == [1]
    assert [p.number for p in found.disagreements] == [2]


def test_a_gap_is_told_only_when_the_table_shows_both_sides() -> None:
    # Women are unanimous: their cell is hidden, and so is the gap; the label stays.
    found = figures.compute(
        inputs(
            voices=(voice(40, gender="f"), voice(40, gender="m")),
            positions=(
                position(1, 1, 40, gender="f"),
                position(1, -1, 35, gender="m"),
                position(1, 1, 5, gender="m"),
            ),
        )
    )
    assert found.projects[0].label == "divisive"
    assert found.projects[0].gap is None


def test_an_audience_table_does_not_tell_the_size_of_an_audience() -> None:
    found = figures.compute(
        inputs(voices=(voice(40, gender="f"), voice(40, gender="m")), positions=(
            position(1, 1, 20, gender="f"), position(1, -1, 11, gender="f"), position(1, 1, 20, gender="m"), position(1, -1, 11, gender="m")))
    )  # fmt: skip
    rows = [r for t in found.projects[0].audiences for r in t.rows if r.tally and len(t.rows) > 1]
    assert rows
    assert all(row.tally is not None and row.tally.not_seen is None for row in rows)


def test_quotes_hold_one_against_even_when_it_is_the_least_agreed() -> None:
    texts = [a_text(f"F{i}", stance="for", agree=9 - i) for i in range(5)] + [a_text("A1", stance="against")]
    quotes = figures.compute(inputs(texts=tuple(texts))).projects[0].quotes
    assert len(quotes) == 4
    assert [q.ref for q in quotes if q.dissenting] == ["A1"]
    assert quotes[0].ref == "F0"


def test_a_campaign_is_quoted_once_and_counted_by_accounts() -> None:
    words = (
        "réparez l'éclairage de la rue des oliviers avant la rentrée scolaire de septembre s'il vous plaît"
    )
    texts = tuple(a_text(f"C{i}", words=words + "!" * (i % 3), author=i % 4) for i in range(8))
    found = figures.compute(inputs(texts=texts))
    assert [(c.texts, c.accounts) for c in found.campaigns] == [(8, 4)]
    assert len(found.projects[0].quotes) == 1


def test_a_joined_text_counts_with_the_one_it_was_joined_to() -> None:
    words = "réparez l'éclairage de la rue des oliviers avant la rentrée scolaire de septembre"
    listed = [
        campaigns.Text("A", words, "fr", 1, 1, None),
        campaigns.Text("B", words + "!", "fr", 2, 1, None),
    ]
    assert campaigns.find(listed) == ()
    assert campaigns.find([*listed, campaigns.Text("C", "", "fr", 3, 1, "A")])[0].texts == 3


def test_different_texts_are_no_campaign_and_many_texts_stay_quick() -> None:
    rng = random.Random(5)
    letters = "abcdefghijklmnopqrstuvwxyz"
    pool = ["".join(rng.choice(letters) for _ in range(7)) for _ in range(900)]
    listed = [
        campaigns.Text(f"R{i}", " ".join(rng.choice(pool) for _ in range(30)), "fr", i, 1, None)
        for i in range(1500)
    ]
    assert campaigns.find(listed) == ()


def test_a_campaign_is_found_whole_among_many_texts_that_begin_alike() -> None:
    found = campaigns.find(comments(1200, 150))
    assert [one.texts for one in found][:1] >= [140]
    assert found[0].accounts == found[0].texts
    assert len(found) <= 3


def test_coverage_counts_an_answer_of_ones_own_or_of_ones_theme_and_never_replies() -> None:
    answer = shapes.ResponseView(
        "accepted", {"ar": "ن"}, None, changed=False, at=(AT + timedelta(days=3)).isoformat()
    )
    texts = (
        a_text("own", response=answer),
        a_text("themed"),
        a_text("alone"),
        a_text("reply", is_reply=True),
        a_text("gone", state="withdrawn", words=""),
    )
    theme = figures.ThemeRow("T", {"ar": "م"}, 1, ("themed", "gone"), ("themed",), answer)
    coverage = figures.compute(inputs(texts=texts, themes=(theme,))).coverage
    assert (coverage.answered, coverage.answerable, coverage.median_days) == (2, 3, 3)


def test_what_was_not_retained_stands_with_the_most_shared_first() -> None:
    no = shapes.ResponseView("declined", {"ar": "ن"}, {"ar": "س"}, changed=False, at=None)
    texts = tuple(a_text(f"R{i}", author=i) for i in range(4))
    themes = (
        figures.ThemeRow("T1", {"ar": "م"}, 1, ("R0",), ("R0",), no),
        figures.ThemeRow("T2", {"ar": "م"}, 1, ("R1", "R2", "R3"), ("R1",), no),
    )
    assert [d.ref for d in figures.compute(inputs(texts=texts, themes=themes)).coverage.declined] == [
        "T2",
        "T1",
    ]


def test_a_reading_survives_its_own_json() -> None:
    found = figures.compute(
        inputs(voices=(voice(30, gender="f"),), positions=(position(1, 1, 30),), texts=(a_text("R"),))
    )
    assert shapes.read(shapes.Reading, shapes.plain(found)) == found


def test_with_paper_slips_nobody_knows_who_did_not_see() -> None:
    found = figures.compute(
        inputs(voices=(voice(30), voice(5, kind="slip", channel="paper")), positions=(position(1, 1, 30),))
    )
    assert found.projects[0].tally.not_seen is None


def test_the_public_names_of_the_document() -> None:
    document = shapes.plain(figures.compute(inputs(texts=(a_text("R"),))))
    assert {
        "schema",
        "input_sha256",
        "participants",
        "statements",
        "groups",
        "themes",
        "audiences",
        "coverage",
    } <= set(document)
    assert set(document["statements"][0]) == {
        "id",
        "external_id",
        "kind",
        "agree",
        "disagree",
        "pass",
        "not_seen",
        "label",
    }
    assert document["schema"] == "participate-synthesis/1"
