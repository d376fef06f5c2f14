"""Why an act on a contribution is refused."""

from __future__ import annotations

from sqlalchemy.orm.exc import StaleDataError


class NotInThisConsultationError(Exception):
    """What the text is about is not part of the consultation; holds what and its key."""


class NoWordingError(Exception):
    """An amendment that says nothing new."""


class TooLateToRewriteError(Exception):
    """A returned text was sent again after its delay; holds the last moment."""


class NotReturnedError(Exception):
    """A text was sent again that nobody had returned; holds its state."""


class AlreadyCosignedError(Exception):
    """This voice has already put its name under the idea."""


class ChangedMeanwhileError(StaleDataError):
    """The text changed after its form was read; holds its key and the row version read."""
