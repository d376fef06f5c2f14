"""Co-signing an idea."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.consultations import actions as consultations
from participate.consultations.models import Consultation, Participant
from participate.contributions.actions.entering import entered, locked_contribution
from participate.contributions.actions.refusals import AlreadyCosignedError, NotInThisConsultationError
from participate.contributions.models import Contribution, CoSignature, Idea
from participate.db import add, db
from participate.journal import actions as journal
from participate.journal import keys
from participate.people.queries import Voice
from participate.rules.outcomes import READABLE_STATES, Accepts, ContributionKind
from participate.rules.policy import Act, Actor, Place, RefusedError, require


def cosign(actor: Actor, place: Place, voice: Voice, *, declared: bool = False) -> Contribution:
    """Put a voice's name under somebody else's idea, once. Raises AlreadyCosignedError."""
    require(actor, Act.IDEA_COSIGN, place)
    consultation, now = entered(place, Act.IDEA_COSIGN, Accepts.IDEA)
    base = locked_contribution(consultation.collectivity_id, place.ids["contribution"])
    if base is None or base.kind is not ContributionKind.IDEA:
        raise NotInThisConsultationError("idea", place.ids["contribution"])
    if base.state not in READABLE_STATES:
        raise RefusedError(Act.IDEA_COSIGN, ("readable",))
    participant: Participant = consultations.participant_for(actor, consultation, voice, declared=declared)
    if participant.id == base.participant_id:
        raise RefusedError(Act.IDEA_COSIGN, ("not_own",))
    try:
        with db.session.begin_nested():
            add(
                CoSignature(
                    collectivity_id=base.collectivity_id,
                    contribution_id=base.id,
                    participant_id=participant.id,
                    at=now,
                )
            )
    except IntegrityError as error:
        raise AlreadyCosignedError from error
    db.session.execute(
        sa.update(Idea)
        .where(Idea.collectivity_id == base.collectivity_id, Idea.id == base.id)
        .values(cosigner_count=Idea.cosigner_count + 1)
    )
    journal.record(
        actor.person_id,
        "idea:cosigned",
        journal.of_consultation(base.collectivity_id, base.consultation_id),
        f"idea:{base.id}",
        public={"ref": base.ref, "voter": _voter(consultation, participant, base)},
        private={"participant": participant.id, "person": actor.person_id},
    )
    return base


def _voter(consultation: Consultation, participant: Participant, base: Contribution) -> str:
    """Return a pseudonym good for this idea only, so that acts do not form a fingerprint."""
    return keys.pseudonym(consultation.key_wrapped, f"cosign|{participant.id}", base.statement_id or base.id)
