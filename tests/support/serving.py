"""Serves a portal from a thread of the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket

import uvicorn

from plinth_sandbox.waiting import eventually


@contextmanager
def serving(server: uvicorn.Server, listener: socket) -> Iterator[None]:
    """Serves at a socket that listens, until the end of the block."""
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    eventually(lambda: server.started)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
