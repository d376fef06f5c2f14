"""Accounts, codes, names, roles, associations and mandates; what a browser leaves behind."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import NotFound

from participate.db import Words, add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.people import queries
from participate.people.addresses import CODE_DIGITS, LANGUAGES_OF_LETTERS, clean_email, digits_of
from participate.people.models import (
    AdvisoryBody,
    Association,
    BrowserSession,
    Draft,
    FormReply,
    Mandate,
    NetworkAdministrator,
    Person,
    ReservedName,
    RoleGrant,
    SignInCode,
)
from participate.rules.policy import EXCLUSIVE_GROUPS, Act, Actor, Place, RefusedError, Role, require
from participate.rules.references import reference_of
from participate.rules.text import clean_line

CODE_LIVES = timedelta(minutes=10)
MAX_TRIES = 5
DRAFT_LIVES = timedelta(days=14)
REPLY_LIVES = timedelta(hours=48)
CODE_KEPT = timedelta(days=1)
SESSION_LIVES = timedelta(days=30)
NAME_CHARS = 60
PATH_CHARS = 500
SEEN_AT_DESK = 3


class LookAlikeError(Exception):
    """A name looks like one that stands for an authority, staff or an association; holds the name."""


class NameTooShortError(Exception):
    """A name without two letters or digits."""


class RoleHeldError(Exception):
    """The person already holds the role here; holds the role."""


class BodyExistsError(Exception):
    """An advisory body has this short name already; holds it."""


class ExclusiveRolesError(Exception):
    """The person holds a role that nobody may hold together with this one; holds both."""

    def __init__(self, wanted: Role, held: Role) -> None:
        super().__init__(wanted, held)
        self.wanted = wanted
        self.held = held


class OwnRolesError(Exception):
    """Nobody grants or takes away their own roles."""


class MandateHeldError(Exception):
    """The person already speaks for the association."""


class AlreadyVerifiedError(Exception):
    """The association has been verified before."""


# --- addresses and people ------------------------------------------------------------------------------


def person_by_email(email: str, lang: str) -> Person:
    """Return the person with this address, making an account in `lang` if there is none."""
    email = clean_email(email)
    lang = lang if lang in LANGUAGES_OF_LETTERS else "ar"
    values = {
        "id": new_id(),
        "email": email,
        "lang": lang,
        "level": 1,
        "created_at": clock(),
        "row_version": 1,
    }
    db.session.execute(_insert(Person).values(values).on_conflict_do_nothing(index_elements=["email"]))
    return db.session.scalars(sa.select(Person).where(Person.email == email)).one()


def _insert(table: Any) -> Any:
    """Return an INSERT that knows ON CONFLICT, in the dialect of the database."""
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


# --- signing in by mail code -----------------------------------------------------------------------------


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


# --- sessions --------------------------------------------------------------------------------------------


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


# --- drafts and replies of a browser ---------------------------------------------------------------------


def keep_draft(session_hash: str, form_key: str, fields: Mapping[str, Any]) -> None:
    """Keep what was typed into a form for this browser, in place of what it kept there before."""
    values = {
        "session_hash": session_hash,
        "form_key": form_key[:200],
        "fields": dict(fields),
        "at": datetime.now(UTC),
    }
    statement = _insert(Draft).values(values)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["session_hash", "form_key"],
            set_={"fields": statement.excluded.fields, "at": statement.excluded.at},
        )
    )


def drop_draft(session_hashes: list[str], form_key: str) -> None:
    """Forget what this browser kept for a form."""
    db.session.execute(
        sa.delete(Draft).where(Draft.session_hash.in_(session_hashes), Draft.form_key == form_key[:200])
    )


def claim_reply(session_hash: str, key: str, payload_hash: str) -> tuple[str, str | None] | None:
    """Return location and receipt of the answer a form already got, else claim the right to answer.

    The claim is a row of the act's transaction: a second copy of the form waits for it, then finds
    the answer; a refused act rolls it back and consumes nothing.
    """
    values = {
        "session_hash": session_hash,
        "key": key,
        "payload_hash": payload_hash,
        "location": "",
        "at": datetime.now(UTC),
    }
    db.session.execute(
        _insert(FormReply)
        .values(values)
        .on_conflict_do_nothing(index_elements=["session_hash", "key", "payload_hash"])
    )
    row = db.session.execute(
        sa.select(FormReply.location, FormReply.receipt_code)
        .where(
            FormReply.session_hash == session_hash,
            FormReply.key == key,
            FormReply.payload_hash == payload_hash,
        )
        .with_for_update()
    ).one()
    return (row.location, row.receipt_code) if row.location else None


def keep_reply(session_hash: str, key: str, payload_hash: str, location: str, receipt: str | None) -> None:
    """Keep the answer to a form, in the act's transaction."""
    values = {
        "session_hash": session_hash,
        "key": key,
        "payload_hash": payload_hash,
        "location": location,
        "receipt_code": receipt,
        "at": datetime.now(UTC),
    }
    statement = _insert(FormReply).values(values)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["session_hash", "key", "payload_hash"],
            set_={"location": statement.excluded.location, "receipt_code": statement.excluded.receipt_code},
        )
    )


