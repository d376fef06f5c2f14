"""What a wheel needs beyond the package: migrations and compiled catalogues, from the root of the tree.

Hatch's own `force-include` would copy both into an editable install as well, where copies grow old unseen.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("migrations", "translations")


class TreeInWheel(BuildHookInterface[Any]):
    """Adds the folders to real wheels; an editable install reads them where they are."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogues and say where each folder goes."""
        if version == "editable":
            return
        root = Path(self.root)
        if any((root / "translations").glob("*/LC_MESSAGES/*.po")):
            # Only here: an editable install must work before Babel can be imported.
            from babel.messages.frontend import CommandLineInterface  # noqa: PLC0415

            CommandLineInterface().run(["pybabel", "--quiet", "compile", "-d", str(root / "translations")])
        for folder in FOLDERS:
            if (root / folder).is_dir():
                build_data["force_include"][str(root / folder)] = f"participate/{folder}"
