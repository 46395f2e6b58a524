"""Chooses the tests of a change: the nearest in the import graph first, up to a budget of processor time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults import PlantedFault
from tests.support.durations import read_durations
from tests.support.nightly import is_nightly
from tests.support.selection.declared import declared_tests, modules_at
from tests.support.selection.graph import ImportGraph

DECLARATIONS = "tests/support/selection/declared.py"
BUDGET_SECONDS = 60.0
"""Processor time of the tests of one changed file. The first test module is taken whatever it costs."""
PLANTED_FAULTS = (
    "tests/unit/test_benchmarks.py::test_every_planted_fault_changes_one_place_of_today_and_names_tests_that_exist"
)
"""Test that fails if a change has moved the text of a planted fault."""
UNKNOWN_SECONDS = 2.0
"""Assumed time of a test module that has not run here."""


@dataclass(frozen=True)
class Selection:
    """The tests of one changed file."""

    file: str
    chosen: tuple[str, ...]
    """Test modules, the nearest first."""
    left: int
    """Number of test modules that also import the file, and are left to ``make test``."""


def modules_of_tests(graph: ImportGraph, root: Path) -> list[str]:
    """Returns the test modules that run for each change."""
    others = (file.relative_to(root).as_posix() for file in root.glob("packages/*/tests/test_*.py"))
    found = {*others, *(file for file in graph.importers if Path(file).name.startswith("test_"))}
    return sorted(file for file in found if not is_nightly(file, root))


def seconds_of_modules(results: Path) -> dict[str, float]:
    """Returns the processor seconds of each test module in the last run that had it."""
    found: dict[str, float] = defaultdict(float)
    for test, seconds in read_durations(results).items():
        found[test.partition("::")[0]] += max(seconds, 0.0)
    return dict(found)


def select(file: str, graph: ImportGraph, tests: Iterable[str], seconds: Mapping[str, float]) -> Selection:
    """Returns the tests of a changed file.

    Raises: LookupError if neither the import graph nor a declaration knows the file.
    """
    modules = list(tests)
    if file in modules or Path(file).name.startswith("test_"):
        return Selection(file, (file,), 0)
    declared = declared_tests(file)
    source = file if file in graph.importers else None if declared is not None else graph.owner_of(file)
    if source is None and declared is None:
        raise LookupError(f"{file}: no test imports this file; declare its tests in {DECLARATIONS}")
    distances = graph.distances(source) if source else {}
    by_declaration = modules_at(declared or (), modules)
    importing = [module for module in modules if module in distances and module not in by_declaration]
    importing.sort(key=lambda module: (distances[module], -_shared_parts(module, file), module))
    chosen: list[str] = []
    left = BUDGET_SECONDS
    for module in [*by_declaration, *importing]:
        cost = seconds.get(module, UNKNOWN_SECONDS)
        if cost <= left or not chosen:
            chosen.append(module)
            left -= cost
    return Selection(file, tuple(chosen), len(by_declaration) + len(importing) - len(chosen))


def planted_fault_tests(files: Iterable[str], faults: Iterable[PlantedFault]) -> list[str]:
    """Returns the test that every planted fault still changes one place, if a changed file has a fault."""
    planted = {fault.file for fault in faults}
    return [PLANTED_FAULTS] if planted.intersection(files) else []


def _shared_parts(test: str, file: str) -> int:
    """Returns how many parts of a file's path the path of a test has, so that the tests of a folder come first."""
    parts = {part.removesuffix(".py").removeprefix("test_") for part in Path(test).parts}
    return len(parts & {part.removesuffix(".py") for part in Path(file).parts})
