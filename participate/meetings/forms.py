"""The form of a meeting and its parts: rows without words are left out, more rows are one button away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from participate.db import Words
from participate.meetings.parts import AgendaLine, Count, Group, Note
from participate.meetings.queries import MeetingView, PlanChoice
from participate.rules.outcomes import MeetingAudience
from participate.rules.text import guess_lang
from participate.rules.windows import CASABLANCA
from participate.web import i18n, labels
from participate.web.forms import Cleaned, DayField, Form, Row, unchosen

TITLE_CHARS = 250
MINUTES_CHARS = 8000
NOTE_CHARS = 1500
GROUPS = 6
PEOPLE = 100_000
ROWS = {"groups": GROUPS, "agenda": 40, "notes": 80}
"""Most rows of each part."""
BLANK = {"groups": 2, "agenda": 3, "notes": 3}
"""Empty rows offered at once."""
LARGEST = (1 << 63) - 1


class _Titled(Row):
    """A row with a title in several languages; the English one travels along unseen."""

    title_ar = StringField(_l("Title, in Arabic"), validators=[Cleaned(TITLE_CHARS)])
    title_fr = StringField(_l("Title, in French"), validators=[Cleaned(TITLE_CHARS)])
    title_en = HiddenField(validators=[Cleaned(TITLE_CHARS)])

    @property
    def words(self) -> Words:
        """Return the title by language."""
        return _words(self.title_ar, self.title_fr, self.title_en)

    @property
    def blank(self) -> bool:
        """Whether nothing was written in the row."""
        return not {"ar", "fr"} & self.words.keys()


class GroupRow(_Titled):
    """A working group."""

    projects = StringField(_l("Numbers of its projects"), validators=[Cleaned(120)])

    def validate_projects(self, field: Any) -> None:
        """Refuse what is not a list of numbers."""
        if any(not one.isascii() or not one.isdigit() or len(one) > 5 for one in _numbers(field.data)):
            raise ValidationError(_("Write numbers with commas between them, such as 1, 3, 4."))


class AgendaRow(_Titled):
    """A line of the agenda."""

    starts = TimeField(_l("From"), validators=[Optional()])
    ends = TimeField(_l("Until"), validators=[Optional()])
    group = SelectField(_l("Group"), choices=[], validators=[Optional()], validate_choice=False)


class CountRow(Row):
    """How many people of one audience came."""

    women = IntegerField(_l("Women"), default=0, validators=[Optional(), NumberRange(0, PEOPLE)])
    men = IntegerField(_l("Men"), default=0, validators=[Optional(), NumberRange(0, PEOPLE)])
    not_stated = IntegerField(_l("Not stated"), default=0, validators=[Optional(), NumberRange(0, PEOPLE)])


class NoteRow(Row):
    """A point noted in the room."""

    text = TextAreaField(_l("What was said"), validators=[Cleaned(NOTE_CHARS)])
    group = SelectField(_l("Group"), choices=[], validators=[Optional()], validate_choice=False)
    project = IntegerField(_l("Number of the project"), validators=[Optional(), NumberRange(1, 99999)])

    @property
    def blank(self) -> bool:
        """Whether nothing was written in the row."""
        return not self.text.data


class MeetingForm(Form):
    """A meeting with its agenda, groups, attendance, notes and minutes."""

    plan = SelectField(_l("Plan"), choices=[], validators=[unchosen()])
    title_ar = StringField(
        _l("Title, in Arabic"), validators=[InputRequired(), Cleaned(TITLE_CHARS, minimum=2)]
    )
    title_fr = StringField(_l("Title, in French"), validators=[Cleaned(TITLE_CHARS)])
    title_en = StringField(_l("Title, in English"), validators=[Cleaned(TITLE_CHARS)])
    venue_ar = StringField(
        _l("Place, in Arabic"), validators=[InputRequired(), Cleaned(TITLE_CHARS, minimum=2)]
    )
    venue_fr = StringField(_l("Place, in French"), validators=[Cleaned(TITLE_CHARS)])
    venue_en = StringField(_l("Place, in English"), validators=[Cleaned(TITLE_CHARS)])
    day = DayField(_l("Day"), validators=[InputRequired()])
    starts = TimeField(_l("From"), validators=[InputRequired()])
    ends = TimeField(_l("Until"), validators=[InputRequired()])
    groups = FieldList(FormField(GroupRow), max_entries=ROWS["groups"])
    agenda = FieldList(FormField(AgendaRow), max_entries=ROWS["agenda"])
    attendance = FieldList(FormField(CountRow), max_entries=len(MeetingAudience))
    notes = FieldList(FormField(NoteRow), max_entries=ROWS["notes"])
    minutes_ar = TextAreaField(_l("Minutes, in Arabic"), validators=[Cleaned(MINUTES_CHARS)])
    minutes_fr = TextAreaField(_l("Minutes, in French"), validators=[Cleaned(MINUTES_CHARS)])
    minutes_en = HiddenField(validators=[Cleaned(MINUTES_CHARS)])
    row_version = IntegerField(
        widget=HiddenInput(), default=0, validators=[InputRequired(), NumberRange(0, LARGEST)]
    )

    def offer(self, plans: tuple[PlanChoice, ...], *, blank: bool = True, more: str = "") -> None:
        """Set the choices, the six audiences, and empty rows to write in."""
        self.plan.choices = [
            ("", _("No plan")),
            *((str(one.id), f"{one.cycle} · {i18n.plain(one.title)}") for one in plans),
        ]
        while len(self.attendance) < len(MeetingAudience):
            self.attendance.append_entry()
        if blank:
            for name, rows in BLANK.items():
                part = self._fields[name]
                empty = sum(1 for row in part if row.form.blank)
                wanted = rows if name != more else empty + rows
                while empty < wanted and len(part) < ROWS[name]:
                    part.append_entry()
                    empty += 1
        choices = [("", _("everybody")), *((str(n), str(n)) for n in range(1, GROUPS + 1))]
        for row in (*self.agenda, *self.notes):
            row.form.group.choices = choices

    # --- what the action needs ------------------------------------------------------------------------

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """Return when it begins and ends; only on a valid form."""
        return self._at(self.starts.data), self._at(self.ends.data)

    def _at(self, clock_time: time | None) -> datetime:
        assert isinstance(self.day.data, date)
        assert clock_time is not None
        return datetime.combine(self.day.data, clock_time, CASABLANCA)

    @property
    def title_words(self) -> Words:
        """Return the title by language."""
        return _words(self.title_ar, self.title_fr, self.title_en)

    @property
    def venue_words(self) -> Words:
        """Return the place by language."""
        return _words(self.venue_ar, self.venue_fr, self.venue_en)

    @property
    def minutes_words(self) -> Words | None:
        """Return the minutes by language."""
        return _words(self.minutes_ar, self.minutes_fr, self.minutes_en) or None

    @property
    def plan_id(self) -> int | None:
        """Return the chosen plan."""
        return int(self.plan.data) if self.plan.data else None

    def group_rows(self) -> tuple[Group, ...]:
        """Return the groups; the number of a group is the place of its row."""
        return tuple(
            Group(place, row.form.words, tuple(int(one) for one in _numbers(row.form.projects.data)))
            for place, row in enumerate(self.groups, 1)
            if not row.form.blank
        )

    def agenda_rows(self) -> tuple[AgendaLine, ...]:
        """Return the agenda, earliest first; only on a valid form."""
        lines = [
            AgendaLine(
                self._at(row.form.starts.data),
                self._at(row.form.ends.data),
                row.form.words,
                _group(row.form.group.data),
            )
            for row in self.agenda
            if not row.form.blank
        ]
        return tuple(sorted(lines, key=lambda one: (one.starts_at, one.group or 0)))

    def counts(self) -> tuple[Count, ...]:
        """Return how many came, audiences without anybody left out."""
        found = [
            Count(audience, row.form.women.data or 0, row.form.men.data or 0, row.form.not_stated.data or 0)
            for audience, row in zip(MeetingAudience, self.attendance, strict=False)
        ]
        return tuple(one for one in found if one.women or one.men or one.not_stated)

    def note_rows(self) -> tuple[Note, ...]:
        """Return what the groups noted, each in the language it is written in."""
        return tuple(
            Note(
                row.form.text.data or "",
                guess_lang(row.form.text.data or ""),
                _group(row.form.group.data),
                row.form.project.data,
            )
            for row in self.notes
            if not row.form.blank
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask also for the times of written agenda lines, within the meeting, and for groups that exist."""
        good = super().validate(extra_validators)
        if self.starts.data and self.ends.data and self.starts.data >= self.ends.data:
            self.ends.errors = [_("It ends before it begins.")]
            good = False
        known = {one.number for one in self.group_rows()} if not self.groups.errors else set()
        for row in self.agenda:
            good = self._line_fits(row.form) and good if not row.form.blank else good
        for row in (*self.agenda, *self.notes):
            if not row.form.blank and row.form.group.data and _group(row.form.group.data) not in known:
                row.form.group.errors = [_("Write the title of this group first.")]
                good = False
        return good

    def _line_fits(self, line: Any) -> bool:
        if line.starts.data is None or line.ends.data is None:
            line.starts.errors = [_("Say from when until when.")]
            return False
        if line.starts.data >= line.ends.data:
            line.ends.errors = [_("It ends before it begins.")]
            return False
        if (self.starts.data and line.starts.data < self.starts.data) or (
            self.ends.data and line.ends.data > self.ends.data
        ):
            line.starts.errors = [_("This is outside the hours of the meeting.")]
            return False
        return True

    def to_mend(self) -> Iterator[tuple[str, str]]:
        """Give, for the summary, the anchor and the words of every error, those of rows too."""
        for field in self:
            if isinstance(field, FieldList):
                for place, row in enumerate(field, 1):
                    for part in row.form:
                        if part.errors:
                            name = f"{part_name(field.name)} {_row_name(field.name, place)}"
                            yield part.id, f"{name} · {part.label.text}: {part.errors[0]}"
            elif field.errors:
                yield field.id, f"{field.label.text}: {field.errors[0]}"


