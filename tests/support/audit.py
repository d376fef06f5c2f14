"""`make audit`: known vulnerabilities of what is locked. A green light only when everything installed was looked at.

pip-audit alone may end well having looked at nothing: here each installed package must be in its report, and the
other way round, or it fails; without the service that knows vulnerabilities it fails too.
"""

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements-dev.lock"
NOT_LOCKED = {"participate", "pip", "setuptools", "wheel"}
"""Ourselves, and what Python's own venv brings; the lock does not name them."""


def plain(name: str) -> str:
    """Return a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, str]:
    """Return what is installed here, by name."""
    found = {plain(one.metadata["Name"]): one.version for one in metadata.distributions()}
    return {name: version for name, version in found.items() if name not in NOT_LOCKED}


def wrong(report: dict[str, Any], here: dict[str, str]) -> list[str]:
    """Return what is wrong, one line each: a vulnerability, or a package nobody looked at."""
    lines = []
    audited: dict[str, str] = {}
    for row in report.get("dependencies", []):
        name = plain(row["name"])
        if "skip_reason" in row:
            lines.append(f"{name} was not audited: {row['skip_reason']}")
            continue
        audited[name] = row["version"]
        for one in row.get("vulns", []):
            fixed = ", ".join(one.get("fix_versions", [])) or "no version yet"
            lines.append(f"{name} {row['version']}: {one['id']}, mended in {fixed}")
    lines += [
        f"{name} {here[name]} is installed and was not audited" for name in sorted(set(here) - set(audited))
    ]
    lines += [
        f"{name} {audited[name]} was audited and is not installed"
        for name in sorted(set(audited) - set(here))
    ]
    lines += [
        f"{name} {audited[name]} was audited and {here[name]} is installed"
        for name in sorted(set(here) & set(audited))
        if here[name] != audited[name]
    ]
    return lines


def main(words: list[str], lock: Path = LOCK) -> int:
    """Audit the lock; more words go to pip-audit (another service, for instance)."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip_audit", "--strict", "--require-hashes", "--disable-pip"),
            *("--progress-spinner", "off", "--format", "json", "-r", str(lock), *words),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        report = json.loads(done.stdout)
    except ValueError:
        print(done.stderr.strip()[-1500:], file=sys.stderr)
        print(
            "NOT AUDITED: the service that knows vulnerabilities did not answer for everything.",
            file=sys.stderr,
        )
        return 2
    lines = wrong(report, installed())
    print(
        "\n".join(lines)
        or f"{len(report['dependencies'])} packages audited, all that are installed: nothing known."
    )
    return 1 if lines or done.returncode else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
