"""Kills a random process of a command at a random moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from selfservice.engine.locks.engine_process import is_engine
from tests.support.kills import Kills, signalled
from tests.support.workbench import SKIP_CHECKPOINTS, Workbench

Victim = Literal["runner", "worker", "engine", "plugin", "AWS", "machine"]
VICTIMS: tuple[Victim, ...] = ("runner", "worker", "engine", "plugin", "AWS", "machine")
"""The process of the command, one worker, one engine, one plugin of an engine, the emulated AWS, or all of these."""
_LOOK_SECONDS = 0.02


class HungError(Exception):
    """A command does not end."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One command on a bench, whose processes may be killed."""

    bench: Workbench
    command: Sequence[str]

    def run(self, victim: Victim, delay: float, chance: random.Random) -> tuple[bool, int | None]:
        """Runs the command and kills a process after ``delay`` seconds, or as soon as there is such a process.

        Returns whether something was killed, and the exit code of the command; None if the command itself was killed.
        The emulated AWS starts again at once. Raises: HungError.
        """
        command = self._start()
        time.sleep(delay)
        killed = False
        while not killed and command.poll() is None:
            killed = self._kill(victim, command.pid, chance)
            time.sleep(_LOOK_SECONDS)
        if killed and victim in {"AWS", "machine"}:
            self.bench.sandbox("up")
        code = self._await(command)
        return killed, None if code < 0 else code

    def finish(self) -> int:
        """Runs the command undisturbed and returns its exit code. Raises: HungError."""
        return self._await(self._start())

    @property
    def output(self) -> str:
        """Output of the last command."""
        return (self.bench.root / "attacked.log").read_text()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = self.bench.environment()
        environment.pop(SKIP_CHECKPOINTS, None)  # a kill is to find the state that a user has
        with (self.bench.root / "attacked.log").open("wb") as log:
            return subprocess.Popen(
                self.command,
                cwd=self.bench.project,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _await(self, command: subprocess.Popen[bytes]) -> int:
        try:
            return command.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            command.kill()
            command.wait()
            raise HungError(self.output[-2000:]) from None

    def _kill(self, victim: Victim, runner: int, chance: random.Random) -> bool:
        """Kills one process of a kind, or all of a machine. Returns whether there was one."""
        kills = Kills(self.bench)
        if victim == "machine":
            _end(lambda: [*kills.processes(), *kills.server()])
            return True
        if victim == "AWS":
            _end(kills.server)
            return True
        if victim == "runner":
            found = [runner]
        elif victim == "plugin":
            found = list(kills.plugins())
        elif victim == "engine":
            found = [process for process in kills.processes() if is_engine(process)]
        else:
            found = [process for process in kills.processes() if _is_worker(process) and process != runner]
        if not found:
            return False
        with suppress(ProcessLookupError):
            os.kill(chance.choice(sorted(found)), signal.SIGKILL)
            return True
        return False


def _is_worker(process: int) -> bool:
    """Whether the process leads a session and is no engine: each worker has a session of its own."""
    with suppress(ProcessLookupError):
        return os.getsid(process) == process and not is_engine(process)
    return False


def _end(find: Callable[[], Iterable[int]]) -> None:
    """Kills processes until none is found. They may start others meanwhile."""
    eventually(lambda: not signalled(find), every_seconds=_LOOK_SECONDS)
