"""Fates and published answers, for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.consultations.models import Consultation
from participate.contributions.models import Comment, Contribution, Idea
from participate.contributions.queries import FateView, shown
from participate.db import Words, db
from participate.network.models import Collectivity
from participate.plans.models import PlanVersion, Project, VersionProject
from participate.positions.models import Statement
from participate.responses.models import IdeaFate, Response, Theme, ThemeMember
from participate.responses.queries.conditions import READABLE, same_collectivity
from participate.rules.outcomes import OUTCOMES_NEEDING_REASON, Fate, Outcome, ResponseState

# --- fates, for everybody ----------------------------------------------


def fates(collectivity_id: int, idea_ids: Sequence[int]) -> dict[int, FateView]:
    """Return what became of ideas, by idea. One statement; public as soon as it is decided."""
    if not idea_ids:
        return {}
    target = aliased(Contribution)
    rows = db.session.execute(
        sa.select(IdeaFate, Project.number, target.ref)
        .outerjoin(Project, same_collectivity(Project, IdeaFate) & (Project.id == IdeaFate.project_id))
        .outerjoin(target, same_collectivity(target, IdeaFate) & (target.id == IdeaFate.merged_into))
        .where(IdeaFate.collectivity_id == collectivity_id, IdeaFate.contribution_id.in_(idea_ids))
        .execution_options(populate_existing=True)
    )
    return {
        row.contribution_id: FateView(row.fate, row.reason, row.decided_at, number, ref)
        for row, number, ref in rows
    }


def ids_with_fate(collectivity_id: int, fate: Fate) -> sa.Select[Any]:
    """Return the statement of the ideas with this fate."""
    return sa.select(IdeaFate.contribution_id).where(
        IdeaFate.collectivity_id == collectivity_id, IdeaFate.fate == fate
    )


# --- published answers, for everybody ----------------------------------


@dataclass(frozen=True)
class AnswerView:
    """A published response. `changed_version` is the version whose wording changed because of it."""

    id: int
    outcome: Outcome
    text: Words
    reason: Words | None
    changed: bool
    changed_version: int | None
    published_at: datetime
    signed: Words
    theme_id: int | None
    theme_title: Words | None
    project_number: int | None


def _published() -> Any:
    """Return the statement of published responses: Response, signer, theme's title, project, version."""
    pin, version = aliased(VersionProject), aliased(PlanVersion)
    first_version = (
        sa.select(sa.func.min(version.number))
        .select_from(pin)
        .join(version, same_collectivity(version, pin) & (version.id == pin.version_id))
        .where(pin.collectivity_id == Response.collectivity_id, pin.revision_id == Response.revision_id)
        .correlate(Response)
        .scalar_subquery()
    )
    return (
        sa.select(Response, Collectivity.name, Theme.title, Project.number, first_version)
        .join(Collectivity, Collectivity.id == Response.collectivity_id)
        .outerjoin(Theme, same_collectivity(Theme, Response) & (Theme.id == Response.theme_id))
        .outerjoin(
            Project,
            same_collectivity(Project, Response)
            & (Project.id == sa.func.coalesce(Response.project_id, Theme.project_id)),
        )
        .where(Response.state == ResponseState.PUBLISHED)
        .execution_options(populate_existing=True)
    )


def _answer(row: Any) -> AnswerView:
    response, signed, theme_title, project_number, version = row
    return AnswerView(
        id=response.id,
        outcome=response.outcome,
        text=response.text,
        reason=response.reason,
        changed=response.changed,
        changed_version=version,
        published_at=response.published_at,
        signed=signed,
        theme_id=response.theme_id,
        theme_title=theme_title,
        project_number=project_number,
    )


def response_for(collectivity_id: int, contribution_ids: Sequence[int]) -> dict[int, AnswerView]:
    """Return the published answer of each contribution: its own, else its main theme's, else another's.

    One statement. A contribution whose answer is not published is left out.
    """
    if not contribution_ids:
        return {}
    wanted = sa.or_(
        Response.contribution_id.in_(contribution_ids), ThemeMember.contribution_id.in_(contribution_ids)
    )
    rows = db.session.execute(
        _published()
        .add_columns(
            sa.func.coalesce(Response.contribution_id, ThemeMember.contribution_id), ThemeMember.main
        )
        .outerjoin(
            ThemeMember,
            same_collectivity(ThemeMember, Response)
            & (ThemeMember.theme_id == Response.theme_id)
            & ThemeMember.contribution_id.in_(contribution_ids),
        )
        .where(Response.collectivity_id == collectivity_id, wanted)
        .order_by(
            Response.contribution_id.is_(None),
            sa.func.coalesce(ThemeMember.main, sa.false()).desc(),
            Response.id,
        )
    )
    found: dict[int, AnswerView] = {}
    for row in rows:
        found.setdefault(row[5], _answer(row[:5]))
    return found


