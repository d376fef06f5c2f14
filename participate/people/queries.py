"""Reading people: who acts, in whose name, who holds what; sessions, drafts and replies of a browser."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from participate.db import Words, clock, db
from participate.network import queries as network
from participate.people.models import (
    AdvisoryBody,
    Association,
    BrowserSession,
    Draft,
    Mandate,
    NetworkAdministrator,
    Person,
    ReservedName,
    RoleGrant,
    SignInCode,
)
from participate.rules.outcomes import ParticipantKind
from participate.rules.policy import ANYBODY, Actor, Role
from participate.rules.text import skeleton

# --- who acts ------------------------------------------------------------------------------------


def actor_of(person_id: int) -> Actor:
    """Return what the policy must know of a person; nobody for an account that is gone. One statement."""
    grants = sa.select(
        RoleGrant.person_id,
        RoleGrant.collectivity_id,
        sa.cast(RoleGrant.role, sa.String).label("role"),
        sa.cast(sa.null(), sa.BigInteger).label("association_id"),
    ).where(RoleGrant.person_id == person_id)
    mandates = sa.select(
        Mandate.person_id, Mandate.collectivity_id, sa.cast(sa.null(), sa.String), Mandate.association_id
    ).where(Mandate.person_id == person_id, Mandate.ended_at.is_(None))
    held = grants.union_all(mandates).subquery()
    rows = db.session.execute(
        sa.select(
            Person.level,
            Person.suspended_at,
            Person.display_name,
            Person.email,
            NetworkAdministrator.person_id,
            held.c.collectivity_id,
            held.c.role,
            held.c.association_id,
        )
        .outerjoin(NetworkAdministrator, NetworkAdministrator.person_id == Person.id)
        .outerjoin(held, held.c.person_id == Person.id)
        .where(Person.id == person_id)
    ).all()
    if not rows or rows[0].email is None:
        return ANYBODY
    row = rows[0]
    return Actor(
        person_id=person_id,
        roles=frozenset((one.collectivity_id, Role(one.role)) for one in rows if one.role is not None),
        mandates=frozenset(
            (one.collectivity_id, one.association_id) for one in rows if one.association_id is not None
        ),
        network_administrator=row.person_id is not None,
        level=row.level,
        suspended=row.suspended_at is not None,
        named=row.display_name is not None,
    )


@dataclass(frozen=True)
class Voice:
    """In whose name somebody may speak: their own, or an association's; `label` is what to call it."""

    kind: ParticipantKind
    association_id: int | None
    mandate_id: int | None
    label: str | Words


def voices_of(person_id: int, collectivity_id: int) -> list[Voice]:
    """Return the voices of a person here: oneself first, then verified associations with a live mandate."""
    rows = db.session.execute(
        sa.select(Person.display_name, Mandate.id, Association.id, Association.name)
        .outerjoin(
            Mandate,
            (Mandate.person_id == Person.id)
            & (Mandate.collectivity_id == collectivity_id)
            & Mandate.ended_at.is_(None),
        )
        .outerjoin(
            Association,
            (Association.collectivity_id == Mandate.collectivity_id)
            & (Association.id == Mandate.association_id)
            & Association.verified_at.is_not(None),
        )
        .where(Person.id == person_id)
        .order_by(Mandate.started_at, Mandate.id)
    ).all()
    if not rows:
        return []
    oneself = Voice(ParticipantKind.CITIZEN, None, None, rows[0][0] or "")
    return [
        oneself,
        *(
            Voice(ParticipantKind.ASSOCIATION, association_id, mandate_id, name)
            for _own, mandate_id, association_id, name in rows
            if association_id is not None
        ),
    ]


def names_of(person_ids: Iterable[int]) -> dict[int, str]:
    """Return the chosen names of people; somebody without one is left out."""
    wanted = set(person_ids)
    if not wanted:
        return {}
    rows = db.session.execute(
        sa.select(Person.id, Person.display_name).where(
            Person.id.in_(wanted), Person.display_name.is_not(None)
        )
    )
    return {key: name for key, name in rows if name}


