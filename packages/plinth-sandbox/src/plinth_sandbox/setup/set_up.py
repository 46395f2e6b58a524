"""Runs the two parts of a machine's set-up in parallel."""

from __future__ import annotations

import asyncio

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.engine.locate import ready
from plinth_sandbox.engine.provision import provision
from plinth_sandbox.progress import Progress
from plinth_sandbox.setup import virtual_environment


def set_up(*, dev: bool) -> None:
    """Installs the missing parts of the virtual environment and the engine.

    Raises: SetUpError of the part that fails first. The other part is stopped and can be resumed.
    """
    progress = Progress()
    if not virtual_environment.outdated(dev=dev) and (engine := ready()):
        progress.say(f"Python environment: as locked, in {virtual_environment.DIRECTORY}")
        progress.say(f"Pulumi engine: {engine.version}, {engine.origin}, in {engine.binary_directory}")
        return
    try:
        asyncio.run(_both(progress, dev=dev))
    except* SetUpError as failures:
        raise failures.exceptions[0] from None


async def _both(progress: Progress, *, dev: bool) -> None:
    async with asyncio.TaskGroup() as halves:
        halves.create_task(virtual_environment.install(progress, dev=dev))
        halves.create_task(provision(progress))
