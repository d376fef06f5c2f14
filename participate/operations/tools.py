"""PostgreSQL's own programs: `pg_dump` and `pg_restore`, at least as new as the server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

FOLDERS = "PARTICIPATE_PG_BIN"
DEBIAN = Path("/usr/lib/postgresql")
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


class NoToolError(Exception):
    """A program of PostgreSQL is not there, or older than the server; the message says what to install."""


class ToolFailedError(Exception):
    """A program of PostgreSQL ended with an error; holds what it said."""


def find(name: str, server: int) -> Path:
    """Return the newest `name` that understands a server of this major version."""
    found = {path: _version(path) for path in _candidates(name)}
    fit = [path for path, version in found.items() if version >= server]
    if not fit:
        there = f"only version {max(found.values())} is here" if found else "it is not here"
        raise NoToolError(
            f"{name} {server} or newer is needed for this PostgreSQL, and {there}. Type: "
            f"sudo apt-get install postgresql-client-{server}; or name its folder in {FOLDERS}."
        )
    return max(fit, key=lambda path: found[path])


def _candidates(name: str) -> list[Path]:
    folders = [Path(part) for part in os.environ.get(FOLDERS, "").split(os.pathsep) if part]
    folders += sorted(DEBIAN.glob("*/bin"), reverse=True)
    paths = [folder / name for folder in folders if (folder / name).exists()]
    on_path = shutil.which(name)
    return [*paths, Path(on_path)] if on_path else paths


def _version(path: Path) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    match = VERSION.search(said)
    return int(match[1]) if match else 0


def major(connection: sa.Connection) -> int:
    """Return the server's major version."""
    return int(connection.scalar(sa.text("SHOW server_version_num"))) // 10_000


def run(program: Path, url: str, *words: str) -> None:
    """Run a program on a database; the password goes by the environment, where `ps` does not show it."""
    parts = make_url(url)
    environment = dict(os.environ)
    if parts.password:
        environment["PGPASSWORD"] = str(parts.password)
    named = parts.set(drivername="postgresql", password=None).render_as_string()
    done = subprocess.run(  # noqa: S603
        [program, "--dbname", named, *words], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ToolFailedError(f"{program.name}: {done.stderr.strip()[-2000:]}")
