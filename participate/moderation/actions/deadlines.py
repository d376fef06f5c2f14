"""What the clock decides: texts nobody looked at in time, decisions that lapse."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from participate.contributions.actions import set_state
from participate.contributions.models import Contribution
from participate.db import add, clock, db
from participate.journal import actions as journal
from participate.moderation.actions.records import new_decision, record_decision, signals_of, snapshot
from participate.moderation.actions.requirements import has_open_appeal, locked_contribution, open_removal
from participate.moderation.models import ModerationDecision
from participate.rules import moderation as rules
from participate.rules.moderation import Decision, Risk
from participate.rules.outcomes import PublishState
from participate.rules.policy import Place


def publish_due(collectivity_id: int) -> int:
    """Keep the 48 h promise: publish what waited too long and nothing flags; return how many texts moved.

    Flagged texts stay and show as late. A returned text that its author did not rewrite in five days
    is hidden for the reason it was returned, unless an appeal is open.
    """
    now = clock()
    found = db.session.execute(
        sa.select(Contribution.id, Contribution.state)
        .where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.state.in_([PublishState.WAITING, PublishState.RETURNED]),
            Contribution.due_at < now,
        )
        .order_by(Contribution.id)
    ).all()
    place = Place(collectivity_id=collectivity_id)
    return sum(_due(place, contribution_id) for contribution_id, _state in found)


def _due(place: Place, contribution_id: int) -> bool:
    contribution = locked_contribution(place, contribution_id)
    now = clock()
    if contribution.due_at >= now:
        return False
    if contribution.state is PublishState.WAITING:
        return _publish_late(contribution, now)
    if contribution.state is PublishState.RETURNED:
        return _hide_lapsed(contribution, now)
    return False


def _publish_late(contribution: Contribution, now: datetime) -> bool:
    flagged = rules.risk(signals_of(contribution), contribution.reports) is not Risk.NONE
    if flagged or open_removal(contribution) is not None:
        return False
    row = new_decision(contribution, now, Decision.PUBLISH, None, snapshot(contribution))
    row.source, row.in_time = "due", False
    set_state(contribution, PublishState.PUBLISHED_LATE, now)
    add(row)
    journal.record(
        None,
        "contribution:published_unreviewed",
        journal.of_consultation(contribution.collectivity_id, contribution.consultation_id),
        f"{contribution.kind.value}:{contribution.id}",
        public={"ref": contribution.ref},
    )
    return True


def _hide_lapsed(contribution: Contribution, now: datetime) -> bool:
    last = db.session.scalars(
        sa.select(ModerationDecision)
        .where(
            ModerationDecision.collectivity_id == contribution.collectivity_id,
            ModerationDecision.contribution_id == contribution.id,
            ModerationDecision.decision == Decision.RETURN,
            ModerationDecision.undone_at.is_(None),
        )
        .order_by(ModerationDecision.decided_at.desc())
        .limit(1)
    ).one_or_none()
    if last is None or has_open_appeal(contribution):
        return False
    row = new_decision(contribution, now, Decision.HIDE, last.reason, snapshot(contribution))
    row.facts, row.lang, row.article = last.facts, last.lang, last.article
    row.source, row.received_at, row.in_time = "due", contribution.due_at, True
    set_state(contribution, PublishState.HIDDEN, now)
    add(row)
    record_decision(row, contribution, None)
    return True
