"""One's own account: name and language."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import NotFound

from participate.db import db, for_update, new_id
from participate.people import queries
from participate.people.actions.addresses import insert_into
from participate.people.actions.refusals import LookAlikeError, NameTooShortError
from participate.people.addresses import LANGUAGES_OF_LETTERS
from participate.people.models import Person, ReservedName, RoleGrant
from participate.rules.policy import Act, Actor, Place, RefusedError, require
from participate.rules.text import clean_line

NAME_CHARS = 60


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
    person = person_row(person_id)
    person.display_name = name
    person.name_skeleton = looks
    db.session.flush()
    reserve_staff_name(person)
    return name


def choose_language(actor: Actor, lang: str, row_version: int) -> None:
    """Choose the language of one's letters. Raises StaleDataError when settings changed meanwhile."""
    require(actor, Act.ACCOUNT_USE, Place())
    assert actor.person_id is not None
    person = person_row(actor.person_id)
    if person.row_version != row_version:
        raise StaleDataError("settings changed")
    person.lang = lang if lang in LANGUAGES_OF_LETTERS else person.lang
    db.session.flush()


def person_row(person_id: int) -> Person:
    """Return a person's row."""
    found = db.session.get(Person, person_id)
    if found is None:
        raise NotFound
    return found


def locked_person(person_id: int) -> Person:
    """Return a person's row, locked until commit. Raises NotFound for an account that is closed."""
    found = db.session.scalar(
        for_update(
            sa.select(Person).where(Person.id == person_id, Person.email.is_not(None))
        ).execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def reserve_staff_name(person: Person) -> None:
    """Reserve the name of somebody who holds roles, in each collectivity where they do."""
    holder = f"person:{person.id}"
    db.session.execute(sa.delete(ReservedName).where(ReservedName.holder == holder))
    if not person.name_skeleton:
        return
    places = db.session.scalars(
        sa.select(RoleGrant.collectivity_id).where(RoleGrant.person_id == person.id).distinct()
    ).all()
    for where in places:
        reserve_name(where, person.name_skeleton, holder)


def reserve_name(collectivity_id: int, looks: str, holder: str) -> None:
    """Keep a name, and all that look like it, for its holder."""
    db.session.execute(
        insert_into(ReservedName)
        .values(collectivity_id=collectivity_id, id=new_id(), skeleton=looks, holder=holder)
        .on_conflict_do_nothing(index_elements=["collectivity_id", "skeleton", "holder"])
    )
