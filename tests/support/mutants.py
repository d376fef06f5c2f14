"""Plant the faults of tests/mutants.toml one at a time in a copy of the tree; each must be noticed.

`python -m tests.support.mutants [WORD …]` takes those whose name holds a word; all without one. A check
that fails on the sound tree proves nothing, so each is run there first. Ends with 1 if a fault lived.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "tests" / "mutants.toml"
BIN = ROOT / ".venv" / "bin"
FAILED = 1
"""What pytest, mypy, ruff and lint-imports end with when they found something; 2 and more is a crash."""


class NotPlantableError(Exception):
    """The text to replace is not there exactly once; holds the fault's name and the number of places."""


@dataclass(frozen=True)
class Mutant:
    """A fault and what must notice it."""

    name: str
    where: str
    old: str
    new: str
    check: tuple[str, ...]

    def file_in(self, tree: Path) -> Path:
        """Return the one file that holds the text to replace."""
        start = tree / self.where
        if not start.exists():
            start = start.with_suffix(".py")
        files = [start] if start.is_file() else sorted(p for p in start.rglob("*") if p.is_file())
        counts = {path: _text(path).count(self.old) for path in files}
        if sum(counts.values()) != 1:
            raise NotPlantableError(self.name, sum(counts.values()))
        return next(path for path, count in counts.items() if count)


def _text(path: Path) -> str:
    return (
        path.read_text()
        if path.suffix in {".py", ".html", ".po", ".css", ".js", ".toml", ".typ", ".conf"}
        else ""
    )


def mutants(words: list[str] | None = None) -> list[Mutant]:
    """Read the table, or the part of it whose names hold one of the words."""
    found = []
    for row in tomllib.loads(TABLE.read_text())["mutant"]:
        tests = row.get("pytest")
        check = (
            ["python", "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests]
            if tests
            else row["check"]
        )
        found.append(Mutant(row["name"], row["where"], row["old"], row["new"], tuple(check)))
    return [one for one in found if not words or any(word in one.name for word in words)]


def copy_of_the_tree(into: Path) -> Path:
    """Copy what git knows, with the compiled catalogues."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.split(b"\0")
    compiled = [path.relative_to(ROOT) for path in ROOT.glob("translations/*/LC_MESSAGES/*.mo")]
    for name in [*(Path(one.decode()) for one in names if one), *compiled]:
        if (ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, into / name)
    return into


def ended(check: tuple[str, ...], tree: Path) -> subprocess.CompletedProcess[str]:
    """Run a check in a tree."""
    return subprocess.run(
        [str(BIN / check[0]), *check[1:]],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def lived(one: Mutant, tree: Path) -> str | None:
    """Plant a fault, run its check, take it out again; return what was wrong if nobody noticed."""
    path = one.file_in(tree)
    sound = path.read_text()
    path.write_text(sound.replace(one.old, one.new))
    try:
        answer = ended(one.check, tree)
    finally:
        path.write_text(sound)
    if answer.returncode == FAILED:
        return None
    return f"ended with {answer.returncode}: {(answer.stdout + answer.stderr)[-300:]}"


def main(words: list[str]) -> int:
    """Run the table and print a line for each fault."""
    alive = 0
    sound: dict[tuple[str, ...], bool] = {}
    with tempfile.TemporaryDirectory(prefix="participate-mutants-") as folder:
        tree = copy_of_the_tree(Path(folder))
        for one in mutants(words):
            began = time.monotonic()
            if one.check not in sound:
                sound[one.check] = ended(one.check, tree).returncode == 0
            fault = lived(one, tree) if sound[one.check] else "its check fails on the sound tree"
            alive += fault is not None
            print(
                f"{'LIVES ' if fault else 'killed'} {time.monotonic() - began:5.0f} s  {one.name}",
                flush=True,
            )
            if fault:
                print(f"    {fault}", flush=True)
    print(f"{len(mutants(words)) - alive} killed, {alive} alive")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
