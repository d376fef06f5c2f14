"""The desk: themes and their members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.consultations.models import Consultation
from participate.contributions.models import Contribution
from participate.db import Words, db
from participate.plans.models import Project
from participate.responses.models import Response, Theme, ThemeMember
from participate.responses.queries.conditions import READABLE, same_collectivity
from participate.responses.queries.texts import Point, point_of, points_to_group
from participate.rules.outcomes import Outcome, ResponseState


@dataclass(frozen=True)
class ResponseView:
    """A response at the desk, in any state."""

    id: int
    state: ResponseState
    outcome: Outcome
    text: Words
    reason: Words
    changed: bool
    written_by: int
    written_at: datetime
    approved_by: int | None
    approved_at: datetime | None
    row_version: int
    consultation_id: int
    theme_id: int | None = None
    contribution_id: int | None = None
    project_id: int | None = None


def response_view(row: Response | None) -> ResponseView | None:
    """Return an answer as the desk shows it; none while there is none."""
    if row is None:
        return None
    return ResponseView(
        row.id,
        row.state,
        row.outcome,
        row.text,
        row.reason or {},
        row.changed,
        row.written_by,
        row.written_at,
        row.approved_by,
        row.approved_at,
        row.row_version,
        row.consultation_id,
        row.theme_id,
        row.contribution_id,
        row.project_id,
    )


@dataclass(frozen=True)
class ThemeView:
    """A theme, how many published contributions it holds, and its answer so far."""

    id: int
    ref: str
    title: Words
    project_number: int | None
    consultation_id: int
    texts: int
    row_version: int
    response: ResponseView | None


def _themes(collectivity_id: int) -> Any:
    member, text = aliased(ThemeMember), aliased(Contribution)
    texts = (
        sa.select(sa.func.count())
        .select_from(member)
        .join(text, same_collectivity(text, member) & (text.id == member.contribution_id))
        .where(
            member.collectivity_id == Theme.collectivity_id,
            member.theme_id == Theme.id,
            text.state.in_(READABLE),
        )
        .correlate(Theme)
        .scalar_subquery()
    )
    return (
        sa.select(Theme, Project.number, texts, Response)
        .outerjoin(Project, same_collectivity(Project, Theme) & (Project.id == Theme.project_id))
        .outerjoin(Response, same_collectivity(Response, Theme) & (Response.theme_id == Theme.id))
        .where(Theme.collectivity_id == collectivity_id)
        .execution_options(populate_existing=True)
    )


def _theme_view(row: Any) -> ThemeView:
    theme, number, texts, response = row
    return ThemeView(
        theme.id,
        theme.ref,
        theme.title,
        number,
        theme.consultation_id,
        int(texts),
        theme.row_version,
        response_view(response),
    )


def themes(collectivity_id: int, consultation_id: int) -> tuple[ThemeView, ...]:
    """Return the themes of a consultation in the order they were begun. One statement."""
    rows = db.session.execute(
        _themes(collectivity_id).where(Theme.consultation_id == consultation_id).order_by(Theme.ref)
    )
    return tuple(_theme_view(row) for row in rows)


def theme(collectivity_id: int, plan_id: int, theme_id: int) -> ThemeView | None:
    """Return one theme of a plan."""
    row = db.session.execute(
        _themes(collectivity_id)
        .join(
            Consultation, same_collectivity(Consultation, Theme) & (Consultation.id == Theme.consultation_id)
        )
        .where(Theme.id == theme_id, Consultation.plan_id == plan_id)
    ).one_or_none()
    return _theme_view(row) if row is not None else None


def members(collectivity_id: int, theme_id: int) -> tuple[tuple[Point, bool], ...]:
    """Return the published contributions of a theme, oldest first, with whether it is their main theme."""
    rows = db.session.execute(
        points_to_group()
        .add_columns(ThemeMember.main)
        .join(
            ThemeMember,
            same_collectivity(ThemeMember, Contribution) & (ThemeMember.contribution_id == Contribution.id),
        )
        .where(Contribution.collectivity_id == collectivity_id, ThemeMember.theme_id == theme_id)
        .order_by(Contribution.submitted_at, Contribution.id)
    )
    return tuple((point_of(row), bool(row[12])) for row in rows)
