"""Tables of the council. Failed sittings are kept."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, Scoped, Words, ref
from participate.rules.outcomes import ProjectDecision


class CouncilSession(Scoped, Model):
    """A session of the council that has the plan on its agenda."""

    __tablename__ = "council_session"
    __table_args__ = (
        ref("plan_id", "action_plan"),
        sa.CheckConstraint("kind IN ('ordinary', 'extraordinary')", name="kind"),
        sa.UniqueConstraint("collectivity_id", "plan_id", "opens_on"),
    )

    plan_id: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(16), default="ordinary")
    opens_on: Mapped[date]
    agenda_item: Mapped[Words | None]
    announced_at: Mapped[datetime]
    agenda_sent_on: Mapped[date | None] = mapped_column(comment="the day the agenda went to the governor")


class Sitting(Scoped, Model):
    """One sitting of a session: who was there, whether it could decide."""

    __tablename__ = "sitting"
    __table_args__ = (
        ref("session_id", "council_session"),
        sa.UniqueConstraint("collectivity_id", "session_id", "call"),
        sa.CheckConstraint("call BETWEEN 1 AND 3", name="call"),
        sa.CheckConstraint("in_office > 0 AND present >= 0 AND excused >= 0 AND absent >= 0", name="counts"),
        sa.CheckConstraint("present + excused + absent = in_office", name="sum"),
    )

    session_id: Mapped[int]
    call: Mapped[int] = mapped_column(comment="1, 2, 3: the quorum differs (LO 113-14 art. 42)")
    held_at: Mapped[datetime]
    in_office: Mapped[int]
    present: Mapped[int]
    excused: Mapped[int]
    absent: Mapped[int]
    quorum: Mapped[bool]
    recorded_by: Mapped[int]
    recorded_at: Mapped[datetime]


class Deliberation(Scoped, Model):
    """What a sitting decided about a plan; one per sitting."""

    __tablename__ = "deliberation"
    __table_args__ = (
        ref("sitting_id", "sitting"),
        ref("plan_id", "action_plan"),
        sa.UniqueConstraint("collectivity_id", "sitting_id"),
        sa.CheckConstraint("outcome IN ('adopted', 'returned')", name="outcome"),
        sa.CheckConstraint("outcome <> 'returned' OR reason IS NOT NULL", name="reason"),
    )

    sitting_id: Mapped[int]
    plan_id: Mapped[int]
    reference: Mapped[str] = mapped_column(sa.String(80), comment="number of the act (مقرر)")
    decided_on: Mapped[date]
    outcome: Mapped[str] = mapped_column(sa.String(10), default="adopted")
    reason: Mapped[Words | None]
    performed_at: Mapped[datetime | None] = mapped_column(comment="when the plan moved because of it")
    recorded_by: Mapped[int]
    recorded_at: Mapped[datetime]


class ProjectVote(Model):
    """The council's decision on one project, with its vote."""

    __tablename__ = "project_vote"
    __table_args__ = (
        ref("deliberation_id", "deliberation"),
        ref("project_id", "project"),
        sa.ForeignKeyConstraint(["collectivity_id"], ["collectivity.id"]),
        sa.CheckConstraint("in_favour >= 0 AND against >= 0 AND abstain >= 0", name="counts"),
        sa.CheckConstraint("in_favour + against + abstain <= present", name="sum"),
        sa.CheckConstraint("decision NOT IN ('postponed', 'rejected') OR reason IS NOT NULL", name="reason"),
        sa.CheckConstraint("decision <> 'adopted_amended' OR amendment IS NOT NULL", name="amendment"),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    deliberation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    decision: Mapped[ProjectDecision]
    present: Mapped[int] = mapped_column(comment="copied from the sitting so that a CHECK can compare")
    in_favour: Mapped[int]
    against: Mapped[int]
    abstain: Mapped[int]
    reason: Mapped[Words | None]
    amendment: Mapped[Words | None]
    amended_text: Mapped[dict[str, Any] | None] = mapped_column(
        comment="what the council rewrote, field by field; the adopted version takes it over"
    )


class ActControl(Scoped, Model):
    """What the authority that controls acts made of one: awaited, then enforceable or refused."""

    __tablename__ = "act_control"
    __table_args__ = (
        ref("deliberation_id", "deliberation"),
        sa.UniqueConstraint("collectivity_id", "deliberation_id"),
        sa.CheckConstraint("state IN ('awaiting', 'enforceable', 'refused')", name="state"),
        sa.CheckConstraint("(state = 'awaiting') = (settled_on IS NULL)", name="settled"),
        sa.CheckConstraint("settled_on >= sent_on", name="order"),
        sa.CheckConstraint("state <> 'refused' OR reason IS NOT NULL", name="reason"),
    )

    deliberation_id: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(12), default="awaiting")
    sent_on: Mapped[date]
    settled_on: Mapped[date | None]
    reason: Mapped[Words | None]
    recorded_by: Mapped[int]
    recorded_at: Mapped[datetime]


