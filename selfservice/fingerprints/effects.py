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
from selfservice.fingerprints.recording import Recording, alternatives
from selfservice.runner.limits import default_jobs
from selfservice.startup import sitecustomize

_PACKAGE = Path(__file__).resolve().parents[1]
"""Folder of this package, whose files appear in every stack trace of the program."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of one program with the settings of one project."""

    digest: str | None
    """Digest of the effect; None if it cannot be determined."""
    unseen: str
    """Why the effect cannot be determined."""
    files: frozenset[str]
    """Paths that the program read or looked for, and packages that would replace its modules."""
    folders: frozenset[str]
    """Folders that the program listed."""

    def reads(self, path: Path) -> bool:
        """Returns whether the program depends on the file or on the listing of its folder."""
        return str(path) in self.files or str(path.parent) in self.folders


def effects(program: Path, project: Path, stacks: Sequence[str]) -> Mapping[str, Effect]:
    """Returns the effect of each stack's program with the settings in ``project``."""
    (found,) = _computed(program, [project], stacks, records=True)
    return found


def effects_before_and_now(
    program: Path, before: Path, now: Path, stacks: Sequence[str]
) -> tuple[Mapping[str, Effect], Mapping[str, Effect]]:
    """Returns the effects of programs with the settings of two projects, without the files that the programs read.

    All programs run as forks of one process that has imported the project's modules, so this takes half of the time.
    """
    then, later = _computed(program, [before, now], stacks, records=False)
    return then, later


def _computed(
    program: Path, projects: Sequence[Path], stacks: Sequence[str], *, records: bool
) -> list[Mapping[str, Effect]]:
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
        compute({"program": str(program), "jobs": jobs, "limit": default_jobs(), "records": records})
        return [{stack: _found(folders[project, stack]) for stack in stacks} for project in projects]


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
        lines = [line for process in Recording(folder).processes() for line in process]
    except (OSError, ValueError):
        return Effect(None, "its program ended without a result", frozenset(), frozenset())
    own = str(_PACKAGE)
    files = {text for kind, text in lines if kind == sitecustomize.FILE and not text.startswith(own)}
    listed = {text for kind, text in lines if kind == sitecustomize.FOLDER}
    opaque = next((text for kind, text in lines if kind == sitecustomize.OPAQUE), None)
    unseen = found.get("unseen", "") if opaque is None else f"its program does what cannot be seen: {opaque}"
    return Effect(
        digest=found.get("effect") if opaque is None else None,
        unseen=unseen,
        files=frozenset((*files, *alternatives(files))),
        folders=frozenset(listed),
    )
