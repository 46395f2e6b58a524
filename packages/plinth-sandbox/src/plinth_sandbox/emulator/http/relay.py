"""Passes bytes between two connections, as a proxy does for hosts that it does not answer itself."""

from __future__ import annotations

import selectors
import socket

_BYTES = 65_536
_IDLE_SECONDS = 300.0


def relay(left: socket.socket, right: socket.socket) -> None:
    """Passes bytes in both directions until either side ends, or nothing arrives for five minutes."""
    with selectors.DefaultSelector() as selector:
        selector.register(left, selectors.EVENT_READ, right)
        selector.register(right, selectors.EVENT_READ, left)
        while ready := selector.select(_IDLE_SECONDS):
            for key, _ in ready:
                assert isinstance(key.fileobj, socket.socket)
                received = key.fileobj.recv(_BYTES)
                if not received:
                    return
                key.data.sendall(received)
