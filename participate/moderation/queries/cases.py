"""One case: its text, its history, what it can be joined to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.consultations.models import Consultation, Participant
from participate.contributions.models import Comment, Contribution, Idea
from participate.contributions.queries import typed_ref
from participate.db import Words, db
from participate.moderation.models import Appeal, ModerationDecision, Report
from participate.moderation.queries.paging import PAGE, cursor, micros_of, moment_of, parts_of
from participate.moderation.queries.shapes import Case, DecisionRow, RemovalRow, ReportRow, Target, TextField
from participate.moderation.queries.waiting import ROW_COLUMNS, is_taken_back, joined, row_of
from participate.plans.models import Axis, Project, ProjectRevision
from participate.positions.models import ProjectStatement
from participate.rules.moderation import UNDO_SECONDS
from participate.rules.outcomes import READABLE_STATES
from participate.rules.policy import Actor


def case(actor: Actor, collectivity_id: int, contribution_id: int) -> Case | None:
    """Return what a moderator may know of one contribution; four statements."""
    found = db.session.execute(
        joined(*ROW_COLUMNS).where(
            Contribution.collectivity_id == collectivity_id, Contribution.id == contribution_id
        )
    ).one_or_none()
    if found is None:
        return None
    contribution, participant, comment, idea, removal = found[0], found[1], found[2], found[3], found[12]
    others = aliased(Contribution)
    before = db.session.execute(
        sa.select(sa.func.count())
        .select_from(others)
        .join(
            Participant,
            sa.and_(
                Participant.collectivity_id == others.collectivity_id, Participant.id == others.participant_id
            ),
        )
        .where(
            others.collectivity_id == collectivity_id,
            others.id != contribution_id,
            others.state.in_(sorted(READABLE_STATES)),
            Participant.person_id == participant.person_id
            if participant.person_id is not None
            else Participant.association_id == participant.association_id
            if participant.association_id is not None
            else Participant.id == participant.id,
        )
    ).scalar_one()
    history = decisions_on(collectivity_id, contribution_id)
    reports = tuple(
        ReportRow(r.reason, r.note, r.lang, r.at)
        for r in db.session.scalars(
            sa.select(Report)
            .where(Report.collectivity_id == collectivity_id, Report.contribution_id == contribution_id)
            .order_by(Report.at.desc())
            .limit(PAGE)
        )
    )
    return Case(
        row=row_of(found, actor),
        consultation_id=contribution.consultation_id,
        fields=() if is_taken_back(actor, contribution, participant) else fields_of(comment, idea),
        author_level=participant.level,
        author_since=found.person_since,
        published_before=before,
        edited_at=contribution.edited_at,
        history=history,
        reports=reports,
        removal=RemovalRow(
            removal.id,
            removal.reason,
            removal.facts,
            removal.lang,
            removal.article,
            removal.asked_by,
            removal.asked_at,
        )
        if removal is not None
        else None,
        has_open_appeal=any(one.appeal == "open" for one in history),
    )


def fields_of(comment: Comment | None, idea: Idea | None) -> tuple[TextField, ...]:
    """Return the fields people wrote, in reading order."""
    if comment is not None:
        shown = comment.redacted or {}
        names: tuple[str, ...] = ("body", "amend_from", "amend_to")
        source: Any = comment
    else:
        assert idea is not None
        shown = idea.redacted or {}
        names = ("title", "problem", "proposal", "place")
        source = idea
    return tuple(
        TextField(name, getattr(source, name), shown.get(name)) for name in names if getattr(source, name)
    )


def _decision_columns() -> Any:
    return (
        sa.select(ModerationDecision, Contribution.ref, Contribution.state, Appeal.state)
        .join(
            Contribution,
            sa.and_(
                Contribution.collectivity_id == ModerationDecision.collectivity_id,
                Contribution.id == ModerationDecision.contribution_id,
            ),
        )
        .outerjoin(
            Appeal,
            sa.and_(
                Appeal.collectivity_id == ModerationDecision.collectivity_id,
                Appeal.decision_id == ModerationDecision.id,
            ),
        )
    )


def decision_row(found: Any) -> DecisionRow:
    """Return the row of a decision from what was fetched of it."""
    made, contribution_ref, state, appeal = found
    return DecisionRow(
        made.id,
        made.ref,
        contribution_ref,
        state,
        made.decision,
        made.reason,
        made.facts,
        made.lang,
        made.article,
        made.source,
        made.decided_by,
        made.second_by,
        made.decided_at,
        made.undone_at,
        appeal,
    )


def decisions_on(collectivity_id: int, contribution_id: int) -> tuple[DecisionRow, ...]:
    """Return the decisions on a contribution, newest first."""
    found = db.session.execute(
        _decision_columns()
        .where(
            ModerationDecision.collectivity_id == collectivity_id,
            ModerationDecision.contribution_id == contribution_id,
        )
        .order_by(ModerationDecision.decided_at.desc(), ModerationDecision.id.desc())
        .limit(PAGE)
    )
    return tuple(decision_row(one) for one in found)


def decision(collectivity_id: int, decision_id: int) -> DecisionRow | None:
    """Return one decision."""
    found = db.session.execute(
        _decision_columns().where(
            ModerationDecision.collectivity_id == collectivity_id, ModerationDecision.id == decision_id
        )
    ).one_or_none()
    return decision_row(found) if found is not None else None


def my_decisions(
    person_id: int, collectivity_id: int, after: str | None = None
) -> tuple[tuple[DecisionRow, ...], str | None]:
    """Return a moderator's own decisions, newest first, and the cursor of the next page."""
    statement = _decision_columns().where(
        ModerationDecision.collectivity_id == collectivity_id, ModerationDecision.decided_by == person_id
    )
    statement = before_cursor(statement, after)
    found = db.session.execute(
        statement.order_by(ModerationDecision.decided_at.desc(), ModerationDecision.id.desc()).limit(PAGE + 1)
    ).all()
    rows = tuple(decision_row(one) for one in found[:PAGE])
    more = cursor(micros_of(rows[-1].decided_at), rows[-1].id) if len(found) > PAGE else None
    return rows, more


