"""Reading meetings: frozen rows for pages, exports and calendars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from werkzeug.exceptions import NotFound

from participate.db import Words, db
from participate.meetings.models import AgendaItem, Attendance, Meeting, MeetingInput, WorkingGroup
from participate.network.models import Collectivity
from participate.plans.models import ActionPlan, PlanVersion, Project, ProjectRevision, VersionProject
from participate.rules.outcomes import MeetingAudience
from participate.rules.policy import Place


@dataclass(frozen=True)
class ProjectLink:
    """A project that was discussed. `public` once a version holds it; its words then, else the number only."""

    number: int
    title: Words | None

    @property
    def public(self) -> bool:
        """Whether the project has a public page."""
        return self.title is not None


@dataclass(frozen=True)
class AgendaView:
    """A line of the agenda; `group` is the number of a working group."""

    starts_at: datetime
    ends_at: datetime
    title: Words
    group: int | None


@dataclass(frozen=True)
class NoteView:
    """A point noted in the room."""

    text: str
    lang: str
    group: int | None
    project: ProjectLink | None


@dataclass(frozen=True)
class GroupView:
    """A working group, the projects it discussed, its agenda lines and what it noted."""

    number: int
    title: Words
    projects: tuple[ProjectLink, ...]
    agenda: tuple[AgendaView, ...] = ()
    notes: tuple[NoteView, ...] = ()


@dataclass(frozen=True)
class CountView:
    """How many people of one audience came."""

    audience: MeetingAudience
    women: int
    men: int
    not_stated: int

    @property
    def total(self) -> int:
        """Everybody of this audience."""
        return self.women + self.men + self.not_stated


@dataclass(frozen=True)
class MeetingRow:
    """A meeting in a list."""

    id: int
    slug: str
    title: Words
    venue: Words
    starts_at: datetime
    ends_at: datetime
    has_minutes: bool
    people: int | None
    """How many came, as counted; None when nobody was counted."""


@dataclass(frozen=True)
class Slot:
    """A moment of the agenda: one line for everybody, or the lines of groups that work in parallel."""

    starts_at: datetime
    ends_at: datetime
    lines: tuple[AgendaView, ...]

    @property
    def parallel(self) -> bool:
        """Whether several groups work at the same time."""
        return len(self.lines) > 1


@dataclass(frozen=True)
class MeetingView:
    """A meeting with all its parts."""

    collectivity_id: int
    id: int
    plan_id: int | None
    cycle: str | None
    slug: str
    title: Words
    venue: Words
    starts_at: datetime
    ends_at: datetime
    minutes: Words
    row_version: int
    agenda: tuple[AgendaView, ...] = ()
    groups: tuple[GroupView, ...] = ()
    attendance: tuple[CountView, ...] = ()
    notes: tuple[NoteView, ...] = ()
    slots: tuple[Slot, ...] = field(default=())

    @property
    def people(self) -> int:
        """How many people came, over all audiences."""
        return sum(one.total for one in self.attendance)

    @property
    def notes_of_all(self) -> tuple[NoteView, ...]:
        """Return the notes that belong to no group."""
        return tuple(note for note in self.notes if note.group is None)


def meeting_place(slug: str, meeting: str, **_rest: object) -> Place:
    """Return the place of a meeting by its address; `ids` holds "meeting". Raises NotFound."""
    row = db.session.execute(
        sa.select(Meeting.collectivity_id, Meeting.id, Meeting.plan_id)
        .join(Collectivity, Collectivity.id == Meeting.collectivity_id)
        .where(Collectivity.slug == slug, Collectivity.hosted, Meeting.slug == meeting)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Place(collectivity_id=row.collectivity_id, plan_id=row.plan_id, ids={"meeting": row.id}, slug=slug)


def meetings(collectivity_id: int) -> tuple[MeetingRow, ...]:
    """Return the meetings of a collectivity, the latest first. One statement; a cycle has a dozen."""
    people = (
        sa.select(sa.func.sum(Attendance.women + Attendance.men + Attendance.not_stated))
        .where(Attendance.collectivity_id == Meeting.collectivity_id, Attendance.meeting_id == Meeting.id)
        .correlate(Meeting)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Meeting, people)
        .where(Meeting.collectivity_id == collectivity_id)
        .order_by(Meeting.starts_at.desc(), Meeting.id)
        .limit(200)
        .execution_options(populate_existing=True)
    )
    return tuple(
        MeetingRow(
            row.id,
            row.slug,
            row.title,
            row.venue,
            row.starts_at,
            row.ends_at,
            bool(row.minutes),
            int(count) if count is not None else None,
        )
        for row, count in rows
    )


def meeting(collectivity_id: int, meeting_id: int) -> MeetingView:
    """Return one meeting with its parts: six statements whatever its size. Raises NotFound."""
    found = db.session.execute(
        sa.select(Meeting, ActionPlan.cycle)
        .outerjoin(
            ActionPlan,
            (ActionPlan.collectivity_id == Meeting.collectivity_id) & (ActionPlan.id == Meeting.plan_id),
        )
        .where(Meeting.collectivity_id == collectivity_id, Meeting.id == meeting_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    row, cycle = found
    groups = _parts(WorkingGroup, row, WorkingGroup.position)
    number_of = {group.id: group.position for group in groups}
    links = _links(collectivity_id, row.plan_id)
    by_number = {link.number: link for link in links.values()}
    lines = (
        AgendaView(line.starts_at, line.ends_at, line.title, number_of.get(line.group_id))
        for line in _parts(AgendaItem, row, AgendaItem.id)
    )
    agenda = tuple(sorted(lines, key=lambda one: (one.starts_at, one.group or 0)))
    notes = tuple(
        NoteView(note.text, note.lang, number_of.get(note.group_id), links.get(note.project_id))
        for note in _parts(MeetingInput, row, MeetingInput.id)
    )
    order = list(MeetingAudience)
    counts = sorted(
        (
            CountView(MeetingAudience(one.audience), one.women, one.men, one.not_stated)
            for one in _parts(Attendance, row, Attendance.audience)
        ),
        key=lambda one: order.index(one.audience),
    )
    return MeetingView(
        collectivity_id=row.collectivity_id,
        id=row.id,
        plan_id=row.plan_id,
        cycle=cycle,
        slug=row.slug,
        title=row.title,
        venue=row.venue,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        minutes=row.minutes or {},
        row_version=row.row_version,
        agenda=agenda,
        groups=tuple(
            GroupView(
                group.position,
                group.title,
                tuple(by_number.get(number, ProjectLink(number, None)) for number in group.project_numbers),
                tuple(line for line in agenda if line.group == group.position),
                tuple(note for note in notes if note.group == group.position),
            )
            for group in groups
        ),
        attendance=tuple(counts),
        notes=notes,
        slots=_slots(agenda),
    )


def _parts(part: Any, row: Meeting, *order: Any) -> Sequence[Any]:
    return db.session.scalars(
        sa.select(part)
        .where(part.collectivity_id == row.collectivity_id, part.meeting_id == row.id)
        .order_by(*order)
        .execution_options(populate_existing=True)
    ).all()


def _links(collectivity_id: int, plan_id: int | None) -> dict[int | None, ProjectLink]:
    """Return the plan's projects by key, with the words of the latest version that holds each."""
    if plan_id is None:
        return {}
    rows = db.session.execute(
        sa.select(Project.id, Project.number, ProjectRevision.title)
        .outerjoin(
            VersionProject,
            (VersionProject.collectivity_id == Project.collectivity_id)
            & (VersionProject.project_id == Project.id),
        )
        .outerjoin(
            PlanVersion,
            (PlanVersion.collectivity_id == VersionProject.collectivity_id)
            & (PlanVersion.id == VersionProject.version_id),
        )
        .outerjoin(
            ProjectRevision,
            (ProjectRevision.collectivity_id == VersionProject.collectivity_id)
            & (ProjectRevision.id == VersionProject.revision_id),
        )
        .where(Project.collectivity_id == collectivity_id, Project.plan_id == plan_id)
        .order_by(Project.number, PlanVersion.number)
    )
    return {key: ProjectLink(number, title) for key, number, title in rows}


