"""A project as it would be with changed settings files, for previews."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from selfservice.fingerprints.layout import PROJECT_FILE, Layout
from settings.rules.partial_config import stack_file
from settings.types.errors import SettingsError

_SETTINGS = "settings"
_UNLINKED = (".git",)


def overlay(directory: Path, files: Mapping[str, str | None], folder: Path) -> Path:
    """Makes a project directory in ``folder`` with the settings of ``directory`` and changed files. Returns it.

    Files whose content is None are left out. All other files of the project are links, those with settings hard ones:
    copies of them would take a second among 200 teams. The engine may write into the files of stacks on which it works,
    so :func:`detach` them before. An earlier content of the folder is deleted.
    """
    layout = Layout.of(directory)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    for found in layout.directory.iterdir():
        if found.name not in (PROJECT_FILE, _SETTINGS, *_UNLINKED) and found != layout.settings_directory:
            (folder / found.name).symlink_to(found.resolve())
    settings = folder / _SETTINGS
    settings.mkdir()
    for file in layout.settings_files():
        if file.name != PROJECT_FILE and files.get(file.name, "") is not None:
            _link(file, settings / file.name)
    for name, text in files.items():
        if text is not None:
            (settings / name).unlink(missing_ok=True)
            (settings / name).write_text(text, encoding="utf-8")
    (folder / PROJECT_FILE).write_text(yaml.safe_dump(_described(layout), sort_keys=False), encoding="utf-8")
    return folder


def detach(folder: Path, stacks: Iterable[str]) -> None:
    """Makes the settings files of stacks in an overlay independent of those of its project."""
    for stack in stacks:
        file = folder / _SETTINGS / stack_file(stack)
        if file.exists() and file.stat().st_nlink > 1:
            content = file.read_bytes()
            file.unlink()
            file.write_bytes(content)


def _link(file: Path, link: Path) -> None:
    try:
        os.link(file, link)
    except OSError:  # another file system, or a file of somebody else
        shutil.copyfile(file, link)


def _described(layout: Layout) -> dict[str, Any]:
    """Returns the project file with absolute paths of the program and of its virtual environment."""
    described: dict[str, Any] = yaml.safe_load((layout.directory / PROJECT_FILE).read_text(encoding="utf-8"))
    described |= {"main": str(layout.program_directory), "stackConfigDir": _SETTINGS}
    runtime = described.get("runtime")
    options = runtime.get("options") if isinstance(runtime, dict) else None
    if isinstance(options, dict) and "virtualenv" in options:
        # The engine takes a relative path from the program's folder.
        options["virtualenv"] = str((layout.program_directory / options["virtualenv"]).absolute())
    return described


def without_folder(error: SettingsError, folder: Path) -> str:
    """Returns the faults of an overlay's settings without its path."""
    return str(error).replace(f"{folder}/", "")
