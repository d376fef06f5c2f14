"""Reading the network: members, charter, a collectivity's frame, news and calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from werkzeug.exceptions import NotFound

from participate.db import Words, db
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
from participate.rules.policy import Place
from participate.rules.text import normalise_for_matching

NEWS_SHOWN = 4


@dataclass(frozen=True)
class CollectivityView:
    """A collectivity as the frame of its pages shows it."""

    id: int
    slug: str
    code: str | None
    kind: CollectivityKind
    name: Words
    description: Words
    hosted: bool
    notice: Words | None
    region: Words
    population: int | None


@dataclass(frozen=True)
class MemberView:
    """A member of the network, with or without a space here."""

    slug: str
    name: Words
    province: Words | None
    hosted: bool


@dataclass(frozen=True)
class RegionView:
    """A region and the members it holds, by name."""

    code: str
    name: Words
    members: tuple[MemberView, ...]


@dataclass(frozen=True)
class Directory:
    """The members that a search found, by region from north to south."""

    regions: tuple[RegionView, ...]
    found: int
    communes: int


@dataclass(frozen=True)
class NetworkView:
    """The network and what is counted in it."""

    name: Words
    acronym: Words
    description: Words
    charter_intro: Words
    founded_on: date
    partners: tuple[Words, ...]
    regions_counted: int
    provinces_counted: int


@dataclass(frozen=True)
class CharterLine:
    """A value, a commitment or a principle."""

    slug: str | None
    title: Words
    description: Words | None


@dataclass(frozen=True)
class Charter:
    """The charter, in its three parts."""

    values: tuple[CharterLine, ...]
    commitments: tuple[CharterLine, ...]
    principles: tuple[CharterLine, ...]


@dataclass(frozen=True)
class NewsView:
    """A press release."""

    slug: str
    title: Words
    body: Words
    published_at: datetime


@dataclass(frozen=True)
class EventView:
    """A dated event of the cycle; not attested: an assumption, shown as such."""

    starts_on: date
    ends_on: date | None
    title: Words
    description: Words | None
    attested: bool


@dataclass(frozen=True)
class NeighbourhoodView:
    """A neighbourhood people may name as theirs."""

    id: int
    slug: str
    name: Words


# --- places --------------------------------------------------------------------------------------


def collectivity_place(slug: str, **_rest: object) -> Place:
    """Return the place of a collectivity that has a space here. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Collectivity.id).where(Collectivity.slug == slug, Collectivity.hosted)
    )
    if found is None:
        raise NotFound
    return Place(collectivity_id=found, slug=slug)


# --- one collectivity ------------------------------------------------------------------------------


def collectivity_by_slug(slug: str) -> CollectivityView | None:
    """Return a collectivity by its address; None when unknown."""
    row = db.session.execute(
        sa.select(Collectivity, Region.name)
        .join(Region, Region.code == Collectivity.region_code)
        .where(Collectivity.slug == slug)
    ).one_or_none()
    if row is None:
        return None
    found, region = row
    return CollectivityView(
        id=found.id,
        slug=found.slug,
        code=found.code,
        kind=found.kind,
        name=found.name,
        description=found.description,
        hosted=found.hosted,
        notice=found.notice,
        region=region,
        population=found.population,
    )


def hosted_ids() -> list[int]:
    """Return the keys of all collectivities that have a space here, for jobs."""
    return list(
        db.session.scalars(sa.select(Collectivity.id).where(Collectivity.hosted).order_by(Collectivity.id))
    )


def slugs_of(collectivity_ids: set[int]) -> dict[int, tuple[str, Words]]:
    """Return address and name of collectivities by key."""
    if not collectivity_ids:
        return {}
    rows = db.session.execute(
        sa.select(Collectivity.id, Collectivity.slug, Collectivity.name).where(
            Collectivity.id.in_(collectivity_ids)
        )
    )
    return {key: (slug, name) for key, slug, name in rows}


def neighbourhoods(collectivity_id: int) -> list[NeighbourhoodView]:
    """Return the neighbourhoods of a collectivity by address."""
    rows = db.session.scalars(
        sa.select(Neighbourhood)
        .where(Neighbourhood.collectivity_id == collectivity_id)
        .order_by(Neighbourhood.slug)
    )
    return [NeighbourhoodView(row.id, row.slug, row.name) for row in rows]


