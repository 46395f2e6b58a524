"""A variant in service: its containers in series, and what is captured of its invocations."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plinth_sandbox.executors.hosting.capture import Capture
from plinth_sandbox.executors.hosting.served_container import INVOCATION_SECONDS, NoAnswerError, Reply, ServedContainer

STATUS = "X-Sandbox-Model-Status"
"""Header with the status that the model answered; 0 if it did not answer."""
MICROSECONDS = "X-Sandbox-Model-Microseconds"
CONTAINER = "X-Sandbox-Container"
"""Header with the name of the container that answered last."""
_PASSED = ("accept", "content-type", "x-amzn-sagemaker-custom-attributes", "x-amzn-sagemaker-inference-id",
           "x-amzn-sagemaker-target-model")  # fmt: skip
_RETURNED = ("content-type", "x-amzn-sagemaker-custom-attributes")


@dataclass(frozen=True, slots=True)
class Variant:
    """Answers the invocations of a variant."""

    containers: Sequence[ServedContainer]
    capture: Capture | None = None

    def invoke(
        self, headers: Mapping[str, str], body: bytes, seconds: float = INVOCATION_SECONDS
    ) -> tuple[Reply, str, int]:
        """Returns the answer, the container that gave it, and the microseconds that the containers took.

        The containers of a serial model answer one after another; the first failure ends the series.
        """
        passed = {name: headers[name] for name in _PASSED if name in headers}
        accept, given, started = passed.pop("accept", None), passed, time.perf_counter()
        content, reply, last = body, Reply(0, {}, b""), ""
        for number, container in enumerate(self.containers, start=1):
            last = container.name
            asked = {**given, "accept": accept} if accept and number == len(self.containers) else given
            try:
                reply = container.invoke(asked, content, seconds)
            except NoAnswerError as error:
                reply = Reply(0, {}, str(error).encode())
            if not 200 <= reply.status < 300:
                break
            content = reply.body
            given = {**given, **{name: reply.headers[name] for name in _RETURNED if name in reply.headers}}
        microseconds = round((time.perf_counter() - started) * 1e6)
        if self.capture is not None and 200 <= reply.status < 300:
            self.capture.add(headers, body, reply)
        return reply, last, microseconds

    def answered(self, headers: Mapping[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        """Returns the headers and the body with which the process answers the emulator."""
        reply, container, microseconds = self.invoke(headers, body)
        told = {STATUS: str(reply.status), MICROSECONDS: str(microseconds), CONTAINER: container}
        return {**told, **{name: reply.headers[name] for name in _RETURNED if name in reply.headers}}, reply.body
