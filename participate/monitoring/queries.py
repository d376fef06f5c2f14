"""Reading the follow-up of a plan."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.db import Words, db
from participate.monitoring.models import Milestone, Observation, ProgressReport
from participate.people.models import Person
from participate.plans.models import Project, ProjectRevision
from participate.rules.outcomes import MilestoneStatus


@dataclass(frozen=True)
class ReportRow:
    """One progress report."""

    status: MilestoneStatus
    text: Words
    late: bool
    delay_reason: Words | None
    published_at: datetime


@dataclass(frozen=True)
class MilestoneRow:
    """A milestone with its reports, newest first."""

    id: int
    project_id: int
    title: Words
    indicator: Words
    starts_on: date
    ends_on: date
    status: MilestoneStatus
    reports: tuple[ReportRow, ...]

    def late_on(self, day: date) -> bool:
        """Whether the end has passed and the milestone is not complete."""
        return day > self.ends_on and self.status is not MilestoneStatus.COMPLETE

    def at(self, day: date) -> str:
        """Return where it stands on a day: done, late, now or todo."""
        if self.status is MilestoneStatus.COMPLETE:
            return "done"
        if self.late_on(day):
            return "late"
        return "todo" if self.status is MilestoneStatus.NOT_STARTED else "now"


@dataclass(frozen=True)
class ObservationRow:
    """What a resident saw."""

    id: int
    project_id: int
    author: str
    lang: str
    text: str
    at: datetime


@dataclass(frozen=True)
class FollowedProject:
    """One adopted project and where its milestones stand."""

    number: int
    title: Words
    milestones: tuple[MilestoneRow, ...]
    observations: tuple[ObservationRow, ...]

    @property
    def complete(self) -> int:
        """How many milestones are complete."""
        return sum(m.status is MilestoneStatus.COMPLETE for m in self.milestones)


def follow_up(collectivity_id: int, plan_id: int) -> list[FollowedProject]:
    """Return every adopted project with its milestones, reports and published observations.

    Three statements, whatever the number of projects.
    """
    reports = defaultdict(list)
    for row in db.session.scalars(
        sa.select(ProgressReport)
        .join(
            Milestone,
            sa.and_(
                Milestone.collectivity_id == ProgressReport.collectivity_id,
                Milestone.id == ProgressReport.milestone_id,
            ),
        )
        .where(Milestone.collectivity_id == collectivity_id, Milestone.plan_id == plan_id)
        .order_by(ProgressReport.published_at.desc())
    ):
        reports[row.milestone_id].append(
            ReportRow(row.status, row.text, row.late, row.delay_reason, row.published_at)
        )
    seen = defaultdict(list)
    for observation in observations(collectivity_id, "published", plan_id=plan_id):
        seen[observation.project_id].append(observation)
    found: dict[int, tuple[int, Words, list[MilestoneRow]]] = {}
    for milestone, number, title in db.session.execute(
        sa.select(Milestone, Project.number, ProjectRevision.title)
        .join(
            Project,
            sa.and_(Project.collectivity_id == Milestone.collectivity_id, Project.id == Milestone.project_id),
        )
        .join(ProjectRevision, _last_published())
        .where(Milestone.collectivity_id == collectivity_id, Milestone.plan_id == plan_id)
        .order_by(Project.number, Milestone.position)
    ):
        found.setdefault(milestone.project_id, (number, title, []))[2].append(
            MilestoneRow(
                milestone.id,
                milestone.project_id,
                milestone.title,
                milestone.indicator,
                milestone.starts_on,
                milestone.ends_on,
                milestone.status,
                tuple(reports[milestone.id]),
            )
        )
    return [
        FollowedProject(number, title, tuple(rows), tuple(seen[project_id]))
        for project_id, (number, title, rows) in found.items()
    ]


def _last_published() -> sa.ColumnElement[bool]:
    """Return the condition that joins a project with its last revision: its working copy is not public."""
    newer = aliased(ProjectRevision)
    last = (
        sa.select(sa.func.max(newer.number))
        .where(newer.collectivity_id == Project.collectivity_id, newer.project_id == Project.id)
        .correlate(Project)
        .scalar_subquery()
    )
    return sa.and_(
        ProjectRevision.collectivity_id == Project.collectivity_id,
        ProjectRevision.project_id == Project.id,
        ProjectRevision.number == last,
    )


def observations(collectivity_id: int, state: str, *, plan_id: int | None = None) -> list[ObservationRow]:
    """Return observations in one state, oldest first, at most 100."""
    query = (
        sa.select(Observation, Person.display_name)
        .join(Person, Person.id == Observation.person_id)
        .join(
            Project,
            sa.and_(
                Project.collectivity_id == Observation.collectivity_id, Project.id == Observation.project_id
            ),
        )
        .where(Observation.collectivity_id == collectivity_id, Observation.state == state)
        .order_by(Observation.at)
        .limit(100)
    )
    if plan_id is not None:
        query = query.where(Project.plan_id == plan_id)
    return [
        ObservationRow(row.id, row.project_id, name or "", row.lang, row.text, row.at)
        for row, name in db.session.execute(query)
    ]


def milestone(collectivity_id: int, milestone_id: int) -> Milestone | None:
    """Return one milestone's row."""
    return db.session.get(Milestone, (collectivity_id, milestone_id))
