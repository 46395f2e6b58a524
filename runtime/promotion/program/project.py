"""The Pulumi project with which the promotion runs the program of a deployment repository, and the policy pack beside
it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACK_PROGRAM = '''"""Runs the security pack of the distribution that the promotion runs from."""

import runpy

runpy.run_module("policies.security", run_name="__main__")
'''


@dataclass(frozen=True, kw_only=True)
class ReleaseProject:
    """A project of the foundation with the program of a repository.

    The repository has a ``Pulumi.yaml`` too, for people. The promotion does not read it, because a project file can
    replace plugins of the engine, such as the one that runs policy packs, and choose the name by which policies know a
    release.
    """

    folder: Path
    """Empty folder for the files of the project."""
    name: str
    """Project of the release, ``<team>--<use case>``."""
    program: Path
    """Folder of the program."""

    @property
    def pack(self) -> Path:
        return self.folder / "policies"

    def write(self) -> None:
        """Writes the project file and the policy pack. A repeated call writes the same."""
        self.pack.mkdir(exist_ok=True)
        _write(self.pack / "PulumiPolicy.yaml", {"runtime": _python()})
        (self.pack / "__main__.py").write_text(PACK_PROGRAM)
        _write(
            self.folder / "Pulumi.yaml",
            {
                "name": self.name,
                "main": str(self.program),
                "runtime": _python(),
                "config": {"pulumi:disable-default-providers": ["*"]},
            },
        )


def _python() -> dict[str, Any]:
    """Returns the runtime of programs: the Python of this process, if it is that of a virtual environment. Otherwise,
    the engine finds Python by itself."""
    options = {"virtualenv": sys.prefix} if sys.prefix != sys.base_prefix else {}
    return {"name": "python", "options": options}


def _write(file: Path, document: Mapping[str, Any]) -> None:
    """Writes a document as JSON, which is YAML too."""
    file.write_text(json.dumps(document, indent=2))
