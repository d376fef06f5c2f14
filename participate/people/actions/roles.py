"""Roles: given, taken back."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from participate.db import Words, add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.people.actions.account import person_row, reserve_staff_name
from participate.people.actions.addresses import insert_into
from participate.people.actions.refusals import (
    ExclusiveRolesError,
    LastAdministratorError,
    OwnRolesError,
    RoleHeldError,
)
from participate.people.actions.signing_in import end_sessions
from participate.people.models import NetworkAdministrator, RoleGrant
from participate.rules.policy import EXCLUSIVE_GROUPS, Act, Actor, Place, Role, require


def grant_role(
    actor: Actor, collectivity_id: int, person_id: int, role: Role, title: Words | None = None
) -> RoleGrant:
    """Trust a person with a role; their sessions end, so that each begins with what it may do.

    Raises RoleHeldError, ExclusiveRolesError (both are the database's constraints), OwnRolesError.
    """
    _may_manage_roles(actor, collectivity_id, person_id)
    person = person_row(person_id)
    row = RoleGrant(
        collectivity_id=collectivity_id,
        id=new_id(),
        person_id=person_id,
        role=role,
        exclusive_group=EXCLUSIVE_GROUPS.get(role),
        title=title,
        granted_by=actor.person_id,
        granted_at=clock(),
    )
    try:
        with db.session.begin_nested():
            add(row)
    except IntegrityError:
        raise _roles_clash(collectivity_id, person_id, role) from None
    reserve_staff_name(person)
    end_sessions(person_id)
    journal.record(
        actor.person_id,
        "role:granted",
        journal.of_collectivity(collectivity_id),
        f"role_grant:{row.id}",
        public={"role": role},
        private={"person": person_id},
    )
    return row


def _roles_clash(collectivity_id: int, person_id: int, role: Role) -> Exception:
    held = db.session.scalars(
        sa.select(RoleGrant.role).where(
            RoleGrant.collectivity_id == collectivity_id, RoleGrant.person_id == person_id
        )
    ).all()
    if role in held:
        return RoleHeldError(role)
    group = EXCLUSIVE_GROUPS.get(role)
    return ExclusiveRolesError(role, next(one for one in held if EXCLUSIVE_GROUPS.get(one) == group))


def revoke_role(actor: Actor, collectivity_id: int, grant_id: int) -> Role:
    """Take a role back; the person's sessions end.

    Raises NotFound, OwnRolesError, LastAdministratorError.
    """
    wanted = sa.select(RoleGrant).where(
        RoleGrant.collectivity_id == collectivity_id, RoleGrant.id == grant_id
    )
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound
    role, person_id = found.role, found.person_id
    _may_manage_roles(actor, collectivity_id, person_id)
    # All administrators are locked, in one order, before the one: two who take each other's would wait for ever.
    if role is Role.ADMINISTRATOR and not actor.network_administrator:
        _require_another_administrator(collectivity_id, person_id)
    row = db.session.scalar(for_update(wanted))
    if row is None:
        raise NotFound
    db.session.delete(row)
    db.session.flush()
    reserve_staff_name(person_row(person_id))
    end_sessions(person_id)
    journal.record(
        actor.person_id,
        "role:revoked",
        journal.of_collectivity(collectivity_id),
        f"role_grant:{grant_id}",
        public={"role": role},
        private={"person": person_id},
    )
    return role


def _may_manage_roles(actor: Actor, collectivity_id: int, person_id: int) -> None:
    require(actor, Act.ROLE_MANAGE, Place(collectivity_id=collectivity_id))
    if actor.person_id == person_id:
        raise OwnRolesError


def _require_another_administrator(collectivity_id: int, person_id: int) -> None:
    """Raise LastAdministratorError when nobody else gives roles here: two may take each other's at once."""
    left = db.session.scalars(
        for_update(
            sa.select(RoleGrant.person_id)
            .where(RoleGrant.collectivity_id == collectivity_id, RoleGrant.role == Role.ADMINISTRATOR)
            .order_by(RoleGrant.id)
        )
    ).all()
    if not set(left) - {person_id}:
        raise LastAdministratorError


def administer_network(person_id: int) -> None:
    """Trust a person with the network: members and first administrators, no content. Command line only."""
    db.session.execute(
        insert_into(NetworkAdministrator)
        .values(person_id=person_id, granted_at=clock())
        .on_conflict_do_nothing(index_elements=["person_id"])
    )
    end_sessions(person_id)
