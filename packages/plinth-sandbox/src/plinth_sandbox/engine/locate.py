"""Finds an engine that is ready to use. Runs nothing but `pulumi version`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.engine import recipe


@dataclass(frozen=True, kw_only=True, slots=True)
class EnginePaths:
    """An engine that is ready to use: put ``binary_directory`` first on PATH and run ``pulumi``."""

    binary_directory: Path
    version: str
    origin: str
    """Origin of the engine, worded for a person."""


def ready(explain: Callable[[str], None] = lambda _: None) -> EnginePaths | None:
    """Returns the engine to use now: the user's own if there is one, else one that was provided earlier."""
    return on_path(explain) or cached()


def on_path(explain: Callable[[str], None] = lambda _: None) -> EnginePaths | None:
    """Returns the vendor's CLI with its Python host if the user installed both.

    ``explain`` receives the reason if a CLI was found that cannot be used.
    """
    path = os.pathsep.join(_directories_outside_the_cache())
    pulumi = shutil.which("pulumi", path=path)
    if pulumi is None:
        return None
    beside = os.pathsep.join([str(Path(pulumi).resolve().parent), path])
    if shutil.which("pulumi-language-python", path=beside) is None:
        explain(f"{pulumi} is not used: pulumi-language-python is neither beside it nor on the PATH")
        return None
    version = version_of(Path(pulumi))
    if version is None or _numbers(version) < recipe.OLDEST_VERSION:
        oldest = ".".join(map(str, recipe.OLDEST_VERSION))
        explain(f"{pulumi} is not used: its version is {version or 'unknown'}, and v{oldest} or newer is required")
        return None
    return EnginePaths(binary_directory=Path(pulumi).parent, version=version, origin="found on the PATH")


def cached() -> EnginePaths | None:
    """Returns an engine that was provided earlier. Its directory was renamed into place at the end, so it is
    complete."""
    origins = {
        recipe.downloaded_directory(): "the vendor's release",
        recipe.built_directory(): "built from the Go module proxy",
    }
    for directory, origin in origins.items():
        programs = directory / "bin"
        if all((programs / program).exists() for program in recipe.PROGRAMS):
            return EnginePaths(binary_directory=programs, version=recipe.VERSION, origin=origin)
    return None


def version_of(pulumi: Path) -> str | None:
    """Returns the output of ``pulumi version``, such as ``v3.220.0``, or None if it does not run."""
    try:
        answer = subprocess.run(
            [pulumi, "version"],
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = answer.stdout.strip()
    return version if re.match(r"v\d+\.\d+\.\d+", version) else None


def _directories_outside_the_cache() -> list[str]:
    """Returns PATH without the directories that `plinth sandbox env` added: our own engine is not the user's."""
    cache = recipe.cache_directory().resolve()
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return [entry for entry in entries if entry and not Path(entry).resolve().is_relative_to(cache)]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
