"""Removal takes two people."""

from __future__ import annotations

from datetime import datetime

from participate.contributions.actions import set_state
from participate.contributions.models import Contribution
from participate.db import add, clock, db, new_id
from participate.journal import actions as journal
from participate.moderation import queries
from participate.moderation.actions.deciding import take_decision
from participate.moderation.actions.records import new_decision, record_decision, snapshot, source_of
from participate.moderation.actions.refusals import NotDecidableError, RemovalPendingError
from participate.moderation.actions.requirements import (
    hand_of,
    locked_contribution,
    locked_row,
    open_removal,
    require_allowed,
    require_decidable,
)
from participate.moderation.models import ModerationDecision, Removal
from participate.rules import moderation as rules
from participate.rules.moderation import Decision, Hand, ReasonCode, Verdict
from participate.rules.outcomes import READABLE_STATES, PublishState
from participate.rules.policy import Act, Actor, Place, require


def ask_removal(
    actor: Actor,
    place: Place,
    contribution_id: int,
    reason: ReasonCode | None,
    facts: str,
    *,
    article: str = "",
    lang: str = "ar",
    source: str | None = None,
    seen: int | None = None,
) -> Removal:
    """Ask a second moderator to remove a text. A public text is hidden at once, by an ordinary decision.

    Raises what `decide` raises, and RemovalPendingError when one is asked for already.
    """
    require(actor, Act.CASE_DECIDE, place)
    contribution = locked_contribution(place, contribution_id)
    now = clock()
    require_decidable(contribution, seen)
    verdict = Verdict(
        Decision.REMOVE,
        hand_of(actor, contribution.collectivity_id),
        queries.authorship(contribution.collectivity_id, contribution.id),
        reason,
        facts,
        article,
    )
    wanting = tuple(
        one for one in rules.refusals(verdict) if one is not rules.DecisionRefusal.SECOND_PERSON_MISSING
    )
    if wanting:
        raise rules.DecisionRefusedError(Decision.REMOVE, wanting)
    assert reason is not None
    assert actor.person_id is not None
    source = source or source_of(contribution)
    if open_removal(contribution) is not None:
        raise RemovalPendingError(contribution.ref)
    if contribution.state in READABLE_STATES:
        take_decision(
            actor, contribution, now, Decision.HIDE, reason, facts, article=article, lang=lang, source=source
        )
    removal = add(
        Removal(
            collectivity_id=contribution.collectivity_id,
            id=new_id(),
            contribution_id=contribution.id,
            reason=reason,
            facts=facts,
            lang=lang,
            article=article,
            source=source,
            asked_by=actor.person_id,
            asked_at=now,
            state="open",
        )
    )
    record_removal(actor, contribution, "removal:asked", removal)
    return removal


def record_removal(actor: Actor, contribution: Contribution, event: str, removal: Removal) -> None:
    """Write a step of a removal into the journal."""
    journal.record(
        actor.person_id,
        event,
        journal.of_consultation(contribution.collectivity_id, contribution.consultation_id),
        f"removal:{removal.id}",
        public={"ref": contribution.ref, "reason": removal.reason.value},
        private={"person": actor.person_id},
    )


def confirm_removal(actor: Actor, place: Place, removal_id: int) -> ModerationDecision:
    """Remove a text as the second person. Raises DecisionRefusedError when it is the first one."""
    require(actor, Act.CASE_DECIDE, place)
    removal, contribution, now = _removal(place, removal_id)
    first = Hand(str(removal.asked_by))
    require_decidable(contribution, None)
    require_allowed(
        actor,
        contribution,
        Verdict(
            Decision.REMOVE,
            first,
            queries.authorship(contribution.collectivity_id, contribution.id),
            removal.reason,
            removal.facts,
            removal.article,
            hand_of(actor, contribution.collectivity_id),
        ),
    )
    row = new_decision(contribution, now, Decision.REMOVE, removal.reason, snapshot(contribution))
    row.facts, row.lang, row.article, row.source = (
        removal.facts,
        removal.lang,
        removal.article,
        removal.source,
    )
    row.decided_by, row.second_by = removal.asked_by, actor.person_id
    set_state(contribution, PublishState.REMOVED, now)
    contribution.reports = 0
    add(row)
    removal.state, removal.settled_by, removal.settled_at = "confirmed", actor.person_id, now
    removal.decision_id = row.id
    db.session.flush()
    record_decision(row, contribution, actor.person_id)
    return row


def decline_removal(actor: Actor, place: Place, removal_id: int) -> Removal:
    """Refuse to remove, or take one's own request back. The text stays as it is and waits for a decision."""
    require(actor, Act.CASE_DECIDE, place)
    removal, contribution, now = _removal(place, removal_id)
    own = removal.asked_by == actor.person_id
    removal.state = "taken_back" if own else "declined"
    removal.settled_by, removal.settled_at = actor.person_id, now
    db.session.flush()
    if contribution.state is PublishState.HIDDEN and not own:
        # It was hidden only until somebody else looked: it waits again, at the head of the queue.
        set_state(contribution, PublishState.WAITING, now)
    record_removal(actor, contribution, "removal:declined", removal)
    return removal


def _removal(place: Place, removal_id: int) -> tuple[Removal, Contribution, datetime]:
    assert place.collectivity_id is not None
    contribution = locked_contribution(place, place.ids["contribution"])
    removal: Removal = locked_row(Removal, place.collectivity_id, removal_id)
    if removal.state != "open" or removal.contribution_id != contribution.id:
        raise NotDecidableError(contribution.state)
    return removal, contribution, clock()
