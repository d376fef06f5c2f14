"""The plain facts of a plan, gathered from every room, that the rules judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from werkzeug.exceptions import NotFound

from participate.consultations.models import Consultation
from participate.contributions.models import Contribution
from participate.council.models import Deliberation, ProjectVote, Sitting
from participate.db import clock, db
from participate.evaluation.models import Evaluation
from participate.moderation.models import Appeal, ModerationDecision
from participate.plans.models import ActionPlan, Axis, PlanVersion, Project, ProjectRevision, VersionProject
from participate.plans.queries import Keyed, Missing, missing_in, versions_of
from participate.responses import queries as responses
from participate.responses.models import IdeaFate, Response
from participate.rules import windows
from participate.rules.lifecycle import Facts, Stage
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
from participate.rules.text import is_blank

LIVE = (
    ConsultationState.PLANNED,
    ConsultationState.ANNOUNCED,
    ConsultationState.OPEN,
    ConsultationState.CLOSED,
)
"""States of the consultations of the present round: a return by the council archives the earlier ones."""
GIVEN = (ResponseState.APPROVED, ResponseState.PUBLISHED)


def facts(plan: Keyed, consultation: Keyed | None = None, *, now: datetime | None = None) -> Facts:
    """Return what the rooms know now of a plan and, for a move of a consultation, of that one.

    `public_reason` is the override of the notice for a consultation, and the reason of the recorded
    deliberation for a plan before its council; the moves that ask for one of their own add it.
    """
    now = now or clock()
    row = plan_row(plan.collectivity_id, plan.id)
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
        found = _with(found, council_facts(row))
    if row.stage is Stage.EVALUATION:
        found = _with(found, {"evaluation_recorded": _evaluated(row)})
    return found


def _with(found: Facts, more: dict[str, Any]) -> Facts:
    return Facts(**{**found.__dict__, **more})


def plan_row(collectivity_id: int, plan_id: int) -> ActionPlan:
    """Return the plan's row, read anew."""
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


def council_facts(plan: ActionPlan) -> dict[str, Any]:
    """Return what the council did with a plan, as the rules ask for it."""
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
