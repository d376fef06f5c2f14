"""What tests of operations leave as they found it: this process's keys."""

import pytest

from participate.db import db, writing
from participate.journal import keys
from tests import makers
from tests.support.postgres_tools import name_folder


@pytest.fixture(autouse=True)
def _own_keys(sqlite_app, monkeypatch):
    """Let a test make applications with keys of their own, and use PostgreSQL's programs."""
    monkeypatch.setattr(keys, "_ring", keys._ring)
    name_folder()


@pytest.fixture
def plan(app):
    with writing():
        made = makers.a_plan()
        db.session.commit()
    return made


@pytest.fixture
def amal(app):
    with writing():
        person = makers.a_person()
        db.session.commit()
    return person
