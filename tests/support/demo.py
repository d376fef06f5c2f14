"""The demo's database at a step, built once and kept until the code or its content changes.

`demo_database("draft_review")` gives a folder (database, keys) to copy; every worker of a run, and the
next run over the same code, share it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("participate/**/*.py", "participate/demo/content/*.toml", "migrations/versions/*.py")
KEEP = 8


def demo_database(step: str = "draft_review") -> Path:
    """Give the folder of a demo at a step; build it if nobody has."""
    home = Path(tempfile.gettempdir()) / f"participate-demo-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    built = home / f"{_fingerprint()}-{step}"
    with (home / f"{step}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            _build(step, built)
            _forget_old(home)
    return built


def _build(step: str, built: Path) -> None:
    draft = built.with_name(f"{built.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    environment = {**os.environ, "PARTICIPATE_INSTANCE": str(draft)}
    for name in ("DATABASE_URL", "PARTICIPATE_BASE_URL"):
        environment.pop(name, None)
    made = subprocess.run(
        [sys.executable, "-m", "participate.cli", "demo", "--at", step],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if made.returncode:
        raise RuntimeError(
            f"the demo at {step} could not be built:\n{made.stdout[-1500:]}\n{made.stderr[-3000:]}"
        )
    draft.rename(built)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _forget_old(home: Path) -> None:
    folders = sorted((p for p in home.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
    for path in folders[:-KEEP]:
        shutil.rmtree(path, ignore_errors=True)
