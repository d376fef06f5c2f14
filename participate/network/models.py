"""Tables of the network. They are reference tables: everybody reads them, few write."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, Scoped, Words, new_id
from participate.rules.outcomes import CollectivityKind


class Network(Model):
    """A network of collectivities that share a charter; one row today."""

    __tablename__ = "network"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=new_id)
    name: Mapped[Words]
    acronym: Mapped[Words]
    description: Mapped[Words]
    charter_intro: Mapped[Words]
    founded_on: Mapped[date]
    partners: Mapped[list[dict[str, str]]] = mapped_column(
        sa.JSON, comment="names by language, first the supervisor"
    )
    regions_counted: Mapped[int] = mapped_column(comment="members that are regions, counted but not named")
    provinces_counted: Mapped[int] = mapped_column(comment="members that are provincial councils, counted")


class CharterItem(Model):
    """A value, a commitment or a principle of the charter, in our own words."""

    __tablename__ = "charter_item"
    __table_args__ = (
        sa.UniqueConstraint("network_id", "kind", "position"),
        sa.CheckConstraint("kind IN ('value', 'commitment', 'principle')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=new_id)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    slug: Mapped[str | None] = mapped_column(sa.String(40))
    position: Mapped[int]
    title: Mapped[Words]
    description: Mapped[Words | None]


class Region(Model):
    """One of the twelve regions of Morocco."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    position: Mapped[int] = mapped_column(unique=True, comment="north to south, as official lists print them")
    name: Mapped[Words]


class Collectivity(Model):
    """A commune, province or region: a member of the network, with or without a space here."""

    __tablename__ = "collectivity"
    __table_args__ = (
        sa.CheckConstraint("(hosted AND code IS NOT NULL) OR NOT hosted", name="hosted_has_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=new_id)
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    code: Mapped[str | None] = mapped_column(sa.String(4), unique=True, comment="prefix of receipts, e.g. BM")
    kind: Mapped[CollectivityKind]
    name: Mapped[Words]
    description: Mapped[Words]
    province: Mapped[Words | None]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    hosted: Mapped[bool] = mapped_column(default=False, comment="has a space on this platform")
    population: Mapped[int | None] = mapped_column(
        comment="inhabitants at the last census, as the commune enters it"
    )
    joined_on: Mapped[date | None]
    notice: Mapped[Words | None] = mapped_column(
        comment="shown on its pages, e.g. what is illustrative in a demo"
    )


class Neighbourhood(Scoped, Model):
    """A district people may name as theirs; the finest place the platform knows."""

    __tablename__ = "neighbourhood"
    __table_args__ = (sa.UniqueConstraint("collectivity_id", "slug"),)

    slug: Mapped[str] = mapped_column(sa.String(60))
    name: Mapped[Words]
    population: Mapped[int | None]


class CalendarEvent(Scoped, Model):
    """A dated event of the collectivity's cycle that is not a meeting or a consultation."""

    __tablename__ = "calendar_event"

    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    title: Mapped[Words]
    description: Mapped[Words | None]
    attested: Mapped[bool] = mapped_column(
        default=True, comment="False: an assumption of the demo, shown as such"
    )


class PressRelease(Scoped, Model):
    """News of a collectivity."""

    __tablename__ = "press_release"
    __table_args__ = (sa.UniqueConstraint("collectivity_id", "slug"),)

    slug: Mapped[str] = mapped_column(sa.String(80))
    title: Mapped[Words]
    body: Mapped[Words]
    published_at: Mapped[datetime] = mapped_column(index=True)
