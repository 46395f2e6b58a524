"""The checks of the repository. Laptops and continuous integration run the same ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from shared_libraries.project.configuration import FILE, read_configuration
from shared_libraries.project.documents import ProjectError
from shared_libraries.project.foundation import read_foundation
from shared_libraries.project.structure import structure_faults


def check_structure(root: Path) -> None:
    """The repository has all mandatory files (CI-02)."""
    if faults := structure_faults(root):
        raise ProjectError(*faults)


def check_settings(root: Path) -> None:
    """The settings are valid, and steps that hyperparameters and resources name exist."""
    read_foundation(root)
    steps = {path.parent.name for path in (root / "algorithms").glob("*/*/__main__.py")}
    for file in sorted((root / "ml_pipelines").glob(f"*/{FILE}")):
        configuration = read_configuration(file, root)
        unknown = sorted(configuration.resources.keys() - steps - {"default"})
        data = configuration.data
        faults = [f"resources.{name}: no step has this name; known are {', '.join(sorted(steps))}" for name in unknown]
        if data.source == "sample" and not (root / data.file).is_file():
            faults.append(f"data.file: {data.file} does not exist")
        if faults:
            raise ProjectError(*(f"{file.relative_to(root).as_posix()}: {fault}" for fault in faults))


def check_lint(root: Path) -> None:
    """The code follows the rules of ruff.toml, which include a security scan, and is formatted."""
    _tool(root, "ruff", "check", ".")
    _tool(root, "ruff", "format", "--check", ".")


def check_types(root: Path) -> None:
    """All code has type hints, and they are correct."""
    _tool(root, "mypy")


def check_tests(root: Path) -> None:
    """All tests pass, and they cover as much of the code as pyproject.toml demands (CI-03, CI-04)."""
    reports = root / "build" / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    _tool(root, "pytest", "--quiet", "--cov", f"--cov-report=xml:{reports / 'coverage.xml'}", "--cov-report=term",
          f"--junit-xml={reports / 'tests.xml'}")  # fmt: skip


CHECKS: Mapping[str, Callable[[Path], None]] = {
    "structure": check_structure,
    "settings": check_settings,
    "lint": check_lint,
    "types": check_types,
    "tests": check_tests,
}
"""Checks in their order: the fastest first."""


def _tool(root: Path, *words: str) -> None:
    """Runs a tool of the environment. Raises ProjectError with its output if it fails."""
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise ProjectError(f"{' '.join(words[:2])} failed:\n{(done.stdout + done.stderr).strip()}")
