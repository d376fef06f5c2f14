"""A server that is killed while people act: nothing that was acknowledged is lost, halved or doubled."""

from __future__ import annotations

import random
import threading
import time

import pytest

from participate.db import db, writing
from tests import makers
from tests.conftest import both_engines
from tests.load.conftest import a_voter
from tests.load.killed import Ledger, Served, crowd, half_written, lost, retry_comments
from tests.support.soak import much

pytestmark = pytest.mark.load
KILLS = much(1, 200)
VOTERS = 60


@both_engines
@pytest.mark.timeout(much(180, 7200))
def test_nothing_acknowledged_is_lost_halved_or_doubled_when_the_server_is_killed(
    app, database_url, keys_folder, tmp_path, figures
):
    with writing():
        plan = makers.a_plan()
        voters = [a_voter() for _ in range(VOTERS)]
        db.session.commit()
    path = f"/fr{plan.path}"
    ledger = Ledger()
    served = Served(database_url, keys_folder, tmp_path / "served.log")
    chance = random.Random(20230901)
    wrong: list[str] = []
    repeated = 0
    began = time.monotonic()
    slowest = 0.0
    try:
        for number in range(KILLS):
            slowest = max(slowest, served.start())
            repeated += retry_comments(served.port, ledger)
            over = threading.Event()
            pool = crowd(served.port, path, voters, ledger, over, number)
            time.sleep(chance.uniform(0.2, 1.2))
            served.kill()
            over.set()
            pool.shutdown(wait=True)
            wrong += lost(ledger, plan.statements)
        served.start()
        repeated += retry_comments(served.port, ledger)
    finally:
        served.stop()
    wrong += lost(ledger, plan.statements) + half_written()
    figures(
        "kill -9 of participate serve",
        kills=KILLS,
        acknowledged=ledger.answers["303"],
        unanswered=ledger.answers["none"],
        repeated_comments=repeated,
        lost_halved_or_doubled=len(wrong),
        slowest_start_s=round(slowest, 1),
        minutes=round((time.monotonic() - began) / 60, 1),
    )
    assert wrong == []
    assert set(ledger.answers) <= {"303", "none"}, ledger.answers
    assert ledger.answers["303"] > KILLS
    assert all(told for _voter, _fields, told in ledger.comments.values())