def _slots(agenda: Sequence[AgendaView]) -> tuple[Slot, ...]:
    """Put lines of groups that begin at the same moment side by side; common lines stand alone."""
    found: list[Slot] = []
    for line in agenda:
        last = found[-1] if found else None
        if (
            last is not None
            and line.group is not None
            and last.lines[0].group is not None
            and last.starts_at == line.starts_at
        ):
            found[-1] = Slot(last.starts_at, max(last.ends_at, line.ends_at), (*last.lines, line))
        else:
            found.append(Slot(line.starts_at, line.ends_at, (line,)))
    return tuple(found)


@dataclass(frozen=True)
class PlanChoice:
    """A plan that a meeting can belong to, and the numbers and titles of its projects."""

    id: int
    cycle: str
    title: Words


def plans_of(collectivity_id: int) -> tuple[PlanChoice, ...]:
    """Return the plans of a collectivity, the latest cycle first."""
    rows = db.session.execute(
        sa.select(ActionPlan.id, ActionPlan.cycle, ActionPlan.title)
        .where(ActionPlan.collectivity_id == collectivity_id, ActionPlan.shell.is_(False))
        .order_by(ActionPlan.cycle.desc())
    )
    return tuple(PlanChoice(*row) for row in rows)


__all__ = [
    "AgendaView",
    "CountView",
    "GroupView",
    "MeetingRow",
    "MeetingView",
    "NoteView",
    "ProjectLink",
    "Slot",
    "meeting",
    "meeting_place",
    "meetings",
    "plans_of",
]
