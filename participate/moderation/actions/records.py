"""A decision's row, and its entry in the journal."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from participate.contributions.models import Comment, Contribution
from participate.contributions.queries import words_of
from participate.db import db, new_id
from participate.journal import actions as journal
from participate.moderation.models import ModerationDecision, Report
from participate.rules import moderation as rules
from participate.rules import references
from participate.rules.moderation import Decision, ReasonCode, Signal, SignalKind
from participate.rules.outcomes import READABLE_STATES
from participate.rules.windows import PROMISE


def source_of(contribution: Contribution) -> str:
    """Return what brought a text to the moderators: a report, a signal, or their own reading."""
    if contribution.reports:
        return "report"
    return "signal" if rules.holds(signals_of(contribution)) else "own"


def signals_of(contribution: Contribution) -> list[Signal]:
    """Return what screening noticed in a text, as far as it is still known."""
    known = set(SignalKind)
    return [Signal(SignalKind(kind)) for kind in contribution.signals or () if kind in known]


def snapshot(contribution: Contribution) -> dict[str, Any]:
    """Return what undoing, or an appeal that succeeds, puts back."""
    words = words_of(contribution)
    place: dict[str, Any]
    if isinstance(words, Comment):
        place = {
            "project_id": words.project_id,
            "revision_id": words.revision_id,
            "section": words.section.value,
        }
    else:
        place = {"axis_id": words.axis_id}
    return {
        "state": contribution.state.value,
        "due_at": contribution.due_at.isoformat(),
        "published_at": contribution.published_at.isoformat() if contribution.published_at else None,
        "merged_into": contribution.merged_into,
        "reports": contribution.reports,
        "redacted": words.redacted,
        "place": place,
    }


def new_decision(
    contribution: Contribution,
    now: datetime,
    decision: Decision,
    reason: ReasonCode | None,
    before: dict[str, Any],
) -> ModerationDecision:
    """Return the row of a decision, with what the text was before it."""
    received = _received_at(contribution, now)
    return ModerationDecision(
        collectivity_id=contribution.collectivity_id,
        id=new_id(),
        ref=references.grouped(references.reference_of(secrets.token_bytes(5))),
        contribution_id=contribution.id,
        consultation_id=contribution.consultation_id,
        decision=decision,
        reason=reason,
        received_at=received,
        in_time=now - received <= PROMISE,
        state_before=contribution.state,
        before=before,
        decided_at=now,
    )


def _received_at(contribution: Contribution, now: datetime) -> datetime:
    """Return when what is decided on came to the moderators: the text, or its first open report."""
    if contribution.state in READABLE_STATES:
        if not contribution.reports:
            return now
        last = sa.select(sa.func.max(ModerationDecision.decided_at)).where(
            ModerationDecision.collectivity_id == contribution.collectivity_id,
            ModerationDecision.contribution_id == contribution.id,
            ModerationDecision.undone_at.is_(None),
        )
        since = db.session.scalar(last)
        first = sa.select(sa.func.min(Report.at)).where(
            Report.collectivity_id == contribution.collectivity_id,
            Report.contribution_id == contribution.id,
        )
        if since is not None:
            first = first.where(Report.at > since)
        return db.session.scalar(first) or now
    return contribution.edited_at or contribution.submitted_at


def record_decision(row: ModerationDecision, contribution: Contribution, actor_id: int | None) -> None:
    """Write a decision into the journal."""
    journal.record(
        actor_id,
        "decision:made",
        journal.of_consultation(row.collectivity_id, row.consultation_id),
        f"decision:{row.id}",
        public={
            "decision": row.ref,
            "ref": contribution.ref,
            "action": row.decision.value,
            "reason": row.reason.value if row.reason else None,
            "source": row.source,
            "delay_minutes": int((row.decided_at - row.received_at) / timedelta(minutes=1)),
        },
        private={"person": row.decided_by, "facts": row.facts, "second": row.second_by},
    )
