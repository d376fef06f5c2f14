"""Keep the archive of each closed consultation.

Revision ID: 0006
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

import participate.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the worker fills it."""
    op.create_table(
        "closing_archive",
        sa.Column("collectivity_id", sa.BigInteger(), nullable=False, comment="owner of the row"),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="the zip"),
        sa.Column(
            "entry_hash", sa.String(length=64), nullable=False, comment="journal entry that records it"
        ),
        sa.Column("built_at", participate.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "consultation_id"],
            ["consultation.collectivity_id", "consultation.id"],
            name=op.f("fk_closing_archive_collectivity_id_consultation"),
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id"],
            ["collectivity.id"],
            name=op.f("fk_closing_archive_collectivity_id_collectivity"),
        ),
        sa.PrimaryKeyConstraint("collectivity_id", "id", name=op.f("pk_closing_archive")),
        sa.UniqueConstraint(
            "collectivity_id",
            "consultation_id",
            name=op.f("uq_closing_archive_collectivity_id_consultation_id"),
        ),
    )


def downgrade() -> None:
    """Drop the archives; they are made again."""
    op.drop_table("closing_archive")
