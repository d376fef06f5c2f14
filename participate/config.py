"""Settings, read once from the environment; production refuses to start half-configured."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SECRET_CHARS = 32


class BadSettingError(Exception):
    """A setting that must not go live; holds its name and what to do."""


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
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def secure(self) -> bool:
        """Whether the site is served over https."""
        return urlsplit(self.base_url).scheme == "https"

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
        trusted_hosts=tuple(h for h in env.get("PARTICIPATE_TRUSTED_HOSTS", "").split(",") if h),
    )
