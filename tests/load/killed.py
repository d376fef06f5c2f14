"""`participate serve` as a process that is killed, voters who act through it, and what they were told.

The ledger belongs to the client: it knows what was acknowledged whatever became of the server.
"""

from __future__ import annotations

import http.client
import os
import random
import resource
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Participant
from participate.contributions.models import Comment, Contribution
from participate.db import db
from participate.journal import queries as journal
from participate.journal.models import JournalEntry
from participate.people.models import FormReply
from participate.positions.models import Position, Receipt
from tests.conftest import SECRET
from tests.load.conftest import ROOT, Answer, Voter, send
from tests.rooms.positions.makers import counters, recount
from tests.support.ports import free_port

GONE = (OSError, http.client.HTTPException)


class Served:
    """One `participate serve`, started and killed again and again on one database."""

    def __init__(self, database_url: str, instance: Path, log: Path, **more: str) -> None:
        self.port = free_port()
        self._log = log
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PARTICIPATE_")}
        # With the demo's flag, so that the shifted clock of the tests is allowed; loopback only.
        self._env = kept | {
            "PARTICIPATE_DEMO": "1",
            "PARTICIPATE_SECRET_KEY": SECRET,
            "PARTICIPATE_INSTANCE": str(instance),
            "PARTICIPATE_BASE_URL": f"http://127.0.0.1:{self.port}",
            "DATABASE_URL": database_url,
            **more,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it and wait until it answers; return how long that took."""
        began = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "participate.cli", "serve", "--port", str(self.port)],
                cwd=ROOT,
                env=self._env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while time.monotonic() < began + 240:
            assert self._process.poll() is None, self._log.read_text()[-2000:]
            try:
                with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as line:
                    line.request("GET", "/healthz", headers={"Host": "localhost"})
                    if line.getresponse().status == 200:
                        return time.monotonic() - began
            except GONE:
                time.sleep(0.05)
        raise AssertionError("the server did not start in four minutes")

    def get(self, path: str) -> int:
        """Return the status of a page."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as line:
            line.request("GET", path, headers={"Host": "localhost"})
            return line.getresponse().status

    def limit_files(self, size: int) -> None:
        """Let no file that the server writes grow beyond `size`."""
        assert self._process is not None
        group = subprocess.run(
            ["pgrep", "-g", str(self._process.pid)], capture_output=True, text=True, check=True
        ).stdout.split()
        for one in group:
            resource.prlimit(int(one), resource.RLIMIT_FSIZE, (size, size))

    def kill(self) -> None:
        """Kill it and its children at once, as the kernel would: no handler runs."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=20)
        deadline = time.monotonic() + 20
        with suppress(ProcessLookupError):  # its children end a little later, and hold its files until then
            while time.monotonic() < deadline:
                os.killpg(self._process.pid, 0)
                time.sleep(0.02)

    def stop(self) -> None:
        """End it if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self.kill()


@dataclass
class Ledger:
    """What the voters were told, and what they tried."""

    receipts: set[str] = field(default_factory=set)
    possible: dict[tuple[int, int], set[int]] = field(default_factory=dict)
    told: set[tuple[int, int]] = field(default_factory=set)
    comments: dict[str, tuple[Voter, dict[str, Any], bool]] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    forgotten: list[str] = field(default_factory=list)
    impatient: int = 0
    stall: float = 0.0
    turn: threading.Lock = field(default_factory=threading.Lock)

    def heard(self, answer: Answer | None) -> None:
        """Count an answer; None: the line broke."""
        self.answers["none" if answer is None else str(answer.status)] += 1
        if answer is not None and answer.status in {429, 503} and not answer.retry_after:
            self.impatient += 1
        if answer is not None and answer.receipt and answer.status == 303:
            self.receipts.add(answer.receipt)


def act(
    port: int, path: str, voter: Voter, ledger: Ledger, chance: random.Random, projects: int
) -> Answer | None:
    """Take a position or write a comment, and put down what was answered."""
    project = chance.randint(1, projects)
    if chance.random() < 0.3:
        return _comment(port, f"{path}/projects/{project}/comments/new", voter, ledger)
    value = chance.choice([1, 0, -1])
    answer = attempt(port, f"{path}/projects/{project}/position", voter, value=value, declared="y")
    with ledger.turn:
        pair = (voter.person_id, project)
        if answer is not None and answer.status == 303:
            ledger.possible[pair] = {value}
            ledger.told.add(pair)
        elif answer is None or answer.status >= 500:
            # Unknown: it may have been committed just before the end. A refusal in words was not.
            ledger.possible.setdefault(pair, set()).add(value)
        ledger.heard(answer)
    return answer


def _comment(port: int, path: str, voter: Voter, ledger: Ledger) -> Answer | None:
    text = f"remark {secrets.token_hex(8)}"
    fields = {
        "key": secrets.token_urlsafe(16),
        "section": "solution",
        "kind": "opinion",
        "stance": "for",
        "body": text,
        "declared": "y",
    }
    answer = attempt(port, path, voter, **fields)
    with ledger.turn:
        ledger.comments[text] = (voter, {"path": path, **fields}, answer is not None and answer.status == 303)
        ledger.heard(answer)
        if answer is not None and answer.status in {429, 503} and text not in answer.body:
            ledger.forgotten.append(answer.body)
    return answer


def attempt(port: int, path: str, voter: Voter, **fields: Any) -> Answer | None:
    """Send a form; None when the line broke before an answer."""
    try:
        return send(port, path, voter, **fields)
    except GONE:
        return None


def retry_comments(port: int, ledger: Ledger) -> int:
    """Send again, with the same key, each comment nobody acknowledged, as its browser would; return how many."""
    waiting = [(text, one) for text, one in ledger.comments.items() if not one[2]]
    for text, (voter, fields, _told) in waiting:
        rest = {name: value for name, value in fields.items() if name != "path"}
        answer = attempt(port, fields["path"], voter, **rest)
        if answer is not None and answer.status == 303:
            ledger.comments[text] = (voter, fields, True)
            ledger.heard(answer)
    return len(waiting)


def crowd(
    port: int,
    path: str,
    voters: list[Voter],
    ledger: Ledger,
    until: threading.Event,
    seed: int,
    threads: int = 6,
) -> ThreadPoolExecutor:
    """Let voters act until told to stop, each pair of them from one thread only."""
    pool = ThreadPoolExecutor(threads)

    def one(number: int) -> None:
        chance = random.Random(seed * 100 + number)
        own = voters[number::threads]
        answered = time.monotonic()
        while not until.is_set():
            answer = act(port, path, chance.choice(own), ledger, chance, 3)
            if answer is None or answer.status >= 500:
                time.sleep(0.05)
            if answer is not None and answer.status == 303:
                with ledger.turn:
                    ledger.stall = max(ledger.stall, time.monotonic() - answered)
                answered = time.monotonic()

    for number in range(threads):
        pool.submit(one, number)
    return pool


def lost(ledger: Ledger, statements: list[int]) -> list[str]:
    """Compare the ledger with the database: what was acknowledged and is not there, or is there twice."""
    db.session.rollback()
    wrong = []
    held = set(db.session.scalars(sa.select(Receipt.code)))
    wrong += [f"receipt {code}" for code in ledger.receipts - held]
    rows = {
        (person_id, statements.index(statement_id) + 1): value
        for person_id, statement_id, value in db.session.execute(
            sa.select(Participant.person_id, Position.statement_id, Position.value)
            .join(Participant, Participant.id == Position.participant_id)
            .where(Position.statement_id.in_(statements))
        )
    }
    wrong += [f"position {pair} is not there" for pair in ledger.told - set(rows)]
    wrong += [
        f"position {pair} is {value}, never sent last"
        for pair, value in rows.items()
        if value not in ledger.possible.get(pair, set())
    ]
    texts = Counter(db.session.scalars(sa.select(Comment.body)))
    wrong += [f"comment {text!r} is there {texts[text]} times" for text in texts if texts[text] > 1]
    wrong += [
        f"comment {text!r} is lost" for text, one in ledger.comments.items() if one[2] and not texts[text]
    ]
    return wrong


def half_written() -> list[str]:
    """Return what an act left without its other half."""
    db.session.rollback()
    wrong = [f"chain {fault.chain_id} {fault.seq} {fault.what}" for fault in journal.verify() if fault]
    if counters() != recount():
        wrong.append("the counters are not the rows")
    count = lambda model: db.session.scalar(sa.select(sa.func.count()).select_from(model))  # noqa: E731
    entries = set(db.session.scalars(sa.select(JournalEntry.hash)))
    wrong += [
        f"receipt {code} without its entry"
        for code, digest in db.session.execute(sa.select(Receipt.code, Receipt.entry_hash))
        if digest not in entries
    ]
    current = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Receipt)
        .where(Receipt.replaced_by.is_(None), Receipt.what == "position")
    )
    if current != count(Position):
        wrong.append(f"{count(Position)} positions and {current} receipts that hold")
    if count(Comment) != count(Contribution):
        wrong.append("a contribution without its words")
    if count(FormReply) < count(Comment):
        wrong.append("a comment without the reply that makes it repeatable")
    return wrong
