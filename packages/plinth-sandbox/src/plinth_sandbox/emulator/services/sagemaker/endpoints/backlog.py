"""Asynchronous invocations that wait for their answer. Each is a call in the journal, and so is its end.

After a restart, those without an end start again.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from plinth_sandbox.emulator.executors.task_runner import Outcome, request_of
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.services.sagemaker.endpoints.endpoint import Endpoint
from plinth_sandbox.emulator.services.sagemaker.endpoints.hosts import Hosts
from plinth_sandbox.emulator.services.sagemaker.endpoints.metrics import EndpointMetrics
from plinth_sandbox.executors.hosting.server import ASYNCHRONOUS, TOKEN
from plinth_sandbox.executors.hosting.variant import MICROSECONDS, STATUS

log = logging.getLogger(__name__)

NOUN = "AsyncInvocation"
"""Kind of the runs of asynchronous invocations."""
AT_ONCE = 4
"""Number of requests that are answered at the same time."""
_ANSWER_SECONDS = 3700.0
"""A little longer than the longest time for an answer."""
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Waiting:
    """An invocation that waits for its answer."""

    run: str
    endpoint: Endpoint
    job_input: Mapping[str, Any]


@dataclass(slots=True)
class Backlog:
    """The asynchronous invocations of a sandbox."""

    hosts: Hosts
    metrics: EndpointMetrics
    _waiting: dict[str, Waiting] = field(default_factory=dict)
    _free: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(AT_ONCE))
    _report: Callable[[Request], Answer] | None = None

    def open(self, report: Callable[[Request], Answer]) -> None:
        """Starts what waits, and reports each end."""
        self._report = report
        for waiting in list(self._waiting.values()):
            self._start(waiting)

    def close(self) -> None:
        self._report = None

    def add(self, waiting: Waiting) -> None:
        """Answers an invocation, now or when the sandbox serves clients."""
        self._waiting[waiting.run] = waiting
        if self._report is not None:
            self._start(waiting)

    def settle(self, run: str) -> None:
        """Records that the end of an invocation has been stored."""
        self._waiting.pop(run, None)

    def _start(self, waiting: Waiting) -> None:
        threading.Thread(target=self._answer, args=(waiting,), name=waiting.run, daemon=True).start()

    def _answer(self, waiting: Waiting) -> None:
        with self._free:
            while self._report is not None and not self._sent(waiting):
                time.sleep(_LOOK_SECONDS)
        report, place = self._report, waiting.endpoint.record.place
        if report is not None:
            outcome = Outcome("sagemaker-runtime", waiting.run, place.account, place.region, "SUCCEEDED", "", 0, {})
            report(request_of(outcome))

    def _sent(self, waiting: Waiting) -> bool:
        """Returns whether a process of the endpoint has answered, or none ever will."""
        fleet = waiting.endpoint.fleet
        if fleet is None or waiting.endpoint.status == "Deleting":
            return True
        variant = fleet.serving[0]
        address = self.hosts.address(variant.run)
        if address is None:
            return False
        port, token = address
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
        with contextlib.closing(connection):
            try:
                connection.request("POST", ASYNCHRONOUS, json.dumps(waiting.job_input).encode(), {TOKEN: token})
                answer = connection.getresponse()
                answer.read()
                status, model = int(answer.headers[STATUS]), int(answer.headers[MICROSECONDS])
            except (OSError, http.client.HTTPException, TypeError):
                # The process has ended. It starts again, or another fleet takes its place.
                return False
        self.metrics.invoked(variant, status, model, model, asynchronous=True)
        return True
