"""Kills a command with ``--remote``, one of its pods and the API server, each in the middle of updates.

A kill comes when engines have been seen in updates for a number of changing calls to the emulated AWS, which answers
everybody else meanwhile.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.emulator.journal import calls_in
from plinth_sandbox.waiting import eventually
from tests.support.cluster_operations import inputs, processes, stopped_engines, updating_pods
from tests.support.inventory import compare
from tests.support.remote_kills.remains import Remains
from tests.support.workbench import COMMAND_SECONDS, COMMANDS, SKIP_CHECKPOINTS, Workbench

_CALLS = 3
"""Changing calls from the first sight of an update to the kill."""
_LOOK_SECONDS = 0.05
_SAID_OF_A_POD = ("ended without a result", "left behind: it is gone")
"""Parts of a command's output about a pod that was killed, and about operations that the engine in it had not ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteKills:
    """The kills of one command that updates stacks as Jobs."""

    bench: Workbench
    stacks: Sequence[str]
    jobs: int
    """Most Jobs at the same time."""
    say: Callable[[str], object]
    """Reports what was done."""

    def faults(self) -> list[str]:
        """Runs the command with kills, and again until its end. Returns what is wrong then.

        Raises: AssertionError if a command ends before there is an update to kill.
        """
        before, began, earlier = compare(self.bench).faults, self._calls, inputs(self.bench)
        with self._command("first") as command:
            self._kill("the command", lambda _: [command.pid], command, lambda: updating_pods(self.bench))
        with self._command("second") as command:
            self._kill("a pod", lambda pods: [min(pods)], command, self._followed)
            self._kill("the API server", self._servers, command, self._followed)
            command.wait(COMMAND_SECONDS)
        survived, said = command.returncode, self._log("second").read_text()
        self.say(f"the second command has ended with {survived}")
        return [
            *([f"the command ended with {survived}: {said[-4000:]}"] if survived else []),
            *(f"the command does not say: {words}" for words in _SAID_OF_A_POD if words not in said),
            *Remains(self.bench, earlier).faults(self._journal, began),
            *self._changes_left(),
            *(f"{kind} {id_}" for kind, id_ in compare(self.bench).faults if (kind, id_) not in before),
        ]

    def _changes_left(self) -> Iterator[str]:
        """Compares the stacks with AWS and the settings on this machine, and yields what is left to change."""
        done = self.bench.plinth("preview", *self.stacks, "--refresh", "--json", check=False)
        self.say(f"the preview has ended with {done.returncode}")
        if not done.stdout:
            yield f"the preview ended with {done.returncode}: {done.stderr[-2000:]}"
            return
        for stack, outcome in json.loads(done.stdout)["stacks"].items():
            if outcome["status"] != "succeeded" or outcome["changes"]:
                yield f"{stack}: {outcome['status']} with {outcome['changes']} {outcome['problems']}"

    @property
    def _words(self) -> list[str]:
        return ["up", *self.stacks, "--remote", "--yes", "--jobs", str(self.jobs)]

    @property
    def _journal(self) -> Path:
        return self.bench.root / "sandbox" / "aws" / "journal.jsonl"

    def _log(self, name: str) -> Path:
        return self.bench.root / f"{name}.log"

    @contextmanager
    def _command(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        """Starts the command, which is killed at the end of the block if it still runs."""
        environment = self.bench.environment()
        environment.pop(SKIP_CHECKPOINTS, None)  # a kill is to find the state that a user has
        with self._log(name).open("wb") as log:
            command = subprocess.Popen(
                [COMMANDS / "plinth", *self._words],
                cwd=self.bench.project,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            yield command
        finally:
            command.kill()
            command.wait()

    def _wait(self, command: subprocess.Popen[bytes], wanted: Callable[[], object]) -> None:
        """Waits until something is true and, some changing calls later, still is."""
        seen = 0

        def look() -> bool:
            nonlocal seen
            assert command.poll() is None, f"the command ended before a kill: {self._last_output()}"
            if not wanted():
                seen = 0
                return False
            seen = seen or self._calls
            return self._calls >= seen + _CALLS

        eventually(look, every_seconds=_LOOK_SECONDS)

    @property
    def _calls(self) -> int:
        return calls_in(self._journal)

    def _last_output(self) -> str:
        newest = max(self.bench.root.glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
        return newest.read_text()[-4000:]

    def _servers(self, _: object) -> Iterator[int]:
        return processes("kube-apiserver", str(self.bench.root))

    def _followed(self) -> dict[int, str]:
        """Returns the pods in the middle of updates that the second command has reported, with their stacks."""
        lines = self._log("second").read_text().splitlines()
        reported = {line.split()[1].rstrip(":") for line in lines if line.endswith(": updating")}
        return {pod: stack for pod, stack in updating_pods(self.bench).items() if stack in reported}

    def _kill(
        self,
        victim: str,
        found: Callable[[dict[int, str]], Iterable[int]],
        command: subprocess.Popen[bytes],
        updating: Callable[[], dict[int, str]],
    ) -> None:
        """Kills processes, of which one must exist, in the middle of an update. They may depend on the pods in it."""
        while True:
            self._wait(command, updating)
            with stopped_engines(self.bench):
                pods = updating()
                if not pods:  # the update has ended since the last look
                    continue
                self.say(f"kills {victim} after call {self._calls}, while pods update {sorted(pods.values())}")
                killed = list(found(pods))
                assert killed, f"there is no process of {victim}"
                for process in killed:
                    os.kill(process, signal.SIGKILL)
                return
