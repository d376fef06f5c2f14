"""Appeals: asking, and deciding on them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.consultations.queries import lock_for_act
from participate.contributions.models import Contribution
from participate.db import add, clock, db, new_id
from participate.journal import actions as journal
from participate.moderation import queries
from participate.moderation.actions.refusals import AppealRefusedError
from participate.moderation.actions.requirements import hand_of, locked_contribution, locked_row
from participate.moderation.actions.undoing import lift_suspension, put_back
from participate.moderation.models import Appeal, ModerationDecision
from participate.rules import moderation as rules
from participate.rules.moderation import AppealOutcome, Decision
from participate.rules.outcomes import PublishState
from participate.rules.policy import Act, Actor, Place, RefusedError, require
from participate.rules.windows import appeal_decision_due


def appeal(actor: Actor, decision_id: int, text: str, lang: str) -> Appeal:
    """Ask somebody else to look again at a decision: once, in time, by the author.

    Raises AppealRefusedError with every reason that forbids it.
    """
    found = db.session.scalars(
        sa.select(ModerationDecision).where(ModerationDecision.id == decision_id)
    ).one()
    collectivity_id = found.collectivity_id
    consultation = lock_for_act(collectivity_id, found.consultation_id)
    row: ModerationDecision = locked_row(ModerationDecision, collectivity_id, decision_id)
    now = clock()
    author = queries.authorship(collectivity_id, row.contribution_id)
    refusals = list(
        rules.appeal_refusals(
            rules.AppealFacts(
                row.decision,
                rules.notice_due(row.decided_at),
                consultation.closes_at,
                _appeal_exists(collectivity_id, decision_id),
            ),
            hand_of(actor, collectivity_id),
            author,
            now,
        )
    )
    if row.undone_at is not None:
        refusals.append(rules.AppealRefusal.NOTHING_TO_APPEAL)
    if refusals:
        raise AppealRefusedError(*refusals)
    try:
        with db.session.begin_nested():
            asked = add(
                Appeal(
                    collectivity_id=collectivity_id,
                    id=new_id(),
                    decision_id=row.id,
                    contribution_id=row.contribution_id,
                    lang=lang,
                    text=text,
                    state="open",
                    first_decided_by=row.decided_by,
                    first_second_by=row.second_by,
                    filed_by=actor.person_id,
                    filed_at=now,
                    due_at=appeal_decision_due(now),
                )
            )
    except IntegrityError:
        raise AppealRefusedError(rules.AppealRefusal.ALREADY_APPEALED) from None
    journal.record(
        actor.person_id,
        "appeal:filed",
        journal.of_consultation(collectivity_id, row.consultation_id),
        f"appeal:{asked.id}",
        public={"decision": row.ref},
        private={"person": actor.person_id},
    )
    return asked


def _appeal_exists(collectivity_id: int, decision_id: int) -> bool:
    return (
        db.session.scalar(
            sa.select(Appeal.id).where(
                Appeal.collectivity_id == collectivity_id, Appeal.decision_id == decision_id
            )
        )
        is not None
    )


def decide_appeal(
    actor: Actor, appeal_id: int, outcome: AppealOutcome, explanation: str, lang: str = "ar"
) -> Appeal:
    """Answer an appeal as another person; reversed, the text is public again unless a later decision stands.

    Raises RefusedError ("another_decider", "not_own", "not_settled").
    """
    found = db.session.scalars(sa.select(Appeal).where(Appeal.id == appeal_id)).one()
    collectivity_id = found.collectivity_id
    author = queries.authorship(collectivity_id, found.contribution_id)
    place = Place(
        collectivity_id=collectivity_id,
        decided_by=found.first_decided_by,
        owner_person_id=int(author.person) if author.person else None,
        owner_association_id=int(author.association) if author.association else None,
        settled=found.state != "open",
    )
    require(actor, Act.APPEAL_DECIDE, place)
    hand = hand_of(actor, collectivity_id)
    first = [str(one) for one in (found.first_decided_by, found.first_second_by) if one is not None]
    if not rules.may_hear_appeal(hand, first, author):
        raise RefusedError(Act.APPEAL_DECIDE, ("another_decider",))
    contribution = locked_contribution(place, found.contribution_id)
    row: ModerationDecision = locked_row(ModerationDecision, collectivity_id, found.decision_id)
    asked: Appeal = locked_row(Appeal, collectivity_id, appeal_id)
    if asked.state != "open":
        raise RefusedError(Act.APPEAL_DECIDE, ("not_settled",))
    now = clock()
    asked.state = outcome.value
    asked.decided_by, asked.decided_at = actor.person_id, now
    asked.explanation, asked.explanation_lang = explanation, lang
    db.session.flush()
    if outcome is AppealOutcome.REVERSED:
        _reverse(contribution, row, now)
    journal.record(
        actor.person_id,
        "appeal:decided",
        journal.of_consultation(collectivity_id, row.consultation_id),
        f"appeal:{asked.id}",
        public={"decision": row.ref, "outcome": outcome.value},
        private={"person": actor.person_id},
    )
    return asked


def _reverse(contribution: Contribution, row: ModerationDecision, now: datetime) -> None:
    if row.decision is Decision.SUSPEND:
        lift_suspension(contribution)
        return
    if _decided_since(row):
        return  # the text stands as the later decision left it, which has an appeal of its own
    # What the author withdrew or sent again since is no longer ours to put back.
    if contribution.state in {rules.state_after(row.decision), PublishState.HIDDEN}:
        put_back(contribution, row, now, undoing=False)


def _decided_since(row: ModerationDecision) -> bool:
    """Whether another decision stands on the same text since.

    One that was undone or reversed stands no more; a suspension changes no text.
    """
    reversed_too = sa.select(Appeal.decision_id).where(
        Appeal.collectivity_id == row.collectivity_id,
        Appeal.contribution_id == row.contribution_id,
        Appeal.state == AppealOutcome.REVERSED.value,
    )
    later = sa.select(ModerationDecision.id).where(
        ModerationDecision.collectivity_id == row.collectivity_id,
        ModerationDecision.contribution_id == row.contribution_id,
        ModerationDecision.id != row.id,
        ModerationDecision.decided_at > row.decided_at,
        ModerationDecision.undone_at.is_(None),
        ModerationDecision.decision != Decision.SUSPEND,
        ModerationDecision.id.not_in(reversed_too),
    )
    return db.session.scalar(later.limit(1)) is not None
