"""What the rooms know of a plan, gathered for the moves; the strip of seven steps; the timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from werkzeug.exceptions import NotFound

from participate.consultations.models import Consultation, Extension
from participate.contributions.models import Contribution
from participate.council.models import CouncilSession, Deliberation, ProjectVote, Sitting
from participate.db import Words, clock, db
from participate.evaluation.models import Evaluation
from participate.moderation.models import Appeal, ModerationDecision
from participate.network.models import Collectivity
from participate.plans.models import ActionPlan, Axis, PlanVersion, Project, ProjectRevision, VersionProject
from participate.plans.queries import Keyed, Missing, missing_in, versions_of
from participate.responses import queries as responses
from participate.responses.models import IdeaFate, Response
from participate.rules import lifecycle as law
from participate.rules import windows
from participate.rules.lifecycle import Facts, MoveName, Need, Stage, Step, StepState, Warn
from participate.rules.moderation import REWRITE_DAYS, Decision, notice_due
from participate.rules.outcomes import (
    READABLE_STATES,
    ConsultationKind,
    ConsultationState,
    ContributionKind,
    ProjectDecision,
    PublishState,
    ResponseState,
    VersionKind,
)
from participate.rules.policy import Place
from participate.rules.text import is_blank

LIVE = (
    ConsultationState.PLANNED,
    ConsultationState.ANNOUNCED,
    ConsultationState.OPEN,
    ConsultationState.CLOSED,
)
"""States of the consultations of the present round: a return by the council archives the earlier ones."""

GIVEN = (ResponseState.APPROVED, ResponseState.PUBLISHED)


# --- places --------------------------------------------------------------------------------------


def consultation_place(slug: str, cycle: str, consultation_id: int, **_rest: object) -> Place:
    """Return the place of one consultation of a plan, by its key. Raises NotFound.

    `ids` holds "plan" and "consultation".
    """
    row = db.session.execute(
        sa.select(
            ActionPlan.collectivity_id,
            ActionPlan.id,
            ActionPlan.stage,
            Consultation.id.label("consultation_id"),
            Consultation.state,
        )
        .join(Collectivity, Collectivity.id == ActionPlan.collectivity_id)
        .join(
            Consultation,
            (Consultation.collectivity_id == ActionPlan.collectivity_id)
            & (Consultation.plan_id == ActionPlan.id),
        )
        .where(Collectivity.slug == slug, ActionPlan.cycle == cycle, Consultation.id == consultation_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Place(
        collectivity_id=row.collectivity_id,
        plan_id=row.id,
        stage=row.stage,
        consultation_id=row.consultation_id,
        consultation_state=row.state,
        ids={"plan": row.id, "consultation": row.consultation_id},
        slug=slug,
        cycle=cycle,
    )


# --- facts ---------------------------------------------------------------------------------------


def facts(plan: Keyed, consultation: Keyed | None = None, *, now: datetime | None = None) -> Facts:
    """Return what the rooms know now of a plan and, for a move of a consultation, of that one.

    `public_reason` is the override of the notice for a consultation, and the reason of the recorded
    deliberation for a plan before its council; the moves that ask for one of their own add it.
    """
    now = now or clock()
    row = _plan(plan.collectivity_id, plan.id)
    found = Facts(
        stage=row.stage,
        now=now,
        arabic_axes=_arabic_axes(row),
        ends_on_reached=windows.casablanca_date(now) >= row.ends_on,
    )
    if consultation is not None:
        found = _with(found, _consultation_facts(row, consultation.id))
    if row.stage is Stage.SYNTHESIS:
        found = _with(found, _answer_facts(row, now))
    if row.stage is Stage.COUNCIL:
        found = _with(found, _council_facts(row))
    if row.stage is Stage.EVALUATION:
        found = _with(found, {"evaluation_recorded": _evaluated(row)})
    return found


def _with(found: Facts, more: dict[str, Any]) -> Facts:
    return Facts(**{**found.__dict__, **more})


def _plan(collectivity_id: int, plan_id: int) -> ActionPlan:
    row = db.session.scalar(
        sa.select(ActionPlan)
        .where(ActionPlan.collectivity_id == collectivity_id, ActionPlan.id == plan_id)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


def _count(statement: sa.Select[Any]) -> int:
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(statement.subquery())) or 0)


def _arabic_axes(plan: ActionPlan) -> int:
    titles = db.session.scalars(
        sa.select(Axis.title).where(Axis.collectivity_id == plan.collectivity_id, Axis.plan_id == plan.id)
    )
    return sum(not is_blank(title.get("ar", "")) for title in titles)


def _consultation_facts(plan: ActionPlan, consultation_id: int) -> dict[str, Any]:
    row = db.session.scalar(
        sa.select(Consultation)
        .where(
            Consultation.collectivity_id == plan.collectivity_id,
            Consultation.plan_id == plan.id,
            Consultation.id == consultation_id,
        )
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    draft = reviewable_version(plan)
    return {
        "consultation": row.kind,
        "consultation_state": row.state,
        "announced_at": row.announced_at,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "public_reason": bool(row.notice_override),
        "draft_version_projects": len(draft.projects) if draft else 0,
        "incomplete_projects": tuple(sorted(draft.incomplete)) if draft else (),
        "other_open": _count(
            sa.select(Consultation.id).where(
                Consultation.collectivity_id == plan.collectivity_id,
                Consultation.plan_id == plan.id,
                Consultation.id != row.id,
                Consultation.state == ConsultationState.OPEN,
            )
        ),
    }


@dataclass(frozen=True)
class DraftVersion:
    """The version a review would bind: its projects by number, and what some of them lack in Arabic."""

    id: int
    number: int
    projects: tuple[int, ...]
    incomplete: dict[int, tuple[Missing, ...]]


def reviewable_version(plan: Keyed) -> DraftVersion | None:
    """Return the latest version if it is a draft: after a return, the draft must be published anew.

    What is judged is what people will read, the published words, never the working copy.
    """
    latest = (
        sa.select(sa.func.max(PlanVersion.number))
        .where(PlanVersion.collectivity_id == plan.collectivity_id, PlanVersion.plan_id == plan.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(PlanVersion.id, PlanVersion.number, Project.number, ProjectRevision)
        .select_from(PlanVersion)
        .join(
            VersionProject,
            (VersionProject.collectivity_id == PlanVersion.collectivity_id)
            & (VersionProject.version_id == PlanVersion.id),
        )
        .join(
            Project,
            (Project.collectivity_id == VersionProject.collectivity_id)
            & (Project.id == VersionProject.project_id),
        )
        .join(
            ProjectRevision,
            (ProjectRevision.collectivity_id == VersionProject.collectivity_id)
            & (ProjectRevision.id == VersionProject.revision_id),
        )
        .where(
            PlanVersion.collectivity_id == plan.collectivity_id,
            PlanVersion.plan_id == plan.id,
            PlanVersion.number == latest,
            PlanVersion.kind == VersionKind.DRAFT,
        )
        .order_by(Project.number)
    ).all()
    if not rows:
        return None
    lacking = {number: missing_in(revision) for _, _, number, revision in rows}
    return DraftVersion(
        rows[0][0], rows[0][1], tuple(row[2] for row in rows), {n: m for n, m in lacking.items() if m}
    )


def round_ids(plan: Keyed) -> sa.Select[Any]:
    """Return the statement of the present round's consultations of a plan: those not archived."""
    return sa.select(Consultation.id).where(
        Consultation.collectivity_id == plan.collectivity_id,
        Consultation.plan_id == plan.id,
        Consultation.state.in_(LIVE),
    )


