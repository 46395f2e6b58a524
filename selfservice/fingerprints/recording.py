"""The files and folders that the engine's processes read during one operation, as the processes recorded them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from selfservice.fingerprints.facts import FOLDER as IS_FOLDER
from selfservice.fingerprints.facts import Facts, is_below
from selfservice.fingerprints.layout import Layout
from selfservice.startup import sitecustomize

_STARTUP = Path(sitecustomize.__file__).parent
_PROGRAM = (sitecustomize.PROCESS, sitecustomize.PROGRAM_RUNNER)
"""The first line of a program's record."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A folder with one record per process of an operation."""

    folder: Path

    def variables(self, settings_directory: Path) -> dict[str, str]:
        """Returns the environment variables that make Python processes of the engine record what they read."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = os.pathsep.join(filter(None, (str(_STARTUP), os.environ.get("PYTHONPATH"))))
        return {"PYTHONPATH": path, sitecustomize.VARIABLE: str(self.folder)} | {
            sitecustomize.SETTINGS_VARIABLE: str(settings_directory)
        }

    def facts(self, layout: Layout, packs: tuple[Path, ...], facts: Facts, *, ignored: Path) -> dict[str, str] | None:
        """The paths that were read, and what each is now; None where not everything can be known.

        The settings are left out, which are compared on their own, and what lies below ``ignored``.
        """
        processes = self.processes()
        lines = dict.fromkeys(line for process in processes for line in process)
        others = [process for process in processes if _PROGRAM not in process]
        recorded = _PROGRAM in lines and all(any(_reads(process, pack) for process in others) for pack in packs)
        if not recorded or any(kind == sitecustomize.OPAQUE for kind, _ in lines):
            return None
        settings = {str(file) for file in layout.settings_files()}
        folder_of_settings = str(layout.settings_directory)
        found: dict[str, str] = {}
        for kind, path in lines:
            if kind == sitecustomize.PROCESS or path in settings or is_below(path, ignored):
                continue
            if kind == sitecustomize.FILE:
                found[path] = facts.of(path)
            elif path != folder_of_settings:
                found[f"{path}{os.sep}"] = facts.of_listing(path)
        modules = (path for path in found if facts.owns(path) and found[path] != IS_FOLDER)
        return found | {path: facts.of(path) for path in alternatives(modules)}

    def processes(self) -> list[list[tuple[str, str]]]:
        """Returns the lines (kind and text) of each process."""
        return [
            [(kind, text) for kind, text in json.loads(b"[" + b",".join(file.read_bytes().splitlines()) + b"]")]
            for file in sorted(self.folder.glob("*.jsonl"))
        ]


def _reads(process: Iterable[tuple[str, str]], folder: Path) -> bool:
    return any(kind == sitecustomize.FILE and is_below(path, folder) for kind, path in process)


def alternatives(paths: Iterable[str]) -> list[str]:
    """Returns the package files that Python would import instead of the modules if they existed."""
    modules = [path for path in paths if path.endswith(".py") and not path.endswith("/__init__.py")]
    return [f"{path.removesuffix('.py')}/__init__.py" for path in modules]
