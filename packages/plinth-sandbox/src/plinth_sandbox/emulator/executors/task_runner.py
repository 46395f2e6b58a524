"""Runs tasks side by side, each in its own process, as a client of the emulated AWS.

The outcome of a run reaches the emulator as a call, so the journal contains it. After a restart, outcomes are replayed,
a task with an outcome does not run again, and a task without one starts again.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from plinth_sandbox.emulator.credentials import MANAGEMENT_KEY_ID, service_key
from plinth_sandbox.emulator.executors.networks import RunNetwork, RunNetworks, with_token, without_proxy
from plinth_sandbox.emulator.executors.programs import program
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.process import OUTCOME_PATH
from plinth_sandbox.environment import AUTHORITIES, AUTHORITIES_VARIABLES, endpoint_variables

log = logging.getLogger(__name__)

SIGNED_AS = "plinth-sandbox"
"""Service name in the signature of outcome calls. AWS has no service of this name."""
_ENVIRONMENT = ("HOME", "LANG", "PATH", "TMPDIR", "TZ")
"""Variables of the server's environment that a run inherits. They exclude the user's credentials."""
_SERVICES = {"athena": "lakeformation"}
"""Service that opens the sessions of an executor, if it is another one: Lake Formation reads tables for Athena."""
WORKERS = max(2, os.cpu_count() or 1)
"""Number of tasks that run at the same time, without builds."""
BUILDS = 2
"""Number of builds that run at the same time. They have workers of their own, because a build waits for the runs that
it starts. So do builds that a webhook starts, because they wait for other builds."""
_POOLS = {"runs": WORKERS, "builds": BUILDS, "webhooks": BUILDS, "sources": BUILDS}
"""Number of workers by kind of task. Sources of pipelines have their own, because jobs may run for hours."""
_BUILD = "codebuild"
"""Executor of builds."""
_SOURCE = "codepipeline"
"""Executor of source actions."""
FAILURE_FILE = "failure.txt"
"""File in which an executor states why its run failed. Without it, the end of the log is the reason."""
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
    lane: str = ""
    """Tasks in the same lane run one after another. Tasks without a lane do not wait for each other."""
    grace_seconds: float = 0
    """Time between the signal that asks the executor to end, and the one that kills it."""
    keeps_data_of_failures: bool = False
    """Whether the data that the executor wrote counts even if the run failed or was ended."""
    from_webhook: bool = False
    """Whether a webhook has started a build."""
    network: RunNetwork | None = None
    """Network of the run, or None if it has one of its service."""

    @property
    def pool(self) -> str:
        """The kind of workers that run the task."""
        if self.executor == _SOURCE:
            return "sources"
        if self.executor != _BUILD:
            return "runs"
        return "webhooks" if self.from_webhook else "builds"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a run."""

    executor: str
    run: str
    account: str
    region: str
    state: str
    """``SUCCEEDED``, ``FAILED``, ``STOPPED`` or ``TIMEOUT``."""
    message: str
    seconds: int
    left: Mapping[str, Any]
    """Data that the executor wrote for later calls and runs."""


