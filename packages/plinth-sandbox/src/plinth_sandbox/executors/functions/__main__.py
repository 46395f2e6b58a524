"""Runs one instance of a Lambda function: AWS's runtime interface client, with pipes in place of the runtime API.

The emulator starts this file without ``site``, so that a function imports the packages of AWS's runtime and its own,
and nothing else of this machine. The pipes carry one JSON document per line: ``events`` comes from the emulator,
``answers`` goes to it. When the emulator ends, ``events`` does too, and with it this process.

Source: Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes" (read 2026-11-22).
"""

from __future__ import annotations

import json
import os
import queue
import resource
import signal
import sys
import threading
from typing import Any

from awslambdaric import bootstrap  # type: ignore[import-untyped]
from awslambdaric.lambda_runtime_client import (  # type: ignore[import-untyped]
    InvocationRequest,
    LambdaRuntimeClient,
)


class PipeClient(LambdaRuntimeClient):  # type: ignore[misc] # the library has no types
    """The runtime API over two pipes."""

    def __init__(self, events: int, answers: int) -> None:
        super().__init__("")
        self._answers = os.fdopen(answers, "w", encoding="utf-8")
        self._events: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(events,), name="events", daemon=True).start()

    def _read(self, events: int) -> None:
        with os.fdopen(events, "r", encoding="utf-8") as lines:
            for line in lines:
                self._events.put(line)
        os.killpg(os.getpgid(0), signal.SIGKILL)

    def wait_next_invocation(self) -> InvocationRequest:
        self._send({"kind": "ready"})
        event = json.loads(self._events.get())
        return InvocationRequest(
            invoke_id=event["request_id"],
            x_amzn_trace_id=event.get("trace_id"),
            invoked_function_arn=event["invoked_arn"],
            deadline_time_in_ms=event["deadline_ms"],
            client_context=event.get("client_context"),
            cognito_identity=None,
            tenant_id=None,
            content_type="application/json",
            event_body=event["payload"],
            invocation_id=None,
        )

    def post_invocation_result(
        self,
        invoke_id: str,
        result_data: str | bytes,
        content_type: str = "application/json",
        invocation_id: str | None = None,
    ) -> None:
        del invoke_id, content_type, invocation_id
        text = result_data.decode("utf-8", "replace") if isinstance(result_data, bytes) else result_data
        self._send({"kind": "result", "payload": text})

    def post_invocation_error(
        self, invoke_id: str, error_response_data: str, xray_fault: str, invocation_id: str | None = None
    ) -> None:
        del invoke_id, xray_fault, invocation_id
        self._send({"kind": "error", "payload": error_response_data})

    def post_init_error(self, error_response_data: dict[str, Any], error_type_override: str | None = None) -> None:
        del error_type_override
        self._send({"kind": "init_error", "payload": json.dumps(error_response_data)})

    def _send(self, document: dict[str, Any]) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        peak_mib = peak >> (20 if sys.platform == "darwin" else 10)  # bytes on macOS, KiB elsewhere
        self._answers.write(json.dumps({**document, "peak_memory_mib": peak_mib}) + "\n")
        self._answers.flush()


def main() -> None:
    events, answers = int(sys.argv[1]), int(sys.argv[2])
    # Folder of this file, which holds nothing that a function may import.
    sys.path.pop(0)
    bootstrap.run(os.environ["_HANDLER"], PipeClient(events, answers))


if __name__ == "__main__":
    main()
