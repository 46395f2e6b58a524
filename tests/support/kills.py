"""Kills a command at an exact point: after a number of changing calls to the emulated AWS.

The emulator answers nobody once it has run the last of them, so the call has taken effect and the engine has not heard
of it: the moment at which most can be lost.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from plinth_sandbox.emulator.journal import calls_in
from plinth_sandbox.emulator.layers.hold import hold, is_held, release
from plinth_sandbox.emulator.process import running
from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from selfservice.engine.locks.engine_process import is_engine
from tests.support.workbench import COMMANDS, SKIP_CHECKPOINTS, Workbench

Victim = Literal["command", "engine", "machine", "plugin"]
_LOOK_SECONDS = 0.02


@dataclass(slots=True)
class Kills:
    """Kills of commands on one bench."""

    bench: Workbench
    begun: Counter[str] = field(default_factory=Counter)
    """Number of creations without a result at the time of a kill, by resource type."""

    @property
    def calls(self) -> int:
        """The number of changing calls that the emulated AWS has run."""
        return calls_in(self._aws / "journal.jsonl")

    def kill(self, *arguments: str, calls: int, victim: Victim = "command") -> bool:
        """Runs ``plinth`` and kills it after this number of further changing calls. Returns False if it ends before.

        The ``victim`` is the command with all that it started; or these and the emulated AWS, as in a power failure; or
        only the engines, or only their plugins of AWS, so that the command reports failures and ends by itself.
        """
        hold(self._aws, self.calls + calls)
        command = self._start(*arguments)
        self._wait(lambda: is_held(self._aws) or command.poll() is not None)
        killed = is_held(self._aws)
        if killed:
            victims = {"engine": self._engines, "plugin": self.plugins}.get(victim, self.processes)
            assert list(victims()), f"no {victim} runs"
            _kill(victims)
            if victim in {"engine", "plugin"}:
                # The plugins end with their engine. The command goes on, and AWS answers it.
                self._wait(lambda: victim != "engine" or not list(self.plugins()))
                release(self._aws)
            command.wait(LONGEST_SECONDS)
            if victim == "machine":
                _kill(self.server)
            self._count()
        release(self._aws)
        if killed and victim == "machine":
            self.bench.sandbox("up")
        return killed

    def kill_when(self, happened: Callable[[], bool], *arguments: str) -> bool:
        """Runs ``plinth`` and kills it with all that it started, once something has happened. Returns False if the
        command ends before."""
        command = self._start(*arguments)
        self._wait(lambda: happened() or command.poll() is not None)
        killed = command.poll() is None
        _kill(self.processes)
        command.wait(LONGEST_SECONDS)
        return killed

    def _wait(self, look: Callable[[], bool]) -> None:
        eventually(look, every_seconds=_LOOK_SECONDS, details=lambda: self.output)

    @property
    def output(self) -> str:
        """Output of the last killed command."""
        return (self.bench.root / "killed.log").read_text()

    @property
    def _aws(self) -> Path:
        return self.bench.root / "sandbox" / "aws"

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        environment = self.bench.environment()
        environment.pop(SKIP_CHECKPOINTS, None)  # a kill is to find the state that a user has
        with (self.bench.root / "killed.log").open("wb") as log:
            return subprocess.Popen(
                [COMMANDS / "plinth", *arguments],
                cwd=self.bench.project,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _engines(self) -> Iterator[int]:
        return (process for process in self.processes() if is_engine(process))

    def processes(self) -> Iterator[int]:
        """The command line, workers, engines, programs and policy packs, by the states and the emulated AWS that their
        environment names, and the plugins, which are forks of the plugin host.

        Two sandboxes may have a bucket of the same name for their states, so the states alone do not tell them apart.
        """
        environment = self.bench.environment()
        marks = {f"{name}={environment[name]}".encode() for name in ("PULUMI_BACKEND_URL", "AWS_ENDPOINT_URL")}
        yield from self.plugins()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has just ended
                if marks.issubset((process / "environ").read_bytes().split(b"\0")):
                    yield int(process.name)

    def plugins(self) -> Iterator[int]:
        server = running(self._aws)
        host = None if server is None else server.pid
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has just ended
                if self._is_plugin_host(process) and _parent(process) != host:
                    yield int(process.name)

    def server(self) -> Iterator[int]:
        """The emulated AWS and its plugin host."""
        server = running(self._aws)
        if server is not None:
            yield server.pid
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if self._is_plugin_host(process):
                    yield int(process.name)

    def _is_plugin_host(self, process: Path) -> bool:
        command = (process / "cmdline").read_bytes().split(b"\0")
        return b"plinth_sandbox.provider.host" in command and str(self._aws).encode() in command

    def _count(self) -> None:
        if self.bench.bucket:  # the emulated S3 may be stopped
            return
        for operations in self.bench.pending_operations().values():
            self.begun.update(
                operation["resource"]["type"] for operation in operations if operation["type"] == "creating"
            )


def notices(bench: Workbench) -> list[str]:
    """Returns the messages of the last command's recoveries about resources that they found, ordered by stack."""
    runs = sorted((bench.root / "operations").rglob("runs/*"))
    logs = [] if not runs else sorted(runs[-1].glob("*/events.jsonl"))
    lines = [json.loads(line) for log in logs for line in log.read_text().splitlines() if line.endswith("}")]
    return [str(line["message"]) for line in lines if "created before the interruption" in str(line.get("message", ""))]


def _kill(find: Callable[[], Iterable[int]]) -> None:
    """Kills processes until none is found. They may start others meanwhile.

    All are stopped first: an engine that sees its plugin end would record that what the plugin did has failed.
    """
    stopped: set[int] = set()
    while new := set(find()) - stopped:
        for process in new:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)
        stopped |= new
    eventually(lambda: not signalled(find), every_seconds=_LOOK_SECONDS)


def signalled(find: Callable[[], Iterable[int]]) -> list[int]:
    """Sends SIGKILL to processes and returns them."""
    found = list(find())
    for process in found:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    return found


def _parent(process: Path) -> int:
    return int((process / "stat").read_text().rpartition(") ")[2].split()[1])