def _answer_facts(plan: ActionPlan, now: datetime) -> dict[str, Any]:
    here = plan.collectivity_id
    rounds = round_ids(plan)
    in_round = (Contribution.collectivity_id == here) & Contribution.consultation_id.in_(rounds)
    # The same figure as the dossier's: one definition, in the room that keeps the answers.
    covered = responses.coverage(here, *db.session.scalars(rounds))
    return {
        "reviews_closed": _count(
            sa.select(Consultation.id).where(
                Consultation.collectivity_id == here,
                Consultation.plan_id == plan.id,
                Consultation.kind == ConsultationKind.DRAFT_REVIEW,
                Consultation.state == ConsultationState.CLOSED,
            )
        ),
        "pending": _count(pending(plan, now)),
        "open_appeals": _count(
            sa.select(Appeal.id)
            .join(
                Contribution,
                (Contribution.collectivity_id == Appeal.collectivity_id)
                & (Contribution.id == Appeal.contribution_id),
            )
            .where(in_round, Appeal.state == "open")
        ),
        "appeal_window_ends": appeal_window_ends(plan),
        "ideas_without_fate": _count(ideas_without_fate(plan)),
        "projects_without_response": tuple(projects_without_response(plan)),
        "answerable": covered.answerable,
        "answered": covered.answered,
        "revised_version_ready": _revised_version_ready(plan),
    }


