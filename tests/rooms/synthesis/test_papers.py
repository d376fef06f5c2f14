"""The dossier on paper: what the PDF, the DOCX and the spreadsheet hold, and how Arabic is set in them."""

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook

from participate.db import clock, db, writing
from participate.rules.lifecycle import Stage
from participate.synthesis import actions, queries, tendencies
from participate.synthesis.papers import job, setting, tables
from participate.synthesis.papers.content import LANGS, Source, content, pasted
from tests import makers
from tests.rooms.synthesis.makers import a_full_review, a_text
from tests.support import pdf

HOSTILE = '#panic("x") $x^2$ *a* =HYPERLINK("http://x") <b>'


@pytest.fixture
def source(app) -> Source:
    """A sealed review whose texts try to be instructions."""
    return a_source(sealed=True)


def a_source(*, sealed: bool) -> Source:
    with writing():
        made = makers.a_plan(Stage.SYNTHESIS)
        a_full_review(made)
        assert made.review is not None
        a_text(made, makers.a_participant(made.review), HOSTILE, agree=30, ref="REFHOST1")
        if sealed:
            actions.seal(None, made.review.id, clock())
        db.session.commit()
    found = job.gathered(made.collectivity.id, made.review.id)
    db.session.rollback()
    return found


def test_the_pdf_holds_the_sheet_the_sections_and_a_page_for_each_project(source: Source) -> None:
    made = content(source, "fr")
    paper = pdf.read(setting.pdf(made))
    first = paper.words(0)
    for one in made["sheet"]["figures"]:
        assert squeezed(one["label"]) in first
    assert squeezed(made["sheet"]["question"]) in first
    assert squeezed(made["words"]["asked"]) in first
    assert squeezed(made["sheet"]["limits"]) in first
    everything = paper.words()
    for section in made["sections"]:
        assert squeezed(f"{section['number']}. {section['title']}") in everything, section["title"]
    for project in made["projects"]:
        title = squeezed(f"{project['number']}. {project['title']['text']}")
        tally = squeezed(project["tally"]["words"])
        assert [n for n in range(5, len(paper.pages)) if title in paper.words(n) and tally in paper.words(n)]
    assert source.sha256 in everything
    assert source.proof is not None
    assert squeezed(source.proof.public_key) in everything
    address = f"/fr/{source.reading.about.collectivity}/plans/2024-2025/results/"
    assert address.replace("-", "") in everything.replace("-", ""), "typst gives hyphens no letter"


def squeezed(text: str) -> str:
    """Return a text without blanks, as `Paper.words` gives it."""
    return "".join(text.split())


def test_each_project_has_one_page(source: Source) -> None:
    made = content(source, "fr")
    paper = pdf.read(setting.pdf(made))
    ends = squeezed(made["words"]["stability"])
    pages = [number for number in range(len(paper.pages)) if ends in paper.words(number)]
    assert len(pages) == len(set(pages)) >= 1
    titles = [squeezed(f"{one['number']}. {one['title']['text']}") for one in made["projects"]]
    holding = [next(n for n in range(4, len(paper.pages)) if paper.words(n).count(title) and "priorit" in paper.words(n)) for title in titles]  # fmt: skip
    assert holding == list(range(holding[0], holding[0] + len(titles)))


def test_what_people_wrote_is_never_read_as_instructions(source: Source) -> None:
    paper = pdf.read(setting.pdf(content(source, "fr")))
    assert squeezed(HOSTILE) in paper.words()


def test_the_pdf_is_tagged_and_says_its_language(source: Source) -> None:
    for lang in LANGS:
        raw = setting.pdf(content(source, lang))
        assert b"/StructTreeRoot" in raw
        assert b"pdfuaid:part>1" in raw
        assert b"/Marked true" in raw
        assert f"/Lang({lang}".encode() in raw
        assert b"/Alt" in raw, "charts say what they show"
        assert raw.count(b"/S/TH") > 10, "tables have heads"


def test_a_sheet_that_breaks_the_standard_is_refused(source: Source) -> None:
    made = content(source, "fr")
    with pytest.raises(setting.NotSetError):
        setting.pdf({**made, "lang": "no language"})


def test_arabic_runs_from_the_right(source: Source) -> None:
    arabic, french = (pdf.read(setting.pdf(content(source, lang))) for lang in LANGS)
    width = 595.0
    title = arabic.pages[0][0]
    assert title.x > width / 2, "the first words of the head stand at the right"
    assert french.pages[0][0].x < width / 4
    # Painted from left to right, so the letters come out last one first.
    assert "المجلس" in arabic.words(0)[::-1]
    assert "المجلس" not in arabic.words(0)


def test_the_first_day_stands_where_the_line_begins(source: Source) -> None:
    """One day alone has texts, the first: its column is at the right in Arabic, at the left in French."""
    for lang in LANGS:
        made = content(source, lang)
        days = {
            "kind": "columns",
            "title": "t",
            "values": [9, 0, 0, 0],
            "first": "a",
            "last": "b",
            "caption": "c",
            "table": [],
        }
        made["sections"] = [{"number": "2", "title": "x", "blocks": [days]}]
        (column,) = pdf.read(setting.pdf(made)).columns(50)
        assert (column > 595 / 2) == (lang == "ar")


def test_tendencies_that_passed_their_checks_are_drawn_with_their_figures(source: Source) -> None:
    mine, others = tendencies.Tally(20, 1, 0), tendencies.Tally(2, 19, 1)
    group = tendencies.Tendency(1, 31, 100.0, 80.0, 40.0, (tendencies.Distinct("project-1", mine, others),))
    found = tendencies.Found(
        True, "", 62, 62, 2, 0.1, 0.9, 0.0, 31, 10, (group, replace(group, number=2, x=220.0))
    )
    for lang in LANGS:
        made = content(replace(source, tendencies=found), lang)
        paper = pdf.read(setting.pdf(made))
        annex = next(one for one in made["sections"] if one["number"] == "15")
        (drawing,) = [one for one in annex["blocks"] if one["kind"] == "map"]
        assert len(drawing["circles"]) == 2
        assert "31" in paper.words()


