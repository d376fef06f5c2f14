"""The daily letter of receipts: one for each person and day, without what was chosen (decision 033)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite

from participate.consultations.models import Participant
from participate.db import Words, clock, db, for_update, writing
from participate.letters import words
from participate.letters.models import JournalCursor, LetterChoice
from participate.letters.queries import Addressee, addressees
from participate.network.models import Collectivity
from participate.people.models import Mandate
from participate.positions.models import Receipt
from participate.post import actions as post
from participate.rules.windows import CASABLANCA, casablanca_midnight

READER = "receipts"
PROOF = 20
"""Hexadecimal digits of a link's proof: 80 bits."""
_TOKEN = re.compile(r"([0-9a-f]{1,16})-[0-9a-f]{20}")
DAYS_BACK = 7
"""After a longer standstill older days are left out: their receipts are on people's own pages."""


@dataclass(frozen=True)
class Kept:
    """One receipt as the letter lists it."""

    place: Words
    slug: str
    code: str
    what: str
    at: datetime


def post_receipts() -> int:
    """Enqueue the letters of every day that is over, a transaction a day; return how many.

    The cursor's row is held, so that two workers write each day once.
    """
    total = 0
    while True:
        with writing():
            cursor, yesterday = _cursor(), _day(clock()) - timedelta(days=1)
            day = max(
                date.fromordinal(cursor.seq) + timedelta(days=1), yesterday - timedelta(days=DAYS_BACK - 1)
            )
            if day > yesterday:
                db.session.rollback()
                return total
            total += _write(day)
            cursor.seq = day.toordinal()
            db.session.commit()


def _day(now: datetime) -> date:
    return now.astimezone(CASABLANCA).date()


def _cursor() -> JournalCursor:
    """Return the row that says which day was written last; the first time, the day before yesterday."""
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    first = (_day(clock()) - timedelta(days=2)).toordinal()
    db.session.execute(
        insert(JournalCursor).values(reader=READER, chain_id=0, seq=first).on_conflict_do_nothing()
    )
    return db.session.scalars(
        for_update(
            sa.select(JournalCursor).where(JournalCursor.reader == READER, JournalCursor.chain_id == 0)
        ).execution_options(populate_existing=True)
    ).one()


def _write(day: date) -> int:
    kept = _of_day(day)
    readers = addressees(kept.keys() - _unwanted(kept))
    for person_id in sorted(readers):
        reader = readers[person_id]
        with words.spoken(reader.lang):
            letter = words.receipts_of_day(day, kept[person_id], token_of(person_id))
        _send(reader, letter, day)
    return len(readers)


def _send(reader: Addressee, letter: words.Letter, day: date) -> None:
    post.send(
        reader.email,
        reader.person_id,
        reader.lang,
        letter.kind,
        letter.subject,
        letter.body,
        key=f"receipts-of:{day.isoformat()}:{reader.person_id}",
    )


def _unwanted(person_ids: Mapping[int, object]) -> set[int]:
    off = db.session.scalars(sa.select(LetterChoice.person_id).where(LetterChoice.receipts.is_(False)))
    return set(off) & set(person_ids)


def _of_day(day: date) -> dict[int, list[Kept]]:
    """Return the receipts of a day that still stand, by person: their own, and their association's."""
    rows = db.session.execute(
        sa.select(
            sa.func.coalesce(Participant.person_id, Mandate.person_id),
            Collectivity.name,
            Collectivity.slug,
            Receipt.code,
            Receipt.what,
            Receipt.at,
        )
        .join(
            Participant,
            (Participant.collectivity_id == Receipt.collectivity_id)
            & (Participant.id == Receipt.participant_id),
        )
        .join(Collectivity, Collectivity.id == Receipt.collectivity_id)
        .outerjoin(
            Mandate,
            (Mandate.collectivity_id == Participant.collectivity_id)
            & (Mandate.association_id == Participant.association_id)
            & Mandate.ended_at.is_(None),
        )
        .where(
            Receipt.at >= casablanca_midnight(day),
            Receipt.at < casablanca_midnight(day + timedelta(days=1)),
            Receipt.replaced_by.is_(None),
        )
        .order_by(Collectivity.slug, Receipt.at, Receipt.id)
    )
    found: dict[int, list[Kept]] = defaultdict(list)
    for person_id, place, slug, code, what, at in rows:
        if person_id is not None:
            found[person_id].append(Kept(place, slug, code, what, at))
    return found


# --- the link that stops it, without signing in ----------------------------------------------------------


def token_of(person_id: int) -> str:
    """Return what a letter's link carries: it turns this one letter off and on, and opens nothing else."""
    key = str(current_app.secret_key or "").encode()
    proof = hmac.new(key, f"letters of receipts {person_id}".encode(), hashlib.sha256).hexdigest()
    return f"{person_id:x}-{proof[:PROOF]}"


def person_of(token: str) -> int | None:
    """Return for whom a link was made; None if it was not made here."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    person_id = int(found[1], 16)
    return person_id if hmac.compare_digest(token, token_of(person_id)) else None


def wanted_by(person_id: int) -> bool:
    """Whether somebody gets the daily letter of receipts."""
    found = db.session.scalar(sa.select(LetterChoice.receipts).where(LetterChoice.person_id == person_id))
    return found is not False
