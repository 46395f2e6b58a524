"""``python -m plinth_sandbox.executors.hosting``: serves one variant, whose description is JSON on standard input.

When the containers are healthy, the process prints its port as JSON on standard output. If they do not become healthy,
it writes the reason to ``failure.txt``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from botocore.exceptions import ClientError

from plinth_sandbox.executors import session
from plinth_sandbox.executors.hosting.capture import FLUSH_SECONDS, Capture
from plinth_sandbox.executors.hosting.log import EndpointLog
from plinth_sandbox.executors.hosting.model import NotServedError, containers_of
from plinth_sandbox.executors.hosting.served_container import HEALTH_CHECK_SECONDS, ServedContainer
from plinth_sandbox.executors.hosting.server import Server
from plinth_sandbox.executors.hosting.variant import Variant
from plinth_sandbox.executors.job_input import read_job_input


def main() -> None:
    given = read_job_input()
    # What the process prints is its log; the port is the only thing that the emulator reads.
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        containers = _started(given)
    except NotServedError as error:
        Path("failure.txt").write_text(str(error))
        raise SystemExit(1) from None
    capture = Capture(given["capture"], given["endpoint"], given["variant"]) if given.get("capture") else None
    server = Server(Variant(containers, capture), given["token"])
    log = EndpointLog(given["endpoint"], given["variant"], containers)
    writes = [log.flush, *([capture.flush] if capture else [])]
    print(json.dumps({"port": server.port}), file=told, flush=True)
    told.close()
    _serve(server, containers, writes)


def _started(given: dict[str, Any]) -> list[ServedContainer]:
    """Starts the containers with the role of the model. Raises NotServedError."""
    try:
        session.take(given["role"], "SageMaker", source_arn=given["arn"], subnets=given["subnets"])
    except ClientError as error:
        raise NotServedError(str(error)) from error
    containers = containers_of(given, os.environ)
    for container in containers:
        container.start()
    for container in containers:
        if not container.is_healthy(float(given.get("health_check_seconds") or HEALTH_CHECK_SECONDS)):
            log = EndpointLog(given["endpoint"], given["variant"], containers)
            log.flush()
            said = container.log.read_text(errors="replace").strip().splitlines()[-5:]
            raise NotServedError(
                f"The {container.name} container for production variant {given['variant']} did not pass the ping "
                f"health check. Please check CloudWatch logs for this endpoint. {' '.join(said)[-400:]}".strip()
            )
    return containers


def _serve(server: Server, containers: list[ServedContainer], writes: list[Callable[[], None]]) -> None:
    """Serves until SIGTERM, and then writes what is left of the log and of the captured data."""
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    for container in containers:
        container.keep_alive()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while not ended.wait(FLUSH_SECONDS):
        for write in writes:
            write()
    server.shutdown()
    for container in containers:
        container.stop()
    for write in writes:
        write()
    sys.stdout.flush()


if __name__ == "__main__":
    main()
