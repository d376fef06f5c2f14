"""The long runs of `make soak`: full counts instead of the short ones of `make test`, and a table of figures.

Tests ask `much(short, full)` how often; what they measured they hand to the fixture `figures`.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "build" / "soak.jsonl"
LONG = ("tests/load", "tests/reach")
"""What asks `much` or looks at `SOAKING`."""
SOAKING = os.environ.get("SOAK") == "1"


def much(short: int, full: int) -> int:
    """Return a count: short in `make test`, full in `make soak`."""
    return full if SOAKING else short


def note(what: str, **values: object) -> None:
    """Keep what a test measured; a run that ends early leaves what it has. Short runs keep nothing."""
    if not SOAKING:
        return
    FILE.parent.mkdir(exist_ok=True)
    with FILE.open("a", encoding="utf-8") as out:
        out.write(json.dumps({"what": what, **values}, ensure_ascii=False) + "\n")


def table() -> str:
    """Return the figures as lines for a person."""
    rows = (
        [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()] if FILE.exists() else []
    )
    lines = []
    for row in rows:
        facts = "  ".join(f"{name} {value}" for name, value in row.items() if name != "what")
        lines.append(f"{row['what']:<58} {facts}")
    return "\n".join(lines)


def main(words: list[str]) -> int:
    """Run the soak tests, or those that the words choose, and print the table."""
    FILE.unlink(missing_ok=True)
    chosen = ["-k", " ".join(words)] if words else []
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *LONG, "-n", "0", "-q", *chosen],
        cwd=ROOT,
        env={**os.environ, "SOAK": "1"},
        check=False,
    )
    print(table())
    print(
        f"{'passed' if done.returncode == 0 else 'FAILED'} after {(time.monotonic() - began) / 60:.1f} minutes"
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
