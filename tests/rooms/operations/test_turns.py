"""Processes that write one SQLite file take turns, first come first served."""

import select
import subprocess
import sys

from participate.db import ProcessTurn, _turn_file, db

CHILD = """
import sys, time
from participate.db import ProcessTurn
turn = ProcessTurn()
turn.enter(sys.argv[1])
print("in", flush=True)
sys.stdin.readline()
"""


def child(path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_one_process_writes_at_a_time_and_one_that_is_killed_gives_its_turn_back(tmp_path):
    path = str(tmp_path / "db-turn")
    other = child(path)
    assert other.stdout.readline() == "in\n"
    second = child(path)
    assert select.select([second.stdout], [], [], 1.0)[0] == [], "it waits"
    other.kill()
    other.wait()
    assert second.stdout.readline() == "in\n"
    second.communicate("\n")
    other.stdin.close()
    other.stdout.close()


def test_a_file_that_was_replaced_while_waiting_is_queued_for_anew(tmp_path):
    path = tmp_path / "db-turn"
    turn = ProcessTurn()
    turn.enter(str(path))
    turn.leave()
    path.unlink()
    turn.enter(str(path))
    assert path.exists()
    turn.leave()
    turn._let_go()


def test_without_a_place_for_the_file_writing_goes_on(tmp_path):
    turn = ProcessTurn()
    turn.enter(str(tmp_path / "no" / "such" / "folder"))
    turn.leave()


def test_only_an_sqlite_file_has_one(app):
    assert _turn_file(db.engine.url) == f"{db.engine.url.database}-turn"
    assert _turn_file(db.engine.url.set(drivername="postgresql+psycopg")) is None
