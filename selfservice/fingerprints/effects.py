"""Computes the effects of several stacks' programs in a separate process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from selfservice.fingerprints.layout import PROJECT_FILE
from selfservice.operations.limits import default_jobs

_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of one program with the settings of one project."""

    digest: str | None
    """Digest of the effect; None if it cannot be determined."""
    unseen: str
    """Why the effect cannot be determined."""


def effects_before_and_now(
    program: Path, before: Path, now: Path, stacks: Sequence[str]
) -> tuple[Mapping[str, Effect], Mapping[str, Effect]]:
    """Returns the effects of programs with the settings of two projects.

    All programs run as forks of one process that has imported the project's modules.
    """
    projects = (before, now)
    with tempfile.TemporaryDirectory(prefix="plinth-effects-") as folder:
        folders = {
            (project, stack): Path(folder, f"{at}-{number}")
            for at, project in enumerate(projects)
            for number, stack in enumerate(stacks)
        }
        names = {project: _name_of(project) for project in projects}
        jobs = []
        for (project, stack), own in folders.items():
            own.mkdir()
            job = {"folder": str(own), "program": str(program), "project": str(project), "stack": stack}
            jobs.append({**job, "name": names[project]})
        compute({"program": str(program), "jobs": jobs, "limit": default_jobs()})
        then, later = ({stack: _found(folders[project, stack]) for stack in stacks} for project in projects)
        return then, later


def compute(given: Mapping[str, Any]) -> None:
    """Computes effects in a process of their own, and waits for its end. Each result is in the folder of its job."""
    subprocess.run(
        [sys.executable, "-m", "selfservice.fingerprints.effect"],
        input=json.dumps(given),
        text=True,
        cwd=_PACKAGE.parent,
        capture_output=True,
        check=False,
    )


def _name_of(project: Path) -> str:
    return str(yaml.safe_load((project / PROJECT_FILE).read_text(encoding="utf-8"))["name"])


def _found(folder: Path) -> Effect:
    """Reads the result of a fork. A killed fork leaves none."""
    try:
        found = json.loads((folder / "effect.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Effect(None, "its program ended without a result")
    return Effect(digest=found.get("effect"), unseen=found.get("unseen", ""))
