"""One instance of a function: a process that answers one invocation after another.

Sources: Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle" and "Defined runtime
environment variables" (read 2026-11-22).
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plinth_sandbox.emulator.services.awslambda.executor.version import FunctionVersion
from plinth_sandbox.layout import INSTALLATION

_PROGRAM = Path(INSTALLATION, "plinth_sandbox", "executors", "functions", "__main__.py")
_INHERITED = ("LANG", "PATH")
START_SECONDS = 120.0
"""Time limit of the start. AWS allows 10 s, on machines of its own."""
MOST_ANSWERED_BYTES = 6 * 1024 * 1024 + 100
"""Largest payload of an answer (Lambda quotas: 6 MB, and 100 bytes more for the envelope)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One invocation."""

    request_id: str
    payload: str
    """JSON document."""
    client_context: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one invocation."""

    payload: str
    """JSON document of the function, or of the error."""
    is_error: bool
    duration_ms: float
    peak_memory_mib: int
    init_ms: float | None
    """Duration of the start, for the first invocation of an instance."""
    lines: Sequence[str] = field(default_factory=tuple)
    """Lines that the function wrote."""


class EndedError(Exception):
    """The process has ended, or has not answered in time. ``status`` is its exit status; None means the time limit."""

    def __init__(self, status: int | None) -> None:
        super().__init__()
        self.status = status


class Instance:
    """A process of one version of a function. It is used by one thread at a time."""

    def __init__(self, version: FunctionVersion, path: Sequence[Path], settings: Mapping[str, str]) -> None:
        """Starts the process. ``path`` are the folders from which it imports, the first of which is its own.
        ``settings`` are the variables with its credentials and the address of AWS."""
        self.version = version
        self.stream = f"{datetime.now(UTC):%Y/%m/%d}/[{version.number}]{secrets.token_hex(16)}"
        self.idle_since = time.monotonic()
        self._scratch = tempfile.TemporaryDirectory(prefix="plinth-function-")
        self._output = Path(self._scratch.name) / ".output"
        self._read = 0
        self._unread = b""
        self._peak_memory_mib = 0
        self._initial: dict[str, Any] | None = None
        self._began = time.monotonic()
        child_events, self._events = os.pipe()
        self._answers, child_answers = os.pipe()
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-S", str(_PROGRAM), str(child_events), str(child_answers)],
                cwd=path[0],
                env={**_environment(version, path, self.stream, self._scratch.name), **settings},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(child_events, child_answers),
                start_new_session=True,
            )
        os.close(child_events)
        os.close(child_answers)

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def invoke(self, event: Event) -> Result:
        """Runs one invocation. An instance that did not answer is no longer alive afterwards."""
        init_ms = None
        if self._initial is None:
            try:
                self._initial = self._receive(START_SECONDS)
            except EndedError as ended:
                return self._result(_ended(event, ended, START_SECONDS), self._began, None, is_error=True)
            init_ms = (time.monotonic() - self._began) * 1000
            if self._initial["kind"] == "init_error":
                self.end()
                return self._result(self._initial["payload"], self._began, init_ms, is_error=True)
        began, limit = time.monotonic(), self.version.timeout_seconds
        try:
            self._send(event, limit)
            answer = self._receive(limit)
            # The process says that it waits for the next event before it does.
            self._receive(START_SECONDS)
        except EndedError as ended:
            self.end()
            return self._result(_ended(event, ended, limit), began, init_ms, is_error=True)
        payload, is_error = str(answer["payload"]), answer["kind"] == "error"
        if len(payload.encode()) > MOST_ANSWERED_BYTES:
            payload, is_error = _too_large(len(payload.encode())), True
        return self._result(payload, began, init_ms, is_error=is_error)

    def end(self) -> None:
        """Kills the process and what it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for descriptor in (self._events, self._answers):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._events = self._answers = -1

    def close(self) -> None:
        """Ends the instance and removes its files."""
        self.end()
        self._scratch.cleanup()

    def _send(self, event: Event, limit: float) -> None:
        document = {
            "request_id": event.request_id,
            "payload": event.payload,
            "invoked_arn": self.version.invoked_arn,
            "deadline_ms": round((time.time() + limit) * 1000),
            "client_context": None if event.client_context is None else json.dumps(event.client_context),
        }
        content = memoryview((json.dumps(document) + "\n").encode())
        try:
            while content:
                content = content[os.write(self._events, content) :]
        except BrokenPipeError as error:
            raise EndedError(self._process.wait()) from error

    def _receive(self, limit: float) -> dict[str, Any]:
        """Waits for the next document of the process. Raises EndedError."""
        until = time.monotonic() + limit
        chunks = [self._unread]
        while b"\n" not in chunks[-1]:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise EndedError(None)
            chunk = os.read(self._answers, 1 << 16)
            if not chunk:
                raise EndedError(self._process.wait())
            chunks.append(chunk)
        line, _, self._unread = b"".join(chunks).partition(b"\n")
        document: dict[str, Any] = json.loads(line)
        self._peak_memory_mib = int(document["peak_memory_mib"])
        return document

    def _result(self, payload: str, began: float, init_ms: float | None, *, is_error: bool) -> Result:
        duration = (time.monotonic() - began) * 1000
        return Result(payload, is_error, duration, self._peak_memory_mib, init_ms, self._written())

    def _written(self) -> list[str]:
        """Returns the lines that the process has written since the last invocation."""
        with self._output.open("rb") as output:
            output.seek(self._read)
            content = output.read()
        self._read += len(content)
        return [line for line in content.decode("utf-8", "replace").split("\n") if line.strip()]


def _environment(version: FunctionVersion, path: Sequence[Path], stream: str, scratch: str) -> dict[str, str]:
    own = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {
        **own,
        **version.environment,
        "AWS_DEFAULT_REGION": version.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{version.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(version.memory_mib),
        "AWS_LAMBDA_FUNCTION_NAME": version.name,
        "AWS_LAMBDA_FUNCTION_VERSION": version.number,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": version.log_format,
        "AWS_LAMBDA_LOG_GROUP_NAME": version.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_REGION": version.region,
        "HOME": scratch,
        "LAMBDA_TASK_ROOT": str(path[0]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "TMPDIR": scratch,
        "TZ": ":UTC",
        "_HANDLER": version.handler,
    }


def _ended(event: Event, ended: EndedError, limit: float) -> str:
    if ended.status is None:
        kind, message = "Sandbox.Timedout", f"Task timed out after {limit:.2f} seconds"
    else:
        how = f"signal: {signal.Signals(-ended.status).name}" if ended.status < 0 else f"exit status {ended.status}"
        kind, message = "Runtime.ExitError", f"Runtime exited with error: {how}"
    return json.dumps({"errorType": kind, "errorMessage": f"RequestId: {event.request_id} Error: {message}"})


def _too_large(size: int) -> str:
    message = f"Response payload size ({size} bytes) exceeded maximum allowed payload size (6291556 bytes)."
    return json.dumps({"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message})
