"""Reading the council's work on a plan: session, sittings, decision, votes; and what people had said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from participate.council.models import CouncilSession, CouncilSetting, Deliberation, ProjectVote, Sitting
from participate.council.queries.settings import rules_from
from participate.db import Words, db
from participate.plans import queries as plans
from participate.plans.models import Project
from participate.rules.council import Call, MeetingDays, Quorum, meeting_days, quorum
from participate.rules.outcomes import DECISIONS_ADOPTING, ProjectDecision, VersionKind
from participate.rules.session_calendar import COUNCIL_RULES, CouncilRules
from participate.rules.tallies import MIN_BASE
from participate.rules.windows import casablanca_date
from participate.synthesis import queries as synthesis
from participate.synthesis.shapes import ProjectReading, TallyView

AMENDABLE = ("summary", "problem", "solution", "expected_result", "budget_mad", "milestones")
"""What of a project the council may rewrite; its title, axis and service in charge stay."""

STRONG_NUMERATOR, STRONG_DENOMINATOR = 2, 3
"""Strong support: at least two thirds of those who agreed or disagreed, at least 20 of them."""


@dataclass(frozen=True)
class SittingView:
    """One sitting, with or without its quorum. Counts are members of the council."""

    id: int
    call: Call
    held_at: datetime
    in_office: int
    present: int
    excused: int
    absent: int
    quorum: Quorum
    deliberated: bool

    @property
    def day(self) -> date:
        """The day in Casablanca."""
        return casablanca_date(self.held_at)


@dataclass(frozen=True)
class SessionView:
    """A session that has the plan on its agenda, with its sittings in the order of calls."""

    collectivity_id: int
    id: int
    plan_id: int
    kind: str
    opens_on: date
    agenda_item: Words | None
    announced_at: datetime
    sittings: tuple[SittingView, ...]
    agenda_sent_on: date | None = None
    rules: CouncilRules = COUNCIL_RULES

    @property
    def sitting(self) -> SittingView | None:
        """The sitting that could decide, if there was one."""
        return next((one for one in self.sittings if one.quorum.reached), None)

    @property
    def next_call(self) -> Call | None:
        """The call that a new sitting would follow; None when the council could decide or has no call left."""
        if self.sitting is not None or len(self.sittings) == len(Call):
            return None
        return Call(len(self.sittings) + 1)

    @property
    def next_days(self) -> MeetingDays | None:
        """The days on which the next call may meet."""
        if self.next_call is None:
            return None
        previous = self.sittings[-1].day if self.sittings else self.opens_on
        return meeting_days(self.next_call, previous, settings=self.rules.quorum)


@dataclass(frozen=True)
class VoteView:
    """The council's decision on one project."""

    project_id: int
    number: int
    decision: ProjectDecision
    present: int
    in_favour: int
    against: int
    abstain: int
    reason: Words | None
    amendment: Words | None
    amended_text: Mapping[str, Any] | None

    @property
    def adopted(self) -> bool:
        """Whether the project is in the adopted plan."""
        return self.decision in DECISIONS_ADOPTING


@dataclass(frozen=True)
class DecisionView:
    """What a sitting decided about the plan."""

    id: int
    sitting_id: int
    reference: str
    decided_on: date
    outcome: str
    reason: Words | None
    performed_at: datetime | None
    votes: tuple[VoteView, ...]

    @property
    def performed(self) -> bool:
        """Whether the plan has followed it."""
        return self.performed_at is not None

    @property
    def adopted(self) -> int:
        """How many projects were adopted, amended or not."""
        return sum(vote.adopted for vote in self.votes)