class CouncilSetting(Model):
    """The delays and rules of one council, in days; where there is no row, the rules' own hold.

    `sources` says for each setting, by its name, where it comes from; `verified` names those that a jurist checked.
    """

    __tablename__ = "council_setting"
    __table_args__ = (
        sa.ForeignKeyConstraint(["collectivity_id"], ["collectivity.id"]),
        sa.CheckConstraint(
            "review_closes >= responses_approved AND responses_approved >= agenda_to_governor "
            "AND agenda_to_governor >= dossier_to_councillors AND dossier_to_councillors >= 0 "
            "AND decisions_published >= 0 AND review_lasts >= 1 AND notice >= 0",
            name="delays",
        ),
        sa.CheckConstraint(
            "1 <= second_from AND second_from <= second_to AND third_after >= 0", name="calls"
        ),
        sa.CheckConstraint("majority IN ('of_votes_cast', 'of_present', 'of_in_office')", name="majority"),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    notice: Mapped[int]
    review_lasts: Mapped[int]
    review_closes: Mapped[int]
    responses_approved: Mapped[int]
    agenda_to_governor: Mapped[int]
    dossier_to_councillors: Mapped[int]
    decisions_published: Mapped[int]
    second_from: Mapped[int]
    second_to: Mapped[int]
    third_after: Mapped[int]
    majority: Mapped[str] = mapped_column(sa.String(16))
    sources: Mapped[dict[str, Any]]
    verified: Mapped[list[str]]
    updated_by: Mapped[int]
    updated_at: Mapped[datetime]


class CouncillorNote(Scoped, Model):
    """What one councillor wrote down about one project, for nobody else: read by its author alone."""

    __tablename__ = "councillor_note"
    __table_args__ = (
        ref("project_id", "project"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.UniqueConstraint("collectivity_id", "project_id", "person_id"),
    )

    project_id: Mapped[int]
    person_id: Mapped[int]
    body: Mapped[str] = mapped_column(sa.Text)
    updated_at: Mapped[datetime]
    removed_at: Mapped[datetime | None] = mapped_column(comment="can be taken back for a while, then erased")


class CouncilQuestion(Scoped, Model):
    """What a councillor asks the officers about one project; its answer is an addendum of the dossier."""

    __tablename__ = "council_question"
    __table_args__ = (
        ref("plan_id", "action_plan"),
        ref("project_id", "project"),
        ref("consultation_id", "consultation"),
        sa.UniqueConstraint("collectivity_id", "plan_id", "number"),
    )

    plan_id: Mapped[int]
    project_id: Mapped[int]
    consultation_id: Mapped[int] = mapped_column(comment="the review whose dossier is asked about")
    number: Mapped[int] = mapped_column(comment="1, 2, 3 … within the plan; never reused")
    text: Mapped[str] = mapped_column(sa.Text)
    lang: Mapped[str] = mapped_column(sa.String(12))
    asked_by: Mapped[int]
    asked_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class DossierAddendum(Scoped, Model):
    """A question and its answer, attached to a sealed dossier: dated, numbered, never changed."""

    __tablename__ = "dossier_addendum"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        ref("question_id", "council_question"),
        ref("project_id", "project"),
        sa.UniqueConstraint("collectivity_id", "consultation_id", "number"),
        sa.UniqueConstraint("collectivity_id", "question_id"),
    )

    consultation_id: Mapped[int]
    question_id: Mapped[int]
    project_id: Mapped[int]
    number: Mapped[int] = mapped_column(comment="1, 2, 3 … within the dossier")
    question: Mapped[str] = mapped_column(sa.Text)
    question_lang: Mapped[str] = mapped_column(sa.String(12))
    asked_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(sa.Text)
    answer_lang: Mapped[str] = mapped_column(sa.String(12))
    answered_by: Mapped[int]
    answered_at: Mapped[datetime]
