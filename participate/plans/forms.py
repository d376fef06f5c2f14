"""Forms of the plan's desk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from participate.db import Words
from participate.plans.queries import LANGS, TEXTS, MilestoneView, WorkingProject
from participate.rules.outcomes import ChangeCause, Principle
from participate.rules.text import is_blank
from participate.web.forms import Cleaned, DayField, Form, unchosen

TITLE_CHARS = 150
LINE_CHARS = 300
SUMMARY_CHARS = 600
BODY_CHARS = 6000
NOTE_CHARS = 500
BUDGET_MAX = 10**12
"""Dirhams; a slip of the finger beyond this is refused."""
MILESTONES_MAX = 40

MILESTONE_FIELDS = (
    "title_ar", "title_fr", "title_en", "starts", "ends", "indicator_ar", "indicator_fr", "indicator_en",
)  # fmt: skip

LIMITS = {
    "title": TITLE_CHARS,
    "summary": SUMMARY_CHARS,
    "problem": BODY_CHARS,
    "solution": BODY_CHARS,
    "expected_result": SUMMARY_CHARS,
    "lead": LINE_CHARS,
    "partners": LINE_CHARS,
}
ONE_LINE = frozenset({"title", "lead", "partners"})
LABELS = {
    ("title", "ar"): _l("Title, in Arabic"),
    ("title", "fr"): _l("Title, in French"),
    ("title", "en"): _l("Title, in English"),
    ("summary", "ar"): _l("Summary, in Arabic"),
    ("summary", "fr"): _l("Summary, in French"),
    ("summary", "en"): _l("Summary, in English"),
    ("problem", "ar"): _l("The problem, in Arabic"),
    ("problem", "fr"): _l("The problem, in French"),
    ("problem", "en"): _l("The problem, in English"),
    ("solution", "ar"): _l("The proposed solution, in Arabic"),
    ("solution", "fr"): _l("The proposed solution, in French"),
    ("solution", "en"): _l("The proposed solution, in English"),
    ("expected_result", "ar"): _l("Expected result, in Arabic"),
    ("expected_result", "fr"): _l("Expected result, in French"),
    ("expected_result", "en"): _l("Expected result, in English"),
    ("lead", "ar"): _l("Service in charge, in Arabic"),
    ("lead", "fr"): _l("Service in charge, in French"),
    ("lead", "en"): _l("Service in charge, in English"),
    ("partners", "ar"): _l("Partners, in Arabic"),
    ("partners", "fr"): _l("Partners, in French"),
    ("partners", "en"): _l("Partners, in English"),
}


class ChecksField(SelectMultipleField):
    """Several choices, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DirhamsField(IntegerField):
    """An amount of dirhams; people write it with spaces or points between thousands."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the digits."""
        if not valuelist:
            return
        super().process_formdata([re.sub(r"[\s.,\u00a0\u202f]", "", valuelist[0])])


def words_of(form: Form, name: str) -> Words:
    """Return the languages of one text of a form."""
    return {lang: form[f"{name}_{lang}"].data or "" for lang in LANGS if f"{name}_{lang}" in form}


class PlanForm(Form):
    """A plan: its two years, its name and what it is about."""

    cycle = StringField(
        _l("Cycle (two years, such as 2026-2027)"), validators=[InputRequired(), Regexp(r"^\d{4}-\d{4}$")]
    )
    title_ar = StringField(_l("Title, in Arabic"), validators=[Cleaned(TITLE_CHARS, minimum=3)])
    title_fr = StringField(_l("Title, in French"), validators=[Cleaned(TITLE_CHARS)])
    summary_ar = TextAreaField(_l("Summary, in Arabic"), validators=[Cleaned(SUMMARY_CHARS)])
    summary_fr = TextAreaField(_l("Summary, in French"), validators=[Cleaned(SUMMARY_CHARS)])
    starts_on = DayField(_l("First day"), validators=[InputRequired()])
    ends_on = DayField(_l("Last day"), validators=[InputRequired()])

    def validate_ends_on(self, field: DayField) -> None:
        """Refuse a plan that ends before it begins."""
        if self.starts_on.data and field.data and field.data <= self.starts_on.data:
            raise ValidationError(
                self.meta.get_translations(self).gettext("The last day comes after the first.")
            )


