"""Several server processes before one database, and voters who already have their sessions."""

from __future__ import annotations

import http.client
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from itsdangerous import URLSafeTimedSerializer

from participate.db import db
from participate.people.models import BrowserSession
from participate.people.sessions import hash_of
from tests import makers
from tests.conftest import SECRET
from tests.support.ports import free_port
from tests.support.soak import much, note

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = much(4, 8)


@dataclass(frozen=True)
class Voter:
    """Somebody with an account and a browser."""

    person_id: int
    cookie: str
    token: str


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    body: str
    receipt: str | None
    retry_after: str | None = None


def a_voter() -> Voter:
    """Somebody signed in; the caller commits."""
    person = makers.a_person()
    sid, nonce = secrets.token_urlsafe(32), secrets.token_hex(20)
    now = datetime.now(UTC)
    db.session.add(
        BrowserSession(
            id_hash=hash_of(sid),
            person_id=person.id,
            body={"csrf_token": nonce},
            created_at=now,
            last_seen=now,
            auth_at=now,
            means="code",
        )
    )
    token = URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(nonce)
    return Voter(person.id, sid, str(token))


def send(port: int, path: str, voter: Voter, **fields: Any) -> Answer:
    """Send a form as a voter's browser would."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as line:
        line.request(
            "POST",
            path,
            urlencode({"csrf_token": voter.token, **fields}),
            {
                "Host": "localhost",
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": f"participate={voter.cookie}",
            },
        )
        answer = line.getresponse()
        return Answer(
            answer.status,
            answer.read().decode(),
            answer.getheader("X-Receipt"),
            answer.getheader("Retry-After"),
        )


@pytest.fixture
def figures(engine_name: str) -> Callable[..., None]:
    """Where a test puts what it measured; `make soak` prints it."""
    return lambda what, **values: note(f"{what} [{engine_name}]", **values)


@pytest.fixture
def ports(app: Any, database_url: str, keys_folder: Path) -> Iterator[list[int]]:
    """The ports of several server processes on this test's database."""
    env = {
        **os.environ,
        "TEST_SERVED_DATABASE": database_url,
        "TEST_SERVED_INSTANCE": str(keys_folder),
    }
    found = [free_port() for _ in range(PROCESSES)]
    running = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
                *("--port", str(port), "--workers", "1", "--blocking-threads", "4", "--no-access-log"),
                *("--log-level", "error", "tests.load.served:app"),
            ],
            cwd=ROOT,
            env=env,
        )
        for port in found
    ]
    try:
        for port, process in zip(found, running, strict=True):
            _until_up(port, process)
        yield found
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=20)


def _until_up(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        assert process.poll() is None, "a server process ended while starting"
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as line:
                line.request("GET", "/healthz", headers={"Host": "localhost"})
                if line.getresponse().status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("a server process did not start in four minutes")
