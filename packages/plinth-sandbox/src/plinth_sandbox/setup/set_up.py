"""The two halves of a machine's set-up, side by side."""

from __future__ import annotations

import asyncio

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.engine.locate import ready
from plinth_sandbox.engine.provision import provision
from plinth_sandbox.progress import Progress
from plinth_sandbox.setup import virtual_environment


def set_up(*, dev: bool) -> None:
    """Make what is missing of the virtual environment and the engine.

    Raises: SetUpError, the first of either half; the other half is stopped and can be resumed.
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
