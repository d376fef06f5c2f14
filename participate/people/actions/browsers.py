"""Drafts and replies of a browser, and what is forgotten in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from participate.db import Model, clock, db
from participate.people.actions.addresses import insert_into
from participate.people.models import BrowserSession, Draft, FormReply, SignInCode, SignInTry
from participate.rules.retention import RULES, Kept


def keep_draft(session_hash: str, form_key: str, fields: Mapping[str, Any]) -> None:
    """Keep what was typed into a form for this browser, in place of what it kept there before."""
    values = {
        "session_hash": session_hash,
        "form_key": form_key[:200],
        "fields": dict(fields),
        "at": datetime.now(UTC),
    }
    statement = insert_into(Draft).values(values)
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
        insert_into(FormReply)
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
    statement = insert_into(FormReply).values(values)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["session_hash", "key", "payload_hash"],
            set_={"location": statement.excluded.location, "receipt_code": statement.excluded.receipt_code},
        )
    )


def overdue() -> dict[Kept, tuple[type[Model], Any]]:
    """Return what browsers left too long ago: for each kind its table and the condition of its rows.

    Drafts, replies and sessions live by the machine's clock, codes by the platform's.
    """
    now = datetime.now(UTC)
    old = RULES[Kept.SESSIONS].before(now)
    return {
        Kept.DRAFTS: (Draft, Draft.at < RULES[Kept.DRAFTS].before(now)),
        Kept.REPLIES: (FormReply, FormReply.at < RULES[Kept.REPLIES].before(now)),
        Kept.SESSIONS: (
            BrowserSession,
            (BrowserSession.created_at < old) | (BrowserSession.last_seen < old),
        ),
        Kept.CODES: (SignInCode, SignInCode.expires_at < RULES[Kept.CODES].before(clock())),
        Kept.TRIES: (SignInTry, SignInTry.last_at < RULES[Kept.TRIES].before(now)),
    }
