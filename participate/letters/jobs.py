"""Reading the committed journal and enqueueing the letters it calls for, exactly once.

A cursor for each chain moves in the transaction that enqueues the letters, so a crash repeats or
loses nothing; two runs at once wait for each other on the cursor's row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from participate.db import clock, db, for_update, writing
from participate.journal.models import Chain, ChainKind, JournalEntry
from participate.letters import queries, words
from participate.letters.models import JournalCursor
from participate.letters.queries import Addressee
from participate.letters.words import Letter
from participate.post import actions as post
from participate.rules.moderation import UNDO_SECONDS, Decision
from participate.rules.policy import Role

READER = "letters"
BATCH = 200
UNDO = timedelta(seconds=UNDO_SECONDS)

News = Iterator[tuple[Addressee, Letter]]


def post_news() -> int:
    """Enqueue the letters of everything that was committed since the last time; return how many."""
    with writing():
        waiting = db.session.execute(
            sa.select(Chain.id)
            .outerjoin(
                JournalCursor,
                sa.and_(JournalCursor.chain_id == Chain.id, JournalCursor.reader == READER),
            )
            .where(Chain.seq > sa.func.coalesce(JournalCursor.seq, 0))
            .order_by(Chain.id)
        ).scalars()
        chains = list(waiting)
    return sum(_read(chain_id) for chain_id in chains)


def _read(chain_id: int) -> int:
    """Read one chain to its end, a batch a transaction."""
    total = 0
    while True:
        with writing():
            chain = db.session.scalars(sa.select(Chain).where(Chain.id == chain_id)).one()
            cursor = _cursor(chain_id)
            count, seq = _batch(chain, cursor.seq)
            moved = seq > cursor.seq
            cursor.seq = seq
            db.session.commit()
        total += count
        if not moved:
            return total


def _cursor(chain_id: int) -> JournalCursor:
    """Return the cursor's row, locked; made at the beginning of the chain if there is none."""
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    db.session.execute(
        insert(JournalCursor).values(reader=READER, chain_id=chain_id, seq=0).on_conflict_do_nothing()
    )
    return db.session.scalars(
        for_update(
            sa.select(JournalCursor).where(JournalCursor.reader == READER, JournalCursor.chain_id == chain_id)
        ).execution_options(populate_existing=True)
    ).one()


def _batch(chain: Chain, seq: int) -> tuple[int, int]:
    """Enqueue the letters of the next entries; return how many, and the last entry dealt with."""
    entries = db.session.scalars(
        sa.select(JournalEntry)
        .where(
            JournalEntry.collectivity_id == chain.collectivity_id,
            JournalEntry.chain_id == chain.id,
            JournalEntry.seq > seq,
        )
        .order_by(JournalEntry.seq)
        .limit(BATCH)
    ).all()
    count = 0
    for entry in entries:
        if entry.type == "decision:made" and clock() < entry.at + UNDO:
            break  # it can still be taken back, and then nobody hears of it
        for reader, letter in _news(chain, entry):
            post.send(
                reader.email,
                reader.person_id,
                reader.lang,
                letter.kind,
                letter.subject,
                letter.body,
                key=f"{letter.kind}:{chain.id}:{entry.seq}:{reader.person_id}",
            )
            count += 1
        seq = entry.seq
    return count, seq


def _news(chain: Chain, entry: JournalEntry) -> News:
    tell = _TELLERS.get(entry.type)
    if tell is None:
        return iter(())
    return tell(chain, json.loads(entry.body)["public"])


def _decision(chain: Chain, public: dict[str, Any]) -> News:
    news = queries.decision_news(chain.collectivity_id, public["decision"])
    # A public text that was reported and kept has not changed for its author.
    if news is None or (news.decision is Decision.PUBLISH and not news.was_waiting):
        return
    with words.spoken(news.to.lang):
        yield news.to, words.decision(news)


def _late(chain: Chain, public: dict[str, Any]) -> News:
    found = queries.late_news(chain.collectivity_id, public["ref"])
    if found is None:
        return
    with words.spoken(found[0].lang):
        yield found[0], words.published_late(public["ref"], found[1])


def _appeal(chain: Chain, public: dict[str, Any]) -> News:
    news = queries.appeal_news(chain.collectivity_id, public["decision"])
    if news is None:
        return
    with words.spoken(news.to.lang):
        yield news.to, words.appeal(news)


def _transmitted(chain: Chain, _public: dict[str, Any]) -> News:
    plan = _plan(chain)
    if plan is None:
        return
    for news in queries.authors_of(chain.collectivity_id, chain.ref):
        with words.spoken(news.to.lang):
            letter = words.responses(news, plan)
        yield news.to, letter


def _adopted(chain: Chain, public: dict[str, Any]) -> News:
    plan = _plan(chain)
    made = queries.adoption(chain.collectivity_id, chain.ref, public["reference"])
    if plan is None or made is None:
        return
    for news in queries.participants_of(chain.collectivity_id, chain.ref):
        with words.spoken(news.to.lang):
            letter = words.adoption(news, plan, made)
        yield news.to, letter


def _returned(chain: Chain, public: dict[str, Any]) -> News:
    plan = _plan(chain)
    if plan is None:
        return
    for news in queries.participants_of(chain.collectivity_id, chain.ref):
        with words.spoken(news.to.lang):
            letter = words.returned(news, plan, public["reference"], public["reason"] or {})
        yield news.to, letter


def _question(chain: Chain, public: dict[str, Any]) -> News:
    plan = _plan(chain)
    news = queries.question_news(chain.collectivity_id, chain.ref, public["number"])
    # Withdrawn before it was told, or answered at once: there is nothing left to ask.
    if plan is None or news is None or not news.waits:
        return
    for reader in queries.holders_of(chain.collectivity_id, Role.OFFICER):
        with words.spoken(reader.lang):
            letter = words.question(news, plan)
        yield reader, letter


def _addendum(chain: Chain, public: dict[str, Any]) -> News:
    plan = _plan(chain)
    news = queries.question_news(chain.collectivity_id, chain.ref, public["question"])
    if plan is None or news is None or news.by is None:
        return
    with words.spoken(news.by.lang):
        yield news.by, words.answered(news, plan)


def _plan(chain: Chain) -> queries.PlanFacts | None:
    if chain.kind is not ChainKind.PLAN:
        return None
    return queries.plan_facts(chain.collectivity_id, chain.ref)


_TELLERS: dict[str, Callable[[Chain, dict[str, Any]], News]] = {
    "decision:made": _decision,
    "contribution:published_unreviewed": _late,
    "appeal:decided": _appeal,
    "plan:transmitted": _transmitted,
    "plan:adopted": _adopted,
    "plan:returned": _returned,
    "question:asked": _question,
    "addendum:attached": _addendum,
}
