"""An emulated AWS whose load balancers have their targets on this machine, at the ports of the pods."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from typing import Any

from plinth_sandbox.emulator.forks.forked import serve


def serve_balanced(options: Sequence[str], environment: Mapping[str, str], said: Any, errors: str) -> None:
    """Serves without clusters: connections to a pod lead to the same port of this machine."""
    from plinth_sandbox.emulator.services.eks.executor.control_planes import ControlPlanes

    def connect(_: ControlPlanes, account: str, address: str, port: int, seconds: float) -> socket.socket:
        del account, address
        return socket.create_connection(("127.0.0.1", port), seconds)

    ControlPlanes.connect = connect  # type: ignore[method-assign]
    serve(options, environment, said, errors)
