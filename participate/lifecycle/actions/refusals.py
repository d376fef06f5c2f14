"""Why a move is refused, beside the needs that are not met."""

from __future__ import annotations


class NoSuchConsultationError(Exception):
    """The consultation that was named does not exist here."""


class NoReasonError(Exception):
    """A move that the public must be able to understand came without its reason."""


class AlreadyOpenError(Exception):
    """The dates of a consultation that has opened can only be extended; holds its state."""


class NotAdoptedError(Exception):
    """The council's recorded decision says otherwise; holds its outcome."""
