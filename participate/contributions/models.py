"""Tables of contributions. What ideas and comments share stands once, in `Contribution`."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, Scoped, ref
from participate.rules.outcomes import CommentKind, ContributionKind, PublishState, Section, Stance


class Contribution(Scoped, Model):
    """Something somebody wrote for everybody to read: an idea or a comment.

    Only `contributions.queries.visible_to` decides who reads it, on every surface.
    """

    __tablename__ = "contribution"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        ref("participant_id", "participant"),
        ref("statement_id", "statement"),
        ref("merged_into", "contribution"),
        sa.UniqueConstraint("collectivity_id", "ref"),
        sa.UniqueConstraint("collectivity_id", "statement_id"),
        sa.CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="merged"),
        sa.CheckConstraint(
            "state NOT IN ('published', 'published_late', 'redacted') OR published_at IS NOT NULL",
            name="published",
        ),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
        sa.Index(
            "ix_contribution_listing", "collectivity_id", "consultation_id", "kind", "state", "submitted_at"
        ),
        sa.Index("ix_contribution_queue", "collectivity_id", "state", "submitted_at"),
    )

    kind: Mapped[ContributionKind]
    ref: Mapped[str] = mapped_column(sa.String(24), comment="public reference, part of its address")
    consultation_id: Mapped[int]
    participant_id: Mapped[int] = mapped_column(index=True)
    acting_person_id: Mapped[int | None] = mapped_column(index=True, comment="who typed it; private")
    mandate_id: Mapped[int | None]
    by_staff: Mapped[bool] = mapped_column(default=False, comment="marked staff when written")
    statement_id: Mapped[int | None] = mapped_column(comment="replies and questions own none")
    state: Mapped[PublishState]
    lang: Mapped[str] = mapped_column(sa.String(12))
    signals: Mapped[list[str]] = mapped_column(comment="what screening saw; it may hold, never decide")
    reports: Mapped[int] = mapped_column(
        default=0, comment="citizens who reported it since the last decision"
    )
    submitted_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(
        comment="waiting: the 48 h promise; returned: the author's last moment"
    )
    published_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    merged_into: Mapped[int | None]
    reply_count: Mapped[int] = mapped_column(
        default=0, comment="published replies; for an idea, comments on it"
    )
    receipt_code: Mapped[str | None] = mapped_column(sa.String(24), comment="what its author keeps; private")
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012


class Idea(Model):
    """The words of an idea; same key as its contribution."""

    __tablename__ = "idea"
    __table_args__ = (ref("id", "contribution"), ref("axis_id", "axis"), ref("file_id", "stored_file"))

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(sa.String(150))
    problem: Mapped[str] = mapped_column(sa.Text)
    proposal: Mapped[str] = mapped_column(sa.Text)
    axis_id: Mapped[int]
    place: Mapped[str] = mapped_column(sa.String(120), default="")
    file_id: Mapped[int | None]
    redacted: Mapped[dict[str, Any] | None] = mapped_column(comment="fields as shown after redaction")
    cosigner_count: Mapped[int] = mapped_column(default=0)


class Comment(Model):
    """The words of a comment; same key as its contribution. Without project and idea it is on the plan."""

    __tablename__ = "comment"
    __table_args__ = (
        ref("id", "contribution"),
        ref("project_id", "project"),
        ref("revision_id", "project_revision"),
        ref("idea_id", "contribution"),
        ref("parent_id", "contribution"),
        sa.CheckConstraint("project_id IS NULL OR idea_id IS NULL", name="one_subject"),
        sa.CheckConstraint("kind <> 'amendment' OR amend_to IS NOT NULL", name="amendment_has_wording"),
        sa.Index("ix_comment_project", "collectivity_id", "project_id"),
        sa.Index("ix_comment_idea", "collectivity_id", "idea_id"),
        sa.Index("ix_comment_parent", "collectivity_id", "parent_id"),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    project_id: Mapped[int | None]
    revision_id: Mapped[int | None] = mapped_column(comment="the words the author read")
    idea_id: Mapped[int | None]
    parent_id: Mapped[int | None] = mapped_column(comment="one level of replies")
    section: Mapped[Section] = mapped_column(default=Section.WHOLE)
    kind: Mapped[CommentKind] = mapped_column(default=CommentKind.OPINION)
    stance: Mapped[Stance] = mapped_column(default=Stance.NONE, comment="the author's own; never a position")
    body: Mapped[str] = mapped_column(sa.Text)
    amend_from: Mapped[str | None] = mapped_column(sa.Text)
    amend_to: Mapped[str | None] = mapped_column(sa.Text)
    redacted: Mapped[dict[str, Any] | None] = mapped_column(comment="fields as shown after redaction")


class ContributionEdit(Scoped, Model):
    """What a contribution said before its author changed it."""

    __tablename__ = "contribution_edit"
    __table_args__ = (ref("contribution_id", "contribution"),)

    contribution_id: Mapped[int] = mapped_column(index=True)
    before: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class CoSignature(Model):
    """A voice that puts its name under an idea, once."""

    __tablename__ = "co_signature"
    __table_args__ = (
        ref("contribution_id", "contribution"),
        ref("participant_id", "participant"),
        sa.ForeignKeyConstraint(["collectivity_id"], ["collectivity.id"]),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contribution_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    participant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class Opinion(Scoped, Model):
    """The formal opinion of an advisory body, printed unedited in the dossier."""

    __tablename__ = "opinion"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        ref("body_id", "advisory_body"),
        sa.UniqueConstraint("collectivity_id", "consultation_id", "body_id"),
    )

    consultation_id: Mapped[int]
    body_id: Mapped[int]
    lang: Mapped[str] = mapped_column(sa.String(12))
    text: Mapped[str] = mapped_column(sa.Text)
    filed_by: Mapped[int]
    filed_at: Mapped[datetime]
