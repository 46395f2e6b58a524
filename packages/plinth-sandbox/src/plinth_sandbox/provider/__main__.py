"""Serves the provider until the engine ends the process or exits itself: `python -m plinth_sandbox.provider`."""

from __future__ import annotations

import os
import signal
import threading
from concurrent import futures
from importlib.metadata import version

import grpc

from plinth_sandbox.provider.rpc.protocol import provider_service
from plinth_sandbox.provider.rpc.service import AwsProvider

CONCURRENT_CALLS = 32
"""Threads of the server: the maximum parallelism of the engine, and some for its other requests."""

ENGINE_CHECK_SECONDS = 1.0
"""Seconds between checks for a killed engine, whose child processes get another parent."""

GRACE_SECONDS = 1.0
"""Seconds for current AWS calls to complete."""


def serve(announced: str) -> tuple[grpc.Server, int]:
    """Starts a server on a free port of the loopback interface and returns it with its port."""
    server = grpc.server(
        futures.ThreadPoolExecutor(CONCURRENT_CALLS),
        options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)],
    )
    provider_service.add_ResourceProviderServicer_to_server(AwsProvider(announced), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def main() -> None:
    """Starts the server, prints its port for the engine, and waits until the engine ends the process."""
    engine = os.getppid()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    server, port = serve(version("pulumi_aws"))  # the engine requests the plugin with exactly the SDK's version
    print(port, flush=True)  # noqa: T201 - the engine reads the port from the first line
    while not stopped.wait(ENGINE_CHECK_SECONDS) and os.getppid() == engine:
        pass
    server.stop(grace=GRACE_SECONDS).wait()


if __name__ == "__main__":
    main()
