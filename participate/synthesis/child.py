"""Starting the engine: what loads scipy and scikit-learn runs in a process of its own and ends with its answer."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Final

SECONDS: Final = 600.0


class NotComputedError(Exception):
    """The engine gave no answer; holds why."""


def compute(order: Mapping[str, Any]) -> dict[str, Any]:
    """Return the engine's answer to an order. Raises NotComputedError.

    The child inherits no environment: it holds none of our secrets.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "participate.synthesis.engine"],
            input=json.dumps(order, separators=(",", ":")).encode(),
            capture_output=True,
            env={},
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as trouble:
        raise NotComputedError(str(trouble)) from trouble
    if done.returncode:
        raise NotComputedError(done.stderr.decode("utf-8", "replace")[-500:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found
