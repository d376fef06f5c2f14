"""Make the record and what was published immutable, by triggers on both engines.

The ORM cannot: a bulk UPDATE walks past its listeners. Holes closed here: SQLite's INSERT OR REPLACE
(refused by its own BEFORE INSERT trigger, whatever `recursive_triggers` says) and PostgreSQL's
TRUNCATE (a trigger of its own). A migration that rebuilds one of these tables in batch mode drops
its triggers and must call `protect` again; a house test looks.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = {
    "journal_entry": ("collectivity_id", "chain_id", "seq"),
    "checkpoint": ("id",),
    "project_revision": ("collectivity_id", "id"),
    "plan_version": ("collectivity_id", "id"),
    "version_project": ("collectivity_id", "version_id", "project_id"),
    "seal": ("collectivity_id", "id"),
}


def upgrade() -> None:
    """Protect every table."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """
            CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
            END $$
            """
        )
    for table, key in TABLES.items():
        protect(table, key)


def protect(table: str, key: tuple[str, ...]) -> None:
    """Refuse UPDATE, DELETE, and REPLACE or TRUNCATE on one table."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def downgrade() -> None:
    """Lift the protection."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        if postgresql:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        else:
            for verb in ("update", "delete", "replace"):
                op.execute(f"DROP TRIGGER {table}_no_{verb}")
    if postgresql:
        op.execute("DROP FUNCTION refuse_change()")
