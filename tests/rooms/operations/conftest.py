"""What tests of operations leave as they found it: this process's keys."""

import pytest

from participate.journal import keys
from tests.support.postgres_tools import name_folder


@pytest.fixture(autouse=True)
def _own_keys(monkeypatch):
    """Let a test make applications with keys of their own, and use PostgreSQL's programs."""
    monkeypatch.setattr(keys, "_ring", keys._ring)
    name_folder()
