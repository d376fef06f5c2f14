"""The pasted sections as DOCX: paragraphs and tables of Word itself, right to left where the language is.

Runs in the child process alone (`__main__`): python-docx is heavy.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from participate.synthesis.papers.steady import steady

FACE = "Arial"
LINE_CM = 17
"""What a line holds between the margins."""
GREEN = RGBColor(0x0B, 0x5D, 0x3B)
QUIET = RGBColor(0x4A, 0x5A, 0x52)


def docx(made: Mapping[str, Any]) -> bytes:
    """Return the document: the first sheet, then the sections."""
    return _Writer(made).bytes()


class _Writer:
    def __init__(self, made: Mapping[str, Any]) -> None:
        self.made = made
        self.rtl = made["dir"] == "rtl"
        self.document: Any = Document()
        self._prepare()

    def _prepare(self) -> None:
        core = self.document.core_properties
        core.title = f"{self.made['kind']} · {self.made['plan']['text']}"
        core.author = self.made["commune"]["text"]
        core.language = self.made["lang"]
        core.created = core.modified = datetime.fromisoformat(self.made["dated"]).replace(tzinfo=UTC)
        core.comments = ""
        style = self.document.styles["Normal"]
        style.font.name, style.font.size = FACE, Pt(11)
        _fonts(style.element.get_or_add_rPr())
        for section in self.document.sections:
            section.orientation = WD_ORIENT.PORTRAIT
            section.page_width, section.page_height = Cm(21), Cm(29.7)
            section.left_margin = section.right_margin = Cm(2)
            section.top_margin = section.bottom_margin = Cm(2)
            if self.rtl:
                section._sectPr.append(OxmlElement("w:bidi"))  # noqa: SLF001  python-docx has no name for it

    def bytes(self) -> bytes:
        self._sheet()
        for one in self.made["sections"]:
            self.document.add_page_break()
            self.line(f"{one['number']}. {one['title']}", level=1)
            for block in one["blocks"]:
                self.block(block)
        out = io.BytesIO()
        self.document.save(out)
        return steady(out.getvalue())

    # --- lines

    def line(
        self, words: Any, *, level: int = 0, bold: bool = False, quiet: bool = False, style: str | None = None
    ) -> Any:
        """Add a paragraph or a heading, from the side its language begins on."""
        paragraph = (
            self.document.add_heading(level=level) if level else self.document.add_paragraph(style=style)
        )
        self._fill(paragraph, words, bold=bold or level > 0, quiet=quiet, green=level > 0)
        return paragraph

    def _fill(
        self,
        paragraph: Any,
        words: Any,
        *,
        bold: bool = False,
        quiet: bool = False,
        green: bool = False,
        size: int | None = None,
    ) -> None:
        text, rtl = self._read(words)
        if rtl:
            paragraph._p.get_or_add_pPr().insert_element_before(  # noqa: SLF001
                OxmlElement("w:bidi"), "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr",
            )  # fmt: skip
        run = paragraph.add_run(text)
        run.bold = bold or None
        run.font.name = FACE
        if size:
            run.font.size = Pt(size)
        if quiet:
            run.font.size, run.font.color.rgb = Pt(9), QUIET
        if green:
            run.font.color.rgb = GREEN
        settings = run._r.get_or_add_rPr()  # noqa: SLF001
        _fonts(settings)
        if rtl:
            _right_to_left(settings, bold=bold, size=size or (9 if quiet else None))

    def _read(self, words: Any) -> tuple[str, bool]:
        if isinstance(words, Mapping):
            return words["text"], words["dir"] == "rtl"
        return str(words), self.rtl

    # --- the first sheet

    def _sheet(self) -> None:
        made, sheet, words = self.made, self.made["sheet"], self.made["words"]
        self.line(f"{made['kind']} · {made['commune']['text']}", bold=True)
        self.line(made["title"], level=1)
        self.line(made["plan"], bold=True)
        self.line(" · ".join(one for one in (made["draft"], made["day"]) if one), quiet=True)
        self.line(sheet["question"], bold=True)
        self.table(
            [[one["value"] for one in sheet["figures"]]],
            [[" ".join(p for p in (one["label"], f"({one['note']})" if one["note"] else "") if p) for one in sheet["figures"]]],
        )  # fmt: skip
        for title, points, none in (
            (words["agreements"], sheet["agreements"], sheet["no_agreement"]),
            (words["disagreements"], sheet["disagreements"], sheet["no_disagreement"]),
        ):
            self.line(title, level=2)
            for one in points:
                self.line(f"{one['number']}. {one['title']['text']} ({one['why']})", bold=True)
                self.line(one["tally"])
            if not points:
                self.line(none)
        self.line(words["asked"], level=2)
        self.line(sheet["asked"])
        self.line(sheet["limits"], quiet=True)
        self.line(f"{words['fingerprint']} {made['hash']}", quiet=True)

    # --- blocks

    def block(self, one: Mapping[str, Any]) -> None:
        """Add one block; a chart is its table, and the picture of it stays in the PDF."""
        getattr(self, f"_{one['kind']}")(one)

    def _pair(self, one: Mapping[str, Any]) -> None:
        for part in one["blocks"]:
            self.block(part)

    def _text(self, one: Mapping[str, Any]) -> None:
        self.line(one["text"], quiet=one["small"])

    def _heading(self, one: Mapping[str, Any]) -> None:
        self.line(one["text"], level=2)

    def _theme(self, one: Mapping[str, Any]) -> None:
        self.line(one["title"], bold=True)
        self.line(one["shared"], quiet=True)

    def _facts(self, one: Mapping[str, Any]) -> None:
        self.table(None, one["rows"], (1, 2))

    def _table(self, one: Mapping[str, Any]) -> None:
        self._titled(one["title"])
        self.table([one["head"]], [*one["rows"], *([one["foot"]] if one["foot"] else [])], one["widths"])

    def _positions(self, one: Mapping[str, Any]) -> None:
        self._table(one["table"])
        self.line(one["note"], quiet=True)

    def _columns(self, one: Mapping[str, Any]) -> None:
        self._titled(one["title"])
        self.line(one["caption"], quiet=True)
        self.table(None, one["table"], (1, 1))

    def _measure(self, one: Mapping[str, Any]) -> None:
        self.line(f"{one['title']}: {one['shown']}", bold=True)

    def _quote(self, one: Mapping[str, Any]) -> None:
        self.line(one["stance"], quiet=True)
        self.line(one["text"])

    def _answer(self, one: Mapping[str, Any]) -> None:
        self.line(one["outcome"], bold=True)
        self.line(one["text"])
        if one["reason"]:
            self.line({**one["reason"], "text": f"{one['why']} {one['reason']['text']}"})
        self.line(one["signed"], quiet=True)

    def _titled(self, title: str | None) -> None:
        if title:
            self.line(title, bold=True)

    def table(
        self,
        head: Sequence[Sequence[Any]] | None,
        rows: Sequence[Sequence[Any]],
        widths: Sequence[float] = (),
    ) -> None:
        """Add a table of Word; in Arabic its first column stands at the right."""
        every = [*(head or ()), *rows]
        if not every:
            return
        made = self.document.add_table(rows=0, cols=len(every[0]), style="Table Grid")
        if widths:
            made.autofit = False
            for column, width in zip(made.columns, widths, strict=True):
                column.width = Cm(LINE_CM * width / sum(widths))
        if self.rtl:
            settings = made._tbl.tblPr  # noqa: SLF001
            settings.insert_element_before(
                OxmlElement("w:bidiVisual"), "w:tblStyleRowBandSize", "w:tblStyleColBandSize", "w:tblW", "w:jc",
                "w:tblBorders", "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook",
            )  # fmt: skip
        for number, row in enumerate(every):
            added = made.add_row()
            heads = bool(head) and number < len(head or ())
            if heads:
                repeat = OxmlElement("w:tblHeader")
                repeat.set(qn("w:val"), "true")
                added._tr.get_or_add_trPr().append(repeat)  # noqa: SLF001
            for place, (cell, words) in enumerate(zip(added.cells, row, strict=True)):
                if widths:
                    cell.width = Cm(LINE_CM * widths[place] / sum(widths))
                self._fill(
                    cell.paragraphs[0], "" if words is None else words, bold=heads, size=8 if heads else 9
                )
        self.document.add_paragraph()


def _right_to_left(settings: Any, *, bold: bool, size: int | None) -> None:
    """Say that a run is Arabic: Word has a boldness and a size of their own for it, in an order of its own."""
    after = (
        "w:highlight", "w:u", "w:effect", "w:bdr", "w:shd", "w:fitText", "w:vertAlign", "w:rtl", "w:cs", "w:em",
        "w:lang", "w:eastAsianLayout", "w:specVanish", "w:oMath",
    )  # fmt: skip
    if bold:
        settings.insert_element_before(
            OxmlElement("w:bCs"), "w:i", "w:iCs", "w:caps", "w:color", "w:spacing", "w:kern", "w:sz", "w:szCs", *after
        )  # fmt: skip
    if size:
        sized = OxmlElement("w:szCs")
        sized.set(qn("w:val"), str(2 * size))
        settings.insert_element_before(sized, *after)
    settings.insert_element_before(OxmlElement("w:rtl"), *after[8:])


def _fonts(settings: Any) -> None:
    """Name the face for Arabic letters too: Word has one setting for each script."""
    fonts = settings.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        settings.insert(0, fonts)
    for name in ("w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(name), FACE)
