"""Positions through several server processes: counted once, and never lost or late at the close."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from participate.consultations.models import Consultation, Participant, Turnout
from participate.db import clock, db, for_update, writing
from participate.journal import queries as journal
from participate.journal.models import Chain, JournalEntry
from participate.positions.models import Position, Receipt, Statement
from participate.rules.outcomes import ConsultationState
from tests import makers
from tests.conftest import both_engines
from tests.load.conftest import a_voter, send
from tests.rooms.positions.makers import counters, recount
from tests.support.soak import much

pytestmark = pytest.mark.load
VOTERS = much(500, 4000)
TWO_TABS = much(100, 500)
CLOSINGS = much(20, 200)
VOTERS_A_CLOSING = 30
THREADS = 16


@both_engines
@pytest.mark.timeout(much(600, 3600))
def test_a_thousand_votes_by_five_hundred_voters_make_five_hundred_rows(app, ports, figures):
    with writing():
        plan = makers.a_plan()
        voters = [a_voter() for _ in range(VOTERS)]
        db.session.commit()
    path = f"/fr{plan.path}/projects/1/position"
    chance = random.Random(20230822)
    votes = [(voter, chance.choice([1, 0, -1])) for voter in voters for _ in range(2)]
    chance.shuffle(votes)

    def vote(job: tuple[int, tuple[Any, int]]) -> Any:
        number, (voter, value) = job
        return send(ports[number % len(ports)], path, voter, value=value, declared="y")

    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(vote, enumerate(votes)))
    took = time.monotonic() - began

    assert {answer.status for answer in answers} == {303}
    assert not [answer for answer in answers if "locked" in answer.body]

    # Two tabs of one voter press different buttons at the same moment, in different processes.
    both = [job for voter in voters[:TWO_TABS] for job in ((voter, 1), (voter, -1))]
    with ThreadPoolExecutor(THREADS) as pool:
        changes = list(pool.map(vote, enumerate(both)))
    assert {answer.status for answer in changes} == {303}
    answers += changes
    db.session.rollback()
    rows = db.session.scalars(sa.select(Position).where(Position.statement_id == plan.statements[0])).all()
    assert len(rows) == VOTERS
    assert counters() == recount()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Participant)) == VOTERS
    assert db.session.scalars(sa.select(Turnout.people)).one() == VOTERS
    assert db.session.scalar(sa.select(sa.func.count(sa.distinct(Receipt.code)))) == len(
        {answer.receipt for answer in answers}
    )
    current = db.session.scalar(
        sa.select(sa.func.count()).select_from(Receipt).where(Receipt.replaced_by.is_(None))
    )
    assert current == VOTERS
    figures(
        "double votes through HTTP",
        processes=len(ports),
        votes=len(answers),
        voters=VOTERS,
        rows=len(rows),
        locked=sum("locked" in answer.body for answer in answers),
        errors_5xx=sum(answer.status >= 500 for answer in answers),
        per_second=round(len(votes) / took),
    )
    assert not [fault for fault in journal.verify() if fault]


@both_engines
@pytest.mark.timeout(much(600, 3600))
def test_every_acknowledged_vote_is_in_the_tally_and_none_comes_after_the_close(app, ports, figures):
    with writing():
        where = makers.a_collectivity()
        plans = [
            makers.a_plan(collectivity=where, projects=1, cycle=f"{2024 + 2 * n}-{2025 + 2 * n}")
            for n in range(CLOSINGS)
        ]
        voters = [a_voter() for _ in range(VOTERS_A_CLOSING)]
        db.session.commit()
    chance = random.Random(20230830)
    held = []
    again = 0
    for plan in plans:
        path = f"/fr{plan.path}/projects/1/position"
        closes_after = chance.randrange(3, VOTERS_A_CLOSING - 3)
        acknowledged: list[int] = []
        refused: list[int] = []
        begun = threading.Semaphore(0)

        def vote(
            job: tuple[int, Any], path=path, acknowledged=acknowledged, refused=refused, begun=begun
        ) -> None:
            number, voter = job
            begun.release()
            answer = send(ports[number % len(ports)], path, voter, value=1, declared="y")
            assert answer.status in {303, 403}, answer.body
            (acknowledged if answer.status == 303 else refused).append(voter.person_id)

        with ThreadPoolExecutor(THREADS) as pool:
            voting = [pool.submit(vote, job) for job in enumerate(voters)]
            for _ in range(closes_after):
                begun.acquire()
            tally, tries = close_as_the_worker_does(plan.review)
            again += tries - 1
            for one in voting:
                one.result()

        db.session.rollback()
        rows = set(
            db.session.scalars(
                sa.select(Participant.person_id)
                .join(Position, Position.participant_id == Participant.id)
                .where(Participant.consultation_id == plan.review.id)
            )
        )
        assert len(acknowledged) + len(refused) == VOTERS_A_CLOSING
        held.append(tally == len(acknowledged) == len(rows) and set(acknowledged) == rows)
    db.session.rollback()
    figures(
        "closings during votes",
        processes=len(ports),
        closings=CLOSINGS,
        acknowledged_is_tally=sum(held),
        tried_again=again,
    )
    assert held == [True] * CLOSINGS
    assert counters() == recount()
    assert after_the_close() == []
    assert not [fault for fault in journal.verify() if fault]


def after_the_close() -> list[int]:
    """Return the entries of positions that a chain holds later than its consultation's close."""
    return list(
        db.session.scalars(
            sa.select(JournalEntry.seq)
            .join(Chain, Chain.id == JournalEntry.chain_id)
            .join(
                Consultation,
                (Consultation.collectivity_id == Chain.collectivity_id) & (Consultation.id == Chain.ref),
            )
            .where(JournalEntry.type == "position:taken", JournalEntry.at > Consultation.closed_at)
        )
    )


def close_as_the_worker_does(consultation: Consultation) -> tuple[int, int]:
    """Close; when the lock is not to be had in time, try again as the next round does. Return tally and tries."""
    for tries in range(1, 20):
        try:
            return close(consultation), tries
        except OperationalError:
            db.session.rollback()
    raise AssertionError("the closing never got its lock")


def close(consultation: Consultation) -> int:
    """Close as `lifecycle` does, by the same lock, and return the tally it seals."""
    with writing():
        row = db.session.scalars(
            for_update(
                sa.select(Consultation).where(
                    Consultation.collectivity_id == consultation.collectivity_id,
                    Consultation.id == consultation.id,
                )
            ).execution_options(populate_existing=True)
        ).one()
        now = clock()
        row.state = ConsultationState.CLOSED
        row.closed_at = now
        db.session.flush()
        tally = db.session.scalar(
            sa.select(sa.func.sum(Statement.agree + Statement.disagree + Statement.passed)).where(
                Statement.collectivity_id == consultation.collectivity_id,
                Statement.consultation_id == consultation.id,
            )
        )
        db.session.commit()
        return int(tally or 0)
