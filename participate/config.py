"""Settings, read once from the environment; production refuses to start half-configured."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SECRET_CHARS = 32


class BadSettingError(Exception):
    """A setting that must not go live; holds its name and what to do."""


@dataclass(frozen=True)
class Oidc:
    """An identity provider: whom it knows, and which of its `acr` or `amr` values replace the second factor."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    citizens: bool = False
    staff: bool = False
    strong: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two installations."""

    database_url: str
    secret_key: str
    base_url: str = "http://127.0.0.1:5000"
    instance: Path = ROOT / "instance"
    demo: bool = False
    testing: bool = False
    master_key: str | None = None
    signing_key: str | None = None
    smtp_url: str | None = None
    mail_from: str = "Participate <no-reply@participate.invalid>"
    trusted_hosts: tuple[str, ...] = ()
    oidc: Oidc | None = None
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def secure(self) -> bool:
        """Whether the site is served over https."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def cheap_passwords(self) -> bool:
        """Whether hashing may cost next to nothing: in tests and in the demo, whose passwords are shown anyway."""
        return self.testing or self.demo

    @property
    def hosts(self) -> list[str] | None:
        """The host names that may be asked for: those given, else that of a public address."""
        own = urlsplit(self.base_url).hostname or ""
        return list(self.trusted_hosts) or ([own] if own not in LOOPBACK else None)


def from_environment(demo: bool | None = None) -> Settings:
    """Read the environment.

    Raises BadSettingError outside the demo when the secret key is missing, short or another key as well, when
    the demo flag is set on a public address, when a public address is not https, when the database is not
    named, or when one of two keys is.
    """
    env = os.environ
    demo = env.get("PARTICIPATE_DEMO") == "1" if demo is None else demo
    instance = Path(env.get("PARTICIPATE_INSTANCE", ROOT / "instance"))
    base_url = env.get("PARTICIPATE_BASE_URL", "http://127.0.0.1:5000").rstrip("/")
    host = urlsplit(base_url).hostname or ""
    if demo and host not in LOOPBACK:
        raise BadSettingError("PARTICIPATE_DEMO", "the demo binds loopback only: unset it, or use 127.0.0.1")
    secret = env.get("PARTICIPATE_SECRET_KEY", "")
    if demo:
        secret = secret or secrets.token_hex(32)
    elif len(secret) < SECRET_CHARS:
        raise BadSettingError("PARTICIPATE_SECRET_KEY", "give at least 32 random characters")
    master, signing = env.get("PARTICIPATE_MASTER_KEY"), env.get("PARTICIPATE_SIGNING_KEY")
    if bool(master) != bool(signing):
        raise BadSettingError(
            "PARTICIPATE_SIGNING_KEY" if master else "PARTICIPATE_MASTER_KEY",
            "the master and the signing key come both from the environment, or both from files",
        )
    if secret in {master, signing}:
        raise BadSettingError(
            "PARTICIPATE_SECRET_KEY", "it must be another one than the master and signing keys"
        )
    if not demo and host not in LOOPBACK and urlsplit(base_url).scheme != "https":
        raise BadSettingError("PARTICIPATE_BASE_URL", "a public address begins with https://")
    url = env.get("DATABASE_URL", "")
    if not url:
        if not demo:
            raise BadSettingError(
                "DATABASE_URL", "name the database, e.g. sqlite:////var/lib/participate/db.sqlite"
            )
        url = f"sqlite:///{instance / 'demo.sqlite'}"
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return Settings(
        database_url=url,
        secret_key=secret,
        base_url=base_url,
        instance=instance,
        demo=demo,
        master_key=master,
        signing_key=signing,
        smtp_url=env.get("PARTICIPATE_SMTP_URL"),
        mail_from=env.get("PARTICIPATE_MAIL_FROM", "Participate <no-reply@participate.invalid>"),
        oidc=_oidc(demo=demo),
        trusted_hosts=tuple(h for h in env.get("PARTICIPATE_TRUSTED_HOSTS", "").split(",") if h),
    )


def _oidc(*, demo: bool) -> Oidc | None:
    """Read the provider of identities, if one is named. Raises BadSettingError for half of one."""
    env = os.environ
    issuer = env.get("PARTICIPATE_OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return None
    if urlsplit(issuer).scheme != "https" and not demo:
        raise BadSettingError("PARTICIPATE_OIDC_ISSUER", "name an https address")
    values = {}
    for name in ("CLIENT_ID", "CLIENT_SECRET", "NAME", "FOR"):
        values[name] = env.get(f"PARTICIPATE_OIDC_{name}", "")
        if not values[name]:
            raise BadSettingError(f"PARTICIPATE_OIDC_{name}", "the provider of identities needs it")
    known = {one.strip() for one in values["FOR"].split(",") if one.strip()}
    if not known or not known <= {"citizens", "staff"}:
        raise BadSettingError("PARTICIPATE_OIDC_FOR", "write citizens, staff, or citizens,staff")
    if find_spec("authlib") is None:
        raise BadSettingError("PARTICIPATE_OIDC_ISSUER", "install the extra: participate[oidc]")
    return Oidc(
        issuer=issuer,
        client_id=values["CLIENT_ID"],
        client_secret=values["CLIENT_SECRET"],
        name=values["NAME"],
        citizens="citizens" in known,
        staff="staff" in known,
        strong=tuple(one.strip() for one in env.get("PARTICIPATE_OIDC_STRONG", "").split(",") if one.strip()),
    )
