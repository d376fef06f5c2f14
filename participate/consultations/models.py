"""Tables of consultations. The CHECKs tie each state to its dates."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, mapped_column

from participate.db import Model, Scoped, Words, ref
from participate.rules.outcomes import (
    AgeBand,
    Channel,
    ConsultationKind,
    ConsultationState,
    Eligibility,
    Gender,
    ModerationMode,
    ParticipantKind,
    ResultsMode,
)


class Consultation(Scoped, Model):
    """A window in which people take part. `state` is written by `lifecycle.actions` only."""

    __tablename__ = "consultation"
    __table_args__ = (
        ref("plan_id", "action_plan"),
        ref("version_id", "plan_version"),
        sa.CheckConstraint("opens_at < closes_at", name="window"),
        sa.CheckConstraint("state = 'planned' OR announced_at IS NOT NULL", name="announced"),
        sa.CheckConstraint("state IN ('planned', 'announced') OR opened_at IS NOT NULL", name="opened"),
        sa.CheckConstraint("(state IN ('closed', 'archived')) = (closed_at IS NOT NULL)", name="closed"),
        sa.CheckConstraint(
            "kind <> 'draft_review' OR state IN ('planned', 'announced') OR version_id IS NOT NULL",
            name="review_binds_version",
        ),
        sa.CheckConstraint("priorities_max BETWEEN 0 AND 10", name="priorities_max"),
        sa.CheckConstraint("min_level BETWEEN 1 AND 4", name="min_level"),
        sa.Index(
            "uq_consultation_one_open",
            "collectivity_id",
            "plan_id",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
    )

    plan_id: Mapped[int]
    kind: Mapped[ConsultationKind]
    state: Mapped[ConsultationState] = mapped_column(default=ConsultationState.PLANNED)
    title: Mapped[Words]
    announced_at: Mapped[datetime | None]
    opens_at: Mapped[datetime] = mapped_column(comment="half-open window: opens_at <= clock < closes_at")
    closes_at: Mapped[datetime]
    opened_at: Mapped[datetime | None] = mapped_column(comment="when the opening was performed")
    closed_at: Mapped[datetime | None] = mapped_column(comment="when the closing was performed")
    notice_override: Mapped[Words | None] = mapped_column(comment="public reason for a notice under 14 days")
    accepts: Mapped[list[str]] = mapped_column(comment="subset of idea, comment, position, priority")
    moderation: Mapped[ModerationMode] = mapped_column(default=ModerationMode.PRE_FIRST_THREE)
    eligibility: Mapped[Eligibility] = mapped_column(default=Eligibility.DECLARES)
    min_level: Mapped[int] = mapped_column(default=1)
    results: Mapped[ResultsMode] = mapped_column(default=ResultsMode.AFTER_CLOSE)
    priorities_max: Mapped[int] = mapped_column(default=3)
    version_id: Mapped[int | None] = mapped_column(comment="the plan version under review")
    key_wrapped: Mapped[str] = mapped_column(
        sa.String(200), comment="voter pseudonym key, wrapped by the master key"
    )
    row_version: Mapped[int] = mapped_column(default=1)

    if TYPE_CHECKING:  # read from Turnout, see below
        people_count: Mapped[int]
        association_count: Mapped[int]


class Turnout(Model):
    """How many voices took part, changed in the transaction of each voice's first act.

    Not columns of the consultation: every act holds that row FOR SHARE, and two first acts that both
    wanted to change it would wait for each other until the database kills one.
    """

    __tablename__ = "turnout"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        sa.ForeignKeyConstraint(["collectivity_id"], ["collectivity.id"]),
        sa.CheckConstraint("people >= 0 AND associations >= 0", name="counts"),
    )

    collectivity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    consultation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    people: Mapped[int] = mapped_column(default=0, comment="citizens who took part")
    associations: Mapped[int] = mapped_column(default=0)


def _counted(column: Any) -> Any:
    """Return a read-only attribute of Consultation: a column of its turnout, 0 before the first voice."""
    count = (
        sa.select(column)
        .where(
            Turnout.collectivity_id == Consultation.collectivity_id,
            Turnout.consultation_id == Consultation.id,
        )
        .correlate_except(Turnout)
        .scalar_subquery()
    )
    return column_property(sa.func.coalesce(count, 0), deferred=True)


Consultation.people_count = _counted(Turnout.people)
Consultation.association_count = _counted(Turnout.associations)


class Extension(Scoped, Model):
    """A deadline moved later, at least 48 h before the end, with a public reason."""

    __tablename__ = "extension"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        sa.CheckConstraint("old_closes_at < new_closes_at", name="later"),
    )

    consultation_id: Mapped[int]
    old_closes_at: Mapped[datetime]
    new_closes_at: Mapped[datetime]
    reason: Mapped[Words]
    at: Mapped[datetime]


class Participant(Scoped, Model):
    """One voice in one consultation: a person, an association, a paper slip or an imported id."""

    __tablename__ = "participant"
    __table_args__ = (
        ref("consultation_id", "consultation"),
        ref("association_id", "association"),
        ref("neighbourhood_id", "neighbourhood"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.CheckConstraint(
            "(kind = 'citizen' AND person_id IS NOT NULL AND association_id IS NULL"
            " AND slip_code IS NULL AND external_id IS NULL)"
            " OR (kind = 'association' AND person_id IS NULL AND association_id IS NOT NULL"
            " AND slip_code IS NULL AND external_id IS NULL)"
            " OR (kind = 'slip' AND person_id IS NULL AND association_id IS NULL"
            " AND slip_code IS NOT NULL AND external_id IS NULL)"
            " OR (kind = 'imported' AND person_id IS NULL AND association_id IS NULL"
            " AND slip_code IS NULL AND external_id IS NOT NULL)",
            name="exactly_one_voice",
        ),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name="level"),
        sa.UniqueConstraint("collectivity_id", "consultation_id", "person_id"),
        sa.UniqueConstraint("collectivity_id", "consultation_id", "association_id"),
        sa.UniqueConstraint("collectivity_id", "consultation_id", "slip_code"),
        sa.UniqueConstraint("collectivity_id", "consultation_id", "external_id"),
    )

    consultation_id: Mapped[int]
    kind: Mapped[ParticipantKind]
    person_id: Mapped[int | None] = mapped_column(index=True)
    association_id: Mapped[int | None]
    slip_code: Mapped[str | None] = mapped_column(sa.String(40))
    external_id: Mapped[str | None] = mapped_column(sa.String(80))
    external_group: Mapped[str | None] = mapped_column(
        sa.String(40), comment="the group another platform had put an imported voice in"
    )
    channel: Mapped[Channel] = mapped_column(default=Channel.WEB)
    level: Mapped[int] = mapped_column(default=1)
    declared: Mapped[bool] = mapped_column(default=False, comment="declares living, working or studying here")
    neighbourhood_id: Mapped[int | None]
    age_band: Mapped[AgeBand] = mapped_column(default=AgeBand.NOT_STATED)
    gender: Mapped[Gender] = mapped_column(default=Gender.NOT_STATED)
    facts_asked_at: Mapped[datetime | None] = mapped_column(
        comment="optional facts are asked once, skippable"
    )
    created_at: Mapped[datetime]
