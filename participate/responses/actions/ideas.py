"""Deciding what becomes of an idea."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.consultations.models import Consultation
from participate.contributions.models import Contribution
from participate.db import Words, add, clock, db, for_update
from participate.journal import actions as journal
from participate.plans.models import Project
from participate.responses.actions.refusals import (
    ChangedMeanwhileError,
    MergedWithItselfError,
    NoSuchThingError,
    NotAnswerableError,
    ReasonMissingError,
    TargetMissingError,
)
from participate.responses.actions.standing import chain_of, entered, said_or_none
from participate.responses.models import IdeaFate
from participate.rules.outcomes import FATES_NEEDING_REASON, READABLE_STATES, ContributionKind, Fate
from participate.rules.policy import Act, Actor


def assess_idea(
    actor: Actor,
    collectivity_id: int,
    contribution_id: int,
    fate: Fate,
    *,
    reason: Words | None = None,
    project_id: int | None = None,
    merged_into: int | None = None,
    row_version: int | None = None,
) -> IdeaFate:
    """Say what becomes of an idea; public at once, and corrected by assessing it again.

    `project_id` is the project it became (retained) or joined (merged); `merged_into` the idea it was
    merged with. Deferred, declined and outside competence need a reason in Arabic. `row_version` is
    the one that was read (0: none yet); None skips that check. Raises NoSuchThingError,
    NotAnswerableError, ReasonMissingError, TargetMissingError, MergedWithItselfError,
    ChangedMeanwhileError, RoundOverError.
    """
    idea = _contribution(collectivity_id, contribution_id)
    if idea is None or idea.kind is not ContributionKind.IDEA:
        raise NoSuchThingError("idea", contribution_id)
    consultation = entered(actor, Act.IDEA_ASSESS, collectivity_id, idea.consultation_id)
    db.session.refresh(idea)
    if idea.state not in READABLE_STATES:
        raise NotAnswerableError(contribution_id)
    reason = said_or_none(reason)
    if fate in FATES_NEEDING_REASON and (reason is None or "ar" not in reason):
        raise ReasonMissingError(fate)
    if fate not in (Fate.RETAINED, Fate.MERGED):
        project_id = None
    if fate is not Fate.MERGED:
        merged_into = None
    elif project_id is None and merged_into is None:
        raise TargetMissingError(contribution_id)
    require_project(consultation, project_id)
    _require_other_idea(consultation, contribution_id, merged_into)
    found = db.session.scalar(
        for_update(
            sa.select(IdeaFate).where(
                IdeaFate.collectivity_id == collectivity_id, IdeaFate.contribution_id == contribution_id
            )
        ).execution_options(populate_existing=True)
    )
    if row_version is not None and row_version != (found.row_version if found else 0):
        raise ChangedMeanwhileError(contribution_id)
    values: dict[str, Any] = {
        "fate": fate,
        "reason": reason,
        "project_id": project_id,
        "merged_into": merged_into,
        "decided_by": actor.person_id,
        "decided_at": clock(),
    }
    if found is None:
        found = inserted(IdeaFate(collectivity_id=collectivity_id, contribution_id=contribution_id, **values))
    else:
        for name, value in values.items():
            setattr(found, name, value)
        db.session.flush()
    journal.record(
        actor.person_id,
        "idea:assessed",
        chain_of(consultation),
        f"contribution:{contribution_id}",
        public={"ref": idea.ref, "fate": fate.value},
        private={"person": actor.person_id, "reason": reason},
    )
    return found


def inserted(row: Any) -> Any:
    """Add a row that a colleague may be adding too; theirs is kept."""
    try:
        with db.session.begin_nested():
            return add(row)
    except IntegrityError:
        raise ChangedMeanwhileError(row.__tablename__) from None


def _contribution(collectivity_id: int, contribution_id: int) -> Contribution | None:
    return db.session.get(Contribution, (collectivity_id, contribution_id))


def require_project(consultation: Consultation, project_id: int | None) -> None:
    """Require a project of the consultation's own plan; none is fine."""
    if project_id is None:
        return
    plan_id = db.session.scalar(
        sa.select(Project.plan_id).where(
            Project.collectivity_id == consultation.collectivity_id, Project.id == project_id
        )
    )
    if plan_id != consultation.plan_id:
        raise NoSuchThingError("project", project_id)


def _require_other_idea(consultation: Consultation, contribution_id: int, merged_into: int | None) -> None:
    if merged_into is None:
        return
    plan_id = db.session.scalar(
        sa.select(Consultation.plan_id)
        .join(
            Contribution,
            (Contribution.collectivity_id == Consultation.collectivity_id)
            & (Contribution.consultation_id == Consultation.id),
        )
        .where(
            Contribution.collectivity_id == consultation.collectivity_id,
            Contribution.id == merged_into,
            Contribution.kind == ContributionKind.IDEA,
            Contribution.state.in_(READABLE_STATES),
        )
    )
    if plan_id != consultation.plan_id:
        raise NoSuchThingError("idea", merged_into)
    back = db.session.scalar(
        sa.select(IdeaFate.merged_into).where(
            IdeaFate.collectivity_id == consultation.collectivity_id, IdeaFate.contribution_id == merged_into
        )
    )
    if contribution_id in (merged_into, back):
        raise MergedWithItselfError(contribution_id)
