"""The texts of a project, in which languages, and which it cannot do without."""

from __future__ import annotations

from typing import Protocol

TEXTS = ("title", "summary", "problem", "solution", "expected_result", "lead", "partners")
"""The fields of a project that are written in several languages."""
LANGS = ("ar", "fr", "en")
"""Languages in which the words of a plan are written."""
REQUIRED = ("title", "problem", "solution")
"""What a project must say in Arabic before its review. Source: design/1, "Lifecycle of a plan"."""


class Keyed(Protocol):
    """Anything that names one row of one collectivity: a model or a view."""

    @property
    def collectivity_id(self) -> int:
        """Owner of the row."""
        ...

    @property
    def id(self) -> int:
        """Key of the row."""
        ...
