"""Keep the council's settings, its members' notes and questions, and why each field of a project changed.

An answered question is attached to the sealed dossier and can no longer change: append-only by triggers, like
the record itself. New columns of protected tables are added without rebuilding them, which would drop theirs.

Revision ID: 0009
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from participate.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ADDENDUM = "dossier_addendum"


def upgrade() -> None:
    """Make the tables and columns, and protect the addenda."""
    op.create_table(
        "council_setting",
        sa.Column("collectivity_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notice", sa.BigInteger(), nullable=False),
        sa.Column("review_lasts", sa.BigInteger(), nullable=False),
        sa.Column("review_closes", sa.BigInteger(), nullable=False),
        sa.Column("responses_approved", sa.BigInteger(), nullable=False),
        sa.Column("agenda_to_governor", sa.BigInteger(), nullable=False),
        sa.Column("dossier_to_councillors", sa.BigInteger(), nullable=False),
        sa.Column("decisions_published", sa.BigInteger(), nullable=False),
        sa.Column("second_from", sa.BigInteger(), nullable=False),
        sa.Column("second_to", sa.BigInteger(), nullable=False),
        sa.Column("third_after", sa.BigInteger(), nullable=False),
        sa.Column("majority", sa.String(length=16), nullable=False),
        sa.Column("sources", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("verified", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "majority IN ('of_votes_cast', 'of_present', 'of_in_office')",
            name=op.f("ck_council_setting_majority"),
        ),
        sa.CheckConstraint(
            "1 <= second_from AND second_from <= second_to AND third_after >= 0",
            name=op.f("ck_council_setting_calls"),
        ),
        sa.CheckConstraint(
            "review_closes >= responses_approved AND responses_approved >= agenda_to_governor AND agenda_to_governor >= dossier_to_councillors AND dossier_to_councillors >= 0 AND decisions_published >= 0 AND review_lasts >= 1 AND notice >= 0",
            name=op.f("ck_council_setting_delays"),
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id"], ["collectivity.id"], name=op.f("fk_council_setting_collectivity_id")
        ),
        sa.PrimaryKeyConstraint("collectivity_id", name=op.f("pk_council_setting")),
    )
    op.create_table(
        "council_question",
        sa.Column("collectivity_id", sa.BigInteger(), nullable=False, comment="owner of the row"),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "consultation_id",
            sa.BigInteger(),
            nullable=False,
            comment="the review whose dossier is asked about",
        ),
        sa.Column(
            "number", sa.BigInteger(), nullable=False, comment="1, 2, 3 … within the plan; never reused"
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=12), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "consultation_id"],
            ["consultation.collectivity_id", "consultation.id"],
            name=op.f("fk_council_question_collectivity_id_consultation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "plan_id"],
            ["action_plan.collectivity_id", "action_plan.id"],
            name=op.f("fk_council_question_collectivity_id_plan_id"),
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "project_id"],
            ["project.collectivity_id", "project.id"],
            name=op.f("fk_council_question_collectivity_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id"], ["collectivity.id"], name=op.f("fk_council_question_collectivity_id")
        ),
        sa.PrimaryKeyConstraint("collectivity_id", "id", name=op.f("pk_council_question")),
        sa.UniqueConstraint(
            "collectivity_id",
            "plan_id",
            "number",
            name=op.f("uq_council_question_collectivity_id_plan_id_number"),
        ),
    )
    op.create_table(
        "councillor_note",
        sa.Column("collectivity_id", sa.BigInteger(), nullable=False, comment="owner of the row"),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column(
            "removed_at", UtcDateTime(), nullable=True, comment="can be taken back for a while, then erased"
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "project_id"],
            ["project.collectivity_id", "project.id"],
            name=op.f("fk_councillor_note_collectivity_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id"], ["collectivity.id"], name=op.f("fk_councillor_note_collectivity_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_councillor_note_person_id")),
        sa.PrimaryKeyConstraint("collectivity_id", "id", name=op.f("pk_councillor_note")),
        sa.UniqueConstraint(
            "collectivity_id",
            "project_id",
            "person_id",
            name=op.f("uq_councillor_note_collectivity_id_project_id_person_id"),
        ),
    )
    op.create_table(
        "act_control",
        sa.Column("collectivity_id", sa.BigInteger(), nullable=False, comment="owner of the row"),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("deliberation_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("recorded_by", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(state = 'awaiting') = (settled_on IS NULL)", name=op.f("ck_act_control_settled")
        ),
        sa.CheckConstraint("state <> 'refused' OR reason IS NOT NULL", name=op.f("ck_act_control_reason")),
        sa.CheckConstraint(
            "state IN ('awaiting', 'enforceable', 'refused')", name=op.f("ck_act_control_state")
        ),
        sa.CheckConstraint("settled_on >= sent_on", name=op.f("ck_act_control_order")),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "deliberation_id"],
            ["deliberation.collectivity_id", "deliberation.id"],
            name=op.f("fk_act_control_collectivity_id_deliberation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id"], ["collectivity.id"], name=op.f("fk_act_control_collectivity_id")
        ),
        sa.PrimaryKeyConstraint("collectivity_id", "id", name=op.f("pk_act_control")),
        sa.UniqueConstraint(
            "collectivity_id", "deliberation_id", name=op.f("uq_act_control_collectivity_id_deliberation_id")
        ),
    )
    op.create_table(
        "dossier_addendum",
        sa.Column("collectivity_id", sa.BigInteger(), nullable=False, comment="owner of the row"),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, comment="1, 2, 3 … within the dossier"),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("question_lang", sa.String(length=12), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answer_lang", sa.String(length=12), nullable=False),
        sa.Column("answered_by", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "consultation_id"],
            ["consultation.collectivity_id", "consultation.id"],
            name=op.f("fk_dossier_addendum_collectivity_id_consultation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "project_id"],
            ["project.collectivity_id", "project.id"],
            name=op.f("fk_dossier_addendum_collectivity_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id", "question_id"],
            ["council_question.collectivity_id", "council_question.id"],
            name=op.f("fk_dossier_addendum_collectivity_id_question_id"),
        ),
        sa.ForeignKeyConstraint(
            ["collectivity_id"], ["collectivity.id"], name=op.f("fk_dossier_addendum_collectivity_id")
        ),
        sa.PrimaryKeyConstraint("collectivity_id", "id", name=op.f("pk_dossier_addendum")),
        sa.UniqueConstraint(
            "collectivity_id",
            "consultation_id",
            "number",
            name=op.f("uq_dossier_addendum_collectivity_id_consultation_id_number"),
        ),
        sa.UniqueConstraint(
            "collectivity_id", "question_id", name=op.f("uq_dossier_addendum_collectivity_id_question_id")
        ),
    )
    op.add_column(
        "council_session",
        sa.Column(
            "agenda_sent_on", sa.Date(), nullable=True, comment="the day the agenda went to the governor"
        ),
    )
    op.add_column(
        "project",
        sa.Column(
            "change_causes",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="causes of single fields, and the references of the contributions behind them",
        ),
    )
    op.add_column(
        "project_revision",
        sa.Column(
            "change_causes",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="by field, where it differs from change_cause: {cause, refs of contributions}",
        ),
    )
    _protect()


def _protect() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {ADDENDUM}_append_only BEFORE UPDATE OR DELETE ON {ADDENDUM} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {ADDENDUM}_no_truncate BEFORE TRUNCATE ON {ADDENDUM} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {ADDENDUM}_no_{verb.lower()} BEFORE {verb} ON {ADDENDUM} "
            f"BEGIN SELECT RAISE(ABORT, '{ADDENDUM} is append-only'); END"
        )
    op.execute(
        "CREATE TRIGGER dossier_addendum_no_replace BEFORE INSERT ON dossier_addendum WHEN EXISTS "
        "(SELECT 1 FROM dossier_addendum WHERE collectivity_id = NEW.collectivity_id AND id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'dossier_addendum is append-only'); END"
    )


def downgrade() -> None:
    """Forget them; dropping the table drops its triggers."""
    op.drop_column("project_revision", "change_causes")
    op.drop_column("project", "change_causes")
    op.drop_column("council_session", "agenda_sent_on")
    op.drop_table("dossier_addendum")
    op.drop_table("act_control")
    op.drop_table("councillor_note")
    op.drop_table("council_question")
    op.drop_table("council_setting")
