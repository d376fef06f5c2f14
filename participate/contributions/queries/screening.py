"""What screening compares a new text with."""

from __future__ import annotations

import sqlalchemy as sa

from participate.contributions.models import Comment, Contribution, Idea
from participate.contributions.queries.readers import READABLE
from participate.contributions.queries.rows import same_collectivity
from participate.db import db
from participate.rules import moderation

_NEAR_POOL = 60
_NEAR_CHARS = 600


def earlier_texts(
    collectivity_id: int, consultation_id: int, text: str, besides: int | None = None
) -> list[str]:
    """Return recent texts of the consultation of about the same length, to find near copies.

    Capped at 60 texts of 600 characters, so that screening stays far below a tenth of a second
    inside the transaction.
    """
    body = sa.func.coalesce(Comment.body, Idea.title + sa.literal("\n") + Idea.problem)
    size = min(len(text), _NEAR_CHARS)
    rows = db.session.scalars(
        sa.select(sa.func.substr(body, 1, _NEAR_CHARS))
        .select_from(Contribution)
        .outerjoin(Comment, sa.and_(same_collectivity(Comment, Contribution), Comment.id == Contribution.id))
        .outerjoin(Idea, sa.and_(same_collectivity(Idea, Contribution), Idea.id == Contribution.id))
        .where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.consultation_id == consultation_id,
            Contribution.id != (besides or 0),
            sa.func.length(body) >= int(size * 0.7),
            sa.func.length(body) <= int(size * 1.4) if size < _NEAR_CHARS else sa.true(),
        )
        .order_by(Contribution.submitted_at.desc(), Contribution.id.desc())
        .limit(_NEAR_POOL)
    )
    return list(rows)


def published_before(person_id: int, besides: int | None = None) -> int:
    """Return how many public texts a person has written, counted up to the number that matters."""
    found = db.session.scalars(
        sa.select(Contribution.id)
        .where(
            Contribution.acting_person_id == person_id,
            Contribution.state.in_(READABLE),
            Contribution.id != (besides or 0),
        )
        .limit(moderation.FIRST_POSTS)
    )
    return len(found.all())
