"""Provides the program of the control plane, and builds it if this machine does not have it.

``python -m plinth_sandbox.kubernetes.provision`` does so before the tests run. If it cannot be built, it says why and
succeeds, because the tests that need it are then skipped with the same reason.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from plinth_sandbox.engine import go_program
from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.engine.exclusive import exclusively
from plinth_sandbox.engine.workshop import workshop
from plinth_sandbox.kubernetes import recipe
from plinth_sandbox.progress import Progress, Step


def provide(progress: Progress | None = None) -> Path:
    """Returns the program: in milliseconds if it exists, otherwise after one build, which takes minutes.

    Raises: SetUpError with the remedy if it cannot be built.
    """
    return recipe.cached() or asyncio.run(_provision(progress or Progress()))


async def _provision(progress: Progress) -> Path:
    program = recipe.program()
    with progress.step("Kubernetes") as step:
        async with exclusively(program.cache, step) as lock:
            return recipe.cached() or await _make(program, step, lock)


async def _make(program: go_program.GoProgram, step: Step, lock: int) -> Path:
    with workshop(program.cache) as directory:
        await go_program.build(program, step, directory, lock)
        target = recipe.built_directory()
        shutil.rmtree(target, ignore_errors=True)
        directory.rename(target)
    built = recipe.cached()
    assert built is not None, f"{target} was just put in place"
    return built


def main() -> None:
    """Builds the program for the tests."""
    progress = Progress()
    try:
        provide(progress)
    except SetUpError as error:
        progress.say(f"Kubernetes: tests of the control plane are skipped, because {error.cause}")


if __name__ == "__main__":
    main()