class AxisForm(Form):
    """An axis: its name in the languages of the plan."""

    slug = StringField(
        _l("Short name for the address, in Latin letters"),
        validators=[
            InputRequired(),
            Regexp(r"^[a-z][a-z0-9-]{1,58}$", message=_l("Use small Latin letters, digits and hyphens.")),
        ],
    )
    title_ar = StringField(_l("Name of the axis, in Arabic"), validators=[Cleaned(TITLE_CHARS, minimum=2)])
    title_fr = StringField(_l("Name of the axis, in French"), validators=[Cleaned(TITLE_CHARS)])
    title_en = StringField(_l("Name of the axis, in English"), validators=[Cleaned(TITLE_CHARS)])
    description_ar = TextAreaField(_l("What it is about, in Arabic"), validators=[Cleaned(SUMMARY_CHARS)])
    description_fr = TextAreaField(_l("What it is about, in French"), validators=[Cleaned(SUMMARY_CHARS)])
    description_en = TextAreaField(_l("What it is about, in English"), validators=[Cleaned(SUMMARY_CHARS)])


class NewProjectForm(Form):
    """The least a project begins with."""

    title_ar = StringField(_l("Title, in Arabic"), validators=[Cleaned(TITLE_CHARS, minimum=3)])
    title_fr = StringField(_l("Title, in French"), validators=[Cleaned(TITLE_CHARS)])
    axis_id = SelectField(_l("Axis"), coerce=int, validators=[InputRequired()])


class VersionForm(Form):
    """The note that goes with a version."""

    note_ar = TextAreaField(
        _l("What this version brings, in Arabic (public)"), validators=[Cleaned(NOTE_CHARS)]
    )
    note_fr = TextAreaField(
        _l("What this version brings, in French (public)"), validators=[Cleaned(NOTE_CHARS)]
    )


class ConfirmForm(Form):
    """A button."""


class ProjectBase(Form):
    """What every project form has, whatever its number of milestone rows."""

    row_version = HiddenField()
    axis_id = SelectField(_l("Axis"), coerce=int, validators=[InputRequired()])
    principles = ChecksField(_l("Principles of openness it serves"), validators=[unchosen()])
    budget_mad = DirhamsField(_l("Budget, in dirhams"), validators=[Optional()])
    change_cause = SelectField(_l("Why these words change"), validators=[unchosen()])
    change_note_ar = StringField(_l("In a sentence, in Arabic (public)"), validators=[Cleaned(NOTE_CHARS)])
    change_note_fr = StringField(_l("In a sentence, in French (public)"), validators=[Cleaned(NOTE_CHARS)])
    rows = 0

    def validate_budget_mad(self, field: IntegerField) -> None:
        """Refuse a budget below zero or beyond all measure."""
        if field.data is not None and not 0 <= field.data <= BUDGET_MAX:
            raise ValidationError(
                self.meta.get_translations(self).gettext("Write the budget in dirhams, without cents.")
            )

    def milestone_fields(self, row: int) -> dict[str, Any]:
        """Return the fields of one row by their short names."""
        return {name: self[f"milestone_{row}_{name}"] for name in MILESTONE_FIELDS}

    def milestones(self, without: int | None = None) -> list[dict[str, Any]]:
        """Return the rows in which something is written, without one."""
        found = []
        for row in range(self.rows):
            fields = self.milestone_fields(row)
            if row == without or not any(field.data for field in fields.values()):
                continue
            found.append(
                {
                    "title": {lang: fields[f"title_{lang}"].data or "" for lang in LANGS},
                    "starts": _iso(fields["starts"].data),
                    "ends": _iso(fields["ends"].data),
                    "indicator": {lang: fields[f"indicator_{lang}"].data or "" for lang in LANGS},
                }
            )
        return found

    def require_milestones(self, *, title: str, dates: str, order: str) -> bool:
        """Ask of each written row an Arabic title and two days in order; put what is missing beside it."""
        good = True
        for row in range(self.rows):
            fields = self.milestone_fields(row)
            if not any(field.data for field in fields.values()):
                continue
            if is_blank(fields["title_ar"].data or ""):
                fields["title_ar"].errors = [title]
                good = False
            starts, ends = fields["starts"].data, fields["ends"].data
            if starts is None or ends is None:
                fields["ends" if starts else "starts"].errors = [dates]
                good = False
            elif ends < starts:
                fields["ends"].errors = [order]
                good = False
        return good

    def texts(self, *, without: int | None = None) -> dict[str, Any]:
        """Return what was typed as the texts of a project, without one row of milestones."""
        return {
            **{name: words_of(self, name) for name in TEXTS},
            "axis_id": self.axis_id.data,
            "principles": [p.value for p in Principle if p.value in (self.principles.data or [])],
            "budget_mad": self.budget_mad.data,
            "milestones": self.milestones(without),
            "change_cause": ChangeCause(self.change_cause.data or ChangeCause.NONE_STATED.value),
            "change_note": {"ar": self.change_note_ar.data or "", "fr": self.change_note_fr.data or ""},
        }


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None


