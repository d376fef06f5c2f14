"""Pictures that the press draws: in a child process with a deadline, kept in the instance folder.

The sheets are `ui/press/*.typ`. A picture is kept under a hash of what it shows and of the sheets themselves, so
that each content is drawn once; the next content of the same name takes the place of the one before.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final

PRESS = Path(__file__).resolve().parent.parent / "ui" / "press"
DRAWING = PRESS / "drawing.py"
POINTS_AN_INCH: Final = 72
"""At this resolution a point of a sheet is one pixel of its picture."""
SECONDS: Final = 5.0
"""How long somebody waits for a picture. Measured: a card takes 0.1 to 0.5 s."""
REST_SECONDS: Final = 60.0
"""How long a content that could not be drawn is not tried again."""
WAITING: Final = 3
"""How many requests may be at the press at once; the others get nothing, so that of the four threads that serve
one is left for pages."""
SIGNATURES: Final = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<svg", "pdf": b"%PDF-"}

_log = logging.getLogger(__name__)
_press = threading.BoundedSemaphore(1)
_queue = threading.BoundedSemaphore(WAITING)
_rests: dict[str, float] = {}


class NotDrawnError(Exception):
    """A sheet could not be drawn in time, or at all; holds its name and why."""

    def __init__(self, sheet: str, why: str) -> None:
        super().__init__(sheet, why)
        self.sheet = sheet
        self.why = why


@cache
def _type() -> bytes:
    """Return a hash of everything but the content that a picture depends on."""
    found = hashlib.sha256(metadata.version("typst").encode())
    for path in sorted(PRESS.rglob("*")):
        if path.is_file() and path.suffix in {".typ", ".ttf", ".py"}:
            found.update(path.name.encode() + path.read_bytes())
    return found.digest()


def digest(sheet: str, content: Mapping[str, Any]) -> str:
    """Return the hash of a picture: what it shows, and how it is drawn."""
    shown = json.dumps([sheet, content], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(_type() + shown.encode()).hexdigest()


def draw(
    sheet: str,
    content: Mapping[str, Any],
    kind: str = "png",
    *,
    ppi: float = POINTS_AN_INCH,
    standards: Sequence[str] = (),
    seconds: float = SECONDS,
) -> bytes:
    """Return a sheet as a picture or a paper ("png", "svg", "pdf"). Raises NotDrawnError.

    `standards` are those a PDF keeps to ("ua-1"): the press refuses a sheet that breaks one. The child inherits no
    environment: it draws words of strangers, and holds none of our secrets.
    """
    order = {
        "sheet": sheet,
        "kind": kind,
        "ppi": ppi,
        "standards": list(standards),
        "seconds": seconds,
        "content": content,
    }
    try:
        done = subprocess.run(  # noqa: S603  our own script, and what it draws is not in its arguments
            [sys.executable, "-I", str(DRAWING)],
            input=json.dumps(order).encode(),
            capture_output=True,
            env={},
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as trouble:
        raise NotDrawnError(sheet, str(trouble)) from trouble
    if done.returncode or not done.stdout.startswith(SIGNATURES[kind]):
        raise NotDrawnError(sheet, done.stderr.decode("utf-8", "replace")[-500:])
    return done.stdout


def kept(folder: Path, name: str, sheet: str, content: Mapping[str, Any]) -> bytes:
    """Return a picture from the folder, drawn first if this content was not drawn yet. Raises NotDrawnError."""
    mark = digest(sheet, content)
    path = folder / f"{name}.{mark[:16]}.png"
    found = _read(path)
    if found is not None:
        return found
    if _rests.get(mark, 0.0) > time.monotonic():
        raise NotDrawnError(sheet, "it failed a moment ago")
    if not _queue.acquire(blocking=False):
        raise NotDrawnError(sheet, "too many wait for the press")
    try:
        with _press:
            return _read(path) or _drawn(path, name, mark, sheet, content)
    finally:
        _queue.release()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _drawn(path: Path, name: str, mark: str, sheet: str, content: Mapping[str, Any]) -> bytes:
    try:
        made = draw(sheet, content)
    except NotDrawnError as trouble:
        _log.warning("The sheet %s was not drawn: %s", trouble.sheet, trouble.why)
        now = time.monotonic()
        for other in [other for other, until in _rests.items() if until <= now]:
            del _rests[other]
        _rests[mark] = now + REST_SECONDS
        raise
    try:
        _keep(path, name, made)
    except OSError as trouble:  # a full disk: the picture is there all the same
        _log.warning("The picture %s was not kept: %s", path.name, trouble)
    return made


def _keep(path: Path, name: str, made: bytes) -> None:
    """Write a picture at once and whole, and let go of what the same name showed before."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, making = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".making")
    with os.fdopen(handle, "wb") as target:
        target.write(made)
    Path(making).replace(path)
    for other in path.parent.glob(f"{name}.*.png"):
        if other != path:
            other.unlink(missing_ok=True)
