"""What somebody wants to be written about."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite

from participate.db import db
from participate.letters.models import LetterChoice
from participate.rules.policy import Act, Actor, Place, require


def choose_receipts(actor: Actor, person_id: int, *, wanted: bool) -> None:
    """Turn the daily letter of receipts off or on again. It is nobody's business, so it is in no journal.

    Whoever holds the link of a letter may: the view has checked that the link was made for this person.
    """
    require(actor, Act.LETTER_CHOOSE, Place())
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    db.session.execute(
        dialect.insert(LetterChoice)
        .values(person_id=person_id, receipts=wanted)
        .on_conflict_do_update(index_elements=["person_id"], set_={"receipts": wanted})
    )
