"""Forms of the secretary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the published types
    BooleanField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from participate.council.queries import AMENDABLE, OnTheTable
from participate.plans.forms import ProjectBase, project_form, words_of
from participate.plans.queries import LANGS
from participate.rules.council import Call, MajorityRule, SessionKind
from participate.rules.outcomes import ProjectDecision
from participate.rules.session_calendar import SOURCES
from participate.web.forms import Cleaned, DayField, Form
from participate.web.i18n import lazy_gettext as _l

MEMBERS_MAX = 200
AGENDA_CHARS = 300
REFERENCE_CHARS = 80
REASON_CHARS = 2000
NOTE_CHARS = 4000
QUESTION_CHARS = 1500
ANSWER_CHARS = 4000
SOURCE_CHARS = 200


class SessionForm(Form):
    """A session that has the plan on its agenda."""

    kind = RadioField(
        _l("Kind of session"),
        choices=[
            SelectChoice(SessionKind.ORDINARY.value, _l("ordinary")),
            SelectChoice(SessionKind.EXTRAORDINARY.value, _l("extraordinary")),
        ],
        default=SessionKind.ORDINARY.value,
        validators=[InputRequired()],
    )
    opens_on = DayField(_l("Opening day of the session"), validators=[InputRequired()])
    agenda_ar = StringField(_l("Agenda item, in Arabic"), validators=[Optional(), Cleaned(AGENDA_CHARS)])
    agenda_fr = StringField(_l("Agenda item, in French"), validators=[Optional(), Cleaned(AGENDA_CHARS)])


class SittingForm(Form):
    """Who came. The absent are the rest."""

    call = SelectField(
        _l("Convocation"),
        coerce=int,
        choices=[
            SelectChoice(Call.FIRST.value, _l("first convocation")),
            SelectChoice(Call.SECOND.value, _l("second convocation")),
            SelectChoice(Call.THIRD.value, _l("third convocation")),
        ],
    )
    held_on = DayField(_l("Day of the sitting"), validators=[InputRequired()])
    held_at = TimeField(_l("Hour"), validators=[InputRequired()])
    in_office = IntegerField(
        _l("Members in office"), validators=[InputRequired(), NumberRange(min=1, max=MEMBERS_MAX)]
    )
    present = IntegerField(
        _l("Members present"), validators=[InputRequired(), NumberRange(min=0, max=MEMBERS_MAX)]
    )
    excused = IntegerField(
        _l("Members excused"), default=0, validators=[InputRequired(), NumberRange(min=0, max=MEMBERS_MAX)]
    )


class DeliberationForm(Form):
    """What the council decided. `for_projects` adds the fields of each project."""

    outcome = RadioField(_l("What did the council decide?"), validators=[InputRequired()])
    reference = StringField(
        _l("Number of the decision"), validators=[InputRequired(), Cleaned(REFERENCE_CHARS, minimum=1)]
    )
    decided_on = DayField(_l("Date of the decision"), validators=[InputRequired()])
    reason_ar = TextAreaField(
        _l("If it is returned: why, in Arabic"), validators=[Optional(), Cleaned(REASON_CHARS)]
    )
    reason_fr = TextAreaField(
        _l("If it is returned: why, in French"), validators=[Optional(), Cleaned(REASON_CHARS)]
    )

    projects: Sequence[OnTheTable] = ()

    def of(self, name: str, number: int) -> Any:
        """Return one field of one project."""
        return self[f"{name}_{number}"]


def amendment_form(rows: int, **data: Any) -> ProjectBase:
    """Return the form of what the council made of a project: the project's own, without what stays as it was."""
    form = project_form(rows)(**data)
    kept = {f"{name}_{lang}" for name in AMENDABLE for lang in LANGS} | {"budget_mad", "csrf_token", "key"}
    for name in list(form._fields):
        if name not in kept and not name.startswith("milestone_"):
            del form[name]
    return form


def amended(form: ProjectBase) -> dict[str, Any]:
    """Return what was typed as fields of a project."""
    texts: dict[str, Any] = {
        name: words_of(form, name) for name in AMENDABLE if name not in {"budget_mad", "milestones"}
    }
    return {**texts, "budget_mad": form.budget_mad.data, "milestones": form.milestones()}


def _count(label: Any) -> IntegerField:
    return IntegerField(label, default=0, validators=[InputRequired(), NumberRange(min=0, max=MEMBERS_MAX)])


def _text(label: Any) -> TextAreaField:
    return TextAreaField(label, validators=[Optional(), Cleaned(REASON_CHARS)])