def languages_of(person_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return address and language of letters for people who can still be written to."""
    wanted = set(person_ids)
    if not wanted:
        return {}
    rows = db.session.execute(
        sa.select(Person.id, Person.email, Person.lang).where(
            Person.id.in_(wanted), Person.email.is_not(None)
        )
    )
    return {key: (email, lang) for key, email, lang in rows if email}


@dataclass(frozen=True)
class Account:
    """One's own account, as its settings show it."""

    id: int
    email: str
    display_name: str | None
    lang: str
    level: int
    row_version: int


def account(person_id: int) -> Account:
    """Return an account that is known to exist."""
    row = db.session.execute(
        sa.select(
            Person.id, Person.email, Person.display_name, Person.lang, Person.level, Person.row_version
        ).where(Person.id == person_id)
    ).one()
    return Account(row.id, row.email or "", row.display_name, row.lang, row.level, row.row_version)


def person_id_of(email: str) -> int | None:
    """Return the person with this (lower-case) address; None when nobody has an account there."""
    found: int | None = db.session.scalar(sa.select(Person.id).where(Person.email == email))
    return found


# --- the browser -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PendingCode:
    """The newest code this browser asked for."""

    email: str
    next_path: str | None
    expires_at: datetime
    tries: int
    link_hash: str


def pending_code(browser_hash: str) -> PendingCode | None:
    """Return the newest code a browser asked for and has not used, expired or not."""
    row = db.session.execute(
        sa.select(
            SignInCode.email,
            SignInCode.next_path,
            SignInCode.expires_at,
            SignInCode.tries,
            SignInCode.link_hash,
            SignInCode.used_at,
        )
        .where(SignInCode.browser_hash == browser_hash)
        .order_by(SignInCode.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None or row.used_at is not None:
        return None
    return PendingCode(row.email, row.next_path, row.expires_at, row.tries, row.link_hash)


def draft(session_hashes: Sequence[str], form_key: str) -> dict[str, Any]:
    """Return what this browser left in a form; {} when nothing."""
    if not session_hashes:
        return {}
    found = db.session.scalar(
        sa.select(Draft.fields)
        .where(Draft.session_hash.in_(session_hashes), Draft.form_key == form_key)
        .order_by(Draft.at.desc())
        .limit(1)
    )
    return dict(found or {})


@dataclass(frozen=True)
class SessionView:
    """A browser in which somebody is signed in; times stand on the platform's clock."""

    ref: str
    began: datetime
    last_seen: datetime
    means: str | None
    device: str | None
    strong: bool
    current: bool


REF_CHARS = 16
"""Symbols of a session's hash that name it in a form: the hash of a secret reveals nothing of it."""


def sessions_of(person_id: int, current_hash: str | None) -> list[SessionView]:
    """Return a person's live sessions, the present one first, then the latest used."""
    shift = clock() - datetime.now(UTC)  # sessions keep the machine's time; pages show the platform's
    rows = db.session.execute(
        sa.select(
            BrowserSession.id_hash,
            BrowserSession.created_at,
            BrowserSession.last_seen,
            BrowserSession.means,
            BrowserSession.device,
            BrowserSession.strong_at,
        )
        .where(BrowserSession.person_id == person_id)
        .order_by(BrowserSession.last_seen.desc())
    )
    views = [
        SessionView(
            row.id_hash[:REF_CHARS],
            row.created_at + shift,
            row.last_seen + shift,
            row.means,
            row.device,
            row.strong_at is not None,
            row.id_hash == current_hash,
        )
        for row in rows
    ]
    return sorted(views, key=lambda view: not view.current)


# --- names that may not be imitated ------------------------------------------------------------------

OFFICES = (
    "commune", "la commune", "mairie", "conseil", "le conseil", "conseil communal", "conseil municipal",
    "président", "le président", "président du conseil", "administration", "administrateur", "admin",
    "modérateur", "modération", "moderator", "officiel", "participate", "municipality", "council", "mayor",
    "الجماعة", "جماعة", "المجلس", "مجلس", "المجلس الجماعي", "مجلس الجماعة", "الرئيس", "رئيس", "رئيس المجلس",
    "رئيس الجماعة", "الإدارة", "إدارة", "المشرف", "العمدة", "الوالي", "العامل", "القائد", "الباشا",
)  # fmt: skip
"""Words that speak for an authority: nobody's name is one of them, alone or before a member's name."""
OF = ("", "de ", "d'", "du ", "of ", "ل", "ب")


LOOKS_CHARS = 80
"""Letters of a skeleton that are compared and kept: one sign can unfold into eighteen."""


def looks_of(name: str) -> str:
    """Return how a name looks, as it is kept and compared."""
    return skeleton(name)[:LOOKS_CHARS]


def is_reserved(name: str, holder: str) -> bool:
    """Whether a name looks like the network's, a collectivity's, an office's, staff's or an association's.

    `holder` ("person:12", "association:7") may keep a name that is reserved for itself.
    """
    looks = looks_of(name)
    taken = db.session.scalar(
        sa.select(ReservedName.id)
        .where(ReservedName.skeleton == looks, ReservedName.holder != holder)
        .limit(1)
    )
    if taken is not None:
        return True
    return looks in _authorities(frozenset(name for one in network.hosted() for name in one.name.values()))


@lru_cache(maxsize=4)
def _authorities(places: frozenset[str]) -> frozenset[str]:
    """Return how the names of members and offices look, alone and together."""
    together = {f"{office} {of}{place}" for office in OFFICES for of in OF for place in places}
    return frozenset(looks_of(one) for one in {*OFFICES, *places, *together})


# --- the desk ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GrantView:
    """A role somebody holds."""

    id: int
    person_id: int
    name: str | None
    email: str | None
    role: Role
    title: Words | None
    granted_at: datetime


def grants(collectivity_id: int) -> list[GrantView]:
    """Return every role held in a collectivity, by role, then by date."""
    rows = db.session.execute(
        sa.select(RoleGrant, Person.display_name, Person.email)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.collectivity_id == collectivity_id)
        .order_by(RoleGrant.granted_at, RoleGrant.id)
    ).all()
    order = list(Role)
    views = [
        GrantView(row.id, row.person_id, name, email, row.role, row.title, row.granted_at)
        for row, name, email in rows
    ]
    return sorted(views, key=lambda view: order.index(view.role))


def grant_one(collectivity_id: int, grant_id: int) -> GrantView | None:
    """Return one role somebody holds here."""
    return next((view for view in grants(collectivity_id) if view.id == grant_id), None)


@dataclass(frozen=True)
class DelegateView:
    """A person who may speak for an association."""

    mandate_id: int
    person_id: int
    name: str | None
    email: str | None
    since: datetime


@dataclass(frozen=True)
class AssociationView:
    """An association; `delegates` only where the desk asks for them."""

    id: int
    ref: str
    name: Words
    purpose: Words
    verified_at: datetime | None
    created_at: datetime
    delegates: tuple[DelegateView, ...] = ()


def association(collectivity_id: int, ref: str) -> AssociationView | None:
    """Return a verified association by its reference: others are not public."""
    row = db.session.scalar(
        sa.select(Association).where(
            Association.collectivity_id == collectivity_id,
            Association.ref == ref,
            Association.verified_at.is_not(None),
        )
    )
    return _association(row) if row else None


def associations(collectivity_id: int) -> list[AssociationView]:
    """Return the verified associations of a collectivity, first verified first: they are few."""
    rows = db.session.scalars(
        sa.select(Association)
        .where(Association.collectivity_id == collectivity_id, Association.verified_at.is_not(None))
        .order_by(Association.verified_at, Association.id)
    )
    return [_association(row) for row in rows]


@dataclass(frozen=True)
class BodyView:
    """A body that advises the council."""

    id: int
    slug: str
    name: Words
    description: Words | None


def advisory_bodies(collectivity_id: int) -> list[BodyView]:
    """Return the advisory bodies of a collectivity by short name: they are few."""
    rows = db.session.scalars(
        sa.select(AdvisoryBody)
        .where(AdvisoryBody.collectivity_id == collectivity_id)
        .order_by(AdvisoryBody.slug)
    )
    return [BodyView(row.id, row.slug, row.name, row.description) for row in rows]


def associations_for_desk(collectivity_id: int) -> list[AssociationView]:
    """Return every association with its live delegates: those that wait first, then the latest."""
    rows = db.session.execute(
        sa.select(Association, Mandate, Person.display_name, Person.email)
        .outerjoin(
            Mandate,
            (Mandate.collectivity_id == Association.collectivity_id)
            & (Mandate.association_id == Association.id)
            & Mandate.ended_at.is_(None),
        )
        .outerjoin(Person, Person.id == Mandate.person_id)
        .where(Association.collectivity_id == collectivity_id)
        .order_by(Association.verified_at.is_not(None), Association.id.desc(), Mandate.id)
    ).all()
    delegates: dict[int, list[DelegateView]] = {}
    found: dict[int, Association] = {}
    for row, mandate, name, email in rows:
        found[row.id] = row
        if mandate is not None:
            delegates.setdefault(row.id, []).append(
                DelegateView(mandate.id, mandate.person_id, name, email, mandate.started_at)
            )
    return [_association(row, tuple(delegates.get(key, ()))) for key, row in found.items()]


def _association(row: Association, delegates: tuple[DelegateView, ...] = ()) -> AssociationView:
    return AssociationView(row.id, row.ref, row.name, row.purpose, row.verified_at, row.created_at, delegates)
