"""Taking a decision back while there is time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from participate.contributions.actions import set_state
from participate.contributions.models import Contribution
from participate.contributions.queries import words_of
from participate.db import clock, db
from participate.journal import actions as journal
from participate.moderation.actions.refusals import UndoTooLateError
from participate.moderation.actions.removals import record_removal
from participate.moderation.actions.requirements import author_person, locked_contribution, locked_row
from participate.moderation.models import ModerationDecision, Removal
from participate.rules import moderation as rules
from participate.rules.moderation import Decision
from participate.rules.outcomes import READABLE_STATES, PublishState, Section
from participate.rules.policy import Act, Actor, Place, require


def undo(actor: Actor, decision_id: int) -> tuple[ModerationDecision, ...]:
    """Take back a decision within ten seconds, with those of the same bulk; the author hears nothing.

    Raises RefusedError (somebody else's) and UndoTooLateError.
    """
    found = db.session.scalars(
        sa.select(ModerationDecision).where(ModerationDecision.id == decision_id)
    ).one()
    place = Place(collectivity_id=found.collectivity_id, decided_by=found.decided_by)
    require(actor, Act.DECISION_UNDO, place)
    together = db.session.scalars(
        sa.select(ModerationDecision)
        .where(
            ModerationDecision.collectivity_id == found.collectivity_id,
            ModerationDecision.decided_by == actor.person_id,
            ModerationDecision.decided_at == found.decided_at,
        )
        .order_by(ModerationDecision.contribution_id)
    ).all()
    return tuple(_undo_one(actor, place, one) for one in together)


def _undo_one(actor: Actor, place: Place, found: ModerationDecision) -> ModerationDecision:
    contribution = locked_contribution(place, found.contribution_id)
    row: ModerationDecision = locked_row(ModerationDecision, found.collectivity_id, found.id)
    now = clock()
    expected = rules.state_after(row.decision)
    untouched = expected is None or contribution.state in {expected, row.state_before}
    if row.undone_at is not None or not untouched or not rules.may_undo(row.decided_at, now):
        raise UndoTooLateError(row.decided_at)
    put_back(contribution, row, now, undoing=True)
    row.undone_at = now
    db.session.flush()
    if row.decision is Decision.SUSPEND:
        lift_suspension(contribution)
    _withdraw_removal(contribution, row, actor, now)
    journal.record(
        actor.person_id,
        "decision:undone",
        journal.of_consultation(row.collectivity_id, row.consultation_id),
        f"decision:{row.id}",
        public={"decision": row.ref},
        private={"person": actor.person_id},
    )
    return row


def _withdraw_removal(
    contribution: Contribution, row: ModerationDecision, actor: Actor, now: datetime
) -> None:
    """Take the request for removal back with the decision that hid the text for it."""
    removal = db.session.scalars(
        sa.select(Removal).where(
            Removal.collectivity_id == contribution.collectivity_id,
            Removal.contribution_id == contribution.id,
            Removal.state == "open",
            Removal.asked_at == row.decided_at,
        )
    ).one_or_none()
    if removal is not None:
        removal.state, removal.settled_by, removal.settled_at = "taken_back", actor.person_id, now
        db.session.flush()
        record_removal(actor, contribution, "removal:declined", removal)


def put_back(contribution: Contribution, row: ModerationDecision, now: datetime, *, undoing: bool) -> None:
    """Restore what the decision changed. An appeal that succeeds publishes what was not public before."""
    before = row.before or {}
    words = words_of(contribution)
    words.redacted = before.get("redacted")
    for name, value in (before.get("place") or {}).items():
        setattr(words, name, Section(value) if name == "section" else value)
    state = PublishState(before.get("state", row.state_before))
    if not undoing and state not in READABLE_STATES:
        state = PublishState.PUBLISHED
    set_state(contribution, state, now, merged_into=before.get("merged_into"))
    if undoing:
        contribution.reports = before.get("reports", 0)
        contribution.due_at = datetime.fromisoformat(before["due_at"])
        published = before.get("published_at")
        contribution.published_at = datetime.fromisoformat(published) if published else None
    db.session.flush()


def lift_suspension(contribution: Contribution) -> None:
    """Let the author of a text write again."""
    person = author_person(contribution)
    if person is not None:
        person.suspended_at = None
        db.session.flush()
