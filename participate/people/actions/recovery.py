"""Beginning anew after losing what one signs in with: two others decide, never the person, never one alone."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from participate.db import add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.people import factor_queries
from participate.people.actions.factors import forget_factors
from participate.people.actions.refusals import NotStaffError, RecoveryOpenError, RecoveryOverError
from participate.people.actions.signing_in import end_sessions
from participate.people.models import FactorRecovery
from participate.rules.policy import Act, Actor, Place, RefusedError, require


def ask_recovery(actor: Actor, collectivity_id: int) -> FactorRecovery:
    """Ask the administrators of a commune to let one begin anew. Raises NotStaffError, RecoveryOpenError."""
    require(actor, Act.FACTOR_USE, Place())
    assert actor.person_id is not None
    if not actor.held_in(collectivity_id):
        raise NotStaffError
    try:
        with db.session.begin_nested():
            row = add(
                FactorRecovery(
                    collectivity_id=collectivity_id,
                    id=new_id(),
                    person_id=actor.person_id,
                    asked_at=clock(),
                )
            )
    except IntegrityError:
        raise RecoveryOpenError from None
    _record(actor, "recovery:asked", row, {}, {})
    return row


def approve_recovery(actor: Actor, collectivity_id: int, recovery_id: int, reason: str) -> FactorRecovery:
    """Approve; the second approval empties what the person proved themselves with and ends their sessions.

    Raises NotFound, RefusedError, RecoveryOverError.
    """
    row = _locked(actor, collectivity_id, recovery_id)
    if row.first_by is None:
        row.first_by, row.first_reason, row.first_at = actor.person_id, reason, clock()
        step = "first"
    elif row.first_by == actor.person_id:
        raise RecoveryOverError
    else:
        row.second_by, row.second_reason, row.ended_at = actor.person_id, reason, clock()
        step = "second"
    db.session.flush()
    _record(actor, "recovery:approved", row, {"step": step}, {"reason": reason})
    if step == "second":
        forget_factors(row.person_id)
        end_sessions(row.person_id)
    return row


def refuse_recovery(actor: Actor, collectivity_id: int, recovery_id: int, reason: str) -> FactorRecovery:
    """Refuse: one administrator who doubts is enough. Raises NotFound, RefusedError, RecoveryOverError."""
    row = _locked(actor, collectivity_id, recovery_id)
    row.ended_at = clock()
    db.session.flush()
    _record(actor, "recovery:refused", row, {}, {"reason": reason})
    return row


def _locked(actor: Actor, collectivity_id: int, recovery_id: int) -> FactorRecovery:
    row = db.session.scalar(
        for_update(
            sa.select(FactorRecovery).where(
                FactorRecovery.collectivity_id == collectivity_id, FactorRecovery.id == recovery_id
            )
        ).execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    require(
        actor,
        Act.RECOVERY_DECIDE,
        Place(collectivity_id=collectivity_id, owner_person_id=row.person_id),
    )
    if not may_decide(actor, collectivity_id, row.person_id):
        raise RefusedError(Act.RECOVERY_DECIDE, ("network_admin",))
    if row.ended_at is not None:
        raise RecoveryOverError
    return row


def may_decide(actor: Actor, collectivity_id: int, person_id: int) -> bool:
    """Whether the actor is one of those who decide for this person.

    The administrators of the commune; those of the network where fewer than two others administer the
    commune, and alone where the person administers the network: a commune opens no door above its own.
    """
    if actor.person_id == person_id:
        return False
    if factor_queries.administers_network(person_id):
        return actor.network_administrator
    if actor.person_id in factor_queries.administrators(collectivity_id):
        return True
    return actor.network_administrator and factor_queries.network_decides(collectivity_id, person_id)


def recover_by_operator(person_id: int) -> None:
    """Let somebody begin anew from the server's command line, where nobody is left to decide."""
    forget_factors(person_id)
    end_sessions(person_id)
    db.session.execute(
        sa.update(FactorRecovery)
        .where(FactorRecovery.person_id == person_id, FactorRecovery.ended_at.is_(None))
        .values(ended_at=clock())
    )
    journal.record(
        None, "recovery:by_operator", journal.NETWORK, f"person:{person_id}", private={"person": person_id}
    )


def _record(
    actor: Actor, kind: str, row: FactorRecovery, public: dict[str, str], private: dict[str, str]
) -> None:
    journal.record(
        actor.person_id,
        kind,
        journal.of_collectivity(row.collectivity_id),
        f"factor_recovery:{row.id}",
        public=public,
        private={"person": row.person_id, **private},
    )
