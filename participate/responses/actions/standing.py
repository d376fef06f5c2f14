"""What is locked and required before an answer is touched, and how texts are recorded."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.consultations.queries import lock_for_act, place_of
from participate.db import Words, db
from participate.journal import actions as journal
from participate.plans.models import ActionPlan
from participate.responses.actions.refusals import RoundOverError
from participate.rules.outcomes import ConsultationState
from participate.rules.policy import Act, Actor, require
from participate.rules.text import is_blank


def entered(
    actor: Actor, act: Act, collectivity_id: int, consultation_id: int, *, written_by: int | None = None
) -> Consultation:
    """Hold the consultation, read its plan's stage behind the lock, and ask the policy."""
    row = lock_for_act(collectivity_id, consultation_id)
    require_act(actor, act, row, written_by=written_by)
    return row


def require_act(actor: Actor, act: Act, row: Consultation, *, written_by: int | None = None) -> None:
    """Require an act at the consultation as its plan stands, in a round that is not over."""
    stage = db.session.scalar(
        sa.select(ActionPlan.stage).where(
            ActionPlan.collectivity_id == row.collectivity_id, ActionPlan.id == row.plan_id
        )
    )
    require(actor, act, replace(place_of(row, stage), written_by=written_by))
    if row.state is ConsultationState.ARCHIVED:
        raise RoundOverError(row.id)


def said_or_none(words: Words | None) -> Words | None:
    """Return only the languages in which something is said; None when nothing is."""
    found = {lang: text.strip() for lang, text in (words or {}).items() if text and not is_blank(text)}
    return found or None


def chain_of(row: Consultation) -> journal.ChainRef:
    """Return the chain of the journal in which a consultation's answers are recorded."""
    return journal.of_consultation(row.collectivity_id, row.id)


def digest_of(*texts: Words | None) -> str:
    """Return the digest by which the journal vouches for texts."""
    return journal.sha256(journal.canonical(list(texts)))
