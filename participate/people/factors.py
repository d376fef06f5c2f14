"""Passwords, codes of an application, recovery codes: made and compared, nothing stored.

They live by the machine's time: an application on a phone knows no demo clock.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import secrets
from datetime import UTC, datetime
from functools import lru_cache

import pyotp
import segno
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from participate.journal import keys
from participate.rules.passwords import LONGEST, normal

STEP_SECONDS = 30
STEPS_AROUND = 1
"""A phone's clock may be half a minute off, either way."""
APP_DIGITS = 6
RECOVERY_CODES = 10
RECOVERY_CHARS = 16
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without the signs one mistakes for another on paper."""


# --- passwords -----------------------------------------------------------------------------------

_cheap = False


def use(*, cheap: bool) -> None:
    """Let this process hash at the price of tests and demo, or at the full one."""
    global _cheap  # noqa: PLW0603  one price a process, set once by create_app
    _cheap = cheap


@lru_cache(maxsize=2)
def _hasher(*, cheap: bool) -> PasswordHash:
    # 19 MiB, two passes, one lane: OWASP's floor, because a small server answers with four threads.
    full = Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1)
    least = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHash((least if cheap else full,))


@lru_cache(maxsize=2)
def _nobodys(*, cheap: bool) -> str:
    return _hasher(cheap=cheap).hash(secrets.token_hex(16))


def hash_password(password: str) -> str:
    """Return what is kept of a password."""
    return _hasher(cheap=_cheap).hash(normal(password[: LONGEST + 1]))


def is_password(password: str, kept: str | None) -> bool:
    """Whether a password is the kept one. Without one to compare, the same work is done for nothing."""
    cut = normal(password[: LONGEST + 1])
    right = _hasher(cheap=_cheap).verify(cut, kept or _nobodys(cheap=_cheap))
    return right and kept is not None and len(password) <= LONGEST


# --- the application -----------------------------------------------------------------------------


def machine_time() -> datetime:
    """Return the machine's time, by which codes and tries live."""
    return datetime.now(UTC)


def new_secret() -> str:
    """Return a fresh secret for an application, 160 bits, as it is typed."""
    return pyotp.random_base32()


def wrapped(secret: str) -> str:
    """Return a secret as the database keeps it."""
    return keys.ring().wrap(secret.encode())


def unwrapped(kept: str) -> str:
    """Return a secret the database keeps."""
    return keys.ring().unwrap(kept).decode()


def app_code(secret: str, at: datetime | None = None) -> str:
    """Return the code an application shows at a moment."""
    return str(pyotp.TOTP(secret).at(at or machine_time()))


def steps_of(code: str, secret: str, at: datetime) -> list[int]:
    """Return the half-minutes around a moment whose code this is, latest first; every one is compared."""
    now = int(at.timestamp()) // STEP_SECONDS
    made = pyotp.TOTP(secret)
    return [
        step
        for step in range(now + STEPS_AROUND, now - STEPS_AROUND - 1, -1)
        if hmac.compare_digest(made.generate_otp(step), code)
    ]


def app_address(secret: str, email: str, place: str) -> str:
    """Return what the QR code says to an application."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=place)


def qr_code(text: str) -> str:
    """Return a QR code as SVG to stand in a page: no style, no script, sized by its class."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=4, light="#fff", dark="#000",
        svgclass="qr", lineclass=None,
    )  # fmt: skip
    return out.getvalue().decode()


# --- recovery codes ------------------------------------------------------------------------------


def new_recovery_codes() -> list[str]:
    """Return ten codes, 78 bits each, in groups of four as they are printed."""
    made = ["".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_CHARS)) for _ in range(RECOVERY_CODES)]
    return ["-".join(code[at : at + 4] for at in range(0, RECOVERY_CHARS, 4)) for code in made]


def recovery_hash(person_id: int, typed: str) -> str:
    """Return what is kept of a recovery code: its length makes a slow hash needless."""
    plain = "".join(one for one in typed.upper() if one.isalnum())
    return hashlib.sha256(f"{person_id}:{plain}".encode()).hexdigest()
