"""Provides the engine of this machine, and downloads or builds it if there is none."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from plinth_sandbox.engine import recipe
from plinth_sandbox.engine.build import build
from plinth_sandbox.engine.download import download
from plinth_sandbox.engine.errors import ReleaseUnavailableError, SetUpError
from plinth_sandbox.engine.exclusive import exclusively
from plinth_sandbox.engine.locate import EnginePaths, cached, ready, version_of
from plinth_sandbox.engine.workshop import workshop
from plinth_sandbox.progress import Progress, Step


def provide(progress: Progress | None = None) -> EnginePaths:
    """Returns the engine to use: in milliseconds if it exists, otherwise after one download or build.

    Raises: SetUpError with the remedy if the engine can neither be downloaded nor built.
    """
    return ready() or asyncio.run(provision(progress or Progress()))


async def provision(progress: Progress) -> EnginePaths:
    """Like :func:`provide`, inside an event loop and in parallel with other work."""
    with progress.step("Pulumi engine") as step:
        async with exclusively(recipe.cache_directory(), step) as lock:
            engine = ready(step.say) or await _make(step, lock)
        step.say(f"{engine.version}, {engine.origin}, in {engine.binary_directory}")
    return engine


async def _make(step: Step, lock: int) -> EnginePaths:
    with workshop(recipe.cache_directory()) as directory:
        try:
            step.at("looking for the vendor's release")
            await download(step, directory)
            target = recipe.downloaded_directory()
        except ReleaseUnavailableError as reason:
            step.say(f"the vendor's release cannot be downloaded here: {reason}")
            _empty(directory)
            await build(step, directory, lock)
            target = recipe.built_directory()
        _check(directory)
        shutil.rmtree(target, ignore_errors=True)
        directory.rename(target)
    engine = cached()
    assert engine is not None, f"{target} was just put in place"
    return engine


def _empty(directory: Path) -> None:
    shutil.rmtree(directory)
    directory.mkdir()


def _check(directory: Path) -> None:
    version = version_of(directory / "bin" / "pulumi")
    if version != recipe.VERSION:
        raise SetUpError(
            f"the new engine reports version {version or 'none'}, not {recipe.VERSION}",
            fix="run the same command again; if it fails again, report it with the machine's system and processor",
        )
