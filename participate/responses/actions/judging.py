"""An author says whether the revised text satisfies them, while the plan awaits its session."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.consultations.queries import lock_for_act
from participate.contributions.models import Contribution
from participate.db import add, clock, db, for_share, for_update
from participate.journal import actions as journal
from participate.people.models import Mandate
from participate.plans.models import ActionPlan
from participate.responses.actions.refusals import NotJudgeableError, RoundOverError
from participate.responses.actions.standing import chain_of
from participate.responses.models import Judgement
from participate.responses.queries import response_for
from participate.rules.outcomes import ConsultationState, Satisfied
from participate.rules.policy import Act, Actor, Place, require
from participate.rules.text import guess_lang, is_blank


def judge(actor: Actor, place: Place, satisfied: Satisfied, note: str = "") -> Judgement:
    """Keep what an author says of the revised text, in the place of what they had said. What it is stays private.

    The plan's stage is read behind its lock: once the council has decided, nothing is added.
    Raises NotJudgeableError (no published answer), RoundOverError.
    """
    require(actor, Act.ANSWER_JUDGE, place)
    assert actor.person_id is not None
    assert place.collectivity_id is not None
    assert place.consultation_id is not None
    here, text_id = place.collectivity_id, place.ids["contribution"]
    consultation = lock_for_act(here, place.consultation_id)
    _require_before_session(actor, place, consultation)
    if not response_for(here, [text_id]):
        raise NotJudgeableError(text_id)
    # the row of the text is held: a first answer sent twice finds the other's
    text = db.session.scalars(
        for_update(
            sa.select(Contribution).where(Contribution.collectivity_id == here, Contribution.id == text_id)
        ).execution_options(populate_existing=True)
    ).one()
    voice = db.session.get_one(Participant, (here, text.participant_id))
    row = db.session.get(Judgement, (here, text_id, voice.id), populate_existing=True)
    kept = "" if is_blank(note) else note.strip()
    if row is None:
        row = add(
            Judgement(
                collectivity_id=here,
                contribution_id=text_id,
                participant_id=voice.id,
                acting_person_id=actor.person_id,
                satisfied=satisfied,
                note=kept,
                lang=guess_lang(kept),
                at=clock(),
            )
        )
    row.acting_person_id = actor.person_id
    row.mandate_id = _mandate(here, actor.person_id, voice)
    row.satisfied, row.note, row.lang, row.at = satisfied, kept, guess_lang(kept), clock()
    db.session.flush()
    journal.record(
        actor.person_id,
        "answer:judged",
        chain_of(consultation),
        f"contribution:{text.ref}",
        public={"ref": text.ref},
        private={"participant": voice.id, "person": actor.person_id, "mandate": row.mandate_id},
    )
    return row


def _require_before_session(actor: Actor, place: Place, consultation: Consultation) -> None:
    stage = db.session.scalar(
        for_share(
            sa.select(ActionPlan.stage).where(
                ActionPlan.collectivity_id == consultation.collectivity_id,
                ActionPlan.id == consultation.plan_id,
            )
        )
    )
    if consultation.state is ConsultationState.ARCHIVED:
        raise RoundOverError(consultation.id)
    require(actor, Act.ANSWER_JUDGE, replace(place, stage=stage))


def _mandate(collectivity_id: int, person_id: int, voice: Participant) -> int | None:
    if voice.association_id is None:
        return None
    return db.session.scalar(
        sa.select(Mandate.id).where(
            Mandate.collectivity_id == collectivity_id,
            Mandate.person_id == person_id,
            Mandate.association_id == voice.association_id,
            Mandate.ended_at.is_(None),
        )
    )


def erase_notes(actor: Actor) -> int:
    """Erase the sentences of somebody who closes their account; what they answered stays counted, by nobody."""
    require(actor, Act.ACCOUNT_USE, Place())
    result = db.session.execute(
        sa.update(Judgement)
        .where(Judgement.acting_person_id == actor.person_id, Judgement.mandate_id.is_(None))
        .values(note="")
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
