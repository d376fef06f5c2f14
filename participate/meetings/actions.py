"""Verbs of meetings: what was planned, who came, what the groups noted. People in a room are never named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from participate.db import Words, add, db, for_update, new_id
from participate.journal import actions as journal
from participate.meetings.models import AgendaItem, Attendance, Meeting, MeetingInput, WorkingGroup
from participate.meetings.parts import AgendaLine, Count, Group, Note
from participate.plans.models import ActionPlan, Project
from participate.rules.outcomes import MeetingAudience
from participate.rules.policy import Act, Actor, Place, require
from participate.rules.text import is_blank


class MeetingExistsError(Exception):
    """Another meeting of the collectivity has this address; holds the slug."""


class NoSuchMeetingError(Exception):
    """A meeting that is not here; holds its key."""


class TimesError(Exception):
    """A meeting or a line of its agenda that ends before it begins, or a line outside the meeting."""


class NoSuchGroupError(Exception):
    """An agenda line or a note of a group that the meeting does not have; holds the number."""


class NoSuchProjectError(Exception):
    """A project that is not in the plan; holds the number."""


class TitleMissingError(Exception):
    """A meeting, group or line without a title or venue in Arabic or French."""


class ChangedMeanwhileError(StaleDataError):
    """A colleague saved the meeting at the same time; theirs is kept."""


def record_meeting(
    actor: Actor,
    collectivity_id: int,
    plan_id: int | None,
    *,
    slug: str,
    title: Words,
    venue: Words,
    starts_at: datetime,
    ends_at: datetime,
    minutes: Words | None = None,
    agenda: Sequence[AgendaLine] = (),
    groups: Sequence[Group] = (),
    attendance: Sequence[Count] = (),
    inputs: Sequence[Note] = (),
    new: bool = False,
    row_version: int | None = None,
) -> Meeting:
    """Record a meeting with all its parts; recording the same `slug` again replaces what was said of it.

    Call it before the meeting (agenda, groups) and after it (minutes, attendance, inputs), each time
    with everything. `plan_id` None: not about one plan, then no project can be named. `new` refuses an
    address that is taken; `row_version` is the one that was read. Raises MeetingExistsError,
    TimesError, TitleMissingError, NoSuchGroupError, NoSuchProjectError, ChangedMeanwhileError.
    """
    require(actor, Act.MEETING_EDIT, Place(collectivity_id=collectivity_id, plan_id=plan_id))
    _require_times(starts_at, ends_at, agenda)
    _require_titles([title, venue, *(line.title for line in agenda), *(one.title for one in groups)])
    projects = _projects(collectivity_id, plan_id)
    _require_known(groups, agenda, inputs, projects)
    values: dict[str, Any] = {
        "plan_id": plan_id,
        "title": _said(title),
        "venue": _said(venue),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "minutes": _said(minutes) or None,
    }
    row = db.session.scalar(
        for_update(
            sa.select(Meeting).where(Meeting.collectivity_id == collectivity_id, Meeting.slug == slug)
        ).execution_options(populate_existing=True)
    )
    if row is None:
        row = _inserted(Meeting(collectivity_id=collectivity_id, id=new_id(), slug=slug, **values))
    else:
        if new:
            raise MeetingExistsError(slug)
        if row_version is not None and row_version != row.row_version:
            raise ChangedMeanwhileError(slug)
        for name, value in values.items():
            setattr(row, name, value)
        # The parts may change and the row not: its number must move all the same.
        row.row_version += 1
        db.session.flush()
        _clear(row)
    _fill(row, actor, agenda, groups, attendance, inputs, projects)
    _record(actor, row)
    return row


def remove_meeting(actor: Actor, collectivity_id: int, meeting_id: int) -> None:
    """Remove a meeting recorded by mistake, with its parts. Raises NoSuchMeetingError."""
    require(actor, Act.MEETING_EDIT, Place(collectivity_id=collectivity_id))
    row = db.session.scalar(
        for_update(
            sa.select(Meeting).where(Meeting.collectivity_id == collectivity_id, Meeting.id == meeting_id)
        ).execution_options(populate_existing=True)
    )
    if row is None:
        raise NoSuchMeetingError(meeting_id)
    _clear(row)
    db.session.delete(row)
    db.session.flush()
    journal.record(
        actor.person_id,
        "meeting:removed",
        _chain(row),
        f"meeting:{row.id}",
        public={"meeting": row.slug},
    )


def _inserted(row: Meeting) -> Meeting:
    try:
        with db.session.begin_nested():
            return add(row)
    except IntegrityError:
        raise MeetingExistsError(row.slug) from None


def _clear(row: Meeting) -> None:
    """Take the parts away, those that point to a group before the groups."""
    for part in (MeetingInput, AgendaItem, Attendance, WorkingGroup):
        db.session.execute(
            sa.delete(part).where(
                part.collectivity_id == row.collectivity_id,
                part.meeting_id == row.id,
            )
        )


def _fill(
    row: Meeting,
    actor: Actor,
    agenda: Iterable[AgendaLine],
    groups: Iterable[Group],
    attendance: Iterable[Count],
    inputs: Iterable[Note],
    projects: dict[int, int],
) -> None:
    here: dict[str, Any] = {"collectivity_id": row.collectivity_id, "meeting_id": row.id}
    group_ids: dict[int | None, int | None] = {None: None}
    for group in groups:
        made = add(
            WorkingGroup(
                **here,
                id=new_id(),
                position=group.number,
                title=_said(group.title),
                project_numbers=sorted(set(group.projects)),
            )
        )
        group_ids[group.number] = made.id
    for line in agenda:
        add(
            AgendaItem(
                **here,
                id=new_id(),
                group_id=group_ids[line.group],
                starts_at=line.starts_at,
                ends_at=line.ends_at,
                title=_said(line.title),
            )
        )
    for count in attendance:
        add(
            Attendance(
                **here,
                audience=MeetingAudience(count.audience).value,
                women=count.women,
                men=count.men,
                not_stated=count.not_stated,
            )
        )
    for note in inputs:
        add(
            MeetingInput(
                **here,
                id=new_id(),
                group_id=group_ids[note.group],
                project_id=projects[note.project] if note.project is not None else None,
                lang=note.lang,
                text=note.text,
                noted_by=actor.person_id,
            )
        )


def _require_times(starts_at: datetime, ends_at: datetime, agenda: Iterable[AgendaLine]) -> None:
    if starts_at >= ends_at:
        raise TimesError(starts_at, ends_at)
    for line in agenda:
        if line.starts_at >= line.ends_at or line.starts_at < starts_at or line.ends_at > ends_at:
            raise TimesError(line.starts_at, line.ends_at)


def _require_titles(titles: Iterable[Words]) -> None:
    for title in titles:
        if not {"ar", "fr"} & _said(title).keys():
            raise TitleMissingError(title)


def _said(words: Words | None) -> Words:
    """Return only the languages in which something is said."""
    return {lang: text.strip() for lang, text in (words or {}).items() if text and not is_blank(text)}


def _projects(collectivity_id: int, plan_id: int | None) -> dict[int, int]:
    """Return the keys of the plan's projects by their numbers."""
    if plan_id is None:
        return {}
    rows = db.session.execute(
        sa.select(Project.number, Project.id)
        .join(
            ActionPlan,
            (ActionPlan.collectivity_id == Project.collectivity_id) & (ActionPlan.id == Project.plan_id),
        )
        .where(Project.collectivity_id == collectivity_id, Project.plan_id == plan_id)
    )
    return {number: key for number, key in rows}  # noqa: C416