def news_of(collectivity_id: int, now: datetime, limit: int = NEWS_SHOWN) -> list[NewsView]:
    """Return the latest press releases that are out at `now`, newest first."""
    rows = db.session.scalars(
        sa.select(PressRelease)
        .where(PressRelease.collectivity_id == collectivity_id, PressRelease.published_at <= now)
        .order_by(PressRelease.published_at.desc(), PressRelease.id.desc())
        .limit(limit)
    )
    return [NewsView(row.slug, row.title, row.body, row.published_at) for row in rows]


def news_one(collectivity_id: int, slug: str, now: datetime) -> NewsView | None:
    """Return one press release that is out at `now`."""
    row = db.session.scalar(
        sa.select(PressRelease).where(
            PressRelease.collectivity_id == collectivity_id,
            PressRelease.slug == slug,
            PressRelease.published_at <= now,
        )
    )
    return NewsView(row.slug, row.title, row.body, row.published_at) if row else None


def calendar_of(collectivity_id: int) -> list[EventView]:
    """Return the dated events of a collectivity's cycle, first to last."""
    rows = db.session.scalars(
        sa.select(CalendarEvent)
        .where(CalendarEvent.collectivity_id == collectivity_id)
        .order_by(CalendarEvent.starts_on, CalendarEvent.id)
    )
    return [EventView(r.starts_on, r.ends_on, r.title, r.description, r.attested) for r in rows]


# --- the network -----------------------------------------------------------------------------------


def the_network() -> NetworkView | None:
    """Return the network; None on an installation that has not entered it."""
    row = db.session.scalar(sa.select(Network).limit(1))
    if row is None:
        return None
    return NetworkView(
        name=row.name,
        acronym=row.acronym,
        description=row.description,
        charter_intro=row.charter_intro,
        founded_on=row.founded_on,
        partners=tuple(row.partners),
        regions_counted=row.regions_counted,
        provinces_counted=row.provinces_counted,
    )


def charter() -> Charter:
    """Return the charter's lines in their order."""
    rows = db.session.scalars(sa.select(CharterItem).order_by(CharterItem.position)).all()
    lines: dict[str, list[CharterLine]] = {"value": [], "commitment": [], "principle": []}
    for row in rows:
        lines[row.kind].append(CharterLine(row.slug, row.title, row.description))
    return Charter(tuple(lines["value"]), tuple(lines["commitment"]), tuple(lines["principle"]))


def directory(search: str = "", region: str | None = None) -> Directory:
    """Return the communes of the network by region, those whose name or province holds `search`.

    The search forgives accents, letter case, hamza and short vowels; spelling in any language finds.
    """
    wanted = normalise_for_matching(search)
    regions = db.session.scalars(sa.select(Region).order_by(Region.position)).all()
    rows = db.session.scalars(
        sa.select(Collectivity).where(Collectivity.kind == CollectivityKind.COMMUNE)
    ).all()
    found = [
        row
        for row in rows
        if (region is None or row.region_code == region) and (not wanted or _named_like(row, wanted))
    ]
    by_region = tuple(
        RegionView(
            code=one.code,
            name=one.name,
            members=tuple(
                MemberView(row.slug, row.name, row.province, row.hosted)
                for row in sorted(found, key=lambda row: (not row.hosted, row.slug))
                if row.region_code == one.code
            ),
        )
        for one in regions
    )
    return Directory(tuple(one for one in by_region if one.members), len(found), len(rows))


def _named_like(row: Collectivity, wanted: str) -> bool:
    names = [*row.name.values(), *(row.province or {}).values(), row.slug.replace("-", " ")]
    return any(wanted in normalise_for_matching(name) for name in names)


def hosted() -> list[CollectivityView]:
    """Return the collectivities that have a space here, by address."""
    rows = db.session.execute(
        sa.select(Collectivity, Region.name)
        .join(Region, Region.code == Collectivity.region_code)
        .where(Collectivity.hosted)
        .order_by(Collectivity.slug)
    )
    return [
        CollectivityView(
            id=row.id,
            slug=row.slug,
            code=row.code,
            kind=row.kind,
            name=row.name,
            description=row.description,
            hosted=True,
            notice=row.notice,
            region=region,
            population=row.population,
        )
        for row, region in rows
    ]