def test_the_same_figures_give_the_same_bytes(source: Source) -> None:
    for kind in (setting.PDF, setting.DOCX, setting.XLSX):
        assert setting.paper(source, kind, "ar") == setting.paper(source, kind, "ar")
    for kind in (setting.DOCX, setting.XLSX):
        with zipfile.ZipFile(io.BytesIO(setting.paper(source, kind, "fr"))) as made:
            assert {one.date_time[0] for one in made.infolist()} == {1980}, "no file says when it was written"


def test_the_paper_holds_the_figures_of_the_reading_and_no_others(source: Source) -> None:
    made = content(source, "fr")
    section = next(one for one in made["sections"] if one["number"] == "5")
    rows = next(one for one in section["blocks"] if one["kind"] == "positions")["rows"]
    assert [(row["agree"], row["pass"], row["disagree"]) for row in rows] == [
        (one.tally.agree, one.tally.pass_, one.tally.disagree) for one in source.reading.projects
    ]
    shown = {(t["title"], row["label"]) for p in made["projects"] for block in p["blocks"] if block["kind"] == "audiences" for t in block["tables"] for row in t["rows"]}  # fmt: skip
    assert shown
    for one in source.reading.projects:
        for table in one.audiences:
            hidden = sum(row.tally is None for row in table.rows)
            assert hidden == len(table.rows) or hidden != 1


def test_a_draft_says_so_on_every_page(app) -> None:
    made = content(a_source(sealed=False), "fr")
    assert made["draft"]
    paper = pdf.read(setting.pdf(made))
    assert all(squeezed(made["draft"]) in paper.words(number) for number in range(len(paper.pages)))


# --- DOCX -----------------------------------------------------------------------------------------


def opened(source: Source, lang: str) -> Any:
    """Return the document, written here: a child process would read the installed package, fault or none."""
    from participate.synthesis.papers.docx import docx  # noqa: PLC0415

    return Document(io.BytesIO(docx(pasted(content(source, lang)))))


def test_the_docx_holds_four_sections_to_paste(source: Source) -> None:
    heads = [one.text for one in opened(source, "fr").paragraphs if one.style.name == "Heading 1"]
    assert len(heads) == 4
    assert [head.split(".")[0] for head in heads[1:]] == ["5", "8", "14"]


def test_the_arabic_docx_is_right_to_left_in_words_tables_and_pages(source: Source) -> None:
    made = opened(source, "ar")
    arabic = [one for one in made.paragraphs if any("\u0600" <= letter <= "\u06ff" for letter in one.text)]
    assert len(arabic) > 20
    for one in arabic:
        assert one._p.pPr is not None and one._p.pPr.find(qn("w:bidi")) is not None, one.text  # noqa: PT018
        assert all(run._r.rPr.find(qn("w:rtl")) is not None for run in one.runs), one.text
    assert made.tables
    assert all(one._tbl.tblPr.find(qn("w:bidiVisual")) is not None for one in made.tables)
    assert all(one._sectPr.find(qn("w:bidi")) is not None for one in made.sections)
    french = opened(source, "fr")
    assert all(one._tbl.tblPr.find(qn("w:bidiVisual")) is None for one in french.tables)


# --- XLSX -----------------------------------------------------------------------------------------


def test_the_spreadsheet_has_a_sheet_for_each_table_and_runs_from_the_right_in_arabic(
    source: Source, app
) -> None:
    for lang in LANGS:
        book = load_workbook(io.BytesIO(setting.paper(source, setting.XLSX, lang)))
        assert len(book.sheetnames) == len(setting.spreadsheet(source, lang)["tables"]) > 10
        assert all(bool(one.sheet_view.rightToLeft) == (lang == "ar") for one in book.worksheets)


def test_words_are_no_formulas_and_figures_are_numbers(source: Source) -> None:
    from participate.synthesis.papers.xlsx import xlsx  # noqa: PLC0415

    table = {
        "name": "a/b",
        "title": "=1+1",
        "head": ["x", "y"],
        "rows": [["=2+2", 7], ["http://x", "—"]],
        "foot": None,
    }
    order = {"dir": "ltr", "title": "t", "author": "a", "dated": "2023-09-20", "tables": [table, table]}
    book = load_workbook(io.BytesIO(xlsx(order)))
    sheet = book.worksheets[0]
    assert book.sheetnames == ["a b", "a b 2"]
    assert sheet["A1"].value == "=1+1"
    assert [cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None] == [
        *"sss",
        *"sn",
        *"ss",
    ]
    assert sheet["A4"].hyperlink is None


def test_hidden_cells_are_dashes_in_every_table(source: Source) -> None:
    reading = source.reading
    hidden = sum(row.people is None for table in reading.audiences for row in table.rows)
    assert hidden
    book = load_workbook(io.BytesIO(setting.paper(source, setting.XLSX, "fr")))
    cells = [cell.value for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    wanted = sum(row.tally is None for one in reading.projects for t in one.audiences for row in t.rows)
    assert wanted
    assert cells.count(tables.HIDDEN) >= 4 * wanted


def test_what_is_read_before_the_seal_is_the_draft(app) -> None:
    draft = a_source(sealed=False)
    assert draft.proof is None
    with pytest.raises(queries.NoReadingError):
        job.gathered(1, 2)