def pending(plan: Keyed, now: datetime) -> sa.Select[Any]:
    """Return the statement of contributions for which somebody still owes something.

    A text sent back to its author stops pending when the days for rewriting are over.
    """
    returned = (
        sa.exists()
        .where(
            ModerationDecision.collectivity_id == Contribution.collectivity_id,
            ModerationDecision.contribution_id == Contribution.id,
            ModerationDecision.decision == Decision.RETURN,
            ModerationDecision.undone_at.is_(None),
            ModerationDecision.decided_at > now - timedelta(days=REWRITE_DAYS),
        )
        .correlate(Contribution)
    )
    return sa.select(Contribution.id).where(
        Contribution.collectivity_id == plan.collectivity_id,
        Contribution.consultation_id.in_(round_ids(plan)),
        sa.or_(
            Contribution.state == PublishState.WAITING,
            (Contribution.state == PublishState.RETURNED) & returned,
        ),
    )


def appeal_window_ends(plan: Keyed) -> datetime | None:
    """Return when the last running right of appeal ends; None when no decision can be appealed."""
    rows = db.session.execute(
        sa.select(sa.func.max(ModerationDecision.decided_at), Consultation.closed_at, Consultation.closes_at)
        .join(
            Consultation,
            (Consultation.collectivity_id == ModerationDecision.collectivity_id)
            & (Consultation.id == ModerationDecision.consultation_id),
        )
        .outerjoin(
            Appeal,
            (Appeal.collectivity_id == ModerationDecision.collectivity_id)
            & (Appeal.decision_id == ModerationDecision.id),
        )
        .where(
            ModerationDecision.collectivity_id == plan.collectivity_id,
            ModerationDecision.consultation_id.in_(round_ids(plan)),
            ModerationDecision.decision != Decision.PUBLISH,
            ModerationDecision.undone_at.is_(None),
            Appeal.id.is_(None),
        )
        .group_by(Consultation.id, Consultation.closed_at, Consultation.closes_at)
    )
    return max((windows.appeal_deadline(notice_due(last), closes) for last, _, closes in rows), default=None)


def ideas_without_fate(plan: Keyed) -> sa.Select[Any]:
    """Return the statement of published ideas whose fate the committee has not decided."""
    return (
        sa.select(Contribution.id)
        .outerjoin(
            IdeaFate,
            (IdeaFate.collectivity_id == Contribution.collectivity_id)
            & (IdeaFate.contribution_id == Contribution.id),
        )
        .where(
            Contribution.collectivity_id == plan.collectivity_id,
            Contribution.consultation_id.in_(round_ids(plan)),
            Contribution.kind == ContributionKind.IDEA,
            Contribution.state.in_(READABLE_STATES),
            IdeaFate.contribution_id.is_(None),
        )
    )


