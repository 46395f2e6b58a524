"""The checks of the repository. Laptops and continuous integration run the same ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from plinth_project.build.configuration import FILE, read_configuration
from plinth_project.build.foundation import read_foundation
from plinth_project.build.gates.minimum import refuse_weak_gates
from plinth_project.build.local_runs.sample_run import check_pipelines
from plinth_project.build.problems import read_problems
from plinth_project.build.structure import structure_faults
from plinth_project.documents import ProjectError
from plinth_project.tools import check_lint, check_tests, check_types


def check_structure(root: Path) -> None:
    """The repository has all mandatory files (CI-02)."""
    if faults := structure_faults(root):
        raise ProjectError(*faults)


def check_settings(root: Path) -> None:
    """The settings are valid, steps that hyperparameters and resources name exist, and no gate is too weak."""
    foundation, problems = read_foundation(root), read_problems(root)
    steps = {path.parent.name for path in (root / "algorithms").glob("*/*/__main__.py")}
    for file in sorted((root / "ml_pipelines").glob(f"*/{FILE}")):
        configuration, place = read_configuration(file, root), file.relative_to(root).as_posix()
        unknown = sorted(configuration.resources.keys() - steps - {"default"})
        data = configuration.data
        faults = [f"resources.{name}: no step has this name; known are {', '.join(sorted(steps))}" for name in unknown]
        if data.source == "sample" and not (root / data.file).is_file():
            faults.append(f"data.file: {data.file} does not exist")
        if faults:
            raise ProjectError(*(f"{place}: {fault}" for fault in faults))
        refuse_weak_gates(configuration, foundation.minimum_gates, problems, place)


CHECKS: Mapping[str, Callable[[Path], str | None]] = {
    "structure": check_structure,
    "settings": check_settings,
    "lint": check_lint,
    "types": check_types,
    "tests": check_tests,
    "pipeline": check_pipelines,
}
"""Checks in their order: the fastest first. One that passes may return a remark."""
FAST = ("structure", "settings", "lint", "pipeline")
"""Checks that take seconds."""