def session_of(collectivity_id: int, plan_id: int) -> SessionView | None:
    """Return the latest session announced for a plan, with every sitting, failed ones too. One statement."""
    latest = (
        sa.select(CouncilSession.id)
        .where(CouncilSession.collectivity_id == collectivity_id, CouncilSession.plan_id == plan_id)
        .order_by(CouncilSession.opens_on.desc(), CouncilSession.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(CouncilSession, Sitting, Deliberation.id, CouncilSetting)
        .outerjoin(
            Sitting,
            (Sitting.collectivity_id == CouncilSession.collectivity_id)
            & (Sitting.session_id == CouncilSession.id),
        )
        .outerjoin(
            Deliberation,
            (Deliberation.collectivity_id == Sitting.collectivity_id)
            & (Deliberation.sitting_id == Sitting.id),
        )
        .outerjoin(CouncilSetting, CouncilSetting.collectivity_id == CouncilSession.collectivity_id)
        .where(CouncilSession.collectivity_id == collectivity_id, CouncilSession.id == latest)
        .order_by(Sitting.call)
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        return None
    session = rows[0][0]
    return SessionView(
        session.collectivity_id,
        session.id,
        session.plan_id,
        session.kind,
        session.opens_on,
        session.agenda_item,
        session.announced_at,
        tuple(_sitting(row[1], deliberated=row[2] is not None) for row in rows if row[1] is not None),
        session.agenda_sent_on,
        rules_from(rows[0][3]),
    )


def _sitting(row: Sitting, *, deliberated: bool) -> SittingView:
    call = Call(row.call)
    return SittingView(
        row.id,
        call,
        row.held_at,
        row.in_office,
        row.present,
        row.excused,
        row.absent,
        quorum(call, row.in_office, row.present),
        deliberated,
    )


def votes_of(collectivity_id: int, plan_id: int) -> DecisionView | None:
    """Return the latest decision of the council on a plan with its votes by project. One statement."""
    latest = (
        sa.select(Deliberation.id)
        .where(Deliberation.collectivity_id == collectivity_id, Deliberation.plan_id == plan_id)
        .order_by(Deliberation.recorded_at.desc(), Deliberation.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Deliberation, ProjectVote, Project.number)
        .outerjoin(
            ProjectVote,
            (ProjectVote.collectivity_id == Deliberation.collectivity_id)
            & (ProjectVote.deliberation_id == Deliberation.id),
        )
        .outerjoin(
            Project,
            (Project.collectivity_id == ProjectVote.collectivity_id) & (Project.id == ProjectVote.project_id),
        )
        .where(Deliberation.collectivity_id == collectivity_id, Deliberation.id == latest)
        .order_by(Project.number)
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        return None
    found = rows[0][0]
    return DecisionView(
        found.id,
        found.sitting_id,
        found.reference,
        found.decided_on,
        found.outcome,
        found.reason,
        found.performed_at,
        tuple(
            VoteView(
                vote.project_id,
                number,
                vote.decision,
                vote.present,
                vote.in_favour,
                vote.against,
                vote.abstain,
                vote.reason,
                vote.amendment,
                vote.amended_text,
            )
            for _, vote, number in rows
            if vote is not None
        ),
    )


def amended_project(
    collectivity_id: int, plan_id: int, number: int
) -> tuple[plans.WorkingProject, VoteView] | None:
    """Return a project adopted with an amendment as it stands: what was rewritten, over what the council received.

    None where the decision is another one, or where the plan has already followed it.
    """
    decision = votes_of(collectivity_id, plan_id)
    if decision is None or decision.performed:
        return None
    vote = next((one for one in decision.votes if one.number == number), None)
    if vote is None or vote.decision is not ProjectDecision.ADOPTED_AMENDED:
        return None
    project = plans.working_project(collectivity_id, plan_id, number)
    if project is None:
        return None
    rewritten: dict[str, Any] = {
        name: plans.milestones_of(value) if name == "milestones" else value
        for name, value in (vote.amended_text or {}).items()
    }
    return replace(project, **rewritten), vote


def amendments_shown(collectivity_id: int, plan_id: int) -> Mapping[int, tuple[plans.FieldDifference, ...]]:
    """Return, by project number, what the adopted version changed word by word; empty before the adoption."""
    versions = plans.versions_of(collectivity_id, plan_id)
    if len(versions) < 2 or versions[-1].kind is not VersionKind.ADOPTED:
        return {}
    found = plans.differences(versions[-2], versions[-1])
    return {one.number: one.fields for one in found.of(plans.Status.CHANGED) if one.fields}


def positions_of(collectivity_id: int, plan_id: int) -> Mapping[int, ProjectReading]:
    """Return the sealed reading of each project by number; empty before the seal. One statement."""
    head = synthesis.head(collectivity_id, plan_id)
    if head is None or head.sealed is None:
        return {}
    return {project.number: project for project in head.sealed.reading.projects}


@dataclass(frozen=True)
class OnTheTable:
    """A project that the council decides on, as the last version published it."""

    project_id: int
    number: int
    title: Words
    budget_mad: int | None


def projects_on_the_table(
    collectivity_id: int, plan_id: int, version_id: int | None = None
) -> tuple[OnTheTable, ...]:
    """Return the projects before the council in the order of the plan. One statement."""
    plan = plans.published_plan(collectivity_id, plan_id, version_id=version_id)
    return tuple(
        OnTheTable(one.project_id, one.number, one.title, one.budget_mad)
        for one in (plan.projects if plan else ())
    )


def before_the_council(collectivity_id: int, plan_id: int) -> tuple[OnTheTable, ...]:
    """Return the projects of the version that the council received: the last one not itself adopted."""
    listed = [
        one for one in plans.versions_of(collectivity_id, plan_id) if one.kind is not VersionKind.ADOPTED
    ]
    return projects_on_the_table(collectivity_id, plan_id, listed[-1].id) if listed else ()


def against_the_voices(decision: ProjectDecision, tally: TallyView | None) -> str | None:
    """Say how a decision goes against a clear view of those who took part: "support", "opposition" or None.

    Clear: two thirds of at least 20 people who agreed or disagreed.
    """
    if tally is None or tally.agree + tally.disagree < MIN_BASE:
        return None
    decided = tally.agree + tally.disagree
    if decision in DECISIONS_ADOPTING:
        clear = STRONG_DENOMINATOR * tally.disagree >= STRONG_NUMERATOR * decided
        return "opposition" if clear else None
    clear = STRONG_DENOMINATOR * tally.agree >= STRONG_NUMERATOR * decided
    return "support" if clear else None


def missing(on_the_table: Iterable[OnTheTable], decided: Iterable[int]) -> tuple[int, ...]:
    """Return the numbers of the projects that have no decision yet."""
    known = set(decided)
    return tuple(one.number for one in on_the_table if one.project_id not in known)
