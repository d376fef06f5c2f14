"""Alembic's environment: migrations run inside the application, on its engine."""

from alembic import context
from flask import current_app

from participate.db import Base, UtcDateTime

config = context.config
target_metadata = Base.metadata


def render_item(kind, obj, autogen_context) -> str | bool:
    """Write our own column type by name, so that a migration does not import the application's enums."""
    if kind == "type" and isinstance(obj, UtcDateTime):
        autogen_context.imports.add("from participate.db import UtcDateTime")
        return "UtcDateTime()"
    return False


def run_migrations_online() -> None:
    """Run on the application's engine, one transaction for all."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            render_as_batch=sqlite,
            compare_type=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


if context.is_offline_mode():
    raise SystemExit("Migrations need a database: offline SQL would miss the triggers' checks.")
run_migrations_online()