VOTE_FIELDS = (
    "decision",
    "in_favour",
    "against",
    "abstain",
    "reason_ar",
    "reason_fr",
    "amendment_ar",
    "amendment_fr",
)


def for_projects(projects: Sequence[OnTheTable]) -> type[DeliberationForm]:
    """Return the form with eight fields for each project on the table."""
    fields: dict[str, Any] = {"projects": projects}
    for one in projects:
        fields |= {
            f"decision_{one.number}": SelectField(
                _l("What the council decided"),
                default=ProjectDecision.ADOPTED.value,
                validators=[InputRequired()],
            ),
            f"in_favour_{one.number}": _count(_l("Votes for")),
            f"against_{one.number}": _count(_l("Votes against")),
            f"abstain_{one.number}": _count(_l("Abstentions")),
            f"reason_ar_{one.number}": _text(_l("Why, in Arabic")),
            f"reason_fr_{one.number}": _text(_l("Why, in French")),
            f"amendment_ar_{one.number}": _text(_l("Words of the amendment, in Arabic")),
            f"amendment_fr_{one.number}": _text(_l("Words of the amendment, in French")),
        }
    return type("DeliberationOfPlanForm", (DeliberationForm,), fields)


class NoteForm(Form):
    """What a councillor notes for themselves about one project."""

    body = TextAreaField(_l("My note"), validators=[InputRequired(), Cleaned(NOTE_CHARS, minimum=1)])


class QuestionForm(Form):
    """A question to the officers."""

    text = TextAreaField(_l("My question"), validators=[InputRequired(), Cleaned(QUESTION_CHARS, minimum=3)])


class AnswerForm(Form):
    """The officers' answer."""

    text = TextAreaField(_l("The answer"), validators=[InputRequired(), Cleaned(ANSWER_CHARS, minimum=3)])


class ConfirmForm(Form):
    """A button."""


class AgendaForm(Form):
    """The day the agenda went to the governor."""

    sent_on = DayField(_l("Day on which the agenda went to the governor"), validators=[InputRequired()])


SETTING_LABELS = {
    "notice": _l("Days of notice before the review opens"),
    "review_lasts": _l("Days that the review lasts"),
    "review_closes": _l("Days before the session at which the review is closed"),
    "responses_approved": _l("Days before the session at which the answers are approved"),
    "agenda_to_governor": _l("Days before the session at which the agenda goes to the governor"),
    "dossier_to_councillors": _l("Days before the session at which councillors receive the dossier"),
    "decisions_published": _l("Days after the session at which the decisions are public"),
    "second_from": _l("Second convocation: days after the first, at the earliest"),
    "second_to": _l("Second convocation: days after the first, at the latest"),
    "third_after": _l("Third convocation: working days after the second"),
    "majority": _l("Majority that a decision needs"),
}
DAYS_MAX = 365


def settings_form(**data: Any) -> Form:
    """Return the form of a council's settings: each with its value, its source, and whether it is verified."""
    fields: dict[str, Any] = {}
    for name in SOURCES:
        label = SETTING_LABELS[name]
        fields[name] = (
            RadioField(label, validators=[InputRequired()])
            if name == "majority"
            else IntegerField(label, validators=[InputRequired(), NumberRange(min=0, max=DAYS_MAX)])
        )
        fields[f"source_{name}"] = StringField(
            _l("Where it comes from"), validators=[Optional(), Cleaned(SOURCE_CHARS, minimum=2)]
        )
        fields[f"verified_{name}"] = BooleanField(_l("A jurist checked it on the text of the law"))
    made: Form = type("CouncilSettingsForm", (Form,), fields)(**data)
    made["majority"].choices = [
        (MajorityRule.OF_VOTES_CAST.value, _("more than half of the votes cast; abstentions do not count")),
        (MajorityRule.OF_PRESENT.value, _("more than half of the members present")),
        (MajorityRule.OF_IN_OFFICE.value, _("more than half of the members in office")),
    ]
    return made


class ControlForm(Form):
    """Where the act stands with the authority of control."""

    state = RadioField(_l("Where the act stands"), validators=[InputRequired()])
    sent_on = DayField(_l("Sent on"), validators=[InputRequired()])
    settled_on = DayField(_l("Enforceable or refused on"), validators=[Optional()])
    reason_ar = TextAreaField(
        _l("If it is refused: why, in Arabic"), validators=[Optional(), Cleaned(REASON_CHARS)]
    )
    reason_fr = TextAreaField(
        _l("If it is refused: why, in French"), validators=[Optional(), Cleaned(REASON_CHARS)]
    )
