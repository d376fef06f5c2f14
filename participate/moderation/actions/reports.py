"""What citizens report."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from participate.db import add, clock, db, new_id
from participate.journal import actions as journal
from participate.moderation.actions.refusals import AlreadyReportedError
from participate.moderation.actions.requirements import locked_contribution
from participate.moderation.models import Report
from participate.rules.moderation import ReasonCode
from participate.rules.outcomes import READABLE_STATES
from participate.rules.policy import Act, Actor, Place, RefusedError, require


def report(
    actor: Actor, place: Place, contribution_id: int, reason: ReasonCode, note: str = "", lang: str = "ar"
) -> Report:
    """Tell the moderators about a text, once a person. It goes up in the queue; it stays public.

    Raises RefusedError and AlreadyReportedError.
    """
    require(actor, Act.CONTRIBUTION_REPORT, place)
    contribution = locked_contribution(place, contribution_id)
    if contribution.state not in READABLE_STATES:
        raise RefusedError(Act.CONTRIBUTION_REPORT, ("readable",))
    assert actor.person_id is not None
    try:
        with db.session.begin_nested():
            told = add(
                Report(
                    collectivity_id=contribution.collectivity_id,
                    id=new_id(),
                    contribution_id=contribution.id,
                    person_id=actor.person_id,
                    reason=reason,
                    note=note,
                    lang=lang,
                    at=clock(),
                )
            )
    except IntegrityError:
        raise AlreadyReportedError(contribution.ref) from None
    contribution.reports += 1
    db.session.flush()
    journal.record(
        actor.person_id,
        "contribution:reported",
        journal.of_consultation(contribution.collectivity_id, contribution.consultation_id),
        f"report:{told.id}",
        public={"ref": contribution.ref, "reason": reason.value},
        private={"person": actor.person_id},
    )
    return told