def before_cursor(statement: Any, after: str | None) -> Any:
    """Narrow a statement over decisions to those older than the cursor."""
    at = parts_of(after, 2)
    if at is None:
        return statement
    moment, last = moment_of(at[0]), at[1]
    return statement.where(
        sa.or_(
            ModerationDecision.decided_at < moment,
            sa.and_(ModerationDecision.decided_at == moment, ModerationDecision.id < last),
        )
    )


def last_batch(person_id: int, collectivity_id: int, now: datetime) -> tuple[DecisionRow, ...]:
    """Return what this moderator decided last and may still take back: one decision, or one bulk of them."""
    since = now - timedelta(seconds=UNDO_SECONDS)
    found = [
        decision_row(one)
        for one in db.session.execute(
            _decision_columns()
            .where(
                ModerationDecision.collectivity_id == collectivity_id,
                ModerationDecision.decided_by == person_id,
                ModerationDecision.decided_at > since,
                ModerationDecision.undone_at.is_(None),
            )
            .order_by(ModerationDecision.decided_at.desc())
        )
    ]
    return tuple(one for one in found if one.decided_at == found[0].decided_at)


def targets(collectivity_id: int, consultation_id: int) -> tuple[Target, ...]:
    """Return the projects of a consultation: where a comment can be moved to."""
    return tuple(
        Target(project_id, number, title)
        for project_id, number, title in db.session.execute(
            sa.select(Project.id, Project.number, ProjectRevision.title)
            .join(
                ProjectStatement,
                sa.and_(
                    ProjectStatement.collectivity_id == Project.collectivity_id,
                    ProjectStatement.project_id == Project.id,
                ),
            )
            .join(
                ProjectRevision,
                sa.and_(
                    ProjectRevision.collectivity_id == ProjectStatement.collectivity_id,
                    ProjectRevision.id == ProjectStatement.revision_id,
                ),
            )
            .where(
                Project.collectivity_id == collectivity_id,
                ProjectStatement.consultation_id == consultation_id,
            )
            .order_by(Project.number)
        )
    )


def axes(collectivity_id: int, consultation_id: int) -> tuple[tuple[int, Words], ...]:
    """Return the axes of a consultation's plan: where an idea can be moved to."""
    return tuple(
        (axis_id, title)
        for axis_id, title in db.session.execute(
            sa.select(Axis.id, Axis.title)
            .join(
                Consultation,
                sa.and_(
                    Consultation.collectivity_id == Axis.collectivity_id,
                    Consultation.plan_id == Axis.plan_id,
                ),
            )
            .where(Axis.collectivity_id == collectivity_id, Consultation.id == consultation_id)
            .order_by(Axis.position)
        )
    )


def contribution_id_of(collectivity_id: int, ref: str) -> int | None:
    """Return the id of a contribution from its public reference."""
    return db.session.scalar(
        sa.select(Contribution.id).where(
            Contribution.collectivity_id == collectivity_id, Contribution.ref == typed_ref(ref.strip())
        )
    )
