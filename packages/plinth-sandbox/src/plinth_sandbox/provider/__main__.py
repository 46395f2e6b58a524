"""Serves the provider until the engine ends it, or has ended itself: `python -m plinth_sandbox.provider`."""

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
"""As many as the engine runs in parallel at most, with room for its questions in between."""

ENGINE_CHECK_SECONDS = 1.0
"""A killed engine cannot say goodbye; its children then have another parent."""

GRACE_SECONDS = 1.0
"""For the calls to AWS that are under way."""


def serve(announced: str) -> tuple[grpc.Server, int]:
    """A running server on a free port of the loopback interface."""
    server = grpc.server(
        futures.ThreadPoolExecutor(CONCURRENT_CALLS),
        options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)],
    )
    provider_service.add_ResourceProviderServicer_to_server(AwsProvider(announced), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def main() -> None:
    """Serves, tells the engine the port, and waits for it to end the process."""
    engine = os.getppid()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    server, port = serve(version("pulumi_aws"))  # the engine asks for the plugin of exactly the SDK's version
    print(port, flush=True)  # noqa: T201 - the engine reads the port from the first line
    while not stopped.wait(ENGINE_CHECK_SECONDS) and os.getppid() == engine:
        pass
    server.stop(grace=GRACE_SECONDS).wait()


if __name__ == "__main__":
    main()
