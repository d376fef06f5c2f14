"""Ideas: lists, those alike, and who co-signed them."""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.contributions.models import Contribution, CoSignature, Idea
from participate.contributions.queries.additions import later
from participate.contributions.queries.limits import PAGE_ROWS
from participate.contributions.queries.paging import newest_first
from participate.contributions.queries.readers import listed_for
from participate.contributions.queries.rows import (
    IdeaPage,
    IdeaRow,
    idea_row_of,
    ideas_for,
    same_collectivity,
)
from participate.db import db
from participate.rules.outcomes import ContributionKind, Fate
from participate.rules.policy import ANYBODY, Actor
from participate.rules.text import normalise_for_matching

_SIMILAR_FROM = 0.35
_SIMILAR_POOL = 500


def ideas_of(
    collectivity_id: int,
    plan_id: int,
    *,
    actor: Actor = ANYBODY,
    consultation_id: int | None = None,
    axis_id: int | None = None,
    fate: Fate | None = None,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> IdeaPage:
    """Return a page of a plan's ideas, newest first, by axis or by what became of them. One statement."""
    statement = ideas_for(actor).where(
        Contribution.collectivity_id == collectivity_id,
        Contribution.kind == ContributionKind.IDEA,
        listed_for(actor),
    )
    if consultation_id is not None:
        statement = statement.where(Contribution.consultation_id == consultation_id)
    else:
        statement = statement.where(
            Contribution.consultation_id.in_(
                sa.select(Consultation.id).where(
                    Consultation.collectivity_id == collectivity_id, Consultation.plan_id == plan_id
                )
            )
        )
    if axis_id is not None:
        statement = statement.where(Idea.axis_id == axis_id)
    if fate is not None and later.ids_with_fate is not None:
        statement = statement.where(Idea.id.in_(later.ids_with_fate(collectivity_id, fate)))
    found, cursor = newest_first(statement, after, limit)
    return IdeaPage(tuple(idea_row_of(row) for row in found), cursor)


def ideas_of_association(
    collectivity_id: int,
    association_id: int,
    *,
    actor: Actor = ANYBODY,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> IdeaPage:
    """Return a page of an association's ideas, newest first. One statement."""
    statement = ideas_for(actor).where(
        Contribution.collectivity_id == collectivity_id,
        Participant.association_id == association_id,
        listed_for(actor),
    )
    found, cursor = newest_first(statement, after, limit)
    return IdeaPage(tuple(idea_row_of(row) for row in found), cursor)


@lru_cache(maxsize=4096)
def _grams(text: str) -> frozenset[str]:
    folded = f" {normalise_for_matching(text)} "
    return frozenset(folded[start : start + 4] for start in range(len(folded) - 3))


def likeness(one: str, two: str) -> float:
    """Return how much of the shorter text's character 4-grams the other holds, 0 to 1."""
    short, long = sorted((_grams(one), _grams(two)), key=len)
    return len(short & long) / len(short) if short else 0.0


def similar_ideas(collectivity_id: int, plan_id: int, text: str, limit: int = 3) -> tuple[IdeaRow, ...]:
    """Return the public ideas of the plan that resemble what somebody is writing, most alike first."""
    typed = text.strip()[:300]
    if len(typed) < 8:
        return ()
    pool = ideas_of(collectivity_id, plan_id, limit=_SIMILAR_POOL).rows
    scored = [(likeness(typed, f"{idea.title} {idea.problem[:200]}"), idea) for idea in pool if idea.public]
    near = sorted((pair for pair in scored if pair[0] >= _SIMILAR_FROM), key=lambda pair: -pair[0])
    return tuple(idea for _score, idea in near[:limit])


def has_cosigned(collectivity_id: int, idea_id: int, person_id: int | None) -> bool:
    """Whether a person has put their own name under an idea."""
    if person_id is None:
        return False
    found = db.session.scalar(
        sa.select(CoSignature.at)
        .join(
            Participant,
            sa.and_(
                same_collectivity(Participant, CoSignature), Participant.id == CoSignature.participant_id
            ),
        )
        .where(
            CoSignature.collectivity_id == collectivity_id,
            CoSignature.contribution_id == idea_id,
            Participant.person_id == person_id,
        )
    )
    return found is not None