def projects_without_response(plan: Keyed) -> list[int]:
    """Return the numbers of reviewed projects that have no approved response of their own."""
    rows = db.session.scalars(
        sa.select(Project.number)
        .join(
            VersionProject,
            (VersionProject.collectivity_id == Project.collectivity_id)
            & (VersionProject.project_id == Project.id),
        )
        .join(
            Consultation,
            (Consultation.collectivity_id == VersionProject.collectivity_id)
            & (Consultation.version_id == VersionProject.version_id)
            & (Consultation.state == ConsultationState.CLOSED),
        )
        .outerjoin(
            Response,
            (Response.collectivity_id == Project.collectivity_id)
            & (Response.consultation_id == Consultation.id)
            & (Response.project_id == Project.id)
            & Response.state.in_(GIVEN),
        )
        .where(
            Project.collectivity_id == plan.collectivity_id, Project.plan_id == plan.id, Response.id.is_(None)
        )
        .order_by(Project.number)
    )
    return list(rows)


def _revised_version_ready(plan: ActionPlan) -> bool:
    """Whether the working copy can be the revised version: it has projects, each complete in Arabic."""
    rows = db.session.scalars(
        sa.select(Project).where(
            Project.collectivity_id == plan.collectivity_id,
            Project.plan_id == plan.id,
            Project.removed_at.is_(None),
        )
    ).all()
    return bool(rows) and not any(missing_in(row) for row in rows)


