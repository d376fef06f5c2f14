"""Published texts as open data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.contributions.models import Comment, Contribution, Idea
from participate.contributions.queries.readers import visible_to
from participate.contributions.queries.rows import (
    AUTHOR_COLUMNS,
    author_from,
    same_collectivity,
    shown,
    with_author,
)
from participate.db import Words, db
from participate.plans.models import Axis, Project
from participate.rules.outcomes import CommentKind, ContributionKind, PublishState, Section, Stance
from participate.rules.policy import ANYBODY


@dataclass(frozen=True)
class ExportRow:
    """A published contribution without anybody's name: what open data gives out."""

    ref: str
    kind: ContributionKind
    comment_kind: CommentKind | None
    consultation_id: int
    project_number: int | None
    section: Section | None
    axis: str | None
    stance: Stance | None
    idea_ref: str | None
    reply_to: str | None
    author_kind: str
    association: Words | None
    lang: str
    title: str
    text: str
    amend_from: str
    amend_to: str
    published_on: datetime
    state: PublishState


def export(collectivity_id: int, consultation_id: int | None = None) -> Iterator[ExportRow]:
    """Yield the public contributions, oldest first: the same condition as every page, nobody's name."""
    upper, parent = (aliased(Contribution) for _ in range(2))
    statement = (
        with_author(
            sa.select(
                Contribution, Comment, Idea, Project.number, Axis.slug, upper.ref, parent.ref, *AUTHOR_COLUMNS
            )
            .outerjoin(
                Comment, sa.and_(same_collectivity(Comment, Contribution), Comment.id == Contribution.id)
            )
            .outerjoin(Idea, sa.and_(same_collectivity(Idea, Contribution), Idea.id == Contribution.id))
        )
        .outerjoin(Axis, sa.and_(same_collectivity(Axis, Idea), Axis.id == Idea.axis_id))
        .outerjoin(Project, sa.and_(same_collectivity(Project, Comment), Project.id == Comment.project_id))
        .outerjoin(upper, sa.and_(same_collectivity(upper, Comment), upper.id == Comment.idea_id))
        .outerjoin(parent, sa.and_(same_collectivity(parent, Comment), parent.id == Comment.parent_id))
        .where(Contribution.collectivity_id == collectivity_id, visible_to(ANYBODY))
        .order_by(Contribution.submitted_at, Contribution.id)
        .execution_options(populate_existing=True)
    )
    if consultation_id is not None:
        statement = statement.where(Contribution.consultation_id == consultation_id)
    for row in db.session.execute(statement):
        yield _export_row(row)


def _export_row(row: Any) -> ExportRow:
    base, comment, idea, number, axis, idea_ref, parent_ref = row[:7]
    words = comment or idea
    author = author_from(row[7:], by_staff=base.by_staff)
    text = (
        shown(words, base.state, "body")
        if comment
        else f"{shown(words, base.state, 'problem')}\n\n{shown(words, base.state, 'proposal')}"
    )
    return ExportRow(
        ref=base.ref,
        kind=base.kind,
        comment_kind=comment.kind if comment else None,
        consultation_id=base.consultation_id,
        project_number=number,
        section=comment.section if comment else None,
        axis=axis,
        stance=comment.stance if comment else None,
        idea_ref=idea_ref,
        reply_to=parent_ref,
        author_kind=author.kind,
        association=author.association,
        lang=base.lang,
        title="" if comment else shown(words, base.state, "title"),
        text=text,
        amend_from=shown(comment, base.state, "amend_from") if comment else "",
        amend_to=shown(comment, base.state, "amend_to") if comment else "",
        published_on=base.published_at,
        state=base.state,
    )