class TaskRunner:
    """The workers of a sandbox. They run nothing before ``open``, because a replayed journal contains the outcomes of
    finished tasks."""

    def __init__(self, directory: Path, credentials: Mapping[str, str]) -> None:
        """``credentials`` are those of the management account, as environment variables."""
        self._credentials = credentials
        self._logs = directory / "runs"
        self._authorities = directory / AUTHORITIES
        self.images = directory / "images.json"
        """File that names the Python environments that stand for container images."""
        self._changed = threading.Condition()
        self.networks = RunNetworks()
        """Networks of the current runs, for the proxies that they use."""
        self._unfinished: dict[str, Task] = {}
        self._running: dict[str, subprocess.Popen[bytes] | None] = {}
        self._stopped: set[str] = set()
        self._url = self._closed_url = ""
        self._report: Callable[[Request], Answer] | None = None

    def open(self, url: str, report: Callable[[Request], Answer], closed_url: str = "") -> None:
        """Runs unfinished and submitted tasks from now on, against the emulator at ``url``, and reports each
        outcome. The proxy at ``closed_url`` leads to nothing else."""
        self._url, self._report, self._closed_url = url, report, closed_url
        for pool, count in _POOLS.items():
            for number in range(count):
                threading.Thread(target=self._work, args=(pool,), name=f"{pool}-{number}", daemon=True).start()

    def close(self) -> None:
        """Ends the current runs without reporting their outcome. They start again when the sandbox does."""
        with self._changed:
            self._report = None
            self._changed.notify_all()
            running = [process for process in self._running.values() if process is not None]
        for process in running:
            _end(process)

    @property
    def is_open(self) -> bool:
        """Whether the sandbox serves clients. Before, it replays its journal."""
        return self._report is not None

    def submit(self, task: Task) -> None:
        with self._changed:
            self._unfinished[task.run] = task
            self._changed.notify_all()

    def settle(self, run: str) -> None:
        """Records that the outcome of a run has been stored."""
        with self._changed:
            self._unfinished.pop(run, None)
            self._stopped.discard(run)

    def stop(self, run: str) -> None:
        """Ends a run, now or after its grace. Its outcome is ``STOPPED``, whether it had started or not."""
        with self._changed:
            task = self._unfinished.get(run)
            if task is None:
                return
            self._stopped.add(run)
            process = self._running.get(run)
        if process is not None:
            _ask_to_end(process, task.grace_seconds)

    def waits(self, run: str) -> bool:
        return run in self._unfinished and run not in self._running

    def _work(self, pool: str) -> None:
        while task := self._take(pool):
            outcome = self._run(task)
            report = self._report
            if report is None:
                return
            report(request_of(outcome))
            with self._changed:
                del self._running[task.run]
                self._changed.notify_all()

    def _take(self, pool: str) -> Task | None:
        """Waits for a task of a pool that may start. Returns None when the runner is closed."""
        with self._changed:
            while self._report is not None:
                if task := self._next(pool):
                    self._running[task.run] = None
                    return task
                self._changed.wait()
        return None

    def _next(self, pool: str) -> Task | None:
        lanes = {self._unfinished[run].lane for run in self._running if run in self._unfinished} - {""}
        waiting = (task for run, task in self._unfinished.items() if run not in self._running)
        return next((task for task in waiting if task.lane not in lanes and task.pool == pool), None)

    def _run(self, task: Task) -> Outcome:
        self._logs.mkdir(parents=True, exist_ok=True)
        log_file = self._logs / f"{task.run}.log"
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="plinth-run-") as folder:
            place = Path(folder)
            try:
                state = self._state(task, place, log_file)
            except Exception as error:
                # Continue with the next task.
                log.exception("%s %s was not run", task.executor, task.run)
                state = "FAILED"
                log_file.write_text(f"{type(error).__name__}: {error}")
            counts = state == "SUCCEEDED" or task.keeps_data_of_failures
            kept = _content(place / "left.json") if counts else ""
            reason = "" if state == "SUCCEEDED" else _content(place / FAILURE_FILE) or _content(log_file)
        if log_file.exists() and not log_file.stat().st_size:
            log_file.unlink()
        seconds = round(time.monotonic() - started)
        left = json.loads(kept) if kept else {}
        message = reason.strip()[-_MESSAGE_LENGTH:]
        return Outcome(task.executor, task.run, task.account, task.region, state, message, seconds, left)

    def _state(self, task: Task, place: Path, log_file: Path) -> str:
        token = self.networks.enter(task.network) if task.network is not None else ""
        try:
            return self._executed(task, place, log_file, token)
        finally:
            self.networks.leave(token)

    def _executed(self, task: Task, place: Path, log_file: Path, token: str) -> str:
        with log_file.open("wb") as output:
            process = subprocess.Popen(
                program(f"executors.{task.executor}"),
                cwd=place,
                env=self._environment(task, token),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            with self._changed:
                self._running[task.run] = process
                stopped = task.run in self._stopped or self._report is None
            if stopped:
                _ask_to_end(process, task.grace_seconds if task.run in self._stopped else 0)
            state = _finished(process, task)
        return "STOPPED" if task.run in self._stopped else state

    def _environment(self, task: Task, token: str) -> dict[str, str]:
        """Returns the environment of a run: credentials of its service, with which the executor assumes the run's
        role, and the proxy. ``token`` is that of the run in its network."""
        own = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        endpoint = endpoint_variables(self._url) | self._proxy(task, token)
        if task.executor == _BUILD:
            endpoint |= {name: str(self._authorities) for name in AUTHORITIES_VARIABLES}
        key = service_key(_SERVICES.get(task.executor, task.executor))
        credentials = {**self._credentials, "AWS_ACCESS_KEY_ID": key}
        return own | endpoint | credentials | {"AWS_REGION": task.region, "AWS_DEFAULT_REGION": task.region}

    def _proxy(self, task: Task, token: str) -> dict[str, str]:
        """Returns the variables of the proxy of a run, if it has one: builds do, and runs in a network. For builds in a
        closed network, it also refuses plain HTTP."""
        is_build = task.executor == _BUILD
        if task.network is None:
            return {"HTTPS_PROXY": self._url} if is_build else {}
        url = with_token(self._closed_url if task.network.closed else self._url, token)
        if is_build and not task.network.closed:
            return {"HTTPS_PROXY": url}
        names = ("HTTPS_PROXY", "HTTP_PROXY", "http_proxy") if is_build else ("HTTPS_PROXY",)
        return dict.fromkeys(names, url) | without_proxy()


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
        _terminate(process, task.grace_seconds)
        return "TIMEOUT"
    finally:
        _end(process)
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    return "SUCCEEDED" if process.returncode == 0 else "FAILED"


def _content(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else ""


def _ask_to_end(process: subprocess.Popen[bytes], grace_seconds: float) -> None:
    """Ends a process without waiting for its grace."""
    if grace_seconds:
        threading.Thread(target=_terminate, args=(process, grace_seconds), daemon=True).start()
    else:
        _end(process)


def _terminate(process: subprocess.Popen[bytes], grace_seconds: float) -> None:
    """Asks a process to end, and kills it after its grace."""
    if grace_seconds:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace_seconds)
    _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills the process and all its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def request_of(outcome: Outcome) -> Request:
    """Returns the call that reports an outcome."""
    return own_request(OUTCOME_PATH, outcome.region, asdict(outcome))


def own_request(path: str, region: str, content: Mapping[str, Any]) -> Request:
    """Returns a call that the sandbox makes to itself, as it is in the journal."""
    scope = f"{MANAGEMENT_KEY_ID}/20000101/{region}/{SIGNED_AS}/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}", "Content-Type": "application/json"}
    return Request("POST", path, headers, json.dumps(content).encode("utf-8"))


def outcome_of(request: Request) -> Outcome:
    """Returns the outcome that a call reports."""
    return Outcome(**json.loads(request.body))
