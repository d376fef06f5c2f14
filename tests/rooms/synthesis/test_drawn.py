"""The dossier's drawings say what its figures say: no more, and in their proportion."""

from datetime import date

from flask import Flask

from participate.post.text import in_language
from participate.synthesis import drawn
from participate.synthesis.shapes import CountRow, CountsTable, Day


def in_french(app: Flask, *tables: CountsTable) -> list[drawn.Counted]:
    with app.test_request_context("/fr/"), in_language("fr"):
        return drawn.who(tables)


def test_days_without_a_text_are_drawn_too() -> None:
    columns = drawn.days((Day("2023-08-03", 4), Day("2023-07-31", 2)))
    assert [(one.day.isoformat(), one.n) for one in columns] == [
        ("2023-07-31", 2),
        ("2023-08-01", 0),
        ("2023-08-02", 0),
        ("2023-08-03", 4),
    ]
    assert len(drawn.day_rows(columns)) == 2, "the table beside names the days on which something came"
    assert drawn.days(()) == []


def test_the_sentence_names_the_first_of_the_busiest_days(app: Flask) -> None:
    columns = [drawn.DayColumn(date(2023, 8, day), n) for day, n in ((1, 3), (2, 5), (3, 5))]
    with app.test_request_context("/fr/"), in_language("fr"):
        assert "mercredi 2 août 2023" in drawn.busiest(columns)


def test_bars_are_in_proportion_and_a_hidden_group_has_none(app: Flask) -> None:
    [table] = in_french(
        app,
        CountsTable(
            "gender", 60, (CountRow("f", None, 40), CountRow("m", None, 10), CountRow("", None, None))
        ),
    )
    assert [row["share"] for row in table.rows] == [100.0, 25.0, None]
    assert [row["cells"] for row in table.rows] == [[40], [10], ["—"]]
    assert table.beside is None
    assert table.note


def test_voices_and_inhabitants_are_drawn_to_one_scale(app: Flask) -> None:
    rows = (CountRow("a", {"fr": "A"}, 30, 1000), CountRow("b", {"fr": "B"}, 10, 3000))
    [table] = in_french(app, CountsTable("neighbourhood", 40, rows))
    assert [(row["share"], row["beside"]) for row in table.rows] == [(100.0, 33.3), (33.3, 100.0)]
    assert table.beside == table.head[2]


def test_a_table_that_hides_every_group_draws_nothing(app: Flask) -> None:
    [table] = in_french(app, CountsTable("gender", 9, (CountRow("f", None, None), CountRow("m", None, None))))
    assert table.rows == []
    assert table.note
