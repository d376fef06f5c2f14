"""Tables of people. E-mail addresses live here and in the outbox, nowhere else."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from participate.db import Model, Scoped, Words, new_id, ref
from participate.rules.policy import Role


class Person(Model):
    """An account. No address, birth date or identity number is ever kept."""

    __tablename__ = "person"
    __table_args__ = (sa.CheckConstraint("level BETWEEN 1 AND 4", name="level"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=new_id)
    email: Mapped[str | None] = mapped_column(
        sa.String(254), unique=True, comment="lower case; NULL once closed"
    )
    display_name: Mapped[str | None] = mapped_column(
        sa.String(60), comment="asked before the first published text"
    )
    name_skeleton: Mapped[str | None] = mapped_column(
        sa.String(80), index=True, comment="for look-alike checks"
    )
    lang: Mapped[str] = mapped_column(sa.String(8), default="ar", comment="language of letters")
    level: Mapped[int] = mapped_column(
        default=1, comment="verification: 1 mail, 2 phone, 3 desk, 4 national e-ID"
    )
    suspended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012


class SignInCode(Model):
    """A one-time code sent by mail: newest only, bound to the browser that asked, five tries."""

    __tablename__ = "sign_in_code"
    __table_args__ = (sa.CheckConstraint("tries BETWEEN 0 AND 5", name="tries"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=new_id)
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    browser_hash: Mapped[str] = mapped_column(sa.String(64), index=True, comment="session that asked")
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    link_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    next_path: Mapped[str | None] = mapped_column(sa.String(500))
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class BrowserSession(Model):
    """A server-side session; the cookie holds a random id of which only the hash is kept."""

    __tablename__ = "browser_session"

    id_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    body: Mapped[dict[str, Any]] = mapped_column(comment="CSRF secret, flashes, pending sign-in")
    created_at: Mapped[datetime]
    last_seen: Mapped[datetime] = mapped_column(index=True)
    auth_at: Mapped[datetime | None] = mapped_column(comment="when identity was last proved")
    means: Mapped[str | None] = mapped_column(sa.String(16), comment="how it was proved: code, link, oidc …")
    strong_at: Mapped[datetime | None] = mapped_column(comment="when the second factor was last shown")
    device: Mapped[str | None] = mapped_column(
        sa.String(60), comment="browser and system, roughly; no address"
    )


class StaffFactor(Model):
    """What somebody who holds a role proves themselves with: a password, and a secret in their application."""

    __tablename__ = "staff_factor"
    __table_args__ = (
        sa.CheckConstraint("(password_hash IS NULL) = (password_at IS NULL)", name="password_has_its_day"),
        sa.CheckConstraint("(app_secret IS NULL) = (app_at IS NULL)", name="app_has_its_day"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200), comment="argon2id")
    password_at: Mapped[datetime | None]
    app_secret: Mapped[str | None] = mapped_column(sa.String(120), comment="wrapped by the master key")
    app_at: Mapped[datetime | None]
    app_next: Mapped[str | None] = mapped_column(
        sa.String(120), comment="a secret shown and not yet confirmed, wrapped"
    )
    last_step: Mapped[int] = mapped_column(default=0, comment="last 30 seconds whose code was used")


class RecoveryCode(Model):
    """A code that replaces the application once; only its hash is kept."""

    __tablename__ = "recovery_code"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    code_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInTry(Model):
    """Tries of a password or a code at one door: the next one is taken from `open_at` on."""

    __tablename__ = "sign_in_try"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True, comment="hash of door and address")
    tries: Mapped[int]
    open_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)


class FactorRecovery(Scoped, Model):
    """Somebody lost what they sign in with: two others, both administrators, let them begin anew."""

    __tablename__ = "factor_recovery"
    __table_args__ = (
        sa.CheckConstraint("first_by <> person_id AND second_by <> person_id", name="never_oneself"),
        sa.CheckConstraint("first_by <> second_by", name="two_people"),
        sa.CheckConstraint("second_by IS NULL OR first_by IS NOT NULL", name="one_after_the_other"),
        sa.CheckConstraint("(first_by IS NULL) = (first_reason IS NULL)", name="first_has_a_reason"),
        sa.CheckConstraint("(second_by IS NULL) = (second_reason IS NULL)", name="second_has_a_reason"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["first_by"], ["person.id"]),
        sa.ForeignKeyConstraint(["second_by"], ["person.id"]),
        sa.Index(
            "uq_factor_recovery_live",
            "collectivity_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    person_id: Mapped[int] = mapped_column(index=True)
    asked_at: Mapped[datetime]
    first_by: Mapped[int | None]
    first_reason: Mapped[str | None] = mapped_column(sa.String(500))
    first_at: Mapped[datetime | None]
    second_by: Mapped[int | None]
    second_reason: Mapped[str | None] = mapped_column(sa.String(500))
    ended_at: Mapped[datetime | None] = mapped_column(comment="approved twice, refused or taken back")


class OidcIdentity(Model):
    """An identity at a provider, linked by its subject to one account; never by e-mail address."""

    __tablename__ = "oidc_identity"

    issuer: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    sub: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    linked_at: Mapped[datetime]


class Draft(Model):
    """What somebody typed before signing in, or kept by autosave; it survives the session."""

    __tablename__ = "draft"

    session_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    form_key: Mapped[str] = mapped_column(sa.String(200), primary_key=True, comment="path of the form")
    fields: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class FormReply(Model):
    """The first answer given to a form: a retried or double-clicked form gets it again."""

    __tablename__ = "form_reply"

    session_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    payload_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    location: Mapped[str] = mapped_column(sa.String(500))
    receipt_code: Mapped[str | None] = mapped_column(sa.String(24))
    at: Mapped[datetime] = mapped_column(index=True)


class RoleGrant(Scoped, Model):
    """Who may do what in a collectivity. Incompatible roles share an `exclusive_group`."""

    __tablename__ = "role_grant"
    __table_args__ = (
        sa.UniqueConstraint("collectivity_id", "person_id", "role"),
        sa.UniqueConstraint("collectivity_id", "person_id", "exclusive_group"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
    )

    person_id: Mapped[int] = mapped_column(index=True)
    role: Mapped[Role]
    exclusive_group: Mapped[str | None] = mapped_column(
        sa.String(24), comment="at most one role of a group a person"
    )
    title: Mapped[Words | None]
    granted_by: Mapped[int | None]
    granted_at: Mapped[datetime]


class NetworkAdministrator(Model):
    """Who administers the network: no content, no positions."""

    __tablename__ = "network_administrator"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    granted_at: Mapped[datetime]


class Association(Scoped, Model):
    """A civil-society association known to a collectivity; it speaks once verified."""

    __tablename__ = "association"
    __table_args__ = (
        sa.UniqueConstraint("collectivity_id", "name_skeleton"),
        sa.UniqueConstraint("collectivity_id", "ref"),
        sa.CheckConstraint("(verified_at IS NULL) = (verified_by IS NULL)", name="verified_by_somebody"),
    )

    ref: Mapped[str] = mapped_column(sa.String(24))
    name: Mapped[Words]
    name_skeleton: Mapped[str] = mapped_column(sa.String(120))
    purpose: Mapped[Words]
    neighbourhood_id: Mapped[int | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[int | None]
    created_at: Mapped[datetime]


class Mandate(Scoped, Model):
    """A person may speak for an association while the mandate lives."""

    __tablename__ = "mandate"
    __table_args__ = (
        ref("association_id", "association"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.Index(
            "uq_mandate_live",
            "collectivity_id",
            "association_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    association_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class AdvisoryBody(Scoped, Model):
    """A body that advises the council, e.g. for equality and equal opportunities."""

    __tablename__ = "advisory_body"
    __table_args__ = (sa.UniqueConstraint("collectivity_id", "slug"),)

    slug: Mapped[str] = mapped_column(sa.String(60))
    name: Mapped[Words]
    description: Mapped[Words | None]


class ReservedName(Scoped, Model):
    """A name that no display name may imitate: the collectivity, its staff, its associations."""

    __tablename__ = "reserved_name"
    __table_args__ = (sa.UniqueConstraint("collectivity_id", "skeleton", "holder"),)

    skeleton: Mapped[str] = mapped_column(sa.String(120), index=True)
    holder: Mapped[str] = mapped_column(
        sa.String(40), comment="what holds it: association:…, person:…, collectivity"
    )
