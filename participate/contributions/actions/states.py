"""The state of a text, and what is counted with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from participate.contributions import queries
from participate.contributions.models import Comment, Contribution
from participate.db import db
from participate.positions.models import Statement
from participate.rules import moderation
from participate.rules.outcomes import READABLE_STATES, PublishState


def set_state(
    contribution: Contribution,
    state: PublishState,
    now: datetime,
    *,
    merged_into: int | None = None,
    redacted: Mapping[str, Any] | None = None,
) -> None:
    """Change a contribution's state and everything that follows from it.

    `merged_into` is needed for MERGED, `redacted` (field → text as shown) for REDACTED. The dates,
    the statement's `votable`, and the reply counter of what it stands under stay true. A returned
    text is due from its author in `moderation.REWRITE_DAYS`.
    """
    words = queries.words_of(contribution)  # before the first change: reading flushes, and CHECKs look
    was_public = contribution.state in READABLE_STATES
    is_public = state in READABLE_STATES
    contribution.merged_into = merged_into if state is PublishState.MERGED else None
    contribution.withdrawn_at = now if state is PublishState.WITHDRAWN else None
    if is_public and contribution.published_at is None:
        contribution.published_at = now
    if state is PublishState.RETURNED:
        contribution.due_at = moderation.rewriting_deadline(now)
    elif state is PublishState.WAITING:
        contribution.due_at = moderation.promised_by(contribution.edited_at or contribution.submitted_at)
    if redacted is not None:
        words.redacted = dict(redacted)
    contribution.state = state
    db.session.flush()
    if contribution.statement_id is not None:
        db.session.execute(
            sa.update(Statement)
            .where(
                Statement.collectivity_id == contribution.collectivity_id,
                Statement.id == contribution.statement_id,
            )
            .values(votable=is_public)
        )
    if was_public != is_public and isinstance(words, Comment):
        count_again(contribution, words.parent_id or words.idea_id, 1 if is_public else -1)


def count_again(base: Contribution, under_id: int | None, step: int) -> None:
    """Move the reply counter of what a comment stands under; in SQL, so that two at once both count."""
    if under_id is None:
        return
    db.session.execute(
        sa.update(Contribution)
        .where(Contribution.collectivity_id == base.collectivity_id, Contribution.id == under_id)
        .values(reply_count=Contribution.reply_count + step)
    )