def _require_known(
    groups: Sequence[Group], agenda: Iterable[AgendaLine], inputs: Iterable[Note], projects: dict[int, int]
) -> None:
    numbers = {one.number for one in groups}
    for wanted in (*(line.group for line in agenda), *(note.group for note in inputs)):
        if wanted is not None and wanted not in numbers:
            raise NoSuchGroupError(wanted)
    for number in (*(n for one in groups for n in one.projects), *(note.project for note in inputs)):
        if number is not None and number not in projects:
            raise NoSuchProjectError(number)


def _chain(row: Meeting) -> journal.ChainRef:
    if row.plan_id is not None:
        return journal.of_plan(row.collectivity_id, row.plan_id)
    return journal.of_collectivity(row.collectivity_id)


def _record(actor: Actor, row: Meeting) -> None:
    journal.record(
        actor.person_id, "meeting:recorded", _chain(row), f"meeting:{row.id}", public={"meeting": row.slug}
    )


__all__ = [
    "AgendaLine",
    "ChangedMeanwhileError",
    "Count",
    "Group",
    "MeetingExistsError",
    "NoSuchGroupError",
    "NoSuchMeetingError",
    "NoSuchProjectError",
    "Note",
    "TimesError",
    "TitleMissingError",
    "record_meeting",
    "remove_meeting",
]
