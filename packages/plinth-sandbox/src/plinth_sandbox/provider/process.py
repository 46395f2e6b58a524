"""The process of a provider plugin: its gRPC server, and its end with the engine that started it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc

from plinth_sandbox.provider.rpc.protocol import provider_service

CONCURRENT_CALLS = 32
"""Threads of the server: the maximum parallelism of the engine, and some for its other requests."""

ENGINE_CHECK_SECONDS = 1.0
"""Seconds between checks for a killed engine, whose child processes get another parent."""

ANNOUNCEMENT_SECONDS = 60.0
"""Seconds for the start of the server. The engine waits for the port without a limit."""

GRACE_SECONDS = 1.0
"""Seconds for current calls to complete."""


def serve(servicer: Any) -> tuple[grpc.Server, int]:
    """Starts a server on a free port of the loopback interface and returns it with its port."""
    server = grpc.server(
        futures.ThreadPoolExecutor(CONCURRENT_CALLS),
        options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)],
    )
    provider_service.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


@contextmanager
def announced_server(servicer: Any) -> Iterator[None]:
    """Starts the server and prints its port for the engine. At the end, current calls get time to complete."""
    limit = threading.Timer(ANNOUNCEMENT_SECONDS, _end_unannounced)
    limit.daemon = True
    limit.start()
    server, port = serve(servicer)
    print(port, flush=True)  # noqa: T201 - the engine reads the port from the first line
    limit.cancel()
    yield
    server.stop(grace=GRACE_SECONDS).wait()


def _end_unannounced() -> None:
    said = f"the provider plugin did not start its server within {ANNOUNCEMENT_SECONDS:g} s\n"
    os.write(2, said.encode())
    os._exit(1)


def serve_until_the_engine_ends(servicer: Any) -> None:
    """Serves until the engine ends the process or ends itself."""
    engine = os.getppid()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with announced_server(servicer):
        while not stopped.wait(ENGINE_CHECK_SECONDS) and os.getppid() == engine:
            pass
