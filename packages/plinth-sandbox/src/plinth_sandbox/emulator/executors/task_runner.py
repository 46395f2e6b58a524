"""Runs tasks one after another, each in its own process, as a client of the emulated AWS.

The outcome of a run reaches the emulator as a call, so the journal contains it. After a restart, outcomes are replayed
and nothing runs twice.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from plinth_sandbox.emulator.credentials import MANAGEMENT_KEY_ID
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.process import OUTCOME_PATH

log = logging.getLogger(__name__)

SIGNED_AS = "plinth-sandbox"
"""Service name in the signature of outcome calls. AWS has no service of this name."""
_ENVIRONMENT = ("HOME", "LANG", "PATH", "TMPDIR", "TZ")
"""Variables of the server's environment that a run inherits. They exclude the user's credentials."""
_MESSAGE_LENGTH = 2000
"""Length in characters of a failed run's error message. AWS keeps about as many."""


@dataclass(frozen=True, slots=True)
class Task:
    """A run to execute."""

    executor: str
    """Name of the executor, a module of ``plinth_sandbox.executors``."""
    run: str
    """Identifier of the run in AWS."""
    account: str
    region: str
    timeout_seconds: float
    job_input: Mapping[str, Any] = field(default_factory=dict)
    """Job input, which the executor reads as JSON from standard input."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a run."""

    executor: str
    run: str
    account: str
    region: str
    state: str
    """``SUCCEEDED``, ``FAILED`` or ``TIMEOUT``."""
    message: str
    seconds: int
    left: Mapping[str, Any]
    """Data that the executor wrote for later calls and runs."""


class TaskRunner:
    """The single worker of a sandbox. It runs nothing before ``open``, because a replayed journal already contains the
    outcomes."""

    def __init__(self, directory: Path, credentials: Mapping[str, str]) -> None:
        """``credentials`` are those of the management account, as environment variables."""
        self._credentials = credentials
        self._logs = directory / "runs"
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._url = ""
        self._report: Callable[[Request], Answer] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting: set[str] = set()
        self.running = ""
        """Identifier of the current run, if any."""

    def open(self, url: str, report: Callable[[Request], Answer]) -> None:
        """Runs submitted tasks from now on, against the emulator at ``url``, and reports each outcome."""
        self._url, self._report = url, report
        threading.Thread(target=self._work, name="runs", daemon=True).start()

    def close(self) -> None:
        """Ends the current run without reporting its outcome."""
        self._report = None
        self._tasks.put(None)
        if self._process is not None:
            _end(self._process)

    def submit(self, task: Task) -> None:
        if self._report is not None:
            self._waiting.add(task.run)
            self._tasks.put(task)

    def waits(self, run: str) -> bool:
        return run in self._waiting

    def _work(self) -> None:
        while task := self._tasks.get():
            self.running = task.run
            self._waiting.discard(task.run)
            outcome = self._run(task)
            if self._report is None:
                return
            self._report(_call(outcome))
            self.running = ""

    def _run(self, task: Task) -> Outcome:
        self._logs.mkdir(parents=True, exist_ok=True)
        said = self._logs / f"{task.run}.log"
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="plinth-run-") as place:
            try:
                state = self._state(task, Path(place), said)
            except Exception as error:
                # Continue with the next task.
                log.exception("%s %s was not run", task.executor, task.run)
                state = "FAILED"
                said.write_text(f"{type(error).__name__}: {error}")
            left = Path(place) / "left.json"
            kept = json.loads(left.read_text()) if state == "SUCCEEDED" and left.exists() else {}
        message = "" if state == "SUCCEEDED" else said.read_text(errors="replace").strip()[-_MESSAGE_LENGTH:]
        if not said.stat().st_size:
            said.unlink()
        seconds = round(time.monotonic() - started)
        return Outcome(task.executor, task.run, task.account, task.region, state, message, seconds, kept)

    def _state(self, task: Task, place: Path, said: Path) -> str:
        with said.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", f"plinth_sandbox.executors.{task.executor}"],
                cwd=place,
                env=self._environment(task.region),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            return _finished(self._process, task)

    def _environment(self, region: str) -> dict[str, str]:
        """Returns the environment of a run: management credentials, with which the executor assumes the run's role."""
        own = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        endpoint = {"AWS_ENDPOINT_URL": self._url, "AWS_EC2_METADATA_DISABLED": "true", "AWS_ALLOW_HTTP": "true"}
        return own | endpoint | dict(self._credentials) | {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}


def _finished(process: subprocess.Popen[bytes], task: Task) -> str:
    """Waits for the process and returns its final state. Standard input stays open meanwhile; when it closes, the
    process knows that the emulator is gone."""
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(task.job_input).encode("utf-8") + b"\n")
        process.stdin.flush()
    try:
        process.wait(task.timeout_seconds)
    except subprocess.TimeoutExpired:
        return "TIMEOUT"
    finally:
        _end(process)
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    return "SUCCEEDED" if process.returncode == 0 else "FAILED"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills the process and all its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _call(outcome: Outcome) -> Request:
    scope = f"{MANAGEMENT_KEY_ID}/20000101/{outcome.region}/{SIGNED_AS}/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}", "Content-Type": "application/json"}
    return Request("POST", OUTCOME_PATH, headers, json.dumps(asdict(outcome)).encode("utf-8"))


def outcome_of(request: Request) -> Outcome:
    """Returns the outcome that a call reports."""
    return Outcome(**json.loads(request.body))
