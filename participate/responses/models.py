"""Tables of responses: draft, approved by a second person, published together."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, Scoped, Words, ref
from participate.rules.outcomes import Fate, Outcome, ResponseState, Satisfied

NEEDS_REASON = "('deferred', 'declined', 'outside_competence')"


class IdeaFate(Model):
    """What became of an idea; public as soon as it is decided."""

    __tablename__ = "idea_fate"
    __table_args__ = (
        ref("contribution_id", "contribution"),
        ref("project_id", "project"),
        ref("merged_into", "contribution"),
        sa.ForeignKeyConstraint(["collectivity_id"], ["collectivity.id"]),
        sa.CheckConstraint(f"fate NOT IN {NEEDS_REASON} OR reason IS NOT NULL", name="reason"),
        sa.CheckConstraint(
            "fate <> 'merged' OR merged_into IS NOT NULL OR project_id IS NOT NULL", name="merged"
        ),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contribution_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fate: Mapped[Fate]
    reason: Mapped[Words | None]
    project_id: Mapped[int | None] = mapped_column(comment="the project it became or joined")
    merged_into: Mapped[int | None] = mapped_column(comment="the idea it was merged with")
    decided_by: Mapped[int]
    decided_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012


class Theme(Scoped, Model):
    """Contributions answered together."""

    __tablename__ = "theme"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        ref("project_id", "project"),
        sa.UniqueConstraint("collectivity_id", "consultation_id", "ref"),
    )

    ref: Mapped[str] = mapped_column(sa.String(24))
    consultation_id: Mapped[int]
    project_id: Mapped[int | None] = mapped_column(comment="NULL: about the plan as a whole")
    title: Mapped[Words]
    created_by: Mapped[int]
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012


class ThemeMember(Model):
    """A contribution in a theme: in none or several, one of them its main one."""

    __tablename__ = "theme_member"
    __table_args__ = (
        ref("theme_id", "theme"),
        ref("contribution_id", "contribution"),
        sa.ForeignKeyConstraint(["collectivity_id"], ["collectivity.id"]),
        sa.Index(
            "uq_theme_member_main",
            "collectivity_id",
            "contribution_id",
            unique=True,
            sqlite_where=sa.text("main"),
            postgresql_where=sa.text("main"),
        ),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    theme_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contribution_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    main: Mapped[bool] = mapped_column(default=True)
    by_person_id: Mapped[int]
    at: Mapped[datetime]


class Response(Scoped, Model):
    """The commune's reasoned answer to a theme, a contribution or a project."""

    __tablename__ = "response"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        ref("theme_id", "theme"),
        ref("contribution_id", "contribution"),
        ref("project_id", "project"),
        ref("revision_id", "project_revision"),
        sa.CheckConstraint(
            "(CASE WHEN theme_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN contribution_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN project_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_subject",
        ),
        sa.UniqueConstraint("collectivity_id", "consultation_id", "theme_id"),
        sa.UniqueConstraint("collectivity_id", "consultation_id", "contribution_id"),
        sa.UniqueConstraint("collectivity_id", "consultation_id", "project_id"),
        sa.CheckConstraint(f"outcome NOT IN {NEEDS_REASON} OR reason IS NOT NULL", name="reason"),
        sa.CheckConstraint("state = 'draft' OR approved_by IS NOT NULL", name="approved"),
        sa.CheckConstraint("approved_by IS NULL OR approved_by <> written_by", name="second_reader"),
        sa.CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published"),
    )

    consultation_id: Mapped[int]
    theme_id: Mapped[int | None]
    contribution_id: Mapped[int | None]
    project_id: Mapped[int | None]
    outcome: Mapped[Outcome]
    text: Mapped[Words]
    reason: Mapped[Words | None]
    changed: Mapped[bool] = mapped_column(default=False, comment="the project's words changed because of it")
    revision_id: Mapped[int | None] = mapped_column(comment="the revision that changed, once published")
    state: Mapped[ResponseState] = mapped_column(default=ResponseState.DRAFT)
    written_by: Mapped[int]
    written_at: Mapped[datetime]
    approved_by: Mapped[int | None]
    approved_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012


class Judgement(Model):
    """Whether the revised text satisfies an author, said once for each text and changeable until the session.

    The sentence is read by those who prepare and decide, never by everybody: nobody moderates it.
    """

    __tablename__ = "judgement"
    __table_args__ = (
        ref("contribution_id", "contribution"),
        ref("participant_id", "participant"),
        sa.ForeignKeyConstraint(["collectivity_id"], ["collectivity.id"]),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contribution_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    participant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    acting_person_id: Mapped[int] = mapped_column(index=True, comment="who pressed the button; private")
    mandate_id: Mapped[int | None]
    satisfied: Mapped[Satisfied]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    lang: Mapped[str] = mapped_column(sa.String(12))
    at: Mapped[datetime]
