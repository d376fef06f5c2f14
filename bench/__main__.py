"""How fast the platform is, as ratios in one run: `make bench`.

Starts the real server on loopback with a copy of the demo, asks for each page with 16 clients in
turn (A B C A B C …, three rounds), and prints each rate beside the rate of a bare answer from the
same server. Absolute numbers say more about the machine than about us. Bounded, stops by itself.
"""

from __future__ import annotations

import http.client
import json
import os
import platform
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.support.demo import demo_at

CLIENTS = 16
ROUNDS = 3
SECONDS = 3.0
PLAN = "/fr/beni-mellal/plans/2024-2025"
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Measure:
    """One page: requests a second (median of the rounds), latency in milliseconds, bytes, failures."""

    name: str
    rate: float
    ratio: float
    p50: float
    p99: float
    bytes: int
    failures: int


class Visitor:
    """One client with one connection and, perhaps, a session."""

    def __init__(self, base: str, cookie: str | None = None) -> None:
        self.host = urlsplit(base).netloc
        self.cookie = cookie
        self.connection = http.client.HTTPConnection(self.host, timeout=20)

    def ask(
        self, method: str, path: str, fields: dict[str, str] | None = None
    ) -> tuple[int, bytes, dict[str, str]]:
        """Send one request and read the whole answer."""
        headers = {"Cookie": self.cookie} if self.cookie else {}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())


def measure(
    act: Callable[[Visitor, int], tuple[int, int]], visitors: list[Visitor]
) -> tuple[float, list[float], int, int]:
    """Let every visitor repeat `act` for some seconds; return rate, latencies, last size, failures."""
    stop = time.monotonic() + SECONDS
    times: list[float] = []
    sizes: list[int] = []
    failures: list[int] = []

    def go(number: int) -> None:
        turn = 0
        while time.monotonic() < stop:
            began = time.perf_counter()
            status, size = act(visitors[number], turn * CLIENTS + number)
            times.append((time.perf_counter() - began) * 1000)
            sizes.append(size)
            if status >= 400:
                failures.append(status)
            turn += 1

    threads = [threading.Thread(target=go, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times) / SECONDS, times, sizes[-1], len(failures)


def sign_in(base: str) -> str:
    """Sign a demo citizen in through /dev/ and return the cookie."""
    visitor = Visitor(base)
    _, page, headers = visitor.ask("GET", "/dev/")
    visitor.cookie = headers["set-cookie"].split(";")[0]
    text = page.decode()
    form = next(f for f in re.findall(r"<form.*?</form>", text, re.DOTALL) if "citizen1" in f)
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    action = re.search(r'action="([^"]+)"', form)
    assert action, "no sign-in form at /dev/"
    _, _, headers = visitor.ask("POST", action.group(1), fields)
    return headers["set-cookie"].split(";")[0]


def main() -> None:
    """Run the whole bench and keep its results."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "instance"
        demo_at("draft_review", instance)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        base = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "PARTICIPATE_DEMO": "1",
            "PARTICIPATE_INSTANCE": str(instance),
            "PARTICIPATE_BASE_URL": base,
        }
        server = subprocess.Popen(
            [sys.executable, "-m", "participate.cli", "serve", "--port", str(port)], env=environment
        )
        try:
            _wait(base)
            measures = _all(base)
        finally:
            server.terminate()
            server.wait(10)
    for one in measures:
        print(
            f"{one.name:34} {one.rate:8.0f}/s  {one.ratio:5.2f} H  p50 {one.p50:6.1f} ms  p99 {one.p99:6.1f} ms  {one.bytes:6} B  {one.failures} failed"
        )
    RESULTS.mkdir(exist_ok=True)
    machine = {"machine": platform.machine(), "cpus": os.cpu_count(), "python": platform.python_version()}
    (RESULTS / "latest.json").write_text(
        json.dumps({"machine": machine, "measures": [asdict(m) for m in measures]}, indent=1) + "\n"
    )


def _wait(base: str) -> None:
    for _ in range(100):
        try:
            Visitor(base).ask("GET", "/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


def _all(base: str) -> list[Measure]:
    cookie = sign_in(base)
    page = Visitor(base, cookie).ask("GET", f"{PLAN}/projects/8/position")[1].decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token, "no form at the position's own page"

    def get(path: str) -> Callable[[Visitor, int], tuple[int, int]]:
        def act(visitor: Visitor, _turn: int) -> tuple[int, int]:
            status, body, _ = visitor.ask("GET", path)
            return status, len(body)

        return act

    def take(visitor: Visitor, turn: int) -> tuple[int, int]:
        fields = {"csrf_token": token.group(1), "value": ("1", "-1", "0")[turn % 3]}
        status, body, _ = visitor.ask("POST", f"{PLAN}/projects/{turn % 12 + 1}/position", fields)
        return status, len(body)

    acts = {
        "bare answer (H)": (get("/healthz"), None),
        "project page, signed out": (get(f"{PLAN}/projects/8/"), None),
        "project page, signed in": (get(f"{PLAN}/projects/8/"), cookie),
        "plan page, signed in": (get(f"{PLAN}/"), cookie),
        "take a position": (take, cookie),
    }
    crews = {name: [Visitor(base, kept) for _ in range(CLIENTS)] for name, (_, kept) in acts.items()}
    rates: dict[str, list[float]] = {name: [] for name in acts}
    times: dict[str, list[float]] = {name: [] for name in acts}
    sizes: dict[str, int] = {}
    failed: dict[str, int] = dict.fromkeys(acts, 0)
    for _ in range(ROUNDS):
        for name, (act, _) in acts.items():
            rate, latencies, size, failures = measure(act, crews[name])
            rates[name].append(rate)
            times[name] += latencies
            sizes[name] = size
            failed[name] += failures
    bare = statistics.median(rates["bare answer (H)"])
    return [
        Measure(
            name,
            round(statistics.median(rates[name]), 1),
            round(statistics.median(rates[name]) / bare, 3),
            round(statistics.median(times[name]), 2),
            round(statistics.quantiles(times[name], n=100)[98], 2),
            sizes[name],
            failed[name],
        )
        for name in acts
    ]


if __name__ == "__main__":
    main()
