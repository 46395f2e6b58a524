"""The import graph of the repository, from files to those that import them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import grimp

from tests.support.selection.declared import IMPORTED_BY_NAME

PACKAGES = (
    "benchmarks",
    "components",
    "iam_evaluator",
    "plinth_project",
    "plinth_sandbox",
    "policies",
    "runtime",
    "selfservice",
    "settings",
    "stacks",
    "tests",
)
TESTS_OF_THE_SANDBOX = "packages/plinth-sandbox/tests"
SOURCES = (
    "",
    "packages/plinth-sandbox/src",
    "packages/iam-evaluator/src",
    "packages/plinth-project/src",
    TESTS_OF_THE_SANDBOX,
)
"""Folders of the repository from which packages are imported."""


@dataclass(frozen=True)
class ImportGraph:
    """Files that import each other."""

    importers: Mapping[str, frozenset[str]]
    """The files that import a file directly."""

    def distances(self, file: str) -> dict[str, int]:
        """Returns a file and all that import it, directly or not, each with the length of the shortest chain."""
        found, last, length = {file: 0}, [file], 0
        while last:
            length += 1
            last = sorted(
                {importer for near in last for importer in self.importers.get(near, ()) if importer not in found}
            )
            found |= dict.fromkeys(last, length)
        return found

    def owner_of(self, path: str) -> str | None:
        """Returns the package in whose folder a file is that is no module, such as a JSON file that a module reads."""
        for folder in Path(path).parents:
            if (package := f"{folder}/__init__.py") in self.importers:
                return package
        return None


def import_graph(root: Path) -> ImportGraph:
    """Reads the imports of all modules of the repository. All tests below a conftest count as its importers."""
    sys.path[:0] = [folder for source in SOURCES if (folder := str(root / source)) not in sys.path]
    of_sandbox = sorted(init.parent.name for init in (root / TESTS_OF_THE_SANDBOX).glob("*/__init__.py"))
    graph = grimp.build_graph(*PACKAGES, *of_sandbox, cache_dir=str(root / "build" / "imports"))
    files = {module: file for module in graph.modules if (file := _file_of(module, root)) is not None}
    importers = {
        file: {
            files[importing_module]
            for importing_module in graph.find_modules_that_directly_import(module)
            if importing_module in files
        }
        for module, file in files.items()
    }
    for pattern, importer in IMPORTED_BY_NAME:
        for file in importers:
            if fnmatchcase(file, pattern) and file != importer:
                importers[file].add(importer)
    for conftest in [file for file in importers if file.endswith("/conftest.py")]:
        folder = conftest.removesuffix("conftest.py")
        importers[conftest] |= {file for file in importers if file.startswith(folder) and file != conftest}
    return ImportGraph({file: frozenset(found) for file, found in importers.items()})


def _file_of(module: str, root: Path) -> str | None:
    path = module.replace(".", "/")
    candidates = (root / source / f"{path}{ending}" for source in SOURCES for ending in (".py", "/__init__.py"))
    found = next((file for file in candidates if file.is_file()), None)
    return found.relative_to(root).as_posix() if found else None
