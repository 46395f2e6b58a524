"""Connections from this machine to pods of a node, which has a network of its own."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from plinth_sandbox.kubernetes.node.configuration import GATEWAY

_LONGEST_HEAD = 4_096


def connect(directory: Path, address: str, port: int, seconds: float) -> socket.socket:
    """Returns a connection to a port of a pod. ``directory`` is that of the cluster. Raises OSError."""
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(seconds)
        # The path of a socket has at most 108 characters, and that of the directory may have more.
        connection.connect(f"/proc/self/fd/{folder}/{GATEWAY}")
        connection.sendall(f"CONNECT {address}:{port} HTTP/1.1\r\nHost: {address}:{port}\r\n\r\n".encode())
        _require_success(connection)
    except OSError:
        connection.close()
        raise
    finally:
        os.close(folder)
    return connection


def _require_success(connection: socket.socket) -> None:
    """Reads the answer of the gateway, and nothing of what the pod says after it."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        received = connection.recv(1)
        if not received or len(head) > _LONGEST_HEAD:
            raise ConnectionError("the node ended the connection")
        head += received
    if head.split()[1] != b"200":
        raise ConnectionRefusedError(head.split(b"\r\n")[0].decode(errors="replace"))
