"""The demo served on loopback while browsers walk through it."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from participate.cli import with_assets, work
from participate.config import Settings
from tests.support.demo import demo_at


@dataclass(frozen=True)
class Site:
    """A running platform."""

    url: str
    instance: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def served(instance: Path, step: str) -> Iterator[Site]:
    """Serve a copy of the demo at a step until the module is over.

    In threads of this process: starting `participate serve` costs two seconds of processor, fifty times.
    What depends on the real server is seen by `really_served` and by tests/load.
    """
    demo_at(step, instance)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    app = with_assets(
        Settings(
            database_url=f"sqlite:///{instance / 'demo.sqlite'}",
            secret_key=secrets.token_hex(32),
            base_url=url,
            instance=instance,
            demo=True,
        )
    )
    stop = threading.Event()
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Silent)
    running = [
        threading.Thread(target=server.serve_forever, daemon=True),
        threading.Thread(target=work, args=(app, stop), daemon=True),
    ]
    for thread in running:
        thread.start()
    try:
        yield Site(url, instance)
    finally:
        stop.set()
        server.shutdown()
        for thread in running:
            thread.join(10)


class Silent(WSGIRequestHandler):
    """Keeps a connection open like the real server, and says nothing."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """What was asked is not written."""


def really_served(instance: Path, step: str) -> Iterator[Site]:
    """Like `served`, by `participate serve` in a process of its own."""
    demo_at(step, instance)
    port = free_port()
    environment = {
        **os.environ,
        "PARTICIPATE_DEMO": "1",
        "PARTICIPATE_INSTANCE": str(instance),
        "PARTICIPATE_BASE_URL": f"http://127.0.0.1:{port}",
    }
    environment.pop("DATABASE_URL", None)
    log = instance / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "participate.cli", "serve", "--port", str(port)],
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", process, log)
            yield Site(f"http://127.0.0.1:{port}", instance)
        finally:
            process.terminate()
            process.wait(10)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            pytest.fail(f"the server ended:\n{log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server does not answer:\n{log.read_text()[-2000:]}")
