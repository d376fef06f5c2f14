"""Keep the words the council rewrote when it adopts a project with an amendment.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; decisions recorded before keep their note alone."""
    op.add_column(
        "project_vote",
        sa.Column(
            "amended_text",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="what the council rewrote, field by field; the adopted version takes it over",
        ),
    )


def downgrade() -> None:
    """Forget what was rewritten."""
    op.drop_column("project_vote", "amended_text")
