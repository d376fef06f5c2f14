"""Clients that send half a request and wait: against the server itself, and through the proxy of `deploy/nginx.conf`."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from participate.db import db, writing
from tests import makers
from tests.load.conftest import ROOT, a_voter, send
from tests.load.killed import Served
from tests.support.ports import free_port
from tests.support.soak import SOAKING, much

pytestmark = pytest.mark.load
SLOW = much(60, 200)
FEWER_THAN_THREADS = 20
LATE_SECONDS = 5
HEADERS = (
    b"POST /ar/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
)
KINDS = {
    "half the headers": HEADERS,
    "half the body": HEADERS + b"Content-Length: 2000\r\n\r\nemail=a",
}


@contextmanager
def slow_clients(port: int, said: bytes, count: int = SLOW) -> Iterator[None]:
    """Open many connections, send this on each, and no more."""
    lines = []
    try:
        for _ in range(count):
            line = socket.create_connection(("127.0.0.1", port), timeout=10)
            line.sendall(said)
            lines.append(line)
        time.sleep(0.5)
        yield
    finally:
        for line in lines:
            line.close()


def answered(port: int) -> tuple[int, float]:
    """Return the status of a page, and how long it took; 0 when there was no answer."""
    began = time.monotonic()
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=LATE_SECONDS)) as line:
            line.request("GET", "/fr/", headers={"Host": "localhost"})
            return line.getresponse().status, round(time.monotonic() - began, 2)
    except OSError:
        return 0, round(time.monotonic() - began, 2)


@pytest.fixture
def served(app, database_url, keys_folder, tmp_path) -> Iterator[Served]:
    made = Served(database_url, keys_folder, tmp_path / "served.log")
    made.start()
    answered(made.port)
    yield made
    made.stop()


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("kind", "count"), [("half the headers", SLOW), ("half the body", FEWER_THAN_THREADS)]
)
def test_slow_clients_hold_no_turn_of_the_server_itself(served, figures, kind, count):
    # As many half-sent bodies as there are threads would hold them all: the proxy must stand before it.
    with slow_clients(served.port, KINDS[kind], count):
        said = [answered(served.port) for _ in range(5)]
    figures(f"slow clients with {kind}, no proxy", clients=count, pages=said)
    assert [status for status, _seconds in said] == [200] * 5


def configured(folder: Path, behind: int, port: int) -> Path:
    """Lay `deploy/nginx.conf` for a test: its own ports and folders, no TLS; everything else as it is delivered."""
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{behind}")
    first, second = re.findall(r"^server \{.*?^\}", text, re.MULTILINE | re.DOTALL)
    plain = re.sub(r"^  (listen|ssl_\w+) .*\n", "", second, flags=re.MULTILINE)
    plain = plain.replace("server {", f"server {{\n  listen 127.0.0.1:{port};", 1)
    plain = plain.replace("/var/log/nginx/", f"{folder}/").replace("participer.example.ma", "localhost")
    text = text.replace(first, "").replace(second, plain)
    temporary = "\n".join(
        f"  {name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{\n{temporary}\n{text}\n}}\n"
    )
    return path


def nginx() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert found, "the proxy is part of what is delivered: sudo apt-get install nginx-light"
    return found


@pytest.mark.skipif(not SOAKING, reason="needs nginx; `make soak` fails without it")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("kind", KINDS)
def test_slow_clients_end_at_the_proxy_and_acts_go_through_it(app, served, figures, kind):
    with writing():
        plan, voter = makers.a_plan(), a_voter()
        db.session.commit()
    folder = Path(tempfile.mkdtemp(prefix="participate-nginx-"))
    folder.chmod(0o755)
    port = free_port()
    config = configured(folder, served.port, port)
    subprocess.run([nginx(), "-t", "-q", "-c", str(config)], check=True)
    proxy = subprocess.Popen([nginx(), "-c", str(config)])
    try:
        while answered(port)[0] == 0:
            assert proxy.poll() is None
            time.sleep(0.1)
        with slow_clients(port, KINDS[kind]):
            said = [answered(port) for _ in range(5)]
            vote = send(port, f"/fr{plan.path}/projects/1/position", voter, value=1, declared="y")
    finally:
        proxy.terminate()
        proxy.wait(timeout=10)
        shutil.rmtree(folder)
    figures(f"slow clients with {kind}, through nginx", clients=SLOW, pages=said, vote=vote.status)
    assert [status for status, _seconds in said] == [200] * 5
    assert vote.status == 303
