"""Reading what staff prove themselves with, and who asks to begin anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from participate.db import Words, db
from participate.network.models import Collectivity
from participate.people.models import (
    FactorRecovery,
    NetworkAdministrator,
    OidcIdentity,
    Person,
    RecoveryCode,
    RoleGrant,
    StaffFactor,
)
from participate.rules.policy import Role

APPROVERS = 2


@dataclass(frozen=True)
class Factors:
    """What of the second proof somebody has set; `linked`: an identity at a provider, instead of a password."""

    password: bool = False
    app: bool = False
    linked: bool = False
    codes_left: int = 0

    @property
    def complete(self) -> bool:
        """Whether the person can prove a role."""
        return self.app and (self.password or self.linked)


def factors_of(person_id: int) -> Factors:
    """Return what somebody has set. One statement."""
    left = (
        sa.select(sa.func.count())
        .where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
        .scalar_subquery()
    )
    linked = sa.exists().where(OidcIdentity.person_id == person_id)
    row = db.session.execute(
        sa.select(StaffFactor.password_hash.is_not(None), StaffFactor.app_secret.is_not(None), linked, left)
        .select_from(Person)
        .outerjoin(StaffFactor, StaffFactor.person_id == Person.id)
        .where(Person.id == person_id)
    ).one_or_none()
    return Factors() if row is None else Factors(bool(row[0]), bool(row[1]), bool(row[2]), int(row[3]))


def password_at(email: str) -> tuple[int, str | None]:
    """Return person and kept password of an address; nobody (0) when it has no account that works."""
    row = db.session.execute(
        sa.select(Person.id, StaffFactor.password_hash)
        .outerjoin(StaffFactor, StaffFactor.person_id == Person.id)
        .where(Person.email == email)
    ).one_or_none()
    return (0, None) if row is None else (row[0], row[1])


def password_of(person_id: int) -> str | None:
    """Return the kept password of a person."""
    found: str | None = db.session.scalar(
        sa.select(StaffFactor.password_hash).where(StaffFactor.person_id == person_id)
    )
    return found


def secret_of(person_id: int) -> str | None:
    """Return a person's secret as the database keeps it: for the demo, which shows the code."""
    found: str | None = db.session.scalar(
        sa.select(StaffFactor.app_secret).where(StaffFactor.person_id == person_id)
    )
    return found


@dataclass(frozen=True)
class Workplace:
    """A collectivity in which somebody holds a role."""

    collectivity_id: int
    slug: str
    name: Words


def workplaces_of(person_id: int) -> list[Workplace]:
    """Return where somebody holds roles, oldest first."""
    rows = db.session.execute(
        sa.select(Collectivity.id, Collectivity.slug, Collectivity.name)
        .where(
            Collectivity.id.in_(sa.select(RoleGrant.collectivity_id).where(RoleGrant.person_id == person_id))
        )
        .order_by(Collectivity.id)
    )
    return [Workplace(*row) for row in rows]


# --- recovery ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RecoveryView:
    """Somebody who lost what they sign in with, and how far the two approvals are."""

    id: int
    collectivity_id: int
    person_id: int
    name: str | None
    email: str | None
    asked_at: datetime
    first_by: int | None
    first_name: str | None
    first_reason: str | None
    first_at: datetime | None


def recoveries(collectivity_id: int) -> list[RecoveryView]:
    """Return who waits for two administrators here, oldest first."""
    first = sa.orm.aliased(Person)
    rows = db.session.execute(
        sa.select(FactorRecovery, Person.display_name, Person.email, first.display_name)
        .join(Person, Person.id == FactorRecovery.person_id)
        .outerjoin(first, first.id == FactorRecovery.first_by)
        .where(FactorRecovery.collectivity_id == collectivity_id, FactorRecovery.ended_at.is_(None))
        .order_by(FactorRecovery.id)
    )
    return [
        RecoveryView(
            row.id, row.collectivity_id, row.person_id, name, email, row.asked_at,
            row.first_by, first_name, row.first_reason, row.first_at,
        )
        for row, name, email, first_name in rows
    ]  # fmt: skip


def is_waiting(person_id: int) -> bool:
    """Whether somebody has asked to begin anew and nobody has decided yet."""
    found = db.session.scalar(
        sa.select(FactorRecovery.id)
        .where(FactorRecovery.person_id == person_id, FactorRecovery.ended_at.is_(None))
        .limit(1)
    )
    return found is not None


def network_decides(collectivity_id: int, person_id: int) -> bool:
    """Whether those of the network decide too: fewer than two others administer the commune."""
    return len(administrators(collectivity_id) - {person_id}) < APPROVERS


def administers_network(person_id: int) -> bool:
    """Whether somebody administers the network."""
    return db.session.get(NetworkAdministrator, person_id) is not None


def administrators(collectivity_id: int) -> frozenset[int]:
    """Return who administers a commune and is not suspended."""
    return frozenset(
        db.session.scalars(
            sa.select(RoleGrant.person_id)
            .join(Person, Person.id == RoleGrant.person_id)
            .where(
                RoleGrant.collectivity_id == collectivity_id,
                RoleGrant.role == Role.ADMINISTRATOR,
                Person.suspended_at.is_(None),
            )
        )
    )


def network_administrators() -> frozenset[int]:
    """Return who administers the network."""
    return frozenset(db.session.scalars(sa.select(NetworkAdministrator.person_id)))


# --- identities ----------------------------------------------------------------------------------


def person_of_identity(issuer: str, sub: str) -> int | None:
    """Return whose account an identity is linked to."""
    found: int | None = db.session.scalar(
        sa.select(OidcIdentity.person_id)
        .join(Person, Person.id == OidcIdentity.person_id)
        .where(OidcIdentity.issuer == issuer, OidcIdentity.sub == sub, Person.email.is_not(None))
    )
    return found
