"""Entering the network, its members and a collectivity's own affairs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.db import Words, add, clock, db, new_id
from participate.journal import actions as journal
from participate.network.models import (
    CalendarEvent,
    CharterItem,
    Collectivity,
    Neighbourhood,
    Network,
    PressRelease,
    Region,
)
from participate.rules.outcomes import CollectivityKind
from participate.rules.policy import Act, Actor, Place, RefusedError, require


class AddressTakenError(Exception):
    """Two things of one kind would have the same address; holds the address."""


def _network_administrator(actor: Actor) -> None:
    if not actor.network_administrator or actor.suspended:
        raise RefusedError(Act.COLLECTIVITY_EDIT, ("network_admin",))


def found_network(
    actor: Actor,
    *,
    name: Words,
    acronym: Words,
    description: Words,
    charter_intro: Words,
    founded_on: date,
    partners: Sequence[Words],
    regions_counted: int,
    provinces_counted: int,
) -> Network:
    """Enter the network of which the collectivities are members."""
    _network_administrator(actor)
    return add(
        Network(
            name=name,
            acronym=acronym,
            description=description,
            charter_intro=charter_intro,
            founded_on=founded_on,
            partners=list(partners),
            regions_counted=regions_counted,
            provinces_counted=provinces_counted,
        )
    )


def write_charter(
    actor: Actor, network_id: int, kind: str, lines: Sequence[tuple[str | None, Words, Words | None]]
) -> None:
    """Write one part of the charter: values, commitments or principles, in their order."""
    _network_administrator(actor)
    db.session.execute(
        sa.delete(CharterItem).where(CharterItem.network_id == network_id, CharterItem.kind == kind)
    )
    for position, (slug, title, description) in enumerate(lines, 1):
        add(
            CharterItem(
                network_id=network_id,
                kind=kind,
                slug=slug,
                position=position,
                title=title,
                description=description,
            )
        )


def name_region(actor: Actor, code: str, position: int, name: Words) -> Region:
    """Enter one of the country's regions."""
    _network_administrator(actor)
    return add(Region(code=code, position=position, name=name))


def admit(
    actor: Actor,
    *,
    slug: str,
    name: Words,
    region_code: str,
    province: Words | None = None,
    kind: CollectivityKind = CollectivityKind.COMMUNE,
    joined_on: date | None = None,
) -> Collectivity:
    """Admit a member, as yet without a space here. Raises AddressTakenError."""
    _network_administrator(actor)
    try:
        with db.session.begin_nested():
            return add(
                Collectivity(
                    id=new_id(),
                    slug=slug,
                    kind=kind,
                    name=name,
                    description={},
                    province=province,
                    region_code=region_code,
                    joined_on=joined_on,
                    hosted=False,
                )
            )
    except IntegrityError as error:
        raise AddressTakenError(slug) from error


def open_space(
    actor: Actor, slug: str, *, code: str, description: Words, notice: Words | None = None
) -> Collectivity:
    """Give a member its space here, with a journal of its own. `code` begins its receipts."""
    _network_administrator(actor)
    found = db.session.scalars(sa.select(Collectivity).where(Collectivity.slug == slug)).one()
    found.hosted = True
    found.code = code
    found.description = description
    found.notice = notice
    db.session.flush()
    journal.open_chain(journal.of_collectivity(found.id), parent=journal.NETWORK)
    journal.record(
        actor.person_id,
        "collectivity:opened",
        journal.NETWORK,
        f"collectivity:{found.id}",
        public={"slug": slug},
    )
    return found


def name_neighbourhood(actor: Actor, collectivity_id: int, slug: str, name: Words) -> Neighbourhood:
    """Enter a neighbourhood that people may name as theirs."""
    require(actor, Act.COLLECTIVITY_EDIT, Place(collectivity_id=collectivity_id))
    return add(Neighbourhood(collectivity_id=collectivity_id, slug=slug, name=name))


def date_event(
    actor: Actor,
    collectivity_id: int,
    *,
    starts_on: date,
    ends_on: date | None,
    title: Words,
    description: Words | None,
    attested: bool,
) -> CalendarEvent:
    """Put a dated event in the collectivity's calendar."""
    require(actor, Act.COLLECTIVITY_EDIT, Place(collectivity_id=collectivity_id))
    return add(
        CalendarEvent(
            collectivity_id=collectivity_id,
            starts_on=starts_on,
            ends_on=ends_on,
            title=title,
            description=description,
            attested=attested,
        )
    )


def publish_news(
    actor: Actor,
    collectivity_id: int,
    *,
    slug: str,
    title: Words,
    body: Words,
    at: datetime | None = None,
) -> PressRelease:
    """Publish a press release. Raises AddressTakenError when the address is in use here."""
    require(actor, Act.COLLECTIVITY_EDIT, Place(collectivity_id=collectivity_id))
    values: dict[str, Any] = {
        "slug": slug,
        "title": {lang: text for lang, text in title.items() if text},
        "body": {lang: text for lang, text in body.items() if text},
        "published_at": at or clock(),
    }
    try:
        with db.session.begin_nested():
            row = add(PressRelease(collectivity_id=collectivity_id, **values))
    except IntegrityError as error:
        raise AddressTakenError(slug) from error
    journal.record(
        actor.person_id,
        "notice:published",
        journal.of_collectivity(collectivity_id),
        f"news:{row.id}",
        public={"slug": slug},
    )
    return row
