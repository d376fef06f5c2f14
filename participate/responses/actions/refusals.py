"""Why an act on an answer is refused."""

from __future__ import annotations

from sqlalchemy.orm.exc import StaleDataError


class NoSuchThingError(Exception):
    """A consultation, idea, theme, project or response that is not here; holds what and its key."""


class NotAnswerableError(Exception):
    """A text that is owed no answer: a reply, or withdrawn, hidden, joined to another; holds its key."""


class ReasonMissingError(Exception):
    """A no, or a not now, without the reason in Arabic that people are owed; holds the decision."""


class TextMissingError(Exception):
    """An answer without its text in Arabic."""


class TargetMissingError(Exception):
    """An idea merged without saying with which idea or project."""


class MergedWithItselfError(Exception):
    """An idea merged with itself or with one that was merged into it; holds its key."""


class ApprovedError(Exception):
    """An approved response must be reopened before its words change; holds its key."""


class PublishedError(Exception):
    """A published response stays as people read it; holds its key."""


class NotJudgeableError(Exception):
    """A text whose answer nobody has published: there is nothing to be satisfied with; holds its key."""


class RoundOverError(Exception):
    """The consultation belongs to a round that the council returned: it is kept as it was."""


class ThemeInUseError(Exception):
    """A theme with contributions or an answer cannot be removed; holds its key."""


class ChangedMeanwhileError(StaleDataError):
    """A colleague wrote at the same time; what they wrote is kept."""