def response_of_projects(collectivity_id: int, project_ids: Sequence[int]) -> dict[int, AnswerView]:
    """Return the latest published general answer of each project, by project. One statement."""
    if not project_ids:
        return {}
    rows = db.session.execute(
        _published()
        .where(Response.collectivity_id == collectivity_id, Response.project_id.in_(project_ids))
        .order_by(Response.published_at)
    )
    return {row[0].project_id: _answer(row) for row in rows}


@dataclass(frozen=True)
class PointView:
    """One line of the public answers: what was said, by how many, and what the commune answers.

    `texts` counts contributions; `agree` the most supported one's supporters (0 without positions);
    `refs` are of the contributions answered, main ones first, at most ten.
    """

    answer: AnswerView
    texts: int
    agree: int
    quote: str | None
    quote_lang: str | None
    title: str | None
    refs: tuple[str, ...]


def published_points(
    collectivity_id: int, plan_id: int, outcome: Outcome | None = None
) -> tuple[PointView, ...]:
    """Return a plan's published answers to themes and single contributions, in the public order.

    First what was not accepted, the most supported first: those readers look for it. Then the rest,
    likewise. One statement. Supporters are shown because the consultation is closed by then.
    """
    statement = (
        _published()
        .add_columns(Contribution.id, Contribution.ref, Contribution.lang, Statement.agree, Comment, Idea)
        .add_columns(Contribution.state, ThemeMember.main)
        .join(
            Consultation,
            same_collectivity(Consultation, Response) & (Consultation.id == Response.consultation_id),
        )
        .outerjoin(
            ThemeMember,
            same_collectivity(ThemeMember, Response) & (ThemeMember.theme_id == Response.theme_id),
        )
        .outerjoin(
            Contribution,
            same_collectivity(Contribution, Response)
            & (Contribution.id == sa.func.coalesce(Response.contribution_id, ThemeMember.contribution_id))
            & Contribution.state.in_(READABLE),
        )
        .outerjoin(Comment, same_collectivity(Comment, Contribution) & (Comment.id == Contribution.id))
        .outerjoin(Idea, same_collectivity(Idea, Contribution) & (Idea.id == Contribution.id))
        .outerjoin(
            Statement,
            same_collectivity(Statement, Contribution) & (Statement.id == Contribution.statement_id),
        )
        .where(
            Response.collectivity_id == collectivity_id,
            Consultation.plan_id == plan_id,
            Response.project_id.is_(None),
        )
        .order_by(Response.id, Contribution.submitted_at, Contribution.id)
    )
    if outcome is not None:
        statement = statement.where(Response.outcome == outcome)
    groups: dict[int, list[Any]] = {}
    for row in db.session.execute(statement):
        groups.setdefault(row[0].id, []).append(row)
    points = [_point(rows) for rows in groups.values()]
    return tuple(
        sorted(
            points,
            key=lambda p: (
                p.answer.outcome not in OUTCOMES_NEEDING_REASON,
                -max(p.agree, p.texts),
                -p.texts,
                p.answer.id,
            ),
        )
    )


def _point(rows: Sequence[Any]) -> PointView:
    members = [row for row in rows if row[5] is not None]
    members.sort(key=lambda row: (not row[12], -(row[8] or 0)))
    single = members[0] if members and rows[0][0].theme_id is None else None
    words = (single[9] or single[10]) if single else None
    return PointView(
        answer=_answer(rows[0][:5]),
        texts=len(members),
        agree=max((row[8] or 0 for row in members), default=0),
        quote=shown(words, single[11], "proposal" if single[10] else "body") if single and words else None,
        quote_lang=single[7] if single else None,
        title=shown(single[10], single[11], "title") if single and single[10] else None,
        refs=tuple(row[6] for row in members[:10]),
    )


def own_outcomes(collectivity_id: int, consultation_id: int) -> dict[str, str]:
    """Return the outcome of each published answer to one text alone, by the reference of the text. One statement."""
    rows = db.session.execute(
        sa.select(Contribution.ref, Response.outcome)
        .join(
            Response,
            (Response.collectivity_id == Contribution.collectivity_id)
            & (Response.contribution_id == Contribution.id),
        )
        .where(
            Response.collectivity_id == collectivity_id,
            Response.consultation_id == consultation_id,
            Response.state == ResponseState.PUBLISHED,
        )
    )
    return {ref: outcome.value for ref, outcome in rows}