def purge() -> int:
    """Delete what browsers left too long ago (drafts 14 days, replies 48 h, sessions 30 days, codes 1 day)."""
    now = datetime.now(UTC)
    old_session = now - SESSION_LIVES
    old = (
        (Draft, Draft.at < now - DRAFT_LIVES),
        (FormReply, FormReply.at < now - REPLY_LIVES),
        (
            BrowserSession,
            (BrowserSession.created_at < old_session) | (BrowserSession.last_seen < old_session),
        ),
        (SignInCode, SignInCode.expires_at < clock() - CODE_KEPT),
    )
    gone = 0
    for table, condition in old:
        result = db.session.execute(sa.delete(table).where(condition))
        gone += result.rowcount  # type: ignore[attr-defined]
    return gone


# --- one's own account -----------------------------------------------------------------------------------


def choose_name(actor: Actor, person_id: int, name: str) -> str:
    """Set the name printed beside what a person writes: real or chosen, never one that imitates another.

    Raises NameTooShortError or LookAlikeError.
    """
    require(actor, Act.ACCOUNT_USE, Place())
    if actor.person_id != person_id:
        raise RefusedError(Act.ACCOUNT_USE, ("owner",))
    name = clean_line(name, NAME_CHARS)
    looks = queries.looks_of(name)
    if len(looks) < 2 or "@" in name:
        raise NameTooShortError(name)
    if queries.is_reserved(name, f"person:{person_id}"):
        raise LookAlikeError(name)
    person = _person(person_id)
    person.display_name = name
    person.name_skeleton = looks
    db.session.flush()
    _reserve_staff_name(person)
    return name


def choose_language(actor: Actor, lang: str, row_version: int) -> None:
    """Choose the language of one's letters. Raises StaleDataError when settings changed meanwhile."""
    require(actor, Act.ACCOUNT_USE, Place())
    assert actor.person_id is not None
    person = _person(actor.person_id)
    if person.row_version != row_version:
        raise StaleDataError("settings changed")
    person.lang = lang if lang in LANGUAGES_OF_LETTERS else person.lang
    db.session.flush()


def _person(person_id: int) -> Person:
    found = db.session.get(Person, person_id)
    if found is None:
        raise NotFound
    return found


def _reserve_staff_name(person: Person) -> None:
    """Reserve the name of somebody who holds roles, in each collectivity where they do."""
    holder = f"person:{person.id}"
    db.session.execute(sa.delete(ReservedName).where(ReservedName.holder == holder))
    if not person.name_skeleton:
        return
    places = db.session.scalars(
        sa.select(RoleGrant.collectivity_id).where(RoleGrant.person_id == person.id).distinct()
    ).all()
    for where in places:
        _reserve(where, person.name_skeleton, holder)


def _reserve(collectivity_id: int, looks: str, holder: str) -> None:
    db.session.execute(
        _insert(ReservedName)
        .values(collectivity_id=collectivity_id, id=new_id(), skeleton=looks, holder=holder)
        .on_conflict_do_nothing(index_elements=["collectivity_id", "skeleton", "holder"])
    )


# --- roles -----------------------------------------------------------------------------------------------


def grant_role(
    actor: Actor, collectivity_id: int, person_id: int, role: Role, title: Words | None = None
) -> RoleGrant:
    """Trust a person with a role; their sessions end, so that each begins with what it may do.

    Raises RoleHeldError, ExclusiveRolesError (both are the database's constraints), OwnRolesError.
    """
    _may_manage_roles(actor, collectivity_id, person_id)
    person = _person(person_id)
    row = RoleGrant(
        collectivity_id=collectivity_id,
        id=new_id(),
        person_id=person_id,
        role=role,
        exclusive_group=EXCLUSIVE_GROUPS.get(role),
        title=title,
        granted_by=actor.person_id,
        granted_at=clock(),
    )
    try:
        with db.session.begin_nested():
            add(row)
    except IntegrityError:
        raise _roles_clash(collectivity_id, person_id, role) from None
    _reserve_staff_name(person)
    end_sessions(person_id)
    journal.record(
        actor.person_id,
        "role:granted",
        journal.of_collectivity(collectivity_id),
        f"role_grant:{row.id}",
        public={"role": role},
        private={"person": person_id},
    )
    return row


