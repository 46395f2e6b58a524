"""Modules of the project that a program takes over from the process that it is a fork of.

Every run of the program imports the project's modules anew, so that it runs their current version. The settings are an
exception as long as none of their files has changed: importing them takes more time than all other modules together.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

_KEPT = "settings"
_PROGRAM_ROOT = Path(__file__).resolve().parents[2]

_versions: dict[str, tuple[int, int] | None] = {}
"""The version of each kept module's file when it was imported, by the module's name."""


def note_imports() -> None:
    """Records the version of the files of newly imported modules. Call it right after an import."""
    for name, module in _settings():
        if name not in _versions:
            _versions[name] = _version(module)


def forget() -> None:
    """Removes the project's modules from this process, without the settings if their files are the ones imported."""
    kept = (
        _versions if all(name in _versions and _versions[name] == _version(each) for name, each in _settings()) else ()
    )
    for name, module in tuple(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        if name not in kept and Path(file).is_relative_to(_PROGRAM_ROOT) and "/site-packages/" not in file:
            del sys.modules[name]


def _settings() -> Iterator[tuple[str, ModuleType]]:
    for name, module in tuple(sys.modules.items()):
        if name.partition(".")[0] == _KEPT:
            yield name, module


def _version(module: ModuleType) -> tuple[int, int] | None:
    """Returns time and size of the module's file, by which Python finds compiled code outdated."""
    try:
        found = Path(module.__file__ or "").stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
