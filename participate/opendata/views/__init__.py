"""Files for machines, and the pages on which anybody checks the record."""

from __future__ import annotations

from typing import Any

from participate.opendata.views import files, record
from participate.web import pages

blueprints = (files.bp, files.api, record.bp)


def init_app(_app: Any) -> None:
    """Say where open data and the record live."""
    pages.register_homes({"opendata": "opendata.index", **record.HOMES})
