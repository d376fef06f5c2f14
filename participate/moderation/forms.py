"""Forms of moderation: deciding, in bulk or alone, reporting, appealing, answering an appeal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from participate.contributions.actions import BODY_CHARS
from participate.moderation.queries import View
from participate.moderation.reasons import REASONS
from participate.rules.moderation import (
    MAX_FACTS_CHARS,
    AppealOutcome,
    Decision,
    DecisionRefusal,
    ReasonCode,
)
from participate.rules.outcomes import Section
from participate.web import i18n, labels
from participate.web.forms import Cleaned, Form

APPEAL_CHARS = 2000
IN_BULK = (Decision.PUBLISH, Decision.RETURN, Decision.HIDE)
"""What can be decided on several texts at once, as the queue offers it."""
ARTICLE_CHARS = 200
MASKABLE = ("title", "problem", "proposal", "place", "body", "amend_from", "amend_to")


def reason_choices(codes: Iterable[ReasonCode] | None = None) -> list[tuple[str, str]]:
    """Return the reasons for a list to choose from, an empty one first."""
    wanted = set(codes) if codes is not None else set(ReasonCode)
    found = [
        (one.code.value, f"{one.number} · {i18n.plain(one.label)}") for one in REASONS if one.code in wanted
    ]
    return [("", _("Choose a reason")), *found]


def decision_label(value: Decision) -> str:
    """Return what a moderator is about to do, as a button says it."""
    return {
        Decision.PUBLISH: _("Publish"),
        Decision.PUBLISH_REDACTED: _("Publish with a part masked"),
        Decision.MOVE: _("Move it"),
        Decision.MERGE: _("Join it to the same text"),
        Decision.RETURN: _("Return it for rewriting"),
        Decision.HIDE: _("Hide it"),
        Decision.REMOVE: _("Ask for its removal"),
        Decision.SUSPEND: _("Suspend the account"),
    }[value]


class _Deciding(Form):
    """What every decision asks: which, why, and what is told to the author."""

    reason = SelectField(_l("Reason"), choices=[])
    facts = TextAreaField(
        _l("What you saw (the author reads this)"), validators=[Cleaned(MAX_FACTS_CHARS), Optional()]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = reason_choices()

    @property
    def reason_code(self) -> ReasonCode | None:
        """Return the chosen reason."""
        return ReasonCode(self.reason.data) if self.reason.data in set(ReasonCode) else None

    def blame(self, refusals: Iterable[DecisionRefusal]) -> None:
        """Put each refusal of the rules beside the field that can mend it."""
        for refusal in refusals:
            name, words = _blames()[refusal]
            field = self._fields.get(name)
            if field is None:
                self.form_errors.append(words)
            else:
                field.errors = [*field.errors, words]


def _blames() -> dict[DecisionRefusal, tuple[str, str]]:
    return {
        DecisionRefusal.REASON_MISSING: ("reason", _("Choose the reason: the author is owed one.")),
        DecisionRefusal.REASON_DOES_NOT_FIT: ("reason", _("This reason cannot bear this decision.")),
        DecisionRefusal.REASON_NOT_NEEDED: ("reason", _("Publishing needs no reason: leave this empty.")),
        DecisionRefusal.ARTICLE_MISSING: ("article", _("Name the law this rests on.")),
        DecisionRefusal.FACTS_MISSING: (
            "facts",
            _("Say in a sentence what you saw: this decision needs it."),
        ),
        DecisionRefusal.FACTS_TOO_LONG: ("facts", _("Keep this under 500 characters.")),
        DecisionRefusal.SECOND_PERSON_MISSING: ("decision", _("A second moderator must confirm this.")),
        DecisionRefusal.SECOND_PERSON_IS_THE_FIRST: ("decision", _("A second moderator must confirm this.")),
        DecisionRefusal.OWN_CONTENT: (
            "decision",
            _("You cannot decide on your own text, or on your association's."),
        ),
        DecisionRefusal.TARGET_MISSING: ("target", _("Say where the text goes.")),
    }


class Ladder(RadioField):
    """Radios that the page draws one by one, each with its key; the summary links to their fieldset."""


class DecisionForm(_Deciding):
    """One decision on one text."""

    decision = Ladder(_l("Decision"), choices=[], validators=[InputRequired(_l("Choose a decision."))])
    article = StringField(_l("The law it rests on"), validators=[Cleaned(ARTICLE_CHARS), Optional()])
    by_authority = BooleanField(_l("An authority asked for this (counted in the public log)"))
    target = SelectField(_l("Where it belongs"), choices=[], validate_choice=False)
    merge_ref = StringField(_l("Reference of the text it joins"), validators=[Cleaned(24)])
    masked_title = TextAreaField(_l("Title as everybody will read it"), validators=[Cleaned(300)])
    masked_problem = TextAreaField(
        _l("Problem as everybody will read it"), validators=[Cleaned(BODY_CHARS + 200)]
    )
    masked_proposal = TextAreaField(
        _l("Proposal as everybody will read it"), validators=[Cleaned(BODY_CHARS + 200)]
    )
    masked_place = TextAreaField(_l("Place as everybody will read it"), validators=[Cleaned(300)])
    masked_body = TextAreaField(_l("Text as everybody will read it"), validators=[Cleaned(BODY_CHARS + 200)])
    masked_amend_from = TextAreaField(
        _l("Present wording as everybody will read it"), validators=[Cleaned(BODY_CHARS + 200)]
    )
    masked_amend_to = TextAreaField(
        _l("Proposed wording as everybody will read it"), validators=[Cleaned(BODY_CHARS + 200)]
    )
    row_version = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(0, 1 << 40)])
    view = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decision.choices = [
            (one.value, decision_label(one)) for one in Decision if one is not Decision.SUSPEND
        ]

    @property
    def chosen(self) -> Decision:
        """Return the chosen decision."""
        return Decision(self.decision.data)

    @property
    def masked(self) -> dict[str, str]:
        """Return the texts as edited, by field of the contribution."""
        return {
            name: self._fields[f"masked_{name}"].data
            for name in MASKABLE
            if self._fields[f"masked_{name}"].data
        }


def view_of(value: str | None) -> View:
    """Return the list a moderator works through; the whole queue when the address says nothing useful."""
    return View(value) if value in set(View) else View.WAITING


class BulkForm(_Deciding):
    """One decision on the texts ticked in the queue."""

    decision = Ladder(
        _l("Decision for all the texts you ticked"),
        choices=[],
        validators=[InputRequired(_l("Choose a decision."))],
    )
    view = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decision.choices = [(one.value, decision_label(one)) for one in IN_BULK]


class SuspendForm(_Deciding):
    """Suspending the account of an author: what was seen is never left out."""

    facts = TextAreaField(
        _l("What you saw (the author reads this)"),
        validators=[
            InputRequired(_l("Say in a sentence what you saw: this decision needs it.")),
            Cleaned(MAX_FACTS_CHARS),
        ],
    )


class ReportForm(Form):
    """A citizen tells the moderators about a text."""

    reason = RadioField(
        _l("What is the matter?"), choices=[], validators=[InputRequired(_l("Choose what is the matter."))]
    )
    note = TextAreaField(_l("Anything the moderators should know"), validators=[Cleaned(500), Optional()])
    form_path = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = [(one.code.value, i18n.plain(one.label)) for one in REASONS]


class AppealForm(Form):
    """An author asks somebody else to look again."""

    text = TextAreaField(
        _l("Why do you think this decision is wrong?"), validators=[Cleaned(APPEAL_CHARS, minimum=10)]
    )


class AnswerForm(Form):
    """Another moderator answers an appeal."""

    outcome = RadioField(_l("Your answer"), choices=[], validators=[InputRequired(_l("Choose an answer."))])
    explanation = TextAreaField(
        _l("Your explanation (the author reads this)"), validators=[Cleaned(APPEAL_CHARS, minimum=10)]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about(Decision.HIDE)

    def about(self, decision: Decision) -> None:
        """Say what the author being right would change: against a suspension no text is published."""
        right = (
            _("The author is right: their account is open again")
            if decision is Decision.SUSPEND
            else _("The author is right: the text is published again")
        )
        self.outcome.choices = [
            (AppealOutcome.REVERSED.value, right),
            (AppealOutcome.CONFIRMED.value, _("The decision stands")),
        ]


class PlainForm(Form):
    """A button: only its token and key."""


def section_targets(targets: Iterable[Any]) -> list[tuple[str, str]]:
    """Return every section of every project as a choice, value “project-id:section”."""
    return [
        (f"{one.project_id}:{part.value}", f"{one.number} · {i18n.plain(one.title)} · {labels.section(part)}")
        for one in targets
        for part in Section
    ]


def refusal_words(refusal: DecisionRefusal) -> str:
    """Return the sentence for a refused decision."""
    return _blames()[refusal][1]
