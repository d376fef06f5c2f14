"""What staff sign in with: password, application, recovery; strong sessions; identities at a provider.

Sessions of people who hold a role go: they were opened by a code in a mail alone.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from participate.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns."""
    op.create_table(
        "staff_factor",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=True, comment="argon2id"),
        sa.Column("password_at", UtcDateTime(), nullable=True),
        sa.Column("app_secret", sa.String(120), nullable=True, comment="wrapped by the master key"),
        sa.Column("app_at", UtcDateTime(), nullable=True),
        sa.Column(
            "app_next", sa.String(120), nullable=True, comment="a secret shown and not yet confirmed, wrapped"
        ),
        sa.Column(
            "last_step", sa.BigInteger(), nullable=False, comment="last 30 seconds whose code was used"
        ),
        sa.CheckConstraint(
            "(password_hash IS NULL) = (password_at IS NULL)",
            name=op.f("ck_staff_factor_password_has_its_day"),
        ),
        sa.CheckConstraint(
            "(app_secret IS NULL) = (app_at IS NULL)", name=op.f("ck_staff_factor_app_has_its_day")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_staff_factor_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_staff_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("person_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "sign_in_try",
        sa.Column("key", sa.String(64), nullable=False, comment="hash of door and address"),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("open_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_try")),
    )
    op.create_index(op.f("ix_sign_in_try_last_at"), "sign_in_try", ["last_at"])
    op.create_table(
        "factor_recovery",
        sa.Column("collectivity_id", sa.BigInteger(), nullable=False, comment="owner of the row"),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("first_by", sa.BigInteger(), nullable=True),
        sa.Column("first_reason", sa.String(500), nullable=True),
        sa.Column("first_at", UtcDateTime(), nullable=True),
        sa.Column("second_by", sa.BigInteger(), nullable=True),
        sa.Column("second_reason", sa.String(500), nullable=True),
        sa.Column(
            "ended_at",
            UtcDateTime(),
            nullable=True,
            comment="approved twice, refused or taken back",
        ),
        sa.CheckConstraint(
            "first_by <> person_id AND second_by <> person_id",
            name=op.f("ck_factor_recovery_never_oneself"),
        ),
        sa.CheckConstraint("first_by <> second_by", name=op.f("ck_factor_recovery_two_people")),
        sa.CheckConstraint(
            "second_by IS NULL OR first_by IS NOT NULL", name=op.f("ck_factor_recovery_one_after_the_other")
        ),
        sa.CheckConstraint(
            "(first_by IS NULL) = (first_reason IS NULL)", name=op.f("ck_factor_recovery_first_has_a_reason")
        ),
        sa.CheckConstraint(
            "(second_by IS NULL) = (second_reason IS NULL)",
            name=op.f("ck_factor_recovery_second_has_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id"], ["collectivity.id"], name=op.f("fk_factor_recovery_collectivity_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_factor_recovery_person_id")),
        sa.ForeignKeyConstraint(["first_by"], ["person.id"], name=op.f("fk_factor_recovery_first_by")),
        sa.ForeignKeyConstraint(["second_by"], ["person.id"], name=op.f("fk_factor_recovery_second_by")),
        sa.PrimaryKeyConstraint("collectivity_id", "id", name=op.f("pk_factor_recovery")),
    )
    op.create_index(op.f("ix_factor_recovery_person_id"), "factor_recovery", ["person_id"])
    op.create_index(
        "uq_factor_recovery_live",
        "factor_recovery",
        ["collectivity_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "oidc_identity",
        sa.Column("issuer", sa.String(200), nullable=False),
        sa.Column("sub", sa.String(255), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("linked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_oidc_identity_person_id")),
        sa.PrimaryKeyConstraint("issuer", "sub", name=op.f("pk_oidc_identity")),
    )
    op.create_index(op.f("ix_oidc_identity_person_id"), "oidc_identity", ["person_id"])
    op.add_column(
        "browser_session",
        sa.Column(
            "strong_at",
            UtcDateTime(),
            nullable=True,
            comment="when the second factor was last shown",
        ),
    )
    op.add_column(
        "browser_session",
        sa.Column(
            "device", sa.String(60), nullable=True, comment="browser and system, roughly; no address"
        ),
    )
    op.execute(
        "DELETE FROM browser_session WHERE person_id IN (SELECT person_id FROM role_grant)"
        " OR person_id IN (SELECT person_id FROM network_administrator)"
    )


def downgrade() -> None:
    """Forget all of it: staff sign in by mail code again."""
    with op.batch_alter_table("browser_session") as batch:
        batch.drop_column("device")
        batch.drop_column("strong_at")
    for table in ("oidc_identity", "factor_recovery", "sign_in_try", "recovery_code", "staff_factor"):
        op.drop_table(table)
