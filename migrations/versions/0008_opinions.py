"""Imported conversations, and the tendencies computed after the close.

Revision ID: 0008
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from participate.db import UtcDateTime

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables and columns; no plan was a shell before."""
    op.add_column(
        "action_plan",
        sa.Column(
            "shell",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="only holds imported conversations: outside the lifecycle, in no list",
        ),
    )
    op.add_column(
        "participant",
        sa.Column(
            "external_group",
            sa.String(40),
            nullable=True,
            comment="the group another platform had put an imported voice in",
        ),
    )
    op.create_table(
        "imported_statement",
        sa.Column("collectivity_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.String(80), nullable=False),
        sa.Column("author", sa.String(80), nullable=True, comment="external id of who wrote it"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(12), nullable=False),
        sa.Column(
            "moderated", sa.BigInteger(), nullable=False, comment="1 accepted, 0 not looked at, -1 taken away"
        ),
        sa.Column(
            "meta", sa.Boolean(), nullable=False, comment="a question about who answers, not a view"
        ),
        sa.CheckConstraint("moderated IN (-1, 0, 1)", name=op.f("ck_imported_statement_moderated")),
        sa.ForeignKeyConstraint(
            ["collectivity_id"], ["collectivity.id"], name=op.f("fk_imported_statement_collectivity_id")
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "consultation_id"],
            ["consultation.collectivity_id", "consultation.id"],
            name=op.f("fk_imported_statement_collectivity_id_consultation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "statement_id"],
            ["statement.collectivity_id", "statement.id"],
            name=op.f("fk_imported_statement_collectivity_id_statement_id"),
        ),
        sa.PrimaryKeyConstraint("collectivity_id", "statement_id", name=op.f("pk_imported_statement")),
        sa.UniqueConstraint(
            "collectivity_id",
            "consultation_id",
            "external_id",
            name="uq_imported_statement_external",
        ),
    )
    op.create_table(
        "opinion_map",
        sa.Column("collectivity_id", sa.BigInteger(), nullable=False, comment="owner of the row"),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("schema", sa.String(40), nullable=False),
        sa.Column("input_sha256", sa.String(64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False, comment="canonical JSON; holds no participant"),
        sa.Column("computed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collectivity_id"], ["collectivity.id"], name=op.f("fk_opinion_map_collectivity_id")
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "consultation_id"],
            ["consultation.collectivity_id", "consultation.id"],
            name=op.f("fk_opinion_map_collectivity_id_consultation_id"),
        ),
        sa.PrimaryKeyConstraint("collectivity_id", "id", name=op.f("pk_opinion_map")),
        sa.UniqueConstraint(
            "collectivity_id",
            "consultation_id",
            name=op.f("uq_opinion_map_collectivity_id_consultation_id"),
        ),
    )


def downgrade() -> None:
    """Forget them; imported conversations stay as consultations without words."""
    op.drop_table("opinion_map")
    op.drop_table("imported_statement")
    op.drop_column("participant", "external_group")
    op.drop_column("action_plan", "shell")