def deliberation_of(plan: Keyed) -> tuple[Deliberation, Sitting] | None:
    """Return the council's recorded decision that the plan has not yet followed, with its sitting."""
    row = db.session.execute(
        sa.select(Deliberation, Sitting)
        .join(
            Sitting,
            (Sitting.collectivity_id == Deliberation.collectivity_id)
            & (Sitting.id == Deliberation.sitting_id),
        )
        .where(
            Deliberation.collectivity_id == plan.collectivity_id,
            Deliberation.plan_id == plan.id,
            Deliberation.performed_at.is_(None),
        )
        .order_by(Deliberation.recorded_at.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return (row[0], row[1]) if row is not None else None


def _council_facts(plan: ActionPlan) -> dict[str, Any]:
    found = deliberation_of(plan)
    before_council = versions_of(plan.collectivity_id, plan.id)
    decided = ProjectVote.deliberation_id == (found[0].id if found else 0)
    undecided = db.session.scalars(
        sa.select(Project.number)
        .join(
            VersionProject,
            (VersionProject.collectivity_id == Project.collectivity_id)
            & (VersionProject.project_id == Project.id),
        )
        .outerjoin(
            ProjectVote,
            (ProjectVote.collectivity_id == Project.collectivity_id)
            & (ProjectVote.project_id == Project.id)
            & decided,
        )
        .where(
            Project.collectivity_id == plan.collectivity_id,
            VersionProject.version_id == (before_council[-1].id if before_council else 0),
            ProjectVote.project_id.is_(None),
        )
        .order_by(Project.number)
    )
    unwritten = db.session.scalars(
        sa.select(Project.number)
        .join(
            ProjectVote,
            (ProjectVote.collectivity_id == Project.collectivity_id)
            & (ProjectVote.project_id == Project.id)
            & decided,
        )
        .where(
            Project.collectivity_id == plan.collectivity_id,
            ProjectVote.decision == ProjectDecision.ADOPTED_AMENDED,
            ProjectVote.amended_text.is_(None),
        )
        .order_by(Project.number)
    )
    return {
        "quorum": found is not None and found[1].quorum,
        "amendments_unwritten": tuple(unwritten),
        "projects_undecided": tuple(undecided),
        "deliberation_dated": found is not None and bool(found[0].reference.strip()),
        "public_reason": found is not None and found[0].outcome == "returned" and bool(found[0].reason),
    }


def _evaluated(plan: ActionPlan) -> bool:
    return (
        db.session.scalar(
            sa.select(Evaluation.id).where(
                Evaluation.collectivity_id == plan.collectivity_id, Evaluation.plan_id == plan.id
            )
        )
        is not None
    )


# --- checklist -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class CheckRow:
    """One need of a move, and whether it is met."""

    need: Need
    ok: bool


@dataclass(frozen=True)
class Checklist:
    """Everything a move asks, for the officer who prepares it."""

    move: MoveName
    wrong_stage: bool
    wrong_consultation: bool
    rows: tuple[CheckRow, ...]
    warnings: tuple[Warn, ...]

    @property
    def ready(self) -> bool:
        """Whether the move can be performed now."""
        return not self.wrong_stage and not self.wrong_consultation and all(row.ok for row in self.rows)


def checklist(move: MoveName, known: Facts) -> Checklist:
    """Return every need of a move with whether the facts meet it."""
    unmet = law.check(move, known)
    return Checklist(
        move,
        unmet.wrong_stage,
        unmet.wrong_consultation,
        tuple(CheckRow(need, need not in unmet.needs) for need in law.MOVES[move].needs),
        law.warnings(move, known),
    )


# --- consultations of a plan ------------------------------------------------------------------------


@dataclass(frozen=True)
class ExtensionView:
    """A deadline that was moved, with its public reason."""

    old_closes_at: datetime
    new_closes_at: datetime
    reason: Words
    at: datetime


@dataclass(frozen=True)
class ConsultationRow:
    """A consultation as the calendar shows it."""

    collectivity_id: int
    id: int
    plan_id: int
    kind: ConsultationKind
    state: ConsultationState
    title: Words
    announced_at: datetime | None
    opens_at: datetime
    closes_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    notice_override: Words | None
    accepts: tuple[str, ...]
    min_level: int
    version_id: int | None
    extensions: tuple[ExtensionView, ...]

    @property
    def last_day(self) -> date:
        """The last day on which something is accepted."""
        return windows.Window(self.opens_at, self.closes_at).last_day

    @property
    def notice_days(self) -> int | None:
        """Days of public notice, None before the notice."""
        return windows.notice_days(self.announced_at, self.opens_at) if self.announced_at else None


def consultations_of(collectivity_id: int, plan_id: int) -> list[ConsultationRow]:
    """Return every consultation of a plan by its opening, with its extensions."""
    rows = db.session.execute(
        sa.select(Consultation, Extension)
        .outerjoin(
            Extension,
            (Extension.collectivity_id == Consultation.collectivity_id)
            & (Extension.consultation_id == Consultation.id),
        )
        .where(Consultation.collectivity_id == collectivity_id, Consultation.plan_id == plan_id)
        .order_by(Consultation.opens_at, Consultation.id, Extension.at)
        .execution_options(populate_existing=True)
    ).all()
    found: dict[int, tuple[Consultation, list[Extension]]] = {}
    for consultation, extension in rows:
        found.setdefault(consultation.id, (consultation, []))
        if extension is not None:
            found[consultation.id][1].append(extension)
    return [_consultation_row(*pair) for pair in found.values()]


def _consultation_row(row: Consultation, extensions: list[Extension]) -> ConsultationRow:
    return ConsultationRow(
        collectivity_id=row.collectivity_id,
        id=row.id,
        plan_id=row.plan_id,
        kind=row.kind,
        state=row.state,
        title=row.title,
        announced_at=row.announced_at,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        notice_override=row.notice_override,
        accepts=tuple(row.accepts),
        min_level=row.min_level,
        version_id=row.version_id,
        extensions=tuple(ExtensionView(e.old_closes_at, e.new_closes_at, e.reason, e.at) for e in extensions),
    )


# --- the seven steps and the timeline -----------------------------------------------------------------


@dataclass(frozen=True)
class CycleStep:
    """One star of the strip: which step, how it is drawn, and the moments that belong to it.

    `ends` is exclusive. `day` is a date where the step has one instead of a window.
    """

    key: Step
    state: StepState
    starts: datetime | None = None
    ends: datetime | None = None
    day: date | None = None
    until: date | None = None
    open: bool = False


@dataclass(frozen=True)
class _Steps:
    plan: ActionPlan
    call: Consultation | None
    review: Consultation | None
    session: date | None
    draft: datetime | None


def cycle_steps(plan: Keyed) -> tuple[CycleStep, ...]:
    """Return the seven steps of a plan with their state and dates, in one statement.

    The words are the page's: see `lifecycle.words.strip`.
    """
    return _drawn(_steps(plan))


def session_and_draft() -> tuple[Any, Any]:
    """Return two columns for a statement on ActionPlan: its session's day, and when its draft was published."""
    session = (
        sa.select(sa.func.max(CouncilSession.opens_on))
        .where(
            CouncilSession.collectivity_id == ActionPlan.collectivity_id,
            CouncilSession.plan_id == ActionPlan.id,
        )
        .scalar_subquery()
    )
    draft = (
        sa.select(sa.func.max(PlanVersion.published_at))
        .where(
            PlanVersion.collectivity_id == ActionPlan.collectivity_id,
            PlanVersion.plan_id == ActionPlan.id,
            PlanVersion.kind == VersionKind.DRAFT,
        )
        .scalar_subquery()
    )
    return session, draft


def steps_of(
    plan: ActionPlan, consultations: Iterable[Consultation], session: date | None, draft: datetime | None
) -> tuple[CycleStep, ...]:
    """Return `cycle_steps` of what a page already read: consultations by their opening, planned ones left out."""
    # The latest of each kind: a plan that came back from the council has older ones.
    latest = {one.kind: one for one in consultations}
    return _drawn(
        _Steps(
            plan,
            latest.get(ConsultationKind.CALL_FOR_IDEAS),
            latest.get(ConsultationKind.DRAFT_REVIEW),
            session,
            draft,
        )
    )


def _drawn(known: _Steps) -> tuple[CycleStep, ...]:
    call_state = known.call.state if known.call else None
    if call_state is None and known.draft is None and known.plan.stage is Stage.PREPARATION:
        # Nothing has happened in public yet: the ideas are to come, they are not behind us.
        call_state = ConsultationState.PLANNED
    drawn = dict(law.stars(known.plan.stage, call_state))
    made = {
        Step.IDEAS: _window_step(Step.IDEAS, drawn, known.call),
        Step.DRAFT: CycleStep(
            Step.DRAFT, drawn[Step.DRAFT], day=windows.casablanca_date(known.draft) if known.draft else None
        ),
        Step.REVIEW: _window_step(Step.REVIEW, drawn, known.review),
        Step.ANSWERS: CycleStep(
            Step.ANSWERS,
            drawn[Step.ANSWERS],
            starts=known.review.closes_at
            if known.review and known.review.state is not ConsultationState.ARCHIVED
            else None,
        ),
        Step.COUNCIL: CycleStep(Step.COUNCIL, drawn[Step.COUNCIL], day=known.session),
        Step.IMPLEMENTATION: CycleStep(
            Step.IMPLEMENTATION,
            drawn[Step.IMPLEMENTATION],
            day=known.plan.starts_on,
            until=known.plan.ends_on,
        ),
        Step.EVALUATION: CycleStep(Step.EVALUATION, drawn[Step.EVALUATION], day=known.plan.ends_on),
    }
    return tuple(made[step] for step in Step)


def _steps(plan: Keyed) -> _Steps:
    rows = db.session.execute(
        sa.select(ActionPlan, Consultation, *session_and_draft())
        .outerjoin(
            Consultation,
            (Consultation.collectivity_id == ActionPlan.collectivity_id)
            & (Consultation.plan_id == ActionPlan.id)
            & (Consultation.state != ConsultationState.PLANNED),
        )
        .where(ActionPlan.collectivity_id == plan.collectivity_id, ActionPlan.id == plan.id)
        .order_by(Consultation.opens_at)
    ).all()
    if not rows:
        raise NotFound
    latest = {row[1].kind: row[1] for row in rows if row[1] is not None}
    return _Steps(
        rows[0][0],
        latest.get(ConsultationKind.CALL_FOR_IDEAS),
        latest.get(ConsultationKind.DRAFT_REVIEW),
        rows[0][2],
        rows[0][3],
    )


def _window_step(step: Step, drawn: dict[Step, StepState], row: Consultation | None) -> CycleStep:
    if row is None:
        return CycleStep(step, drawn[step])
    return CycleStep(
        step,
        drawn[step],
        starts=row.opens_at,
        ends=row.closes_at,
        open=row.state is ConsultationState.OPEN,
    )


class Event(StrEnum):
    """What the timeline of a plan tells."""

    ANNOUNCED = "announced"
    OPENS = "opens"
    EXTENDED = "extended"
    CLOSES = "closes"
    VERSION = "version"
    RESPONSES_APPROVED = "responses_approved"
    AGENDA_TO_GOVERNOR = "agenda_to_governor"
    DOSSIER_TO_COUNCILLORS = "dossier_to_councillors"
    SESSION = "session"
    DECIDED = "decided"
    DECISIONS_PUBLISHED = "decisions_published"
    WITHDRAWN = "withdrawn"
    STARTS = "starts"
    ENDS = "ends"


@dataclass(frozen=True)
class TimelineEvent:
    """One dated line: performed, or to come. `planned` marks a day that a delay gives, not a decision."""

    event: Event
    day: date
    done: bool
    kind: ConsultationKind | None = None
    version: int | None = None
    version_kind: VersionKind | None = None
    note: Words | None = None
    planned: bool = False
    outcome: str | None = None


def session_day(plan: Keyed) -> date | None:
    """Return the day the council's session opens, once announced."""
    return db.session.scalar(
        sa.select(sa.func.max(CouncilSession.opens_on)).where(
            CouncilSession.collectivity_id == plan.collectivity_id, CouncilSession.plan_id == plan.id
        )
    )


_PLANNED = {
    windows.Step.RESPONSES_APPROVED: Event.RESPONSES_APPROVED,
    windows.Step.AGENDA_TO_GOVERNOR: Event.AGENDA_TO_GOVERNOR,
    windows.Step.DOSSIER_TO_COUNCILLORS: Event.DOSSIER_TO_COUNCILLORS,
    windows.Step.DECISIONS_PUBLISHED: Event.DECISIONS_PUBLISHED,
}


def timeline(plan: Keyed, now: datetime) -> list[TimelineEvent]:
    """Return the dated life of a plan in order: what was performed, and what is to come.

    What is only planned, and private, is left out: a consultation appears once announced.
    """
    today = windows.casablanca_date(now)
    row = _plan(plan.collectivity_id, plan.id)
    found: list[TimelineEvent] = []
    for one in consultations_of(plan.collectivity_id, plan.id):
        found += _consultation_events(one)
    for version in versions_of(plan.collectivity_id, plan.id):
        found.append(
            TimelineEvent(
                Event.VERSION,
                windows.casablanca_date(version.published_at),
                done=True,
                version=version.number,
                version_kind=version.kind,
                note=version.note,
            )
        )
    session = session_day(plan)
    if session is not None:
        found.append(TimelineEvent(Event.SESSION, session, done=session < today))
        if row.stage in law.BEFORE_ADOPTION:
            found += [
                TimelineEvent(_PLANNED[step.step], step.at_latest, done=False, planned=True)
                for step in windows.back_planning(session)
                if step.step in _PLANNED and step.at_latest >= today
            ]
    found += _deliberations(plan)
    if row.stage is Stage.WITHDRAWN:
        day = windows.casablanca_date(row.stage_since)
        found.append(TimelineEvent(Event.WITHDRAWN, day, done=True, note=row.withdrawn_reason))
    else:
        found.append(TimelineEvent(Event.STARTS, row.starts_on, done=row.stage not in law.BEFORE_ADOPTION))
        found.append(TimelineEvent(Event.ENDS, row.ends_on, done=row.stage is Stage.CLOSED))
    return sorted(found, key=lambda event: event.day)


def _consultation_events(one: ConsultationRow) -> list[TimelineEvent]:
    if one.announced_at is None:
        return []
    day = windows.casablanca_date
    found = [
        TimelineEvent(
            Event.ANNOUNCED, day(one.announced_at), done=True, kind=one.kind, note=one.notice_override
        ),
        TimelineEvent(Event.OPENS, day(one.opens_at), done=one.opened_at is not None, kind=one.kind),
        TimelineEvent(Event.CLOSES, one.last_day, done=one.closed_at is not None, kind=one.kind),
    ]
    return found + [
        TimelineEvent(Event.EXTENDED, day(e.at), done=True, kind=one.kind, note=e.reason)
        for e in one.extensions
    ]


def _deliberations(plan: Keyed) -> list[TimelineEvent]:
    rows = db.session.scalars(
        sa.select(Deliberation).where(
            Deliberation.collectivity_id == plan.collectivity_id,
            Deliberation.plan_id == plan.id,
            Deliberation.performed_at.is_not(None),
        )
    )
    return [
        TimelineEvent(Event.DECIDED, row.decided_on, done=True, note=row.reason, outcome=row.outcome)
        for row in rows
    ]


# --- what is due ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """A consultation whose moment has come: to open or to close."""

    collectivity_id: int
    consultation_id: int
    opening: bool


def due(collectivity_id: int | None, now: datetime) -> tuple[list[Due], set[int]]:
    """Return the openings and closings whose moment has come, and where a promise of moderation is over.

    One statement; `collectivity_id` None looks everywhere.
    """
    opening = (Consultation.state == ConsultationState.ANNOUNCED) & (Consultation.opens_at <= now)
    closing = (Consultation.state == ConsultationState.OPEN) & (Consultation.closes_at <= now)
    living = ActionPlan.stage.in_([Stage.PREPARATION, Stage.CONSULTATION])
    windows_due = (
        sa.select(
            Consultation.collectivity_id,
            Consultation.id.label("consultation_id"),
            sa.case((opening, 1), else_=0).label("opening"),
            Consultation.opens_at.label("at"),
        )
        .join(
            ActionPlan,
            (ActionPlan.collectivity_id == Consultation.collectivity_id)
            & (ActionPlan.id == Consultation.plan_id),
        )
        .where(sa.or_(opening, closing), living)
    )
    late = (
        sa.select(
            Contribution.collectivity_id,
            sa.literal(0).label("consultation_id"),
            sa.literal(-1).label("opening"),
            sa.func.min(Contribution.due_at).label("at"),
        )
        .where(
            Contribution.state.in_([PublishState.WAITING, PublishState.RETURNED]), Contribution.due_at <= now
        )
        .group_by(Contribution.collectivity_id)
    )
    if collectivity_id is not None:
        windows_due = windows_due.where(Consultation.collectivity_id == collectivity_id)
        late = late.where(Contribution.collectivity_id == collectivity_id)
    rows = db.session.execute(sa.union_all(windows_due, late).order_by("at")).all()
    return (
        [Due(row[0], row[1], bool(row[2])) for row in rows if row[2] >= 0],
        {row[0] for row in rows if row[2] < 0},
    )
