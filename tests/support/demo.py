"""The demo at each of its steps: performed once, kept until the code or its content changes.

`demo_at("draft_review", folder)` lays a copy of one (database, keys). Its clock stands at the step's own
moment, however long ago it was performed. All steps come from one performance, copied as it passes them;
every worker of a run, and the next run over the same code, share it.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask_migrate import upgrade

from participate.app import create_app
from participate.cli import settings
from participate.db import clock, db, writing
from participate.demo.agenda import Agenda
from participate.demo.build import STEP_FILE, settle
from participate.demo.story import ANCHORS, Step, Story

ROOT = Path(__file__).parents[2]
SOURCES = (
    "participate/**/*.py",
    "participate/demo/content/*.toml",
    "migrations/versions/*.py",
    "tests/support/demo.py",
)
DATABASE = "demo.sqlite"
STANDS = "stands-at"
KEEP = 8


def demo_at(step: str, folder: Path) -> Path:
    """Lay a copy of the demo at a step in `folder`, which must not be there, and put its clock right.

    All copies share their compiled templates: compiling takes a new platform's first pages seconds.
    """
    shutil.copytree(_performed() / step, folder)
    (folder / "templates").symlink_to(_home() / "templates")
    offset = datetime.fromisoformat((folder / STANDS).read_text()) - datetime.now(UTC)
    with closing(sqlite3.connect(folder / DATABASE)) as database, database:
        database.execute("UPDATE clock_offset SET microseconds = ?", [offset // timedelta(microseconds=1)])
    return folder


def _home() -> Path:
    home = Path(tempfile.gettempdir()) / f"participate-demo-{os.getuid()}"
    (home / "templates").mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


def _performed() -> Path:
    """Give the folder that holds every step; perform the demo if nobody has."""
    home = _home()
    there = home / _fingerprint()
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not there.exists():
            draft = home / "draft"
            shutil.rmtree(draft, ignore_errors=True)
            # In a process of its own: its settings are the demo's, not the tests'.
            made = subprocess.run(
                [sys.executable, "-m", "tests.support.demo", str(draft)],
                capture_output=True,
                text=True,
                check=False,
                cwd=ROOT,
            )
            if made.returncode:
                raise RuntimeError(
                    f"the demo could not be performed:\n{made.stdout[-1500:]}\n{made.stderr[-3000:]}"
                )
            draft.rename(there)
            _forget_old(home)
    return there


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _forget_old(home: Path) -> None:
    folders = sorted(
        (p for p in home.iterdir() if p.is_dir() and p.name != "templates"), key=lambda p: p.stat().st_mtime
    )
    for path in folders[:-KEEP]:
        shutil.rmtree(path, ignore_errors=True)


def perform(into: Path) -> None:
    """Perform the whole demo, leaving a copy of it in `into` at every step it passes."""
    stage = into / "stage"
    os.environ["PARTICIPATE_INSTANCE"] = str(stage)
    for name in ("DATABASE_URL", "PARTICIPATE_BASE_URL"):
        os.environ.pop(name, None)
    with create_app(settings(demo=True)).app_context():
        upgrade()
        agenda = Agenda(print)
        with writing():
            Story(agenda).plan_everything()
        for step, anchor in ANCHORS.items():
            with writing():
                agenda.perform_until(anchor)
            settle()
            _keep(stage, into / step.value, step, clock())
            db.session.remove()
        db.engine.dispose()
    shutil.rmtree(stage)


def _keep(stage: Path, folder: Path, step: Step, now: datetime) -> None:
    folder.mkdir()
    shutil.copytree(stage / "keys", folder / "keys")
    with (
        closing(sqlite3.connect(stage / DATABASE)) as performed,
        closing(sqlite3.connect(folder / DATABASE)) as copy,
    ):
        performed.backup(copy)
    (folder / STEP_FILE).write_text(step.value)
    (folder / STANDS).write_text(now.isoformat())


if __name__ == "__main__":
    perform(Path(sys.argv[1]))
