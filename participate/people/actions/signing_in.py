"""Codes and sessions."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from participate.db import add, clock, db, new_id
from participate.people import queries
from participate.people.actions.addresses import person_by_email
from participate.people.addresses import CODE_DIGITS, clean_email, digits_of
from participate.people.models import BrowserSession, SignInCode

CODE_LIVES = timedelta(minutes=10)
MAX_TRIES = 5
PATH_CHARS = 500


# --- signing in by mail code -------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A code to be mailed; only its hash is kept."""

    code: str
    link_token: str


class CodeProblem(StrEnum):
    """Why a code does not sign in."""

    NONE_ASKED = "none_asked"
    WRONG = "wrong"
    EXPIRED = "expired"
    TOO_MANY_TRIES = "too_many_tries"
    USED = "used"


@dataclass(frozen=True)
class Redeemed:
    """What came of a try: a person, or the problem and the tries left."""

    person_id: int | None = None
    next_path: str | None = None
    problem: CodeProblem | None = None
    tries_left: int = 0


def request_code(email: str, browser_hash: str, next_path: str | None) -> Asked:
    """Make a code for an address, known or not, bound to the browser that asks; its older ones end.

    The caller mails it, in the same transaction. An account begins at `redeem`, not here. Only this
    browser's codes end: whoever asks elsewhere for somebody's address cannot lock them out.
    """
    email = clean_email(email)
    now = clock()
    db.session.execute(
        sa.update(SignInCode)
        .where(SignInCode.browser_hash == browser_hash, SignInCode.used_at.is_(None))
        .values(used_at=now)
    )
    key = new_id()
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    token = secrets.token_hex(16)
    add(
        SignInCode(
            id=key,
            email=email,
            browser_hash=browser_hash,
            code_hash=_digest(key, code),
            link_hash=_digest(0, token),
            next_path=next_path if len(next_path or "") <= PATH_CHARS else None,
            tries=0,
            created_at=now,
            expires_at=now + CODE_LIVES,
        )
    )
    return Asked(code, token)


def _digest(salt: int, secret: str) -> str:
    return hashlib.sha256(f"{salt}:{secret}".encode()).hexdigest()


def redeem(
    browser_hash: str, lang: str, *, code: str | None = None, link_token: str | None = None
) -> Redeemed:
    """Try the newest code this browser asked for, typed or by its link; it works once.

    Every try is counted by the database before the secret is compared, and a CHECK holds the count
    at five: commit whatever the answer is. An account is made at the first success.
    """
    row = db.session.execute(
        sa.select(
            SignInCode.id,
            SignInCode.email,
            SignInCode.code_hash,
            SignInCode.link_hash,
            SignInCode.next_path,
            SignInCode.expires_at,
            SignInCode.used_at,
        )
        .where(SignInCode.browser_hash == browser_hash)
        .order_by(SignInCode.id.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    now = clock()
    if row is None:
        return Redeemed(problem=CodeProblem.NONE_ASKED)
    if row.used_at is not None:
        return Redeemed(problem=CodeProblem.USED)
    if now >= row.expires_at:
        return Redeemed(problem=CodeProblem.EXPIRED)
    tries = db.session.scalar(
        sa.update(SignInCode)
        .where(SignInCode.id == row.id, SignInCode.tries < MAX_TRIES, SignInCode.used_at.is_(None))
        .values(tries=SignInCode.tries + 1)
        .returning(SignInCode.tries)
    )
    if tries is None:
        return Redeemed(problem=CodeProblem.TOO_MANY_TRIES)
    if not _is_right(row, code, link_token):
        left = MAX_TRIES - tries
        problem = CodeProblem.WRONG if left else CodeProblem.TOO_MANY_TRIES
        return Redeemed(problem=problem, tries_left=left)
    used = db.session.scalar(
        sa.update(SignInCode)
        .where(SignInCode.id == row.id, SignInCode.used_at.is_(None))
        .values(used_at=now)
        .returning(SignInCode.id)
    )
    if used is None:
        return Redeemed(problem=CodeProblem.USED)
    return Redeemed(person_id=person_by_email(row.email, lang).id, next_path=row.next_path)


def _is_right(row: Any, code: str | None, link_token: str | None) -> bool:
    if link_token is not None:
        return hmac.compare_digest(row.link_hash, _digest(0, link_token))
    return hmac.compare_digest(row.code_hash, _digest(row.id, digits_of(code or "")))


def is_link_of(pending: queries.PendingCode | None, link_token: str) -> bool:
    """Whether a link belongs to the newest code of this browser."""
    return pending is not None and hmac.compare_digest(pending.link_hash, _digest(0, link_token))


# --- sessions ----------------------------------------------------------


def end_session(person_id: int, session_ref: str) -> int:
    """End one of a person's sessions, named by the first symbols of its hash; return how many ended."""
    return _end(
        BrowserSession.person_id == person_id, BrowserSession.id_hash.startswith(session_ref, autoescape=True)
    )


def end_other_sessions(person_id: int, current_hash: str | None) -> int:
    """End every session of a person but the present one; return how many ended."""
    return _end(BrowserSession.person_id == person_id, BrowserSession.id_hash != (current_hash or ""))


def end_sessions(person_id: int) -> int:
    """End every session of a person: after a change of role or address, or a ban."""
    return _end(BrowserSession.person_id == person_id)


def _end(*conditions: sa.ColumnElement[bool]) -> int:
    result = db.session.execute(sa.delete(BrowserSession).where(*conditions))
    return int(result.rowcount)  # type: ignore[attr-defined]
