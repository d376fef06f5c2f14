"""Associations and their mandates."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from participate.db import Words, add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.people import queries
from participate.people.actions.account import person_row, reserve_name
from participate.people.actions.refusals import (
    AlreadyVerifiedError,
    LookAlikeError,
    MandateHeldError,
    NameTooShortError,
)
from participate.people.models import Association, Mandate
from participate.rules.policy import Act, Actor, Place, require
from participate.rules.references import reference_of
from participate.rules.text import clean_line


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
        reserve_name(collectivity_id, one, holder)
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
    person_row(person_id)
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
