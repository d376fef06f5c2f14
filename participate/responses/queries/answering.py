"""The desk: answers to texts, themes and projects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.consultations.models import Consultation
from participate.contributions.models import Comment, Contribution, Idea
from participate.contributions.queries import shown
from participate.db import Words, db
from participate.plans.models import Project, ProjectRevision, VersionProject
from participate.positions.models import ProjectStatement, Statement
from participate.responses.models import Response, Theme, ThemeMember
from participate.responses.queries.conditions import READABLE, same_collectivity
from participate.responses.queries.themed import ResponseView, response_view
from participate.rules.outcomes import READABLE_STATES, ConsultationState, ResponseState


def response_on(
    collectivity_id: int,
    consultation_id: int,
    *,
    contribution_id: int | None = None,
    project_id: int | None = None,
) -> ResponseView | None:
    """Return the response to one contribution or one project of a consultation, in any state."""
    about = (
        Response.contribution_id == contribution_id
        if contribution_id is not None
        else Response.project_id == project_id
    )
    return response_view(
        db.session.scalar(
            sa.select(Response)
            .where(
                Response.collectivity_id == collectivity_id,
                Response.consultation_id == consultation_id,
                about,
            )
            .execution_options(populate_existing=True)
        )
    )


@dataclass(frozen=True)
class ProjectPoint:
    """A project of the draft under review and its general answer so far. Figures are None before the close."""

    id: int
    number: int
    title: Words
    texts: int
    agree: int | None
    disagree: int | None
    response: ResponseView | None


def projects(collectivity_id: int, consultation_id: int) -> tuple[ProjectPoint, ...]:
    """Return the projects that a review is about, by number, with their general answers. One statement."""
    text, words = aliased(Contribution), aliased(Comment)
    texts = (
        sa.select(sa.func.count())
        .select_from(text)
        .join(words, same_collectivity(words, text) & (words.id == text.id))
        .where(
            text.collectivity_id == Consultation.collectivity_id,
            text.consultation_id == Consultation.id,
            text.state.in_(READABLE),
            words.project_id == Project.id,
            words.parent_id.is_(None),
        )
        .correlate(Consultation, Project)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(
            Project.id,
            Project.number,
            ProjectRevision.title,
            texts,
            Statement.agree,
            Statement.disagree,
            Consultation.state,
            Response,
        )
        .select_from(Consultation)
        .join(
            VersionProject,
            same_collectivity(VersionProject, Consultation)
            & (VersionProject.version_id == Consultation.version_id),
        )
        .join(Project, same_collectivity(Project, VersionProject) & (Project.id == VersionProject.project_id))
        .join(
            ProjectRevision,
            same_collectivity(ProjectRevision, VersionProject)
            & (ProjectRevision.id == VersionProject.revision_id),
        )
        .outerjoin(
            ProjectStatement,
            same_collectivity(ProjectStatement, Consultation)
            & (ProjectStatement.consultation_id == Consultation.id)
            & (ProjectStatement.project_id == Project.id),
        )
        .outerjoin(
            Statement,
            same_collectivity(Statement, ProjectStatement) & (Statement.id == ProjectStatement.statement_id),
        )
        .outerjoin(
            Response,
            same_collectivity(Response, Consultation)
            & (Response.consultation_id == Consultation.id)
            & (Response.project_id == Project.id),
        )
        .where(Consultation.collectivity_id == collectivity_id, Consultation.id == consultation_id)
        .order_by(Project.number)
        .execution_options(populate_existing=True)
    )
    found = []
    for key, number, title, count, agree, disagree, state, response in rows:
        ended = state in (ConsultationState.CLOSED, ConsultationState.ARCHIVED)
        found.append(
            ProjectPoint(
                key,
                number,
                title,
                int(count),
                agree if ended else None,
                disagree if ended else None,
                response_view(response),
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class WrittenView:
    """A response in the list of the second reader, with what it answers."""

    response: ResponseView
    theme_title: Words | None
    texts: int
    contribution_ref: str | None
    contribution_title: str | None
    project_number: int | None
    project_title: Words | None


def written(
    collectivity_id: int, consultation_ids: Sequence[int], state: ResponseState
) -> tuple[WrittenView, ...]:
    """Return responses in one state, the oldest first, with what each answers. One statement."""
    member, text = aliased(ThemeMember), aliased(Contribution)
    texts = (
        sa.select(sa.func.count())
        .select_from(member)
        .join(text, same_collectivity(text, member) & (text.id == member.contribution_id))
        .where(
            member.collectivity_id == Response.collectivity_id,
            member.theme_id == Response.theme_id,
            text.state.in_(READABLE),
        )
        .correlate(Response)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(
            Response,
            Theme.title,
            texts,
            Contribution.ref,
            Contribution.state,
            Comment,
            Idea,
            Project.number,
            Project.title,
        )
        .outerjoin(Theme, same_collectivity(Theme, Response) & (Theme.id == Response.theme_id))
        .outerjoin(
            Contribution,
            same_collectivity(Contribution, Response) & (Contribution.id == Response.contribution_id),
        )
        .outerjoin(Comment, same_collectivity(Comment, Contribution) & (Comment.id == Contribution.id))
        .outerjoin(Idea, same_collectivity(Idea, Contribution) & (Idea.id == Contribution.id))
        .outerjoin(Project, same_collectivity(Project, Response) & (Project.id == Response.project_id))
        .where(
            Response.collectivity_id == collectivity_id,
            Response.consultation_id.in_(consultation_ids),
            Response.state == state,
        )
        .order_by(Response.written_at, Response.id)
        .execution_options(populate_existing=True)
    )
    found = []
    for response, theme_title, count, ref, text_state, comment, idea_words, number, title in rows:
        view = response_view(response)
        assert view is not None
        quoted = None
        if idea_words is not None:
            quoted = shown(idea_words, text_state, "title")
        elif comment is not None:
            quoted = shown(comment, text_state, "body")
        found.append(
            WrittenView(
                view,
                theme_title,
                int(count),
                ref,
                quoted if text_state in READABLE_STATES else None,
                number,
                title,
            )
        )
    return tuple(found)


def response_counts(collectivity_id: int, consultation_ids: Sequence[int]) -> dict[ResponseState, int]:
    """Return how many responses are in each state. One statement."""
    rows = db.session.execute(
        sa.select(Response.state, sa.func.count())
        .where(Response.collectivity_id == collectivity_id, Response.consultation_id.in_(consultation_ids))
        .group_by(Response.state)
    )
    return {state: int(count) for state, count in rows}
