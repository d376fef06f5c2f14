"""Doing what `rules/retention.py` promises. Nothing here commits: a dry run is a run that is rolled back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.contributions.models import Contribution, Idea
from participate.council.models import Deliberation
from participate.db import clock, db
from participate.files.models import StoredFile
from participate.journal import actions as journal
from participate.journal.models import Chain, ChainKind, JournalDetail, JournalEntry
from participate.moderation.models import Appeal, ModerationDecision
from participate.people.actions import overdue
from participate.plans.models import ActionPlan
from participate.post.jobs import MAX_TRIES
from participate.post.models import Mail
from participate.rules.lifecycle import Stage
from participate.rules.moderation import Decision
from participate.rules.outcomes import PublishState
from participate.rules.retention import RULES, Kept

ACTS_WITH_KEY = ("position:taken", "priority:set", "idea:cosigned")
"""Entries that name a voter by the consultation's key, and the person only on their private side."""


def sweep() -> dict[Kept, int]:
    """End everything whose time is over; return how many of each."""
    now = clock()
    done: dict[Kept, int] = {}
    for kept, (table, condition) in overdue().items():
        done[kept] = _changed(sa.delete(table).where(condition))
    for kept, end in _ENDINGS.items():
        done[kept] = end(RULES[kept].before(now))
    return done


def _changed(statement: Any) -> int:
    return int(db.session.execute(statement.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def _letters(before: datetime) -> int:
    """Empty letters: that one was sent stays, to whom and what it said does not."""
    ended = sa.or_(
        Mail.sent_at < before,
        Mail.cancelled_at < before,
        sa.and_(Mail.tries >= MAX_TRIES, Mail.created_at < before),
    )
    return _changed(
        sa.update(Mail)
        .where(ended, Mail.address != "")
        .values(body="", address="", subject="", last_error=None)
    )


def _voter_keys(before: datetime) -> int:
    """Destroy the keys of plans that were adopted or withdrawn long ago: no pseudonym can be made again."""
    adopted = (
        sa.select(Deliberation.plan_id)
        .where(
            Deliberation.collectivity_id == ActionPlan.collectivity_id,
            Deliberation.plan_id == ActionPlan.id,
            Deliberation.outcome == "adopted",
            Deliberation.performed_at < before,
        )
        .exists()
    )
    withdrawn = sa.and_(ActionPlan.stage == Stage.WITHDRAWN, ActionPlan.stage_since < before)
    over = db.session.scalars(
        sa.select(Consultation)
        .join(
            ActionPlan,
            sa.and_(
                ActionPlan.collectivity_id == Consultation.collectivity_id,
                ActionPlan.id == Consultation.plan_id,
            ),
        )
        .where(Consultation.key_wrapped != "", sa.or_(adopted, withdrawn))
        .order_by(Consultation.id)
    ).all()
    for consultation in over:
        consultation.key_wrapped = ""
        db.session.flush()
        _forget_voters(consultation)
        journal.record(
            None,
            "key:destroyed",
            journal.of_consultation(consultation.collectivity_id, consultation.id),
            f"consultation:{consultation.id}",
        )
    return len(over)


def _forget_voters(consultation: Consultation) -> None:
    """Delete the private side of its positions: the entry and its commitment stay, and the chain holds."""
    chain = sa.select(Chain.id).where(Chain.kind == ChainKind.CONSULTATION, Chain.ref == consultation.id)
    named = (
        sa.select(JournalEntry.seq)
        .where(
            JournalEntry.collectivity_id == JournalDetail.collectivity_id,
            JournalEntry.chain_id == JournalDetail.chain_id,
            JournalEntry.seq == JournalDetail.seq,
            JournalEntry.type.in_(ACTS_WITH_KEY),
        )
        .exists()
    )
    _changed(
        sa.delete(JournalDetail).where(
            JournalDetail.collectivity_id == consultation.collectivity_id,
            JournalDetail.chain_id.in_(chain),
            named,
        )
    )


def _removed_uploads(before: datetime) -> int:
    """Empty the files of removed ideas, once nobody can bring them back."""
    decided = (
        sa.select(ModerationDecision.id)
        .where(
            ModerationDecision.collectivity_id == Contribution.collectivity_id,
            ModerationDecision.contribution_id == Contribution.id,
            ModerationDecision.decision == Decision.REMOVE,
            ModerationDecision.undone_at.is_(None),
            ModerationDecision.decided_at < before,
        )
        .exists()
    )
    appealed = (
        sa.select(Appeal.id)
        .where(
            Appeal.collectivity_id == Contribution.collectivity_id,
            Appeal.contribution_id == Contribution.id,
            Appeal.state == "open",
        )
        .exists()
    )
    held = (
        sa.select(Idea.id)
        .join(
            Contribution,
            sa.and_(Contribution.collectivity_id == Idea.collectivity_id, Contribution.id == Idea.id),
        )
        .where(
            Idea.collectivity_id == StoredFile.collectivity_id,
            Idea.file_id == StoredFile.id,
            Contribution.state == PublishState.REMOVED,
            decided,
            ~appealed,
        )
        .exists()
    )
    return _changed(sa.update(StoredFile).where(StoredFile.name != "", held).values(body=b"", name=""))


def _unused_uploads(before: datetime) -> int:
    """Delete files that nothing holds and nothing ever held: their form was never sent."""
    conditions = [
        ~sa.select(column).where(column == StoredFile.id).correlate(StoredFile.__table__).exists()
        for column in _holders()
    ]
    attached = (
        sa.select(JournalDetail.seq)
        .where(
            JournalDetail.collectivity_id == StoredFile.collectivity_id,
            JournalDetail.subject == sa.literal("file:").concat(sa.cast(StoredFile.id, sa.String)),
        )
        .exists()
    )
    return _changed(sa.delete(StoredFile).where(StoredFile.uploaded_at < before, ~attached, *conditions))


def _holders() -> list[sa.Column[Any]]:
    """Return every column of every room that holds a file."""
    return [
        key.parent
        for table in db.metadata.tables.values()
        for key in table.foreign_keys
        if key.column is StoredFile.__table__.c.id
    ]


_ENDINGS: dict[Kept, Callable[[datetime], int]] = {
    Kept.LETTERS: _letters,
    Kept.VOTER_KEYS: _voter_keys,
    Kept.REMOVED_UPLOADS: _removed_uploads,
    Kept.UNUSED_UPLOADS: _unused_uploads,
}
