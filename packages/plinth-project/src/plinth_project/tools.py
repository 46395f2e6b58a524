"""Checks that run a tool of the environment: style, types and unit tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from plinth_project.documents import ProjectError


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


def _tool(root: Path, *words: str) -> None:
    """Runs a tool of the environment. Raises ProjectError with its output if it fails."""
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ProjectError(f"{' '.join(words[:2])} failed:\n{(done.stdout + done.stderr).strip()}")
