"""Identities at a provider of sign-in, linked by their subject to the account that shows both."""

from __future__ import annotations

import sqlalchemy as sa

from participate.db import clock, db
from participate.people import factor_queries
from participate.people.actions.account import person_row
from participate.people.actions.addresses import insert_into
from participate.people.actions.refusals import IdentityTakenError
from participate.people.models import OidcIdentity
from participate.rules.policy import Act, Actor, Place, require

NATIONAL_ID = 4


def link_identity(actor: Actor, issuer: str, sub: str, *, citizen: bool) -> None:
    """Link the identity the provider has just attested; where it knows citizens, the level rises to 4.

    Raises IdentityTakenError when it belongs to another account.
    """
    require(actor, Act.ACCOUNT_USE, Place())
    assert actor.person_id is not None
    db.session.execute(
        insert_into(OidcIdentity)
        .values(issuer=issuer, sub=sub, person_id=actor.person_id, linked_at=clock())
        .on_conflict_do_nothing(index_elements=["issuer", "sub"])
    )
    if factor_queries.person_of_identity(issuer, sub) != actor.person_id:
        raise IdentityTakenError
    if citizen:
        person = person_row(actor.person_id)
        person.level = max(person.level, NATIONAL_ID)
        db.session.flush()


def unlink_identities(actor: Actor) -> None:
    """Undo every link of one's account; the level that was attested stays."""
    require(actor, Act.ACCOUNT_USE, Place())
    db.session.execute(sa.delete(OidcIdentity).where(OidcIdentity.person_id == actor.person_id))
