"""Migrations go up and down with data on both engines, lead to the models, and keep the triggers."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade

from participate.db import Base, db, writing
from participate.journal.actions import NETWORK, record
from tests import makers
from tests.conftest import both_engines

MIGRATIONS = Path(__file__).parents[2] / "migrations"
PROTECTED = (
    "journal_entry", "checkpoint", "project_revision", "plan_version", "version_project", "seal", "dossier_addendum",
)  # fmt: skip
pytestmark = both_engines


def test_the_models_are_what_the_migrations_make(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_checks_of_the_models_are_in_the_database(app: Flask) -> None:
    inspector = sa.inspect(db.engine)
    missing = []
    for table in Base.metadata.sorted_tables:
        wanted = {c.name for c in table.constraints if isinstance(c, sa.CheckConstraint) and c.name}
        found = {c["name"] for c in inspector.get_check_constraints(table.name)}
        missing += sorted(f"{table.name}.{name}" for name in wanted - found)
    assert missing == []


def test_migrations_go_down_to_nothing_and_up_again_with_data(app: Flask) -> None:
    with writing():
        makers.a_plan()
        record(None, "collectivity:opened", NETWORK, "collectivity:1", {"slug": "x"})
        db.session.commit()
    db.session.remove()
    downgrade(revision="base")
    assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
    upgrade()
    with writing():
        makers.a_plan()
        db.session.commit()


def test_history_is_one_line(app: Flask) -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert len(script.get_heads()) == 1
    assert all(not revision.is_branch_point for revision in script.walk_revisions())


def test_what_was_published_cannot_be_changed(app: Flask, engine_name: str) -> None:
    with writing():
        made = makers.a_plan()
        record(None, "collectivity:opened", NETWORK, "collectivity:1", {"slug": "x"})
        db.session.commit()
    assert made.version
    for table, column in (
        ("project_revision", "number"),
        ("plan_version", "number"),
        ("version_project", "revision_id"),
        ("journal_entry", "seq"),
    ):
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with pytest.raises(sa.exc.DatabaseError, match="append-only"):
                db.session.execute(sa.text(statement))
            db.session.rollback()
        if engine_name == "postgresql":
            with pytest.raises(sa.exc.DatabaseError, match="append-only"):
                db.session.execute(sa.text(f"TRUNCATE {table} CASCADE"))
            db.session.rollback()


def test_every_protected_table_has_its_triggers(app: Flask, engine_name: str) -> None:
    if engine_name == "sqlite":
        rows = db.session.execute(
            sa.text("SELECT tbl_name, count(*) FROM sqlite_master WHERE type = 'trigger' GROUP BY 1")
        )
        wanted = 3
    else:
        rows = db.session.execute(
            sa.text(
                "SELECT c.relname, count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT tgisinternal GROUP BY 1"
            )
        )
        wanted = 2
    found = {name: count for name, count in rows}  # noqa: C416  dict() would take a Result, which has keys(), for a mapping
    assert found == dict.fromkeys(PROTECTED, wanted)


def test_scoped_tables_begin_their_key_with_the_collectivity(app: Flask) -> None:
    wrong = [
        table.name
        for table in Base.metadata.sorted_tables
        if "collectivity_id" in table.columns
        and table.primary_key.columns.keys()[0] != "collectivity_id"
        and table.name not in {"chain", "checkpoint"}
    ]
    assert wrong == []
