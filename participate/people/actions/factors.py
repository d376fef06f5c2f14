"""What staff prove themselves with: set, shown, tried, lost.

Every try is counted by the database before anything is compared; each code works once because a
conditional UPDATE says so, not because somebody looked before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa

from participate.db import db
from participate.people import factor_queries, factors
from participate.people.actions.addresses import insert_into
from participate.people.actions.refusals import NotStaffError, TooSoonError, WeakPasswordError
from participate.people.addresses import digits_of
from participate.people.models import RecoveryCode, SignInTry, StaffFactor
from participate.rules import passwords
from participate.rules.policy import Act, Actor, Place, require

FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)


# --- tries ---------------------------------------------------------------------------------------


def count_try(door: str, who: str) -> None:
    """Count a try at a door before it is looked at: commit whatever comes of it.

    The first five are free, then each waits twice as long as the one before, a quarter of an hour at most.
    Doors are counted apart: whoever has only an address cannot close the one behind the owner's mailbox.
    Unknown addresses are counted like known ones. Raises TooSoonError.
    """
    key, now = _try_key(door, who), factors.machine_time()
    db.session.execute(
        insert_into(SignInTry)
        .values(key=key, tries=0, open_at=now, last_at=now)
        .on_conflict_do_nothing(index_elements=["key"])
    )
    tries = db.session.scalar(
        sa.update(SignInTry)
        .where(SignInTry.key == key, SignInTry.open_at <= now)
        .values(tries=SignInTry.tries + 1, last_at=now)
        .returning(SignInTry.tries)
    )
    if tries is None:
        open_at = db.session.scalar(sa.select(SignInTry.open_at).where(SignInTry.key == key)) or now
        raise TooSoonError(max(1, int((open_at - now).total_seconds()) + 1))
    if tries >= FREE_TRIES:
        wait = min(FIRST_WAIT * 2 ** min(tries - FREE_TRIES, 10), LONGEST_WAIT)
        db.session.execute(sa.update(SignInTry).where(SignInTry.key == key).values(open_at=now + wait))


def forget_tries(door: str, who: str) -> None:
    """Begin counting anew: the owner came in."""
    db.session.execute(sa.delete(SignInTry).where(SignInTry.key == _try_key(door, who)))


def _try_key(door: str, who: str) -> str:
    return hashlib.sha256(f"{door}:{who}".encode()).hexdigest()


# --- setting -------------------------------------------------------------------------------------


def check_password(actor: Actor, password: str, email: str, places: Iterable[str]) -> None:
    """Say whether a password may be chosen. Raises WeakPasswordError."""
    require(actor, Act.FACTOR_USE, Place())
    why = passwords.weakness(password, email, places)
    if why is not None:
        raise WeakPasswordError(why)


def set_password(actor: Actor, kept: str) -> None:
    """Keep the hash of a password that was found good."""
    require(actor, Act.FACTOR_USE, Place())
    assert actor.person_id is not None
    _row(actor.person_id)
    db.session.execute(
        sa.update(StaffFactor)
        .where(StaffFactor.person_id == actor.person_id)
        .values(password_hash=kept, password_at=factors.machine_time())
    )


def offer_app(actor: Actor) -> str:
    """Return the secret to put into an application: the one offered before and not confirmed, or a new one."""
    require(actor, Act.FACTOR_USE, Place())
    assert actor.person_id is not None
    _row(actor.person_id)
    kept = db.session.scalar(
        sa.select(StaffFactor.app_next).where(StaffFactor.person_id == actor.person_id).with_for_update()
    )
    if kept is not None:
        return factors.unwrapped(kept)
    secret = factors.new_secret()
    db.session.execute(
        sa.update(StaffFactor)
        .where(StaffFactor.person_id == actor.person_id)
        .values(app_next=factors.wrapped(secret))
    )
    return secret


def confirm_app(actor: Actor, code: str) -> bool:
    """Let an application count from now on, if this is its code; the one before and old recovery codes end."""
    require(actor, Act.FACTOR_USE, Place())
    assert actor.person_id is not None
    kept = db.session.scalar(
        sa.select(StaffFactor.app_next).where(StaffFactor.person_id == actor.person_id).with_for_update()
    )
    now = factors.machine_time()
    steps = factors.steps_of(digits_of(code), factors.unwrapped(kept), now) if kept else []
    if not steps:
        return False
    done = db.session.scalar(
        sa.update(StaffFactor)
        .where(StaffFactor.person_id == actor.person_id, StaffFactor.app_next == kept)
        .values(app_secret=kept, app_next=None, app_at=now, last_step=steps[0])
        .returning(StaffFactor.person_id)
    )
    if done is not None:
        db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == actor.person_id))
    return done is not None


def make_recovery_codes(actor: Actor) -> list[str]:
    """Return ten new recovery codes, to be shown once; earlier ones end."""
    require(actor, Act.FACTOR_USE, Place())
    assert actor.person_id is not None
    if not factor_queries.factors_of(actor.person_id).app:
        raise NotStaffError
    now, made = factors.machine_time(), factors.new_recovery_codes()
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == actor.person_id))
    db.session.execute(
        sa.insert(RecoveryCode),
        [
            {
                "person_id": actor.person_id,
                "code_hash": factors.recovery_hash(actor.person_id, code),
                "made_at": now,
                "used_at": None,
            }
            for code in made
        ],
    )
    return made


def _row(person_id: int) -> None:
    db.session.execute(
        insert_into(StaffFactor)
        .values(person_id=person_id, last_step=0)
        .on_conflict_do_nothing(index_elements=["person_id"])
    )


# --- showing -------------------------------------------------------------------------------------


def use_code(person_id: int, typed: str) -> bool:
    """Take a code of the application, or a recovery code; each works once."""
    typed = typed.strip()
    digits = digits_of(typed)
    if len(digits) == factors.APP_DIGITS and len("".join(typed.split())) <= factors.APP_DIGITS + 1:
        return _use_app_code(person_id, digits)
    return _use_recovery_code(person_id, typed)


def _use_app_code(person_id: int, code: str) -> bool:
    kept = db.session.scalar(sa.select(StaffFactor.app_secret).where(StaffFactor.person_id == person_id))
    if kept is None:
        return False
    for step in factors.steps_of(code, factors.unwrapped(kept), factors.machine_time()):
        used = db.session.scalar(
            sa.update(StaffFactor)
            .where(
                StaffFactor.person_id == person_id,
                StaffFactor.app_secret == kept,
                StaffFactor.last_step < step,
            )
            .values(last_step=step)
            .returning(StaffFactor.person_id)
        )
        if used is not None:
            return True
    return False


def _use_recovery_code(person_id: int, typed: str) -> bool:
    used = db.session.scalar(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash == factors.recovery_hash(person_id, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=factors.machine_time())
        .returning(RecoveryCode.person_id)
    )
    return used is not None


def forget_factors(person_id: int) -> None:
    """Let a person begin anew: password, application and recovery codes go."""
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    db.session.execute(sa.delete(StaffFactor).where(StaffFactor.person_id == person_id))
