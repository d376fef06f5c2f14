"""Import contracts that import-linter does not bring along (see `[tool.importlinter]` in pyproject.toml)."""

import sys

from grimp import DetailedImport, ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class StandardLibraryOnlyContract(Contract):
    """A package that may import itself and Python's standard library, and nothing else.

    The rules must be readable, and runnable, with no web framework, no database and no network at hand.
    """

    type_name = "standard_library_only"

    package = fields.StringField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at each direct import of the package and of everything below it."""
        package = str(self.package)
        strangers: list[DetailedImport] = []
        for module in sorted({package} | graph.find_descendants(package)):
            for imported in sorted(graph.find_modules_directly_imported_by(module)):
                own = imported == package or imported.startswith(f"{package}.")
                if own or imported.partition(".")[0] in sys.stdlib_module_names:
                    continue
                strangers.extend(graph.get_import_details(importer=module, imported=imported))
        return ContractCheck(kept=not strangers, metadata={"strangers": strangers})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import that is too much, with its line."""
        for stranger in check.metadata["strangers"]:
            where = f"{stranger['importer']}:{stranger['line_number']}"
            output.print_error(f"- {where} imports {stranger['imported']}")
        output.new_line()
