"""Fields, sections and what is missing, in words."""

from __future__ import annotations

from typing import Any

from babel.dates import format_date
from flask import Response
from flask_babel import gettext as _

from participate.plans import queries
from participate.plans.queries import FieldDifference, MilestoneView, WorkingProject
from participate.rules.text import Change, DiffOp, word_diff
from participate.web import i18n, labels, pages

# --- the working copy --------------------------------------------------


def missing_words(project: WorkingProject) -> str:
    """Return what a project lacks in Arabic, as words."""
    names = {
        queries.Missing.TITLE: _("the title"),
        queries.Missing.PROBLEM: _("the problem"),
        queries.Missing.SOLUTION: _("the solution"),
        queries.Missing.MILESTONE: _("a dated milestone"),
    }
    return listed([names[one] for one in project.missing])


def listed(names: list[str]) -> str:
    """Return names as one phrase, with the comma of the reader's language."""
    comma = "، " if i18n.lang() in {"ar", "zgh"} else ", "
    return comma.join(names)


def section_titles() -> dict[str, str]:
    """Return the headings of the editor."""
    return {
        "title": _("Title"),
        "summary": _("Summary"),
        "problem": _("The problem"),
        "solution": _("The proposed solution"),
        "expected_result": _("Expected result"),
        "lead": _("Service in charge"),
        "partners": _("Partners"),
    }


def saved_note(working: WorkingProject, text: str) -> Response:
    """Answer an autosave: the new row version and the time, put in place without touching the text."""
    return pages.page("plans/saved.html", row_version=working.row_version, text=text)


# --- public: versions and what changed ---------------------------------


def field_labels() -> dict[str, str]:
    """Return the names of the fields of a project, as comparisons show them."""
    return {
        **section_titles(),
        "milestones": _("Milestones"),
        "axis": _("Axis"),
        "axis_id": _("Axis"),
        "budget_mad": _("Budget"),
        "principles": _("Principles"),
        "change_cause": _("Why these words change"),
        "change_note": _("In a sentence"),
    }


def field_words(difference: FieldDifference) -> dict[str, Any]:
    """Return one difference as the page shows it: its name, and the comparison in readable values."""
    before, after = difference.before, difference.after
    pieces: tuple[Change, ...] = difference.pieces
    if difference.name == "budget_mad":
        # Whole amounts: digits compared one by one read as a third number.
        before, after = (i18n.money(int(v)) if v else i18n.money(None) for v in (before, after))
        pieces = (Change(DiffOp.DEL, before), Change(DiffOp.SAME, " "), Change(DiffOp.INS, after))
    if difference.name == "principles":
        before, after = (listed([labels.principle(p) for p in v.split()]) for v in (before, after))
        pieces = word_diff(before, after)
    return {"label": field_labels()[difference.name], "lang": difference.lang, "pieces": pieces}


def milestone_line(milestone: MilestoneView, lang: str) -> str:
    """Return a milestone as one line in one language, its months in that language too."""
    months = [
        format_date(day, "MMMM y", locale=i18n.LOCALES[lang])
        for day in (milestone.starts, milestone.ends)
        if day
    ]
    if len(set(months)) == 1:
        months = months[:1]
    parts = [milestone.title.get(lang, ""), " – ".join(months), milestone.indicator.get(lang, "")]
    return " · ".join(part for part in parts if part)
