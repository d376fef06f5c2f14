"""Comments on a project, on the plan, under an idea or by an association, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.contributions.models import Comment, Contribution
from participate.contributions.queries.limits import PAGE_ROWS
from participate.contributions.queries.paging import newest_first
from participate.contributions.queries.readers import listed_for, visible_to
from participate.contributions.queries.rows import (
    CommentPage,
    CommentRow,
    TextCounts,
    comment_row_of,
    comments_for,
    same_collectivity,
)
from participate.db import db
from participate.rules.outcomes import CommentKind, ParticipantKind, Section, Stance
from participate.rules.policy import ANYBODY, Actor


def comments_of_project(
    collectivity_id: int,
    project_id: int,
    *,
    actor: Actor = ANYBODY,
    section: Section | None = None,
    stance: Stance | None = None,
    kind: CommentKind | None = None,
    associations: bool = False,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> CommentPage:
    """Return a page of a project's comments, newest first, each with its replies. Two statements."""
    conditions = [Comment.project_id == project_id]
    if section is not None:
        conditions.append(Comment.section == section)
    if stance is not None:
        conditions.append(Comment.stance == stance)
    if kind is not None:
        conditions.append(Comment.kind == kind)
    if associations:
        conditions.append(Participant.kind == ParticipantKind.ASSOCIATION)
    return _comment_page(collectivity_id, actor, conditions, after, limit)


def comments_of_idea(
    collectivity_id: int,
    idea_id: int,
    *,
    actor: Actor = ANYBODY,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> CommentPage:
    """Return a page of the comments on an idea, newest first, each with its replies."""
    return _comment_page(collectivity_id, actor, [Comment.idea_id == idea_id], after, limit)


def comments_of_plan(
    collectivity_id: int,
    plan_id: int,
    *,
    actor: Actor = ANYBODY,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> CommentPage:
    """Return a page of the comments on the plan as a whole, newest first, each with its replies."""
    of_plan = sa.select(Consultation.id).where(
        Consultation.collectivity_id == collectivity_id, Consultation.plan_id == plan_id
    )
    conditions = [
        Contribution.consultation_id.in_(of_plan), Comment.project_id.is_(None), Comment.idea_id.is_(None)
    ]  # fmt: skip
    return _comment_page(collectivity_id, actor, conditions, after, limit)


def comments_of_association(
    collectivity_id: int,
    association_id: int,
    *,
    actor: Actor = ANYBODY,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> CommentPage:
    """Return a page of what an association commented, replies of its own aside, newest first. Two statements."""
    return _comment_page(collectivity_id, actor, [Participant.association_id == association_id], after, limit)


def _comment_page(
    collectivity_id: int, actor: Actor, conditions: Sequence[Any], after: str | None, limit: int
) -> CommentPage:
    statement = comments_for(actor).where(
        Contribution.collectivity_id == collectivity_id,
        Comment.parent_id.is_(None),
        listed_for(actor),
        *conditions,
    )
    found, cursor = newest_first(statement, after, limit)
    rows = [comment_row_of(row) for row in found]
    return CommentPage(with_replies(collectivity_id, rows, actor), cursor)


def with_replies(collectivity_id: int, rows: Sequence[CommentRow], actor: Actor) -> tuple[CommentRow, ...]:
    """Return comments with their replies, oldest first. One statement."""
    if not rows:
        return ()
    found = db.session.execute(
        comments_for(actor)
        .where(
            Contribution.collectivity_id == collectivity_id,
            Comment.parent_id.in_([row.id for row in rows]),
            listed_for(actor),
        )
        .order_by(Contribution.submitted_at, Contribution.id)
        .limit(PAGE_ROWS * 20)
    )
    replies: dict[int, list[CommentRow]] = {}
    for one_row in found:
        reply = comment_row_of(one_row)
        replies.setdefault(reply.parent_id or 0, []).append(reply)
    return tuple(replace(row, replies=tuple(replies.get(row.id, ()))) for row in rows)


def counts_of_project(collectivity_id: int, project_id: int) -> TextCounts:
    """Count a project's published top-level texts by stance, kind, section and association. One statement."""
    return counts_of_projects(collectivity_id, [project_id]).get(project_id, TextCounts())


def counts_of_projects(collectivity_id: int, project_ids: Sequence[int]) -> dict[int, TextCounts]:
    """Count the published top-level texts of several projects. One statement."""
    rows = db.session.execute(
        sa.select(
            Comment.project_id,
            Comment.stance,
            Comment.kind,
            Comment.section,
            Participant.kind,
            sa.func.count(),
        )
        .join(Contribution, sa.and_(same_collectivity(Contribution, Comment), Contribution.id == Comment.id))
        .join(
            Participant,
            sa.and_(
                same_collectivity(Participant, Contribution), Participant.id == Contribution.participant_id
            ),
        )
        .where(
            Comment.collectivity_id == collectivity_id,
            Comment.project_id.in_(list(project_ids)),
            Comment.parent_id.is_(None),
            visible_to(ANYBODY),
        )
        .group_by(Comment.project_id, Comment.stance, Comment.kind, Comment.section, Participant.kind)
    ).all()
    found: dict[int, TextCounts] = {}
    for project_id in project_ids:
        mine_rows = [row for row in rows if row[0] == project_id]
        found[project_id] = TextCounts(
            total=sum(row[5] for row in mine_rows),
            by_stance={
                one_stance: sum(r[5] for r in mine_rows if r[1] is one_stance) for one_stance in Stance
            },
            by_kind={one_kind: sum(r[5] for r in mine_rows if r[2] is one_kind) for one_kind in CommentKind},
            by_section={part: sum(r[5] for r in mine_rows if r[3] is part) for part in Section},
            associations=sum(row[5] for row in mine_rows if row[4] is ParticipantKind.ASSOCIATION),
        )
    return found
