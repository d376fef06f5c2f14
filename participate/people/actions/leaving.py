"""Closing one's account: who it was goes, what was said and counted stays."""

from __future__ import annotations

import sqlalchemy as sa

from participate.db import clock, db
from participate.journal import actions as journal
from participate.people.actions.account import locked_person
from participate.people.actions.associations import end_mandate
from participate.people.actions.refusals import RolesToReturnError
from participate.people.models import (
    BrowserSession,
    Draft,
    FactorRecovery,
    FormReply,
    Mandate,
    NetworkAdministrator,
    OidcIdentity,
    RecoveryCode,
    ReservedName,
    RoleGrant,
    SignInCode,
    StaffFactor,
)
from participate.post import actions as post
from participate.rules.policy import Act, Actor, Place, require


def close_account(actor: Actor) -> str:
    """Forget who a person is, end their mandates and sessions, and return the address that was theirs.

    Their positions stay counted and their texts stay public, by nobody: the row they hang on has neither address
    nor name any more, and nothing leads back to them. The address is free for a new account, so the caller sees
    to it, while the person's row is locked, that no open consultation counts them: they would count twice.

    Raises RolesToReturnError for somebody who holds a role: another person must end it first.
    """
    require(actor, Act.ACCOUNT_USE, Place())
    assert actor.person_id is not None
    person = locked_person(actor.person_id)
    _require_no_role(person.id)
    living = sa.select(Mandate.collectivity_id, Mandate.id).where(
        Mandate.person_id == person.id, Mandate.ended_at.is_(None)
    )
    for where, mandate_id in db.session.execute(living).all():
        end_mandate(actor, where, mandate_id)
    address = str(person.email)
    post.forget(person.id, address)
    hashes = sa.select(BrowserSession.id_hash).where(BrowserSession.person_id == person.id)
    for forgotten in (
        sa.delete(Draft).where(Draft.session_hash.in_(hashes)),
        sa.delete(FormReply).where(FormReply.session_hash.in_(hashes)),
        sa.delete(BrowserSession).where(BrowserSession.person_id == person.id),
        sa.delete(SignInCode).where(SignInCode.email == address),
        sa.delete(RecoveryCode).where(RecoveryCode.person_id == person.id),
        sa.delete(StaffFactor).where(StaffFactor.person_id == person.id),
        sa.delete(OidcIdentity).where(OidcIdentity.person_id == person.id),
        sa.delete(FactorRecovery).where(FactorRecovery.person_id == person.id),
        sa.delete(ReservedName).where(ReservedName.holder == f"person:{person.id}"),
    ):
        db.session.execute(forgotten.execution_options(synchronize_session=False))
    person.email = person.display_name = person.name_skeleton = None
    db.session.flush()
    journal.record(
        actor.person_id,
        "account:closed",
        journal.NETWORK,
        f"person:{person.id}",
        private={"person": person.id, "at": clock().isoformat()},
    )
    return address


def _require_no_role(person_id: int) -> None:
    """Raise RolesToReturnError for somebody who works for a commune or the network."""
    works = db.session.scalar(
        sa.select(sa.literal(1)).where(
            sa.or_(
                sa.exists().where(RoleGrant.person_id == person_id),
                sa.exists().where(NetworkAdministrator.person_id == person_id),
            )
        )
    )
    if works:
        raise RolesToReturnError(person_id)
