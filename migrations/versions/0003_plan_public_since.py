"""Remember since when everybody knows of a plan.

Its first version, or the first dates that were announced, whichever came first: until then it is
private to those who prepare it.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from participate.db import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FIRST = """
UPDATE action_plan SET public_since = (
  SELECT MIN(known.at) FROM (
    SELECT collectivity_id, plan_id, published_at AS at FROM plan_version
    UNION ALL
    SELECT collectivity_id, plan_id, announced_at FROM consultation WHERE announced_at IS NOT NULL
  ) AS known
  WHERE known.collectivity_id = action_plan.collectivity_id AND known.plan_id = action_plan.id
)
"""


def upgrade() -> None:
    """Add the column and fill it from what was published."""
    op.add_column(
        "action_plan",
        sa.Column(
            "public_since",
            UtcDateTime(),
            nullable=True,
            comment="its first version or its first announced dates; until then only those who prepare it see it",
        ),
    )
    op.execute(FIRST)


def downgrade() -> None:
    """Forget it."""
    op.drop_column("action_plan", "public_since")
