"""What still needs an answer, counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.contributions.models import Comment, Contribution
from participate.db import db
from participate.responses.models import Response, ThemeMember
from participate.responses.queries.conditions import GIVEN, READABLE, same_collectivity
from participate.rules.outcomes import Outcome


@dataclass(frozen=True)
class Coverage:
    """How many contributions are owed an answer, how many have an approved one, and what it says.

    A count of texts: published ideas and published top-level comments.
    """

    answerable: int
    answered: int
    by_outcome: Mapping[Outcome, int] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        """How many contributions still need an answer that a second person has read."""
        return self.answerable - self.answered

    @property
    def complete(self) -> bool:
        """Whether nobody is left without an answer."""
        return self.missing == 0


def answerable(contribution: Any = Contribution, comment: Any = Comment) -> Any:
    """Return the condition of a contribution that is owed an answer; the statement outer-joins Comment.

    Replies, withdrawn, hidden and merged texts are not. Source: design/8, Lifecycle, responses, council.
    """
    return contribution.state.in_(READABLE) & comment.parent_id.is_(None)


def _own_answer() -> Any:
    own = aliased(Response)
    return (
        sa.select(own.outcome)
        .where(
            own.collectivity_id == Contribution.collectivity_id,
            own.contribution_id == Contribution.id,
            own.state.in_(GIVEN),
        )
        .limit(1)
        .correlate(Contribution)
        .scalar_subquery()
    )


def _theme_answer() -> Any:
    member, given = aliased(ThemeMember), aliased(Response)
    return (
        sa.select(given.outcome)
        .select_from(member)
        .join(given, same_collectivity(given, member) & (given.theme_id == member.theme_id))
        .where(
            member.collectivity_id == Contribution.collectivity_id,
            member.contribution_id == Contribution.id,
            given.state.in_(GIVEN),
        )
        .order_by(member.main.desc(), given.id)
        .limit(1)
        .correlate(Contribution)
        .scalar_subquery()
    )


def coverage(collectivity_id: int, *consultation_ids: int) -> Coverage:
    """Return the coverage of one or several consultations of a collectivity. One statement.

    A contribution is covered by its own approved response or by one of its themes' (its main theme's
    outcome is counted), never by the general answer to its project.
    """
    each = (
        sa.select(sa.func.coalesce(_own_answer(), _theme_answer()).label("outcome"))
        .select_from(Contribution)
        .outerjoin(Comment, same_collectivity(Comment, Contribution) & (Comment.id == Contribution.id))
        .where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.consultation_id.in_(consultation_ids),
            answerable(),
        )
        .subquery()
    )
    rows = db.session.execute(sa.select(each.c.outcome, sa.func.count()).group_by(each.c.outcome)).all()
    counts = {Outcome(outcome) if outcome else None: int(count) for outcome, count in rows}
    by_outcome = {outcome: counts[outcome] for outcome in Outcome if outcome in counts}
    return Coverage(sum(counts.values()), sum(by_outcome.values()), by_outcome)
