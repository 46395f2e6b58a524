"""Computes the effects of several stacks' programs in a separate process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from selfservice.fingerprints.layout import PROJECT_FILE
from selfservice.fingerprints.recording import Recording, alternatives
from selfservice.runner.capacity import default_jobs
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
    name = yaml.safe_load((project / PROJECT_FILE).read_text(encoding="utf-8"))["name"]
    with tempfile.TemporaryDirectory(prefix="plinth-effects-") as folder:
        folders = {stack: Path(folder, str(number)) for number, stack in enumerate(stacks)}
        jobs = []
        for stack, own in folders.items():
            own.mkdir()
            job = {"folder": str(own), "program": str(program), "project": str(project), "name": name, "stack": stack}
            jobs.append(job)
        subprocess.run(
            [sys.executable, "-m", "selfservice.fingerprints.effect"],
            input=json.dumps({"program": str(program), "jobs": jobs, "limit": default_jobs()}),
            text=True,
            cwd=_PACKAGE.parent,
            capture_output=True,
            check=False,
        )
        return {stack: _found(own) for stack, own in folders.items()}


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
