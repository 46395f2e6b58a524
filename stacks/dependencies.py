"""The files of this program that each stack depends on, by the imports of the stack's module. No program runs.

Knows no settings, and therefore not which scripts they name (`selfservice.fingerprints.program_files`).

Command: ``python -m stacks.dependencies`` reads ``{"stacks": [NAME, …], "files": [PATH, …]}`` and prints
``{NAME: [PATH, …]}`` with the files that each stack depends on. Paths are relative to the program's folder.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePath

import grimp

from settings.derived.stack_graph import StackIdentity
from stacks.stack_modules import MODULES

_PROGRAM = Path(__file__).resolve().parents[1]
_MAIN = "__main__.py"
_PACKAGES = ("settings", "components", "stacks")
_WITHOUT_FILES_OF_STACKS = frozenset(
    {"benchmarks", "build", "docs", "packages", "policies", "runtime", "selfservice", "templates", "tests"}
)
"""Folders of this repository whose files no stack reads, unless the settings name one as the script of a job. A change
of policies counts for all stacks anyway."""
_READER_OF_DATA = "stacks.dataset.etl"
"""Module that reads the scripts of jobs, and the modules that they share, which are not imported."""


def files_of(stacks: Sequence[str], files: Sequence[str]) -> Mapping[str, list[str]]:
    """Returns those of the files that each stack depends on. A stack that depends on none is left out."""
    found = {stack: [file for file in files if _reads(stack, PurePath(file))] for stack in stacks}
    return {stack: read for stack, read in found.items() if read}


def _reads(stack: str, path: PurePath) -> bool:
    first, *rest = path.parts
    if not rest:
        return first == _MAIN
    if first.startswith(".") or first in _WITHOUT_FILES_OF_STACKS:
        return False
    if first not in _PACKAGES:
        return _READER_OF_DATA in _imported_by(stack)
    module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    if path.suffix != ".py" or module not in _graph().modules:
        # A data file, or a module that is gone. Whoever imports the nearest package or its modules may have read it.
        module = ".".join(path.parent.parts)
        while module not in _graph().modules:
            module = module.rpartition(".")[0]
    return module in _imported_by(stack)


@cache
def _imported_by(stack: str) -> frozenset[str]:
    """Returns the modules that the program of a stack imports, with the packages that contain them."""
    found: set[str] = set()
    for module in (MODULES[StackIdentity.parse(stack).kind], *_imported_by_all()):
        found |= {module, *_graph().find_upstream_modules(module)}
    return frozenset(name for module in found for name in _with_packages(module))


def _imported_by_all() -> Iterator[str]:
    """Yields the modules that the main module of the program imports for every stack."""
    for node in ast.walk(ast.parse((_PROGRAM / _MAIN).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module in _graph().modules:
            yield node.module


def _with_packages(module: str) -> Iterator[str]:
    parts = module.split(".")
    yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(*_PACKAGES, cache_dir=None)


if __name__ == "__main__":
    given = json.load(sys.stdin)
    json.dump(files_of(given["stacks"], given["files"]), sys.stdout)
