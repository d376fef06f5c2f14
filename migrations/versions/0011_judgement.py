"""Keep whether the revised text satisfies the authors of answered texts, and who wants no letter of receipts.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from participate.db import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table: its key allows one answer for each author and text."""
    op.create_table(
        "judgement",
        sa.Column("collectivity_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contribution_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("participant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "acting_person_id",
            sa.BigInteger(),
            nullable=False,
            comment="who pressed the button; private",
        ),
        sa.Column("mandate_id", sa.BigInteger(), nullable=True),
        sa.Column("satisfied", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=12), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("satisfied IN ('yes', 'partly', 'no')", name=op.f("ck_judgement_satisfied")),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "contribution_id"],
            ["contribution.collectivity_id", "contribution.id"],
            name=op.f("fk_judgement_collectivity_id_contribution_id"),
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "participant_id"],
            ["participant.collectivity_id", "participant.id"],
            name=op.f("fk_judgement_collectivity_id_participant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id"], ["collectivity.id"], name=op.f("fk_judgement_collectivity_id")
        ),
        sa.PrimaryKeyConstraint(
            "collectivity_id", "contribution_id", "participant_id", name=op.f("pk_judgement")
        ),
    )
    op.create_table(
        "letter_choice",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipts", sa.Boolean(), nullable=False, comment="the daily letter of receipts"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_letter_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_letter_choice")),
    )
    op.create_index(op.f("ix_judgement_acting_person_id"), "judgement", ["acting_person_id"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("letter_choice")
    op.drop_table("judgement")