def _roles_clash(collectivity_id: int, person_id: int, role: Role) -> Exception:
    held = db.session.scalars(
        sa.select(RoleGrant.role).where(
            RoleGrant.collectivity_id == collectivity_id, RoleGrant.person_id == person_id
        )
    ).all()
    if role in held:
        return RoleHeldError(role)
    group = EXCLUSIVE_GROUPS.get(role)
    return ExclusiveRolesError(role, next(one for one in held if EXCLUSIVE_GROUPS.get(one) == group))


def revoke_role(actor: Actor, collectivity_id: int, grant_id: int) -> Role:
    """Take a role back; the person's sessions end. Raises NotFound, OwnRolesError."""
    row = db.session.scalar(
        for_update(
            sa.select(RoleGrant).where(RoleGrant.collectivity_id == collectivity_id, RoleGrant.id == grant_id)
        )
    )
    if row is None:
        raise NotFound
    _may_manage_roles(actor, collectivity_id, row.person_id)
    role, person_id = row.role, row.person_id
    db.session.delete(row)
    db.session.flush()
    _reserve_staff_name(_person(person_id))
    end_sessions(person_id)
    journal.record(
        actor.person_id,
        "role:revoked",
        journal.of_collectivity(collectivity_id),
        f"role_grant:{grant_id}",
        public={"role": role},
        private={"person": person_id},
    )
    return role


def _may_manage_roles(actor: Actor, collectivity_id: int, person_id: int) -> None:
    require(actor, Act.ROLE_MANAGE, Place(collectivity_id=collectivity_id))
    if actor.person_id == person_id:
        raise OwnRolesError


def administer_network(person_id: int) -> None:
    """Trust a person with the network: members and first administrators, no content. Command line only."""
    db.session.execute(
        _insert(NetworkAdministrator)
        .values(person_id=person_id, granted_at=clock())
        .on_conflict_do_nothing(index_elements=["person_id"])
    )
    end_sessions(person_id)


# --- advisory bodies -------------------------------------------------------------------------------------


def found_advisory_body(
    actor: Actor, collectivity_id: int, slug: str, name: Words, description: Words | None = None
) -> AdvisoryBody:
    """Enter a body that advises the council; its members get the role of advisory member.

    Source: LO 113-14 art. 120 (the body for equity, equal opportunities and the gender approach).
    Raises BodyExistsError when the short name is taken.
    """
    require(actor, Act.COLLECTIVITY_EDIT, Place(collectivity_id=collectivity_id))
    try:
        with db.session.begin_nested():
            row = add(
                AdvisoryBody(
                    collectivity_id=collectivity_id,
                    id=new_id(),
                    slug=slug,
                    name={lang: text for lang, text in name.items() if text},
                    description={lang: text for lang, text in (description or {}).items() if text} or None,
                )
            )
    except IntegrityError:
        raise BodyExistsError(slug) from None
    journal.record(
        actor.person_id,
        "advisory_body:founded",
        journal.of_collectivity(collectivity_id),
        f"advisory_body:{row.id}",
        public={"slug": slug, "name": row.name},
    )
    return row


# --- the commune's desk ----------------------------------------------------------------------------------


def see_at_desk(actor: Actor, collectivity_id: int, person_id: int) -> int:
    """Note that a person was seen with a document that names them; no number is kept. Return their level."""
    require(actor, Act.PERSON_VERIFY, Place(collectivity_id=collectivity_id, owner_person_id=person_id))
    person = _person(person_id)
    person.level = max(person.level, SEEN_AT_DESK)
    db.session.flush()
    journal.record(
        actor.person_id,
        "person:seen_at_desk",
        journal.of_collectivity(collectivity_id),
        f"person:{person_id}",
        public={"level": SEEN_AT_DESK},
        private={"person": person_id},
    )
    return person.level


# --- associations ----------------------------------------------------------------------------------------


