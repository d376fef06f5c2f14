"""More people than the machine can serve, a disk that fills up, a database that is restarted."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from participate.app import create_app
from participate.contributions.models import Comment
from participate.db import db, writing
from participate.positions.models import Position
from tests import makers
from tests.conftest import both_engines, migrate, running, settings
from tests.load.conftest import a_voter
from tests.load.killed import Ledger, Served, act, attempt, crowd, half_written, lost
from tests.support import postgres
from tests.support.soak import SOAKING, much

pytestmark = pytest.mark.load
FLOOD = much(300, 6000)
FLOODERS = 64
HONEST = much(15, 500)
RESTARTS = much(1, 9)
ROOM = 1 << 20
STALL_SECONDS = 10


@pytest.fixture
def served(app, database_url, keys_folder, tmp_path) -> Iterator[Served]:
    made = Served(database_url, keys_folder, tmp_path / "served.log")
    made.start()
    yield made
    made.stop()


def a_place(people: int):
    with writing():
        plan = makers.a_plan()
        voters = [a_voter() for _ in range(people)]
        db.session.commit()
    return plan, voters


@both_engines
@pytest.mark.timeout(much(120, 1800))
def test_a_flood_gets_answers_that_are_true_and_a_page_that_keeps_the_text(app, served, figures):
    plan, voters = a_place(200)
    ledger = Ledger()
    numbers = iter(range(FLOOD))
    turn = threading.Lock()

    def one(thread: int) -> None:
        chance, own = random.Random(thread), voters[thread::FLOODERS]
        while True:
            with turn:
                if next(numbers, None) is None:
                    return
            act(served.port, f"/fr{plan.path}", chance.choice(own), ledger, chance, 3)

    began = time.monotonic()
    with ThreadPoolExecutor(FLOODERS) as pool:
        list(pool.map(one, range(FLOODERS)))
    took = time.monotonic() - began
    after = time.monotonic()
    while (
        attempt(served.port, f"/fr{plan.path}/projects/1/position", voters[0], value=1, declared="y").status
        != 303
    ):
        assert time.monotonic() - after < 30
    ledger.possible[voters[0].person_id, 1] = {1}
    wrong = lost(ledger, plan.statements) + half_written()
    figures(
        f"flood by {FLOODERS} at once",
        requests=FLOOD,
        answers=dict(sorted(ledger.answers.items())),
        per_second=round(FLOOD / took),
        done_per_second=round(ledger.answers["303"] / took),
        recovered_s=round(time.monotonic() - after, 2),
        wrong=len(wrong),
    )
    assert wrong == []
    assert set(ledger.answers) <= {"303", "503", "429"}, ledger.answers
    assert ledger.answers["303"] > 0
    assert ledger.answers["503"] > 0
    assert ledger.forgotten == []
    assert ledger.impatient == 0


@both_engines
@pytest.mark.timeout(much(120, 1800))
def test_honest_people_behind_one_address_finish_and_one_account_at_ten_times_the_rate_does_not(
    app, served, figures
):
    plan, voters = a_place(HONEST + 1)
    greedy, honest = voters[0], voters[1:]
    done: Counter[int] = Counter()

    def patiently(path: str, voter, **fields) -> int:
        while (answer := attempt(served.port, path, voter, **fields)).status == 503:
            time.sleep(0.1)
        return answer.status

    def visit(voter) -> None:
        for project in (1, 2, 3):
            path = f"/fr{plan.path}/projects/{project}/position"
            done[patiently(path, voter, value=1, declared="y")] += 1
        done[patiently(f"/fr{plan.path}/projects/1/comments/new", voter, **comment("honest"))] += 1

    def hurry() -> list[int]:
        path = f"/fr{plan.path}/projects/1/comments/new"
        return [patiently(path, greedy, **comment(f"again {number}")) for number in range(50)]

    began = time.monotonic()
    with ThreadPoolExecutor(17) as pool:
        hurried = pool.submit(hurry)
        list(pool.map(visit, honest))
        said = Counter(hurried.result())
    figures(
        "honest people behind one address",
        people=HONEST,
        acts=sum(done.values()),
        refused=sum(done.values()) - done[303],
        greedy_done=said[303],
        greedy_refused=said[429],
        seconds=round(time.monotonic() - began, 1),
    )
    assert done == {303: 4 * HONEST}
    assert said == {303: 5, 429: 45}
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Position)) == 3 * HONEST
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Comment)) == HONEST + 5


def comment(body: str) -> dict[str, str]:
    return {"section": "solution", "kind": "opinion", "stance": "for", "body": body, "declared": "y"}


@contextmanager
def small_disk(size: int) -> Iterator[tuple[Path, str]]:
    """A disk of its own where one may be mounted; else nothing, and the process may write no larger file."""
    folder = Path(tempfile.mkdtemp(prefix="participate-disk-"))
    pages = -(-size // 4096) * 4096
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={pages}", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mounting, capture_output=True, check=False).returncode == 0
    try:
        yield folder, "tmpfs" if mounted else "RLIMIT_FSIZE"
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
        shutil.rmtree(folder)


def filled_up(served: Served, plan, voters, ledger: Ledger, limit: int | None) -> int:
    """Let people act until the disk is full, and some time after; return the status of a page then."""
    served.start()
    if limit:
        served.limit_files(limit)
    over = threading.Event()
    pool = crowd(served.port, f"/fr{plan.path}", voters, ledger, over, 1)
    deadline = time.monotonic() + 60
    while ledger.answers["503"] < 20 and time.monotonic() < deadline:
        time.sleep(0.05)
    over.set()
    pool.shutdown(wait=True)
    return served.get(f"/fr{plan.path}/")


@pytest.mark.timeout(120)
def test_when_the_disk_is_full_nothing_is_acknowledged_without_a_row_and_pages_are_read(
    app, database_url, keys_folder, tmp_path, figures
):
    plan, voters = a_place(60)
    path = Path(database_url.removeprefix("sqlite:///"))
    db.session.remove()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    db.engine.dispose()
    size = path.stat().st_size
    with small_disk(size + ROOM + (1 << 16)) as (folder, how):
        there = folder / path.name
        shutil.copy(path, there)
        served = Served(f"sqlite:///{there}", keys_folder, tmp_path / "served.log")
        ledger = Ledger()
        try:
            page = filled_up(served, plan, voters, ledger, size + ROOM if how == "RLIMIT_FSIZE" else None)
        finally:
            served.stop()
        for suffix in ("", "-wal"):
            if Path(f"{there}{suffix}").exists():
                shutil.copy(f"{there}{suffix}", f"{path}{suffix}")
        Path(f"{path}-shm").unlink(missing_ok=True)
    wrong = lost(ledger, plan.statements) + half_written()
    figures("full disk", how=how, answers=dict(sorted(ledger.answers.items())), page=page, wrong=len(wrong))
    assert wrong == []
    assert ledger.answers["303"] > 0
    assert ledger.answers["503"] >= 20
    assert set(ledger.answers) <= {"303", "503", "429"}, ledger.answers
    assert ledger.forgotten == []
    assert page == 200


@pytest.fixture
def breakable(monkeypatch) -> Iterator[postgres.Breakable]:
    # Not pytest's own folder: PostgreSQL may run as another user, who must be able to enter it.
    folder = Path(tempfile.mkdtemp(prefix="participate-pg-"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))  # where the wheel keeps its lock
    made = postgres.breakable(folder / "data")
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.postgres
@pytest.mark.timeout(much(180, 900))
@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_restart_of_the_database_loses_nothing_keeps_the_text_and_stalls_for_seconds(
    breakable, keys_folder, tmp_path, figures
):
    migrate(breakable.url, keys_folder)
    made = create_app(settings(breakable.url, keys_folder))
    for _ in running(made):
        plan, voters = a_place(60)
        db.session.remove()
        db.engine.dispose()
        served = Served(breakable.url, keys_folder, tmp_path / "served.log")
        served.start()
        ledger, over = Ledger(), threading.Event()
        pool = crowd(served.port, f"/fr{plan.path}", voters, ledger, over, 7)
        try:
            time.sleep(1)
            for number in range(RESTARTS):
                breakable.end([signal.SIGKILL, signal.SIGINT, signal.SIGQUIT][number % 3])
                breakable.start()
                time.sleep(2)
        finally:
            over.set()
            pool.shutdown(wait=True)
            served.stop()
        wrong = lost(ledger, plan.statements) + half_written()
        figures(
            "restart of PostgreSQL under load (fast, immediate, killed)",
            restarts=RESTARTS,
            answers=dict(sorted(ledger.answers.items())),
            longest_stall_s=round(ledger.stall, 1),
            wrong=len(wrong),
        )
        assert wrong == []
        assert set(ledger.answers) <= {"303", "503", "429"}, ledger.answers
        assert ledger.forgotten == []
        assert ledger.stall < STALL_SECONDS or not SOAKING
