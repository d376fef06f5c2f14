"""Why an act of moderation is refused."""

from __future__ import annotations


class NotDecidableError(Exception):
    """A decision on a text that was withdrawn, removed or merged; holds its state."""


class AppealOpenError(Exception):
    """A decision on a text whose author has an open appeal: a colleague must answer it first."""


class NothingMaskedError(Exception):
    """A text to be published with a part masked, in which nothing was masked."""


class UnknownTargetError(Exception):
    """A text cannot be moved or merged there; holds what was named."""


class UndoTooLateError(Exception):
    """Ten seconds have passed, or the text has changed since; holds when it was decided."""


class AppealRefusedError(Exception):
    """An appeal that cannot be filed; holds every refusal."""


class AlreadyReportedError(Exception):
    """The same person reports the same text again."""


class RemovalPendingError(Exception):
    """A removal of this text already waits for a second person."""


class NobodyToSuspendError(Exception):
    """A text that no account of this platform wrote."""
