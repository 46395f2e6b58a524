"""A folder of programs that stands for a container image with the Pulumi engine and its plugins."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PYTHON = ("python", "python3")
_DESCRIPTION = "image.json"
_FOR_ALL = 0o755


@dataclass(frozen=True, slots=True)
class EngineImage:
    """Environments and folders that a container of such an image needs besides the programs."""

    environments: Sequence[Path]
    """Python environments: that of the programs, and that of the sandbox, which runs the plugins."""
    folders: Sequence[Path]
    """Folders of the engine and of its plugins."""
    search_path: Sequence[Path]
    """Folders of programs, in the order in which they are searched."""


def image_with_engine(folder: Path, environment: Path, engine: Path, pulumi_home: Path) -> Path:
    """Writes programs that run Python of ``environment`` and the engine in ``engine``, and returns ``folder``.

    The engine finds the plugins on the search path, because a container sees ``pulumi_home`` read-only or not at all.
    They are links in ``folder``, because ``pulumi_home`` is closed to the users of containers.
    It then keeps its files in ``.pulumi`` of the home directory, as everywhere. The state may be in the emulated S3.
    The engine reads its address from the URL of the backend alone, so the program completes the URL, as AWS needs no
    address at all. With ``awssdk=v2`` in the URL, the engine reads it from the environment.
    """
    programs = folder / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    for each in (folder, programs):
        each.chmod(_FOR_ALL)
    for name in _PYTHON:
        _write(programs / name, f'exec {shlex.quote(str(environment / "bin" / name))} "$@"')
    plugins = _linked_plugins(pulumi_home / "plugins", folder / "plugins")
    home = shlex.quote(str(pulumi_home))
    search = os.pathsep.join(["$PATH", *map(str, (engine, *plugins))])
    lines = [
        f"if [ -w {home} ]; then export PULUMI_HOME={home}; fi",
        "export PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true PULUMI_SKIP_UPDATE_CHECK=true",
        f'export PATH="{search}"',
        'address="endpoint=${AWS_ENDPOINT_URL#http://}&disableSSL=true&s3ForcePathStyle=true"',
        'case "$PULUMI_BACKEND_URL" in',
        "  *awssdk=v2*) ;;",
        '  s3://*\\?*) export PULUMI_BACKEND_URL="$PULUMI_BACKEND_URL&$address" ;;',
        '  s3://*) export PULUMI_BACKEND_URL="$PULUMI_BACKEND_URL?$address" ;;',
        "esac",
        f'exec {shlex.quote(str(engine / "pulumi"))} "$@"',
    ]
    _write(programs / "pulumi", "\n".join(lines))
    description = {
        "environments": [str(environment), sys.prefix],
        "folders": [str(path) for path in (folder, engine, *plugins)],
        "search_path": [str(path) for path in (programs, environment / "bin", engine, *plugins)],
    }
    (folder / _DESCRIPTION).write_text(json.dumps(description, indent=2))
    return folder


def _linked_plugins(plugins: Path, folder: Path) -> list[Path]:
    """Links the files of all plugins into a folder that all may enter, and returns the folder of each.

    Links that are there stay, because running containers use them.
    """
    found = {path: folder / path.name for path in sorted(plugins.glob("resource-*")) if path.is_dir()}
    for each in (folder, *found.values()):
        each.mkdir(parents=True, exist_ok=True)
        each.chmod(_FOR_ALL)
    for plugin, linked in found.items():
        for file in filter(Path.is_file, plugin.iterdir()):
            link = linked / file.name
            if not (link.exists() and link.samefile(file)):
                link.unlink(missing_ok=True)
                os.link(file, link)
    return list(found.values())


def description_of(folder: Path) -> EngineImage | None:
    """Returns what containers of a folder of programs need, or None if the folder is a Python environment."""
    file = folder / _DESCRIPTION
    if not file.exists():
        return None
    found = json.loads(file.read_text())
    return EngineImage(**{name: tuple(map(Path, paths)) for name, paths in found.items()})


def _write(program: Path, text: str) -> None:
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(_FOR_ALL)
