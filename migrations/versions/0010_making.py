"""Keep work that takes a while, how far it is, and the files it ends in.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from participate.db import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "making",
        sa.Column("collectivity_id", sa.BigInteger(), nullable=False, comment="owner of the row"),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False, comment="which work it is: dossier_papers"),
        sa.Column("subject", sa.String(80), nullable=False, comment="what it is about: consultation:ID"),
        sa.Column(
            "source", sa.String(64), nullable=False, comment="SHA-256 of what the files are made from"
        ),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False, comment="steps done"),
        sa.Column("steps", sa.BigInteger(), nullable=False),
        sa.Column(
            "doing", sa.String(40), nullable=False, comment="key of the sentence that says what is done now"
        ),
        sa.Column("error", sa.String(300), nullable=True, comment="for the operator; no page shows it"),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column(
            "moved_at", UtcDateTime(), nullable=False, comment="last sign of life; long ago: taken up again"
        ),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'working', 'done', 'failed')", name=op.f("ck_making_state")
        ),
        sa.CheckConstraint("steps >= 1 AND step BETWEEN 0 AND steps", name=op.f("ck_making_step")),
        sa.CheckConstraint("state <> 'done' OR step = steps", name=op.f("ck_making_whole")),
        sa.ForeignKeyConstraint(
            ["collectivity_id"], ["collectivity.id"], name=op.f("fk_making_collectivity_id")
        ),
        sa.PrimaryKeyConstraint("collectivity_id", "id", name=op.f("pk_making")),
        sa.UniqueConstraint(
            "collectivity_id",
            "kind",
            "subject",
            "source",
            name=op.f("uq_making_collectivity_id_kind_subject_source"),
        ),
    )
    op.create_index("ix_making_state", "making", ["state", "asked_at"])
    op.create_table(
        "made_file",
        sa.Column("collectivity_id", sa.BigInteger(), nullable=False, comment="owner of the row"),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("making_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False, comment="dossier-ar.pdf"),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes"),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("size >= 1", name=op.f("ck_made_file_size")),
        sa.ForeignKeyConstraint(
            ["collectivity_id"], ["collectivity.id"], name=op.f("fk_made_file_collectivity_id")
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "making_id"],
            ["making.collectivity_id", "making.id"],
            name=op.f("fk_made_file_collectivity_id_making_id"),
        ),
        sa.PrimaryKeyConstraint("collectivity_id", "id", name=op.f("pk_made_file")),
        sa.UniqueConstraint(
            "collectivity_id",
            "making_id",
            "name",
            name=op.f("uq_made_file_collectivity_id_making_id_name"),
        ),
    )


def downgrade() -> None:
    """Forget the files; they can be made again."""
    op.drop_table("made_file")
    op.drop_index("ix_making_state", "making")
    op.drop_table("making")
