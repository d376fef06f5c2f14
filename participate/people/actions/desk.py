"""The commune's desk: seeing a person."""

from __future__ import annotations

from participate.db import db
from participate.journal import actions as journal
from participate.people.actions.account import person_row
from participate.rules.policy import Act, Actor, Place, require

SEEN_AT_DESK = 3


def see_at_desk(actor: Actor, collectivity_id: int, person_id: int) -> int:
    """Note that a person was seen with a document that names them; no number is kept. Return their level."""
    require(actor, Act.PERSON_VERIFY, Place(collectivity_id=collectivity_id, owner_person_id=person_id))
    person = person_row(person_id)
    person.level = max(person.level, SEEN_AT_DESK)
    db.session.flush()
    journal.record(
        actor.person_id,
        "person:seen_at_desk",
        journal.of_collectivity(collectivity_id),
        f"person:{person_id}",
        public={"level": SEEN_AT_DESK},
        private={"person": person_id},
    )
    return person.level