@lru_cache(maxsize=MILESTONES_MAX + 1)
def project_form(rows: int) -> type[ProjectBase]:
    """Return the form of a project with this many rows for milestones."""
    fields: dict[str, Any] = {"rows": rows}
    for name in TEXTS:
        for lang in LANGS:
            kind = StringField if name in ONE_LINE else TextAreaField
            fields[f"{name}_{lang}"] = kind(LABELS[name, lang], validators=[Cleaned(LIMITS[name])])
    for row in range(rows):
        fields |= {
            f"milestone_{row}_title_ar": StringField(
                _l("Milestone, in Arabic"), validators=[Cleaned(LINE_CHARS)]
            ),
            f"milestone_{row}_title_fr": StringField(
                _l("Milestone, in French"), validators=[Cleaned(LINE_CHARS)]
            ),
            f"milestone_{row}_title_en": StringField(
                _l("Milestone, in English"), validators=[Cleaned(LINE_CHARS)]
            ),
            f"milestone_{row}_starts": DayField(_l("Begins"), validators=[Optional()]),
            f"milestone_{row}_ends": DayField(_l("Ends"), validators=[Optional()]),
            f"milestone_{row}_indicator_ar": StringField(
                _l("How we will know, in Arabic"), validators=[Cleaned(LINE_CHARS)]
            ),
            f"milestone_{row}_indicator_fr": StringField(
                _l("How we will know, in French"), validators=[Cleaned(LINE_CHARS)]
            ),
            f"milestone_{row}_indicator_en": StringField(
                _l("How we will know, in English"), validators=[Cleaned(LINE_CHARS)]
            ),
        }
    return type("ProjectForm", (ProjectBase,), fields)


def rows_sent(sent: Mapping[str, Any]) -> int:
    """Return how many rows of milestones a form that was sent has."""
    found = [int(m.group(1)) for name in sent if (m := re.fullmatch(r"milestone_(\d{1,2})_\w+", name))]
    return min(max(found, default=-1) + 1, MILESTONES_MAX)


def data_of(project: WorkingProject) -> dict[str, Any]:
    """Return a working copy as the data of its form."""
    data: dict[str, Any] = {
        "row_version": str(project.row_version),
        "axis_id": project.axis.id,
        "principles": list(project.principles),
        "budget_mad": project.budget_mad,
        "change_cause": project.change_cause.value,
        "change_note_ar": (project.change_note or {}).get("ar", ""),
        "change_note_fr": (project.change_note or {}).get("fr", ""),
    }
    for name in TEXTS:
        for lang in LANGS:
            data[f"{name}_{lang}"] = getattr(project, name).get(lang, "")
    for row, milestone in enumerate(project.milestones):
        data |= {f"milestone_{row}_{name}": value for name, value in _milestone_data(milestone).items()}
    return data


def _milestone_data(milestone: MilestoneView) -> dict[str, Any]:
    texts = {
        f"{name}_{lang}": getattr(milestone, name).get(lang, "")
        for name in ("title", "indicator")
        for lang in LANGS
    }
    return {**texts, "starts": milestone.starts, "ends": milestone.ends}
