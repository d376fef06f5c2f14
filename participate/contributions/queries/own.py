"""What somebody wrote, for their own page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.contributions.models import Comment, Contribution, Idea
from participate.contributions.queries.rows import same_collectivity
from participate.db import Words, db
from participate.network.models import Collectivity
from participate.people.models import Association
from participate.plans.models import ActionPlan, Project, ProjectRevision
from participate.rules.outcomes import CommentKind, ContributionKind, PublishState, Stance


@dataclass(frozen=True)
class MineRow:
    """One of my texts, wherever it is, with its state."""

    id: int
    collectivity_id: int
    slug: str
    cycle: str
    ref: str
    kind: ContributionKind
    comment_kind: CommentKind | None
    stance: Stance
    state: PublishState
    title: str | None
    text: str
    lang: str
    project_number: int | None
    project_title: Words | None
    association: Words | None
    submitted_at: datetime
    due_at: datetime
    receipt_code: str | None
    is_reply: bool


def mine(person_id: int, limit: int = 200) -> tuple[MineRow, ...]:
    """Return what a person wrote, in their own name or an association's, newest first. One statement."""
    rows = db.session.execute(
        sa.select(
            Contribution,
            Comment,
            Idea,
            Collectivity.slug,
            ActionPlan.cycle,
            Project.number,
            ProjectRevision.title,
            Association.name,
        )
        .join(Collectivity, Collectivity.id == Contribution.collectivity_id)
        .join(
            Consultation,
            sa.and_(
                same_collectivity(Consultation, Contribution), Consultation.id == Contribution.consultation_id
            ),
        )
        .join(
            ActionPlan,
            sa.and_(same_collectivity(ActionPlan, Consultation), ActionPlan.id == Consultation.plan_id),
        )
        .join(
            Participant,
            sa.and_(
                same_collectivity(Participant, Contribution), Participant.id == Contribution.participant_id
            ),
        )
        .outerjoin(
            Association,
            sa.and_(
                same_collectivity(Association, Participant), Association.id == Participant.association_id
            ),
        )
        .outerjoin(Comment, sa.and_(same_collectivity(Comment, Contribution), Comment.id == Contribution.id))
        .outerjoin(Idea, sa.and_(same_collectivity(Idea, Contribution), Idea.id == Contribution.id))
        .outerjoin(Project, sa.and_(same_collectivity(Project, Comment), Project.id == Comment.project_id))
        .outerjoin(
            ProjectRevision,
            sa.and_(same_collectivity(ProjectRevision, Comment), ProjectRevision.id == Comment.revision_id),
        )
        .where(sa.or_(Contribution.acting_person_id == person_id, Participant.person_id == person_id))
        .order_by(Contribution.submitted_at.desc(), Contribution.id.desc())
        .limit(limit)
    )
    return tuple(
        MineRow(
            id=base.id,
            collectivity_id=base.collectivity_id,
            slug=slug,
            cycle=cycle,
            ref=base.ref,
            kind=base.kind,
            comment_kind=comment.kind if comment else None,
            stance=comment.stance if comment else Stance.NONE,
            state=base.state,
            title=idea.title if idea else None,
            text=comment.body if comment else idea.proposal,
            lang=base.lang,
            project_number=number,
            project_title=title,
            association=association,
            submitted_at=base.submitted_at,
            due_at=base.due_at,
            receipt_code=base.receipt_code,
            is_reply=bool(comment and comment.parent_id),
        )
        for base, comment, idea, slug, cycle, number, title, association in rows
    )
