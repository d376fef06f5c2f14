"""What a paper is made of: plain values that the sheet of typst and the writer of DOCX both read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from participate.synthesis.papers.tables import Table
from participate.web import i18n

Block = dict[str, Any]


def text(words: Any, *, small: bool = False) -> Block:
    """Return a paragraph."""
    return {"kind": "text", "text": words, "small": small}


def heading(words: Any) -> Block:
    """Return a heading inside a section."""
    return {"kind": "heading", "text": words}


def facts(rows: Iterable[tuple[str, Any]]) -> Block:
    """Return names with what they stand for; empty ones are left out."""
    return {"kind": "facts", "rows": [[label, value] for label, value in rows if value]}


def listed(rows: Sequence[Any]) -> Block:
    """Return a list of short lines."""
    return {"kind": "list", "rows": list(rows)}


def table(found: Table, widths: Sequence[float] = (), *, titled: bool = True, tall: bool = False) -> Block:
    """Return a table; `widths` are shares of the line, none: as the words need; `tall` to be filled in by hand."""
    return {
        "kind": "table",
        "title": found.title if titled else None,
        "name": found.title,
        "head": list(found.head),
        "rows": [list(row) for row in found.rows],
        "num": list(found.num),
        "foot": list(found.foot) if found.foot else None,
        "widths": list(widths),
        "tall": tall,
    }


def printed(value: Any) -> Any:
    """Return a block with the numbers of its tables written as the language groups digits."""
    if isinstance(value, Mapping):
        if value.get("kind") == "table":
            shown = {
                key: [[_cell(cell) for cell in row] for row in value[key]]
                if key == "rows"
                else [_cell(cell) for cell in value[key]]
                for key in ("rows", "foot")
                if value[key]
            }
            return {**value, **shown}
        return {key: printed(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [printed(one) for one in value]
    return value


def _cell(cell: Any) -> Any:
    return i18n.number(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell
