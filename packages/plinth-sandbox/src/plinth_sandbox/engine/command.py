"""Runs a long command with its output in a file and watches its progress."""

from __future__ import annotations

import asyncio
import re
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.engine.network import network_environment

LOOK_SECONDS = 0.5
STOP_SECONDS = 10.0
LINES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """A message of a tool for a failure that has a known remedy."""

    pattern: str
    cause: str
    fix: str


DISK_FULL = KnownFailure(
    r"no space left on device",
    "the disk is full",
    "free some space and run the same command again: it continues where it stopped",
)


async def run(
    command: Sequence[str | Path],
    *,
    log: Path,
    lock: int,
    look: Callable[[], None] = lambda: None,
    failures: Sequence[KnownFailure] = (),
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Runs ``command`` to its end and calls ``look`` regularly while it runs.

    Raises: SetUpError if the command fails, with the remedy if one is known.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        # The command holds the lock too. If this process is killed, a second run still waits for the command.
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=DEVNULL,
            stdout=output,
            stderr=STDOUT,
            cwd=directory,
            env=network_environment(environment),
            pass_fds=(lock,),
        )
    try:
        while process.returncode is None:
            look()
            await _wait(process, LOOK_SECONDS)
    finally:
        await _stop(process)
    if process.returncode != 0:
        raise explained(command, log.read_text(errors="replace"), failures, more=f"see {log}; ")


async def answer(
    command: Sequence[str | Path],
    *,
    failures: Sequence[KnownFailure] = (),
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Returns the output of a short command.

    Raises: SetUpError if the command fails, with the remedy if one is known.
    """
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, cwd=directory, env=network_environment(environment)
    )
    try:
        output, complaint = await process.communicate()
    finally:
        await _stop(process)
    if process.returncode != 0:
        raise explained(command, complaint.decode(errors="replace"), failures)
    return output.decode().strip()


@asynccontextmanager
async def background(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Does ``work`` while the body runs, and waits for it at the end. If the body fails, the work is stopped."""
    task = asyncio.create_task(work)
    try:
        yield
        await task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _wait(process: asyncio.subprocess.Process, seconds: float) -> None:
    try:
        await asyncio.wait_for(process.wait(), seconds)
    except TimeoutError:
        return


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Ends a command that is no longer needed: first with SIGINT, so that it cleans up, then with SIGKILL."""
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
        await _wait(process, STOP_SECONDS)
    if process.returncode is None:
        process.kill()
        await process.wait()


def explained(command: Sequence[str | Path], text: str, failures: Sequence[KnownFailure], more: str = "") -> SetUpError:
    """Returns the error for a failed command, based on its output."""
    for failure in (DISK_FULL, *failures):
        if found := re.search(failure.pattern, text, re.IGNORECASE):
            return SetUpError(f"{failure.cause} ({found[0].strip()})", fix=failure.fix)
    lines = "\n  ".join(text.strip().splitlines()[-LINES_SHOWN:])
    name = " ".join(map(str, command[:4]))
    return SetUpError(f"`{name} …` failed:\n  {lines}", fix=f"{more}run the same command again")
