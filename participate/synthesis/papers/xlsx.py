"""The tables as a spreadsheet: one sheet for each, numbers as numbers, words never as formulas.

Runs in the child process alone (`__main__`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import xlsxwriter

NAME_CHARS = 31
"""The longest name of a sheet that Excel opens."""
WIDEST, NARROWEST = 60, 9


def xlsx(made: Mapping[str, Any]) -> bytes:
    """Return the spreadsheet of `tables` ({name, title, head, rows, num, foot}) in the direction of `dir`."""
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(out, options)
    book.set_properties(
        {"title": made["title"], "author": made["author"], "created": datetime.fromisoformat(made["dated"])}
    )
    rtl = made["dir"] == "rtl"
    order = {"reading_order": 2 if rtl else 1, "valign": "top", "text_wrap": True}
    plain, bold = book.add_format(order), book.add_format({**order, "bold": True})
    head = book.add_format({**order, "bold": True, "bottom": 1, "bottom_color": "#0B5D3B"})
    number = book.add_format({"num_format": "#,##0", "valign": "top"})
    taken: set[str] = set()
    for one in made["tables"]:
        sheet = book.add_worksheet(_name(one["name"], taken))
        if rtl:
            sheet.right_to_left()
        sheet.write_string(0, 0, one["title"], bold)
        for column, words in enumerate(one["head"]):
            sheet.write_string(1, column, words, head)
        rows = [*one["rows"], *([one["foot"]] if one["foot"] else [])]
        for place, row in enumerate(rows, 2):
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(place, column, cell, number)
                else:
                    sheet.write_string(place, column, text(cell), plain)
        sheet.freeze_panes(2, 0)
        for column in range(len(one["head"])):
            longest = max((len(text(row[column])) for row in rows if column < len(row)), default=0)
            longest = max(longest, len(one["head"][column]))
            sheet.set_column(column, column, max(NARROWEST, min(WIDEST, longest + 2)))
    book.close()
    return out.getvalue()


def text(cell: Any) -> str:
    """Return a cell as a text."""
    if isinstance(cell, Mapping):
        return str(cell["text"])
    return "" if cell is None else str(cell)


def _name(wanted: str, taken: set[str]) -> str:
    """Return a name that Excel takes and no other sheet has."""
    plain = re.sub(r"[\[\]:*?/\\]", " ", wanted).strip("' ")[:NAME_CHARS] or "1"
    found, number = plain, 2
    while found.casefold() in taken:
        found = f"{plain[: NAME_CHARS - 3]} {number}"
        number += 1
    taken.add(found.casefold())
    return found
