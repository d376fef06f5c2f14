"""Putting letters into the outbox, in the transaction of the act that causes them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from participate.db import clock, db, new_id
from participate.post.models import Mail

SUBJECT_CHARS = 200


def send(
    address: str,
    person_id: int | None,
    lang: str,
    kind: str,
    subject: str,
    body: str,
    *,
    key: str | None = None,
    not_before: datetime | None = None,
) -> None:
    """Enqueue a mail; it leaves after the commit, not before `not_before`.

    `key` names the news ("decision:12:author"): the same news is enqueued once, however often asked.
    """
    now = clock()
    values = {
        "id": new_id(),
        "key": key,
        "person_id": person_id,
        "address": address,
        "lang": lang,
        "kind": kind,
        "subject": " ".join(subject.split())[:SUBJECT_CHARS],
        "body": body,
        "created_at": now,
        "not_before": not_before or now,
        "tries": 0,
    }
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    db.session.execute(dialect.insert(Mail).values(values).on_conflict_do_nothing(index_elements=["key"]))


def cancel(key_prefix: str) -> int:
    """Take back the mails whose key begins with `key_prefix` and that have not left; return how many."""
    result = db.session.execute(
        sa.update(Mail)
        .where(
            Mail.key.startswith(key_prefix, autoescape=True),
            Mail.sent_at.is_(None),
            Mail.cancelled_at.is_(None),
        )
        .values(cancelled_at=clock())
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def forget(person_id: int, address: str) -> None:
    """Drop every mail to a person or to an address, sent or not."""
    db.session.execute(sa.delete(Mail).where(sa.or_(Mail.person_id == person_id, Mail.address == address)))