def register_association(
    actor: Actor,
    collectivity_id: int,
    name: Words,
    purpose: Words,
    *,
    neighbourhood_id: int | None = None,
    delegate_id: int | None = None,
) -> Association:
    """Enter an association; it speaks, and is public, once verified. `delegate_id` gets a mandate.

    Raises LookAlikeError when its name imitates an authority, staff or another association.
    """
    require(actor, Act.ASSOCIATION_REGISTER, Place(collectivity_id=collectivity_id))
    names = {lang: clean_line(text, 120) for lang, text in name.items() if clean_line(text, 120)}
    looks = [queries.looks_of(text) for text in names.values()]
    if not looks or len(looks[0]) < 2:
        raise NameTooShortError(names)
    key = new_id()
    holder = f"association:{key}"
    for text in names.values():
        if queries.is_reserved(text, holder):
            raise LookAlikeError(text)
    row = Association(
        collectivity_id=collectivity_id,
        id=key,
        ref=reference_of(secrets.token_bytes(5)),
        name=names,
        name_skeleton=looks[0],
        purpose=purpose,
        neighbourhood_id=neighbourhood_id,
        created_at=clock(),
    )
    try:
        with db.session.begin_nested():
            add(row)
    except IntegrityError:
        raise LookAlikeError(next(iter(names.values()))) from None
    for one in filter(None, looks):
        _reserve(collectivity_id, one, holder)
    journal.record(
        actor.person_id,
        "association:registered",
        journal.of_collectivity(collectivity_id),
        f"association:{row.id}",
        public={"association": row.id},
        private={"name": names},
    )
    if delegate_id is not None:
        _give_mandate(actor, collectivity_id, row.id, delegate_id)
    return row


def verify_association(actor: Actor, collectivity_id: int, association_id: int) -> Association:
    """Say that the commune saw the association's papers: from now on it may speak. Raises AlreadyVerifiedError."""
    require(actor, Act.ASSOCIATION_VERIFY, Place(collectivity_id=collectivity_id))
    row = _association(collectivity_id, association_id)
    if row.verified_at is not None:
        raise AlreadyVerifiedError
    row.verified_at = clock()
    row.verified_by = actor.person_id
    db.session.flush()
    journal.record(
        actor.person_id,
        "association:verified",
        journal.of_collectivity(collectivity_id),
        f"association:{association_id}",
        public={"association": association_id},
    )
    return row


def grant_mandate(actor: Actor, collectivity_id: int, association_id: int, person_id: int) -> Mandate:
    """Let a person speak for an association. Raises MandateHeldError."""
    require(
        actor,
        Act.MANDATE_MANAGE,
        Place(collectivity_id=collectivity_id, owner_association_id=association_id),
    )
    _association(collectivity_id, association_id)
    return _give_mandate(actor, collectivity_id, association_id, person_id)


def _give_mandate(actor: Actor, collectivity_id: int, association_id: int, person_id: int) -> Mandate:
    _person(person_id)
    row = Mandate(
        collectivity_id=collectivity_id,
        id=new_id(),
        association_id=association_id,
        person_id=person_id,
        started_at=clock(),
    )
    try:
        with db.session.begin_nested():
            add(row)
    except IntegrityError:
        raise MandateHeldError from None
    journal.record(
        actor.person_id,
        "mandate:granted",
        journal.of_collectivity(collectivity_id),
        f"mandate:{row.id}",
        public={"association": association_id},
        private={"person": person_id},
    )
    return row


def end_mandate(actor: Actor, collectivity_id: int, mandate_id: int) -> Mandate:
    """End a person's right to speak for an association; what they said stays. Raises NotFound."""
    row = db.session.scalar(
        for_update(
            sa.select(Mandate).where(
                Mandate.collectivity_id == collectivity_id,
                Mandate.id == mandate_id,
                Mandate.ended_at.is_(None),
            )
        )
    )
    if row is None:
        raise NotFound
    require(
        actor,
        Act.MANDATE_MANAGE,
        Place(collectivity_id=collectivity_id, owner_association_id=row.association_id),
    )
    row.ended_at = clock()
    db.session.flush()
    journal.record(
        actor.person_id,
        "mandate:ended",
        journal.of_collectivity(collectivity_id),
        f"mandate:{mandate_id}",
        public={"association": row.association_id},
        private={"person": row.person_id},
    )
    return row


def _association(collectivity_id: int, association_id: int) -> Association:
    row = db.session.scalar(
        for_update(
            sa.select(Association).where(
                Association.collectivity_id == collectivity_id, Association.id == association_id
            )
        )
    )
    if row is None:
        raise NotFound
    return row
