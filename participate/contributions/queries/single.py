"""One contribution: its row, its address, its place in the policy, its earlier wordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from participate.consultations.models import Consultation, Participant
from participate.contributions.models import Comment, Contribution, ContributionEdit, Idea
from participate.contributions.queries.comments import with_replies
from participate.contributions.queries.limits import SETTLED_STATES
from participate.contributions.queries.readers import READABLE, touched_by_others
from participate.contributions.queries.rows import (
    CommentRow,
    IdeaRow,
    comment_row_of,
    comments_for,
    idea_row_of,
    ideas_for,
    same_collectivity,
)
from participate.db import Words, clock, db
from participate.network.models import Collectivity
from participate.plans.models import ActionPlan, Project, ProjectRevision
from participate.rules import references
from participate.rules.outcomes import READABLE_STATES, Accepts, ContributionKind, PublishState
from participate.rules.policy import ANYBODY, Actor, Place


@dataclass(frozen=True)
class Address:
    """Where a contribution stands: what its page and its links need."""

    collectivity_id: int
    slug: str
    plan_id: int
    cycle: str
    consultation_id: int
    kind: ContributionKind
    project_number: int | None
    project_title: Words | None
    idea_ref: str | None
    idea_title: str | None
    parent_ref: str | None
    merged_ref: str | None


def typed_ref(typed: str) -> str:
    """Return a reference in its written form, however it was typed: 7q4k2rxf → 7Q4K-2RXF."""
    try:
        return references.grouped(references.parse_reference(typed))
    except references.NotAReferenceError:
        return typed


def one(collectivity_id: int, ref: str, actor: Actor = ANYBODY) -> CommentRow | IdeaRow | None:
    """Return a contribution by its reference as the actor may see it; None when there is none."""
    base = by_ref(collectivity_id, ref)
    return None if base is None else seen(base, actor)


def seen(base: Contribution, actor: Actor) -> CommentRow | IdeaRow:
    """Return a contribution as the actor may see it; a comment comes with its replies."""
    if base.kind is ContributionKind.IDEA:
        return idea_row_of(
            db.session.execute(
                ideas_for(actor).where(
                    Contribution.collectivity_id == base.collectivity_id, Contribution.id == base.id
                )
            ).one()
        )
    found = comment_row_of(
        db.session.execute(
            comments_for(actor).where(
                Contribution.collectivity_id == base.collectivity_id, Contribution.id == base.id
            )
        ).one()
    )
    return with_replies(base.collectivity_id, [found], actor)[0]


def by_ref(collectivity_id: int, ref: str) -> Contribution | None:
    """Return the row of a contribution by its reference."""
    return db.session.scalar(
        sa.select(Contribution).where(
            Contribution.collectivity_id == collectivity_id, Contribution.ref == typed_ref(ref)
        )
    )


def known_refs(collectivity_id: int, plan_id: int, typed: Sequence[str]) -> Mapping[str, str]:
    """Return those typed references that are readable contributions of a plan, as they are written. One statement."""
    wanted = {one: typed_ref(one) for one in typed}
    rows = set(
        db.session.scalars(
            sa.select(Contribution.ref)
            .join(
                Consultation,
                sa.and_(
                    same_collectivity(Consultation, Contribution),
                    Consultation.id == Contribution.consultation_id,
                ),
            )
            .where(
                Contribution.collectivity_id == collectivity_id,
                Consultation.plan_id == plan_id,
                Contribution.ref.in_(sorted(set(wanted.values()))),
                Contribution.state.in_(READABLE),
            )
        )
    )
    return {one: ref for one, ref in wanted.items() if ref in rows}


def words_of(contribution: Contribution) -> Comment | Idea:
    """Return the words of a contribution."""
    model: type[Comment | Idea] = Idea if contribution.kind is ContributionKind.IDEA else Comment
    found = db.session.get(model, (contribution.collectivity_id, contribution.id))
    assert isinstance(found, Comment | Idea)
    return found


def address_of(collectivity_id: int, contribution_id: int) -> Address:
    """Return where a contribution stands. One statement."""
    upper, parent, target = (aliased(Contribution) for _ in range(3))
    idea_words = aliased(Idea)
    row = db.session.execute(
        sa.select(
            Collectivity.slug,
            ActionPlan.id,
            ActionPlan.cycle,
            Contribution.consultation_id,
            Contribution.kind,
            Project.number,
            ProjectRevision.title,
            upper.ref,
            sa.case((upper.state.in_(READABLE), idea_words.title), else_=None),
            parent.ref,
            target.ref,
            upper.state,
            idea_words.redacted,
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
        .outerjoin(Comment, sa.and_(same_collectivity(Comment, Contribution), Comment.id == Contribution.id))
        .outerjoin(Project, sa.and_(same_collectivity(Project, Comment), Project.id == Comment.project_id))
        .outerjoin(
            ProjectRevision,
            sa.and_(same_collectivity(ProjectRevision, Comment), ProjectRevision.id == Comment.revision_id),
        )
        .outerjoin(upper, sa.and_(same_collectivity(upper, Comment), upper.id == Comment.idea_id))
        .outerjoin(idea_words, sa.and_(same_collectivity(idea_words, upper), idea_words.id == upper.id))
        .outerjoin(parent, sa.and_(same_collectivity(parent, Comment), parent.id == Comment.parent_id))
        .outerjoin(
            target, sa.and_(same_collectivity(target, Contribution), target.id == Contribution.merged_into)
        )
        .where(Contribution.collectivity_id == collectivity_id, Contribution.id == contribution_id)
    ).one()
    title = row[8]
    if row[11] is PublishState.REDACTED and row[12] and "title" in row[12]:
        title = str(row[12]["title"])
    return Address(
        collectivity_id,
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        title,
        row[9],
        row[10],
    )


def touched(contribution: Contribution) -> bool:
    """Whether another voice has replied to it, taken a position on it or signed it."""
    return bool(
        db.session.scalar(
            sa.select(touched_by_others()).where(
                Contribution.collectivity_id == contribution.collectivity_id,
                Contribution.id == contribution.id,
            )
        )
    )


def place_of(slug: str, ref: str) -> Place:
    """Return the place of a contribution, for guards. Raises NotFound for an unknown reference."""
    row = db.session.execute(
        sa.select(Contribution, Consultation, ActionPlan, Participant, Collectivity.slug)
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
        .where(Collectivity.slug == slug, Collectivity.hosted, Contribution.ref == typed_ref(ref))
    ).one_or_none()
    if row is None:
        raise NotFound
    return _place(*row)


def place_of_contribution(collectivity_id: int, contribution_id: int) -> Place:
    """Return the place of a contribution by its id. Raises NotFound for an unknown one."""
    row = db.session.execute(
        sa.select(Contribution.ref, Collectivity.slug)
        .join(Collectivity, Collectivity.id == Contribution.collectivity_id)
        .where(Contribution.collectivity_id == collectivity_id, Contribution.id == contribution_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return place_of(row.slug, row.ref)


def _place(
    contribution: Contribution, consultation: Consultation, plan: ActionPlan, voice: Participant, slug: str
) -> Place:
    now = clock()
    return Place(
        collectivity_id=contribution.collectivity_id,
        plan_id=plan.id,
        stage=plan.stage,
        consultation_id=consultation.id,
        consultation_state=consultation.state,
        window_open=consultation.opens_at <= now < consultation.closes_at,
        accepts=frozenset(Accepts(value) for value in consultation.accepts),
        min_level=consultation.min_level,
        votable=contribution.statement_id is not None and contribution.state in READABLE_STATES,
        readable=contribution.state in READABLE_STATES,
        owner_person_id=voice.person_id,
        owner_association_id=voice.association_id,
        untouched=not touched(contribution),
        settled=contribution.state in SETTLED_STATES,
        ids={"contribution": contribution.id, "plan": plan.id, "consultation": consultation.id},
        slug=slug,
        cycle=plan.cycle,
    )


@dataclass(frozen=True)
class EditRow:
    """What a text said before its author changed it."""

    at: datetime
    before: dict[str, Any]


def edits_of(collectivity_id: int, contribution_id: int) -> tuple[EditRow, ...]:
    """Return the earlier wordings of a contribution, newest first; show them only with the text itself."""
    rows = db.session.scalars(
        sa.select(ContributionEdit)
        .where(
            ContributionEdit.collectivity_id == collectivity_id,
            ContributionEdit.contribution_id == contribution_id,
        )
        .order_by(ContributionEdit.at.desc(), ContributionEdit.id.desc())
    )
    return tuple(EditRow(row.at, row.before) for row in rows)
