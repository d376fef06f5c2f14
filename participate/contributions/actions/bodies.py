"""Opinions of advisory bodies."""

from __future__ import annotations

import sqlalchemy as sa

from participate.consultations.queries import lock_for_act
from participate.contributions import queries
from participate.contributions.actions.refusals import NotInThisConsultationError
from participate.contributions.models import Opinion
from participate.db import add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.journal.encoding import sha256
from participate.rules.policy import Act, Actor, Place, require
from participate.rules.text import guess_lang


def file_opinion(actor: Actor, place: Place, *, body_id: int, text: str, lang: str | None = None) -> Opinion:
    """File, or replace, the formal opinion of an advisory body on the plan under review.

    It is printed unedited in the dossier. Raises NotInThisConsultationError when the place has no
    consultation or the body is not one of the collectivity's.
    """
    require(actor, Act.OPINION_FILE, place)
    if place.collectivity_id is None or place.consultation_id is None:
        raise NotInThisConsultationError("consultation", place.consultation_id)
    if body_id not in {body.id for body in queries.advisory_bodies(place.collectivity_id)}:
        raise NotInThisConsultationError("body", body_id)
    lock_for_act(place.collectivity_id, place.consultation_id)
    now = clock()
    assert actor.person_id is not None
    row = db.session.scalar(
        for_update(
            sa.select(Opinion).where(
                Opinion.collectivity_id == place.collectivity_id,
                Opinion.consultation_id == place.consultation_id,
                Opinion.body_id == body_id,
            )
        )
    )
    values = {"text": text, "lang": lang or guess_lang(text), "filed_by": actor.person_id, "filed_at": now}
    if row is None:
        row = add(
            Opinion(
                collectivity_id=place.collectivity_id,
                id=new_id(),
                consultation_id=place.consultation_id,
                body_id=body_id,
                **values,
            )
        )
    else:
        for name, value in values.items():
            setattr(row, name, value)
        db.session.flush()
    journal.record(
        actor.person_id,
        "opinion:filed",
        journal.of_consultation(place.collectivity_id, place.consultation_id),
        f"opinion:{row.id}",
        public={"body": body_id, "text_sha256": sha256(text)},
        private={"person": actor.person_id},
    )
    return row
