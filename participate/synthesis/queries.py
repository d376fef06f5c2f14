"""Reading a consultation: the rows in a fixed number of statements, the figures, the sealed snapshot.

Nothing directional leaves this room before the consultation is closed, for anybody.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, undefer

from participate.consultations.models import Consultation, Participant
from participate.contributions import queries as contributions
from participate.contributions.models import Comment, Contribution, Idea
from participate.db import Words, db
from participate.journal.encoding import canonical, sha256
from participate.meetings.models import Attendance, Meeting
from participate.moderation.models import Appeal, ModerationDecision
from participate.network.models import Collectivity, Neighbourhood
from participate.people.models import Association
from participate.plans import queries as plans
from participate.plans.models import ActionPlan, Axis, Project, ProjectRevision, VersionProject
from participate.positions.models import Position, Priority, ProjectStatement, Statement
from participate.responses.models import IdeaFate, Response, Theme, ThemeMember
from participate.rules.outcomes import (
    READABLE_STATES,
    ConsultationKind,
    ConsultationState,
    ResponseState,
    VersionKind,
)
from participate.rules.tallies import Floored, floored
from participate.synthesis import figures, shapes
from participate.synthesis.models import Seal, Synthesis

OVER = (ConsultationState.CLOSED, ConsultationState.ARCHIVED)
"""States in which figures exist."""
COUNTS = (undefer(Consultation.people_count), undefer(Consultation.association_count))
"""How many took part is read with the consultation, not one by one."""
GIVEN = (ResponseState.APPROVED, ResponseState.PUBLISHED)


class NoReadingError(Exception):
    """A consultation that is not closed has no figures; holds its key."""


def document(reading: shapes.Reading) -> dict[str, Any]:
    """Return a reading as the values of its public JSON."""
    found: dict[str, Any] = shapes.plain(reading)
    return found


def snapshot(reading: shapes.Reading) -> str:
    """Return the canonical JSON text of a reading: the bytes that are hashed and signed."""
    return canonical(document(reading))


# --- which consultation --------------------------------------------------------------------------


@dataclass(frozen=True)
class Sealed:
    """A frozen reading and what proves it."""

    reading: shapes.Reading
    snapshot: str
    sha256: str
    signature: str
    public_key: str
    entry_hash: str
    sealed_at: datetime
    holds: bool


@dataclass(frozen=True)
class Head:
    """The consultation whose results a page shows; live counts are floored."""

    collectivity_id: int
    id: int
    state: ConsultationState
    title: Words
    opens_at: datetime
    closes_at: datetime
    people: Floored
    associations: Floored
    sealed: Sealed | None

    @property
    def over(self) -> bool:
        """Whether figures may exist."""
        return self.state in OVER


def head(collectivity_id: int, plan_id: int) -> Head | None:
    """Return the latest announced review of a plan, with its seal if it has one. One statement."""
    row = db.session.execute(
        sa.select(Consultation, Synthesis, Seal)
        .outerjoin(
            Synthesis,
            (Synthesis.collectivity_id == Consultation.collectivity_id)
            & (Synthesis.consultation_id == Consultation.id),
        )
        .outerjoin(
            Seal,
            (Seal.collectivity_id == Synthesis.collectivity_id) & (Seal.synthesis_id == Synthesis.id),
        )
        .where(
            Consultation.collectivity_id == collectivity_id,
            Consultation.plan_id == plan_id,
            Consultation.kind == ConsultationKind.DRAFT_REVIEW,
            Consultation.state != ConsultationState.PLANNED,
        )
        .order_by(Consultation.opens_at.desc(), Consultation.id.desc())
        .limit(1)
        .options(*COUNTS)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    consultation, synthesis, seal = row
    return Head(
        collectivity_id=consultation.collectivity_id,
        id=consultation.id,
        state=consultation.state,
        title=consultation.title,
        opens_at=consultation.opens_at,
        closes_at=consultation.closes_at,
        people=floored(consultation.people_count),
        associations=floored(consultation.association_count),
        sealed=_sealed(synthesis, seal),
    )


def sealed(consultation_id: int) -> Sealed | None:
    """Return the sealed synthesis of a consultation; None until it is sealed. One statement."""
    row = db.session.execute(
        sa.select(Synthesis, Seal)
        .join(
            Seal,
            (Seal.collectivity_id == Synthesis.collectivity_id) & (Seal.synthesis_id == Synthesis.id),
        )
        .where(Synthesis.consultation_id == consultation_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return _sealed(*row) if row is not None else None


def _sealed(synthesis: Synthesis | None, seal: Seal | None) -> Sealed | None:
    if synthesis is None or seal is None:
        return None
    return Sealed(
        reading=_read(synthesis.snapshot),
        snapshot=synthesis.snapshot,
        sha256=seal.sha256,
        signature=seal.signature,
        public_key=seal.public_key,
        entry_hash=seal.entry_hash,
        sealed_at=seal.sealed_at,
        holds=sha256(synthesis.snapshot) == seal.sha256 == synthesis.sha256,
    )


@lru_cache(maxsize=8)
def _read(text: str) -> shapes.Reading:
    return shapes.read(shapes.Reading, json.loads(text))


# --- the reading -----------------------------------------------------------------------------------


def reading(consultation_id: int) -> shapes.Reading | None:
    """Return every figure of a consultation, from the database; None before it is closed.

    Twelve statements whatever its size. A sealed consultation is read from `sealed` instead.
    """
    rows = _round(consultation_id)
    found = next((row for row in rows if row[0].id == consultation_id), None)
    if found is None or found[0].state not in OVER:
        return None
    consultation, plan, collectivity = found
    here = consultation.collectivity_id
    projects, numbers = _projects(consultation)
    texts, refs = _texts(consultation, numbers, plan.id)
    before, after = _versions(consultation)
    inputs = figures.Inputs(
        about=shapes.About(
            collectivity=collectivity.slug,
            collectivity_name=collectivity.name,
            population=collectivity.population,
            cycle=plan.cycle,
            plan_title=plan.title,
            consultation_kind=consultation.kind.value,
            consultation_title=consultation.title,
            announced_at=_iso(consultation.announced_at),
            opens_at=consultation.opens_at.isoformat(),
            closes_at=consultation.closes_at.isoformat(),
            version=before.number if before else None,
            projects=len(projects),
        ),
        neighbourhoods=_neighbourhoods(here),
        voices=_voices(consultation),
        positions=_positions(consultation, numbers),
        texts=texts,
        projects=projects,
        themes=_themes(consultation, numbers, refs),
        opinions=tuple(
            shapes.OpinionView(one.body_name, one.lang, one.text, one.filed_at.isoformat())
            for one in contributions.opinions(here, consultation.id)
        ),
        decisions=_decisions(consultation),
        meetings=_meetings(consultation),
        changes=_changes(before, after),
        rounds=_other_rounds(rows, consultation, texts),
    )
    return figures.compute(inputs)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _same(one: Any, two: Any) -> Any:
    return one.collectivity_id == two.collectivity_id


def _round(consultation_id: int) -> list[Any]:
    """Return every closed consultation of the same plan with its plan and collectivity."""
    wanted = aliased(Consultation)
    return list(
        db.session.execute(
            sa.select(Consultation, ActionPlan, Collectivity)
            .join(
                wanted,
                _same(wanted, Consultation)
                & (wanted.plan_id == Consultation.plan_id)
                & (wanted.id == consultation_id),
            )
            .join(ActionPlan, _same(ActionPlan, Consultation) & (ActionPlan.id == Consultation.plan_id))
            .join(Collectivity, Collectivity.id == Consultation.collectivity_id)
            .where(Consultation.state.in_(OVER), Consultation.state == wanted.state)
            .options(*COUNTS)
            .execution_options(populate_existing=True)
        )
    )


def _neighbourhoods(collectivity_id: int) -> tuple[figures.NeighbourhoodRow, ...]:
    rows = db.session.execute(
        sa.select(Neighbourhood.slug, Neighbourhood.name, Neighbourhood.population)
        .where(Neighbourhood.collectivity_id == collectivity_id)
        .order_by(Neighbourhood.slug)
    )
    return tuple(figures.NeighbourhoodRow(*row) for row in rows)


_FACTS = (Participant.kind, Participant.channel, Participant.level)
_TRAITS = (Neighbourhood.slug, Participant.gender, Participant.age_band)


def _with_neighbourhood(statement: Any) -> Any:
    return statement.outerjoin(
        Neighbourhood,
        _same(Neighbourhood, Participant) & (Neighbourhood.id == Participant.neighbourhood_id),
    )


def _voices(consultation: Consultation) -> tuple[figures.VoiceRow, ...]:
    rows = db.session.execute(
        _with_neighbourhood(sa.select(*_FACTS, *_TRAITS, sa.func.count()).select_from(Participant))
        .where(
            Participant.collectivity_id == consultation.collectivity_id,
            Participant.consultation_id == consultation.id,
        )
        .group_by(*_FACTS, *_TRAITS)
    )
    return tuple(
        figures.VoiceRow(kind.value, channel.value, level, where, gender.value, age.value, count)
        for kind, channel, level, where, gender, age, count in rows
    )


def _positions(consultation: Consultation, numbers: Mapping[int, int]) -> tuple[figures.PositionRow, ...]:
    """Return the counts of positions and priorities by project and by facts, never by person."""

    def counted(table: Any, value: Any) -> Any:
        return _with_neighbourhood(
            sa.select(ProjectStatement.project_id, *_FACTS, *_TRAITS, value, sa.func.count())
            .select_from(table)
            .join(
                ProjectStatement,
                _same(ProjectStatement, table) & (ProjectStatement.statement_id == table.statement_id),
            )
            .join(Participant, _same(Participant, table) & (Participant.id == table.participant_id))
        ).where(
            ProjectStatement.collectivity_id == consultation.collectivity_id,
            ProjectStatement.consultation_id == consultation.id,
        )

    by = (ProjectStatement.project_id, *_FACTS, *_TRAITS)
    rows = db.session.execute(
        sa.union_all(
            counted(Position, Position.value.label("value")).group_by(*by, Position.value),
            counted(Priority, sa.literal(figures.PRIORITY).label("value")).group_by(*by),
        )
    )
    return tuple(
        figures.PositionRow(
            numbers[project], kind.value, channel.value, level, where, gender.value, age.value, value, count
        )
        for project, kind, channel, level, where, gender, age, value, count in rows
        if project in numbers
    )


def _response(row: Response | None) -> shapes.ResponseView | None:
    if row is None:
        return None
    return shapes.ResponseView(row.outcome.value, row.text, row.reason, row.changed, _iso(row.approved_at))


def _projects(consultation: Consultation) -> tuple[tuple[figures.ProjectRow, ...], dict[int, int]]:
    """Return the projects of the version under review, and the number of every project of the plan."""
    rows = db.session.execute(
        sa.select(Project.id, Project.number, ProjectRevision.title, Axis.title, Response)
        .select_from(Project)
        .outerjoin(
            VersionProject,
            _same(VersionProject, Project)
            & (VersionProject.project_id == Project.id)
            & (VersionProject.version_id == consultation.version_id),
        )
        .outerjoin(
            ProjectRevision,
            _same(ProjectRevision, VersionProject) & (ProjectRevision.id == VersionProject.revision_id),
        )
        .outerjoin(Axis, _same(Axis, ProjectRevision) & (Axis.id == ProjectRevision.axis_id))
        .outerjoin(
            Response,
            _same(Response, Project)
            & (Response.project_id == Project.id)
            & (Response.consultation_id == consultation.id)
            & Response.state.in_(GIVEN),
        )
        .where(
            Project.collectivity_id == consultation.collectivity_id,
            Project.plan_id == consultation.plan_id,
        )
        .order_by(Project.number)
        .execution_options(populate_existing=True)
    ).all()
    found = tuple(
        figures.ProjectRow(number, title, axis or {}, _response(response))
        for _, number, title, axis, response in rows
        if title is not None
    )
    return found, {row[0]: row[1] for row in rows}


def _texts(
    consultation: Consultation, numbers: Mapping[int, int], plan_id: int
) -> tuple[tuple[figures.TextRow, ...], dict[int, str]]:
    """Return every contribution of the round in any state, with the words that the public reads.

    Authors are numbered in the order of their first text: no key of a person or a row goes on.
    """
    statement = (
        sa.select(
            Contribution,
            Consultation.kind,
            Comment,
            Idea,
            Statement.agree,
            Statement.disagree,
            Statement.passed,
            Participant.kind,
            Association.name,
            Axis.title,
            Response,
            IdeaFate,
        )
        .join(
            Consultation,
            _same(Consultation, Contribution) & (Consultation.id == Contribution.consultation_id),
        )
        .join(Participant, _same(Participant, Contribution) & (Participant.id == Contribution.participant_id))
        .outerjoin(Comment, _same(Comment, Contribution) & (Comment.id == Contribution.id))
        .outerjoin(Idea, _same(Idea, Contribution) & (Idea.id == Contribution.id))
        .outerjoin(Statement, _same(Statement, Contribution) & (Statement.id == Contribution.statement_id))
        .outerjoin(
            Association, _same(Association, Participant) & (Association.id == Participant.association_id)
        )
        .outerjoin(Axis, _same(Axis, Idea) & (Axis.id == Idea.axis_id))
        .outerjoin(
            Response,
            _same(Response, Contribution)
            & (Response.contribution_id == Contribution.id)
            & (Response.consultation_id == Contribution.consultation_id)
            & Response.state.in_(GIVEN),
        )
        .outerjoin(IdeaFate, _same(IdeaFate, Contribution) & (IdeaFate.contribution_id == Contribution.id))
        .where(
            Contribution.collectivity_id == consultation.collectivity_id,
            Consultation.plan_id == plan_id,
            Consultation.state == consultation.state,
        )
        .execution_options(populate_existing=True)
    )
    rows = sorted(db.session.execute(statement).all(), key=lambda row: (row[0].submitted_at, row[0].ref))
    authors: dict[int, int] = {}
    refs = {row[0].id: row[0].ref for row in rows}
    return tuple(
        _text(
            row, consultation.id, numbers, refs, authors.setdefault(row[0].participant_id, len(authors) + 1)
        )
        for row in rows
    ), refs


def _text(
    row: Any, consultation_id: int, numbers: Mapping[int, int], refs: Mapping[int, str], author: int
) -> figures.TextRow:
    base, round_kind, comment, idea, agree, disagree, passed, kind, association, axis, response, fate = row
    return figures.TextRow(
        ref=base.ref,
        here=base.consultation_id == consultation_id,
        consultation_kind=round_kind.value,
        kind=base.kind.value,
        comment_kind=comment.kind.value if comment else None,
        stance=comment.stance.value if comment else "none",
        state=base.state.value,
        lang=base.lang,
        author=author,
        author_kind=kind.value,
        by_staff=base.by_staff,
        association=association,
        project=numbers.get(comment.project_id) if comment else None,
        is_reply=bool(comment and comment.parent_id),
        title=contributions.shown(idea, base.state, "title") if idea else "",
        words=_words(base, comment, idea),
        at=base.submitted_at,
        statement=base.statement_id is not None,
        agree=agree or 0,
        disagree=disagree or 0,
        passed=passed or 0,
        axis=axis,
        merged_into=refs.get(base.merged_into),
        response=_response(response),
        fate=fate.fate.value if fate else None,
        fate_reason=fate.reason if fate else None,
        fate_project=numbers.get(fate.project_id) if fate else None,
    )


def _words(base: Contribution, comment: Comment | None, idea: Idea | None) -> str:
    """Return the words of a text as the public reads them; nothing of what is not public."""
    if base.state not in READABLE_STATES:
        return ""
    if comment is not None:
        return contributions.shown(comment, base.state, "body")
    if idea is None:
        return ""
    return "\n\n".join(contributions.shown(idea, base.state, name) for name in ("problem", "proposal"))


def _themes(
    consultation: Consultation, numbers: Mapping[int, int], refs: Mapping[int, str]
) -> tuple[figures.ThemeRow, ...]:
    rows = db.session.execute(
        sa.select(Theme, ThemeMember.contribution_id, ThemeMember.main, Response)
        .outerjoin(ThemeMember, _same(ThemeMember, Theme) & (ThemeMember.theme_id == Theme.id))
        .outerjoin(
            Response,
            _same(Response, Theme)
            & (Response.theme_id == Theme.id)
            & (Response.consultation_id == Theme.consultation_id)
            & Response.state.in_(GIVEN),
        )
        .where(
            Theme.collectivity_id == consultation.collectivity_id,
            Theme.consultation_id == consultation.id,
        )
        .order_by(Theme.ref)
        .execution_options(populate_existing=True)
    )
    found: dict[int, tuple[Theme, Response | None]] = {}
    members: dict[int, list[tuple[str, bool]]] = defaultdict(list)
    for theme, contribution_id, main, response in rows:
        found[theme.id] = (theme, response)
        if contribution_id in refs:
            members[theme.id].append((refs[contribution_id], main))
    return tuple(
        figures.ThemeRow(
            theme.ref,
            theme.title,
            numbers.get(theme.project_id) if theme.project_id is not None else None,
            tuple(sorted(ref for ref, _ in members[theme.id])),
            tuple(sorted(ref for ref, main in members[theme.id] if main)),
            _response(response),
        )
        for theme, response in found.values()
    )


def _decisions(consultation: Consultation) -> tuple[figures.DecisionRow, ...]:
    rows = db.session.execute(
        sa.select(
            ModerationDecision.decision,
            ModerationDecision.reason,
            ModerationDecision.received_at,
            ModerationDecision.decided_at,
            ModerationDecision.in_time,
            ModerationDecision.source,
            Appeal.state,
        )
        .outerjoin(Appeal, _same(Appeal, ModerationDecision) & (Appeal.decision_id == ModerationDecision.id))
        .where(
            ModerationDecision.collectivity_id == consultation.collectivity_id,
            ModerationDecision.consultation_id == consultation.id,
            ModerationDecision.undone_at.is_(None),
        )
    )
    return tuple(
        figures.DecisionRow(
            decision.value,
            reason.value if reason else None,
            int((decided - received).total_seconds() // 60),
            in_time,
            source == "due",
            appeal,
        )
        for decision, reason, received, decided, in_time, source, appeal in rows
    )


def _meetings(consultation: Consultation) -> tuple[shapes.MeetingView, ...]:
    rows = db.session.execute(
        sa.select(Meeting, Attendance)
        .join(Attendance, _same(Attendance, Meeting) & (Attendance.meeting_id == Meeting.id))
        .where(
            Meeting.collectivity_id == consultation.collectivity_id, Meeting.plan_id == consultation.plan_id
        )
        .order_by(Meeting.starts_at, Meeting.slug, Attendance.audience)
    )
    groups: dict[int, tuple[Meeting, list[Attendance]]] = {}
    for meeting, attendance in rows:
        groups.setdefault(meeting.id, (meeting, []))[1].append(attendance)
    return tuple(_meeting(meeting, counts) for meeting, counts in groups.values())


def _meeting(meeting: Meeting, counts: Iterable[Attendance]) -> shapes.MeetingView:
    rows = tuple(shapes.AttendanceRow(a.audience, a.women, a.men, a.not_stated) for a in counts)
    women, men = sum(r.women for r in rows), sum(r.men for r in rows)
    return shapes.MeetingView(
        meeting.slug,
        meeting.title,
        meeting.starts_at.isoformat(),
        rows,
        women,
        men,
        women + men + sum(r.not_stated for r in rows),
    )


def _versions(
    consultation: Consultation,
) -> tuple[plans.VersionView | None, plans.VersionView | None]:
    """Return the version that people read, and the revised one made from what they said, if it exists."""
    listed = plans.versions_of(consultation.collectivity_id, consultation.plan_id)
    before = next((one for one in listed if one.id == consultation.version_id), None)
    if before is None:
        return None, None
    after = next(
        (one for one in listed if one.number > before.number and one.kind is VersionKind.REVISED), None
    )
    return before, after


def _changes(before: plans.VersionView | None, after: plans.VersionView | None) -> shapes.Changes | None:
    if before is None or after is None:
        return None
    return shapes.Changes(
        before.number,
        after.number,
        tuple(
            shapes.ChangeView(
                one.number,
                one.title,
                one.status.value,
                tuple(shapes.CauseView(cause.cause.value, cause.note) for cause in one.causes),
                tuple(shapes.FieldChange(f.name, f.lang, f.before, f.after) for f in one.fields),
            )
            for one in plans.differences(before, after).projects
        ),
    )


def _other_rounds(
    rows: Iterable[Any], consultation: Consultation, texts: Iterable[figures.TextRow]
) -> tuple[shapes.Round, ...]:
    listed = [row[0] for row in rows if row[0].id != consultation.id]
    by_kind: dict[str, list[figures.TextRow]] = defaultdict(list)
    for text in texts:
        if not text.here:
            by_kind[text.consultation_kind].append(text)
    return tuple(
        shapes.Round(
            one.kind.value,
            one.title,
            one.opens_at.isoformat(),
            one.closes_at.isoformat(),
            one.people_count,
            one.association_count,
            len(by_kind[one.kind.value]),
            sum(text.readable for text in by_kind[one.kind.value]),
        )
        for one in listed
    )


__all__ = ["Head", "Sealed", "document", "head", "reading", "sealed", "snapshot"]
