"""Modules of the project that a program or a policy pack takes over from the process that it is a fork of.

Every run uses the current version of the project's modules. It takes over those that the forked process has imported as
long as none of their files has changed, because importing takes more time than most programs and packs need otherwise.
Other modules of the project are imported anew.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from types import ModuleType

OF_PROGRAMS = frozenset({"settings", "components", "stacks"})
OF_PACKS = frozenset({"settings", "policies"})
"""The packages of which forks take over the modules."""

_DISCOVERED = frozenset({"policies"})
"""Packages that find their modules by listing folders, so a new file changes them."""

_PROGRAM_ROOT = Path(__file__).resolve().parents[2]

_versions: dict[str, object] = {}
"""The version of each kept module's file when it was imported, by the module's name."""


def note_imports() -> None:
    """Records the version of the files of newly imported modules. Call it right after an import."""
    for name, module in _modules_of(OF_PROGRAMS | OF_PACKS):
        if name not in _versions:
            _versions[name] = _version(name, module)


def forget(kept: Collection[str] = OF_PROGRAMS) -> None:
    """Removes the project's modules from this process. Those of the packages ``kept`` stay if their files are the ones
    imported."""
    found = list(_modules_of(kept))
    unchanged = all(name in _versions and _versions[name] == _version(name, each) for name, each in found)
    stay = {name for name, _ in found} if unchanged else set()
    inside = f"{_PROGRAM_ROOT}{os.sep}"
    for name, module in tuple(sys.modules.items()):
        # Texts, because thousands of modules would make thousands of paths.
        file = getattr(module, "__file__", None) or ""
        if file.startswith(inside) and name not in stay and "/site-packages/" not in file:
            del sys.modules[name]


def _modules_of(packages: Collection[str]) -> Iterator[tuple[str, ModuleType]]:
    for name, module in tuple(sys.modules.items()):
        if name.partition(".")[0] in packages:
            yield name, module


def _version(name: str, module: ModuleType) -> object:
    """Returns time and size of the module's file, by which Python finds compiled code outdated, and what its folder
    holds if that matters."""
    try:
        found = os.stat(module.__file__ or "")  # noqa: PTH116 - as above
        folders = getattr(module, "__path__", ()) if name.partition(".")[0] in _DISCOVERED else ()
        listed = [
            sorted(each.name for each in Path(folder).iterdir() if each.name != "__pycache__") for folder in folders
        ]
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, listed
