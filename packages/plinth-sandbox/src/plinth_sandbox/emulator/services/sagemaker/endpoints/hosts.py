"""The processes of endpoint variants. They run from when a call wants them until a call wants them no longer.

A replayed journal names the processes that are wanted at its end; they start when the sandbox serves clients. The first
result of a process, healthy or failed, reaches the emulator as a call, so the journal contains it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plinth_sandbox.emulator.credentials import service_key
from plinth_sandbox.emulator.executors.programs import program
from plinth_sandbox.emulator.executors.task_runner import FAILURE_FILE, Outcome, request_of
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.environment import endpoint_variables

log = logging.getLogger(__name__)

EXECUTOR = "sagemaker"
"""Executor that hears whether a process is healthy."""
_INHERITED = ("HOME", "LANG", "PATH", "TMPDIR", "TZ")
_GRACE_SECONDS = 5.0
"""Time in which an ended process writes its log and what it captured. SageMaker gives containers 30 seconds."""
_PAUSES = (1.0, 5.0, 30.0)
"""Seconds until a process that ended by itself starts again."""


@dataclass(frozen=True, slots=True)
class Host:
    """Variant that a process serves."""

    run: str
    """Identifier of the variant of a fleet."""
    account: str
    region: str
    job_input: Mapping[str, Any]


@dataclass(slots=True)
class _Running:
    host: Host
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    process: subprocess.Popen[str] | None = None
    port: int = 0
    ended: threading.Event = field(default_factory=threading.Event)


class Hosts:
    """The processes of a sandbox."""

    def __init__(self, directory: Path, credentials: Mapping[str, str]) -> None:
        """``credentials`` are those of the management account, as environment variables."""
        self._logs, self._credentials = directory / "runs", credentials
        self._lock = threading.Lock()
        self._wanted: dict[str, _Running] = {}
        self._reported: set[str] = set()
        self._url = ""
        self._report: Callable[[Request], Answer] | None = None

    def open(self, url: str, report: Callable[[Request], Answer]) -> None:
        """Starts what is wanted, as clients of the emulator at ``url``, and reports first results."""
        self._url, self._report = url, report
        for running in list(self._wanted.values()):
            self._start(running)

    def close(self) -> None:
        """Ends all processes. They start again when the sandbox does."""
        with self._lock:
            self._report, ended = None, list(self._wanted.values())
        threads = [threading.Thread(target=self._end, args=(running,)) for running in ended]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def want(self, host: Host) -> None:
        """Starts a process, now or when the sandbox serves clients."""
        running = _Running(host)
        with self._lock:
            self._wanted[host.run] = running
        if self._report is not None:
            self._start(running)

    def unwant(self, run: str) -> None:
        """Ends a process."""
        with self._lock:
            running = self._wanted.pop(run, None)
        if running is not None:
            threading.Thread(target=self._end, args=(running,), daemon=True).start()

    def settle(self, run: str) -> None:
        """Records that the first result of a process has been stored."""
        self._reported.add(run)

    def address(self, run: str) -> tuple[int, str] | None:
        """Returns the port and the secret of a healthy process, or None."""
        running = self._wanted.get(run)
        return (running.port, running.token) if running is not None and running.port else None

    def processes(self) -> dict[str, int]:
        """Returns the process ids of healthy processes."""
        return {
            run: running.process.pid for run, running in list(self._wanted.items()) if running.process and running.port
        }

    def _start(self, running: _Running) -> None:
        threading.Thread(target=self._run, args=(running,), name=running.host.run, daemon=True).start()

    def _run(self, running: _Running) -> None:
        """Runs a process until it is not wanted. One that was healthy once starts again if it ends by itself."""
        for number in range(sys.maxsize):
            try:
                failure = self._serve(running)
            except OSError as error:
                log.exception("%s was not started", running.host.run)
                failure = str(error)
            running.port = 0
            if running.ended.is_set():
                return
            if failure is not None:
                self._tell(running.host, "FAILED", failure)
                if not self._is_in_service(running):
                    return
            if running.ended.wait(_PAUSES[min(number, len(_PAUSES) - 1)]):
                return

    def _serve(self, running: _Running) -> str | None:
        """Runs a process once. Returns the reason if it did not become healthy."""
        self._logs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="plinth-host-") as folder:
            with (self._logs / f"{running.host.run}.log").open("ab") as errors:
                process = subprocess.Popen(
                    program("executors.hosting"),
                    cwd=folder,
                    env=self._environment(running.host),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    text=True,
                    start_new_session=True,
                )
            with self._lock:
                running.process = process
            if running.ended.is_set():
                _kill(process)
            try:
                said = _ask(process, {**running.host.job_input, "token": running.token})
                if not said:
                    process.wait()
                    reason = Path(folder) / FAILURE_FILE
                    return reason.read_text() if reason.exists() else "The process of the variant ended unexpectedly."
                running.port = int(json.loads(said)["port"])
                self._tell(running.host, "SUCCEEDED", "")
                process.wait()
                return None
            finally:
                _kill(process)
                for pipe in (process.stdin, process.stdout):
                    with contextlib.suppress(OSError):
                        pipe and pipe.close()

    def _end(self, running: _Running) -> None:
        """Asks a process to end, and kills it after its grace."""
        running.ended.set()
        with self._lock:
            process = running.process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_SECONDS)
            _kill(process)

    def _tell(self, host: Host, state: str, message: str) -> None:
        report = self._report
        if report is not None and host.run not in self._reported:
            outcome = Outcome(EXECUTOR, host.run, host.account, host.region, state, message, 0, {})
            report(request_of(outcome))

    def _is_in_service(self, running: _Running) -> bool:
        return self._wanted.get(running.host.run) is running and running.host.run in self._reported

    def _environment(self, host: Host) -> dict[str, str]:
        own = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        endpoint = endpoint_variables(self._url)
        credentials = {**self._credentials, "AWS_ACCESS_KEY_ID": service_key(EXECUTOR)}
        return own | endpoint | credentials | {"AWS_REGION": host.region, "AWS_DEFAULT_REGION": host.region}


def _ask(process: subprocess.Popen[str], job_input: Mapping[str, Any]) -> str:
    """Sends the job input and returns the first line that the process says; an empty one if it ends before.

    Standard input stays open. When it closes, the process knows that the emulator is gone.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(job_input) + "\n")
        process.stdin.flush()
    return process.stdout.readline()


def _kill(process: subprocess.Popen[str]) -> None:
    """Kills the process and all its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
