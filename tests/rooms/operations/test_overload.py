"""More than the machine can do, a full disk, a database that is away: what was typed comes back, nothing is half done."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from participate.contributions.models import Comment
from participate.db import db
from participate.people import sessions
from participate.web import limits, overload
from participate.web.overload import FULL, Gate
from tests.rooms.operations.makers import TEXT, WORDS, kept, token_of


def test_who_comes_beyond_the_line_keeps_their_text_and_asks_the_database_nothing(client, plan, amal):
    client.sign_in(amal)
    asked = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    path = f"/ar{plan.path}/projects/1/comments/new"
    token = token_of(client, plan)
    asked.clear()
    answer = client.open(
        path, method="POST", data={**WORDS, "csrf_token": token}, environ_overrides={FULL: True}
    )
    assert kept(answer, 503) == 30
    assert asked == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Comment)) == 0
    again = client.open(path, method="POST", data={**WORDS, "csrf_token": token})
    assert again.status_code == 303
    page = client.open(f"/fr{plan.path}/", environ_overrides={FULL: True})
    assert (page.status_code, page.headers["Retry-After"]) == (503, "30")


def test_the_gate_lets_so_many_work_so_many_wait_and_marks_the_rest():
    here, go, most = [], threading.Event(), 0

    def slow(environ, _start):
        if FULL in environ:
            return [b"shed"]
        here.append(1)
        nonlocal most
        most = max(most, len(here))
        go.wait(5)
        here.pop()
        return [b"done"]

    gate = Gate(slow, working=2, line=3, patience=10)
    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(lambda: gate({"PATH_INFO": "/"}, None)[0]) for _ in range(12)]
        for _ in range(500):
            if sum(one.done() for one in asked) == 7:
                break
            threading.Event().wait(0.01)
        assert sum(one.done() for one in asked) == 7
        assert gate({"PATH_INFO": "/x"}, None) == [b"shed"]
        go.set()
        said = sorted(one.result() for one in asked)
    assert said == [b"done"] * 5 + [b"shed"] * 7
    assert most == 2
    assert gate({"PATH_INFO": "/"}, None) == [b"done"], "turns and places come back"


def test_a_body_is_read_before_its_request_takes_a_turn():
    sent = threading.Event()

    class Slow(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            sent.wait(5)
            return b"a=1"[:size]

    gate = Gate(lambda environ, _start: [environ["wsgi.input"].read()], working=1, line=0, patience=0)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(gate, {"PATH_INFO": "/", "CONTENT_LENGTH": "3", "wsgi.input": Slow()}, None)
        quick = {"PATH_INFO": "/", "CONTENT_LENGTH": "2", "wsgi.input": io.BytesIO(b"b=2")}
        assert gate(quick, None) == [b"b="], "the slow one holds no turn"
        sent.set()
        assert slow.result() == [b"a=1"]


def test_who_waits_too_long_is_told_so_and_leaves_their_place():
    go = threading.Event()

    def slow(environ, _start):
        if FULL not in environ:
            go.wait(5)
        return [b"shed" if FULL in environ else b"done"]

    gate = Gate(slow, working=1, line=1, patience=0.05)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(gate, {"PATH_INFO": "/"}, None)
        for _ in range(2):
            assert gate({"PATH_INFO": "/"}, None) == [b"shed"]
        go.set()
        assert first.result() == [b"done"]


@contextmanager
def _small(pages: int):
    """Let the database file grow by so many pages only; SQLite then says that the disk is full."""

    def limit(connection, _record) -> None:
        there = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={there + pages}")

    db.session.remove()
    db.engine.dispose()
    sa.event.listen(db.engine, "connect", limit)
    try:
        yield
    finally:
        sa.event.remove(db.engine, "connect", limit)
        db.session.remove()
        db.engine.dispose()


def test_on_a_full_disk_nothing_is_acknowledged_the_text_stays_and_pages_are_read(app, client, plan, amal):
    client.sign_in(amal)
    token = token_of(client, plan)
    long = {**WORDS, "body": TEXT + " " + "كلمة " * 300, "csrf_token": token}
    path = f"/ar{plan.path}/projects/1/comments/new"
    acknowledged = 0
    with _small(3):
        for _ in range(30):
            answer = client.open(path, method="POST", data=long)
            if answer.status_code != 303:
                break
            acknowledged += 1
        assert kept(answer, 503) == 300
        assert "لم يسجل ما أرسلتموه" in answer.get_data(as_text=True)
        assert client.open(f"/ar{plan.path}/").status_code == 200
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Comment)) == acknowledged
    assert client.open(path, method="POST", data=long).status_code == 303


def test_who_only_reads_is_not_refused_because_their_visit_could_not_be_noted(
    client, plan, amal, monkeypatch
):
    client.sign_in(amal)
    monkeypatch.setattr(sessions, "SEEN_EVERY", -sessions.SEEN_EVERY)

    def full(*_args):
        raise OperationalError("UPDATE", {}, Exception("database or disk is full"))

    monkeypatch.setattr(sessions.DatabaseSessions, "_store", full)
    assert client.open(f"/ar{plan.path}/").status_code == 200


@pytest.mark.parametrize(
    "said",
    ["server closed the connection unexpectedly", "the database system is starting up", "database is locked"],
)
def test_a_database_that_is_away_when_the_session_is_read_keeps_the_text(
    client, plan, amal, monkeypatch, said
):
    client.sign_in(amal)
    token = token_of(client, plan)

    def away():
        raise OperationalError("SELECT", {}, Exception(said))

    with monkeypatch.context() as broken:
        broken.setattr(db.engine, "connect", away)
        answer = client.open(
            f"/ar{plan.path}/projects/1/comments/new", method="POST", data={**WORDS, "csrf_token": token}
        )
    assert kept(answer, 503) == 30


def test_no_limit_of_an_account_looks_at_the_address_it_comes_from():
    assert overload.THREADS > overload.WORKING + overload.LINE, "somebody is always there to answer"
    assert limits.limiter._key_func() == ""
