"""Addresses and the people behind them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from participate.db import clock, db, new_id
from participate.people.addresses import LANGUAGES_OF_LETTERS, clean_email
from participate.people.models import Person


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
    db.session.execute(insert_into(Person).values(values).on_conflict_do_nothing(index_elements=["email"]))
    return db.session.scalars(sa.select(Person).where(Person.email == email)).one()


def insert_into(table: Any) -> Any:
    """Return an INSERT that knows ON CONFLICT, in the dialect of the database."""
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)
