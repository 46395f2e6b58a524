"""A process that stands for an inference container, and the HTTP requests that SageMaker sends to it."""

from __future__ import annotations

import contextlib
import http.client
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from plinth_sandbox.executors.ports import LOOPBACK, ReservedPort, reserve
from plinth_sandbox.executors.sagemaker.container import Container, namespaces

PORT = 8080
"""Port on which SageMaker calls a container that it does not tell another one."""
HEALTH_CHECK_SECONDS = 480.0
"""Time that a container has until its first answer to a health check, unless the variant gives another one."""
INVOCATION_SECONDS = 60.0
"""Time that a container has for an answer (SageMaker API, InvokeEndpoint)."""
_PING_SECONDS = 2.0
_PAUSE_SECONDS = 0.05


class NoAnswerError(Exception):
    """The container did not answer an invocation."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of a container."""

    status: int
    headers: Mapping[str, str]
    """With names in lower case."""
    body: bytes


class ServedContainer:
    """A container that answers on a port. It starts again if it ends by itself."""

    def __init__(self, name: str, container: Container, log: Path) -> None:
        self.name, self.log = name, log
        self._container = container
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._reserved: ReservedPort | None = None
        self._wanted = True

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Starts the process. An isolated one has a network of its own, into which a relay leads."""
        isolated = self._container.isolated and namespaces()
        listener = socket.create_server((LOOPBACK, 0)) if isolated else None
        self._port = listener.getsockname()[1] if listener else self._reserve()
        inside = PORT if isolated else self._port
        variables = {**self._container.variables, "SAGEMAKER_BIND_TO_PORT": str(inside)}
        launcher: list[str] = []
        if listener:
            relay = [sys.executable, "-P", "-m", "plinth_sandbox.executors.hosting.relay"]
            launcher = [*relay, str(listener.fileno()), str(inside)]
        entered = replace(self._container, launcher=launcher, variables=variables)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                entered.words(),
                cwd=self._container.root,
                env=entered.surroundings(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[listener.fileno()] if listener else [],
            )
        if listener:
            listener.close()

    def is_healthy(self, seconds: float) -> bool:
        """Waits until the container answers a health check. Returns False if it ends, or not in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self._process is not None and self._process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self._send("GET", "/ping", {}, b"", _PING_SECONDS).status == 200:
                    return True
            time.sleep(_PAUSE_SECONDS)
        return False

    def get(self, path: str) -> Reply:
        """Returns what the container answers to a GET request. Raises NoAnswerError."""
        try:
            return self._send("GET", path, {}, b"", _PING_SECONDS)
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(f"The {self.name} container did not answer {path}: {error}") from error

    def invoke(self, headers: Mapping[str, str], body: bytes, seconds: float = INVOCATION_SECONDS) -> Reply:
        """Sends a request to the model. Raises NoAnswerError."""
        try:
            return self._send("POST", "/invocations", headers, body, seconds)
        except TimeoutError as error:
            raise NoAnswerError(
                f"Your invocation timed out while waiting for a response from container {self.name}. Review the "
                "latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(
                f"Amazon SageMaker could not get a response from the {self.name} container: {error or 'no answer'}"
            ) from error

    def keep_alive(self) -> None:
        """Starts the container again whenever it ends, in a thread."""
        threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        """Lets the container end by itself and does not start it again."""
        self._wanted = False
        if self._process is not None:
            self._process.terminate()

    def _reserve(self) -> int:
        """Returns a port that is this container's until it starts again: what it left may still hold the last one."""
        last, self._reserved = self._reserved, reserve()
        if last is not None:
            last.release()
        return self._reserved.number

    def _watch(self) -> None:
        while self._wanted and self._process is not None:
            self._process.wait()
            time.sleep(1)
            if self._wanted:
                self.start()

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Reply:
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=seconds)
        with contextlib.closing(connection):
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, names, answer.read())
