"""`make sbom`: what running the platform is made of, in CycloneDX, from the lock; the same bytes from the same lock."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
FILE = ROOT / "build" / "sbom.json"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def make(into: Path = FILE) -> Path:
    """Write the bill of materials."""
    into.parent.mkdir(exist_ok=True)
    subprocess.run(
        [
            *(sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", str(LOCK)),
            *("--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible", "--short-PURLs"),
            *("--output-format", "JSON", "--output-file", str(into)),
        ],
        check=True,
        cwd=ROOT,
    )
    return into


def pinned() -> dict[str, str]:
    """Return what the lock names, by name."""
    return dict(PINNED.findall(LOCK.read_text(encoding="utf-8")))


if __name__ == "__main__":
    print(f"{make()}: {len(pinned())} packages")