def part_name(name: str) -> str:
    """Return the words for a part of the form."""
    return {
        "groups": _("Working groups"),
        "agenda": _("Agenda"),
        "attendance": _("Who came"),
        "notes": _("What was noted"),
    }[name]


def _row_name(name: str, place: int) -> str:
    if name == "attendance":
        return labels.meeting_audience(list(MeetingAudience)[place - 1])
    return str(place)


def _words(arabic: Any, french: Any, english: Any) -> Words:
    found = {"ar": arabic.data, "fr": french.data, "en": english.data}
    return {lang: text for lang, text in found.items() if text}


def _numbers(text: str | None) -> list[str]:
    return [one for one in (text or "").replace("،", ",").replace(" ", ",").split(",") if one]


def _group(value: str | None) -> int | None:
    if value and value.isascii() and value.isdigit() and len(value) < 3:
        return int(value)
    return None if not value else 0


def filled(view: MeetingView) -> dict[str, Any]:
    """Return the fields of a meeting that exists."""
    return {
        "plan": str(view.plan_id or ""),
        **{f"title_{lang}": view.title.get(lang, "") for lang in ("ar", "fr", "en")},
        **{f"venue_{lang}": view.venue.get(lang, "") for lang in ("ar", "fr", "en")},
        **{f"minutes_{lang}": view.minutes.get(lang, "") for lang in ("ar", "fr", "en")},
        "day": view.starts_at.astimezone(CASABLANCA).date(),
        "starts": _clock(view.starts_at),
        "ends": _clock(view.ends_at),
        "row_version": view.row_version,
        "groups": _group_rows(view),
        "agenda": [
            {
                **_titles(one.title),
                "starts": _clock(one.starts_at),
                "ends": _clock(one.ends_at),
                "group": str(one.group or ""),
            }
            for one in view.agenda
        ],
        "attendance": [_count(view, audience) for audience in MeetingAudience],
        "notes": [
            {
                "text": one.text,
                "group": str(one.group or ""),
                "project": one.project.number if one.project else None,
            }
            for one in view.notes
        ],
    }


def _group_rows(view: MeetingView) -> list[dict[str, str]]:
    """Return the groups, each at the row of its number, with empty rows between."""
    found = {one.number: one for one in view.groups}
    return [
        {**_titles(found[n].title), "projects": ", ".join(str(p.number) for p in found[n].projects)}
        if n in found
        else {}
        for n in range(1, min(max(found, default=0), GROUPS) + 1)
    ]


def _titles(words: Words) -> dict[str, str]:
    return {f"title_{lang}": words.get(lang, "") for lang in ("ar", "fr", "en")}


def _clock(moment: datetime) -> time:
    return moment.astimezone(CASABLANCA).time().replace(second=0, microsecond=0)


def _count(view: MeetingView, audience: MeetingAudience) -> dict[str, int]:
    one = next((count for count in view.attendance if count.audience is audience), None)
    return {
        "women": one.women if one else 0,
        "men": one.men if one else 0,
        "not_stated": one.not_stated if one else 0,
    }
