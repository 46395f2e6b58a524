"""The program that the engine starts as the Python of a policy pack (`selfservice.forks.packs`).

The engine starts each policy pack twice in an operation, as a process of its own, and importing the rules takes longer
than judging most stacks. So this program hands its standard streams and environment over to the worker, which forks a
process that has imported the rules, and waits for its end. If the worker does not serve it, it becomes the pack.

It is run as a file, without the packages of the virtual environment, so it uses the standard library alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from collections.abc import Sequence

RUNNER = "pulumi.policy"
"""The SDK's module that runs a policy pack."""

ACCEPTED = b"+"
"""Answer of the worker before the fork serves the engine."""

INTERRUPTED = 130
"""Exit code after an interrupt (128 + SIGINT, as in shells)."""

ANSWER_SECONDS = 300.0
"""Time for the worker to answer. It may still import the rules, on a busy machine for a minute."""

LENGTH_BYTES = 8
STREAMS = 3
"""Standard input, output and error."""


def launch(address: str, folder: str, arguments: Sequence[str]) -> None:
    """Ends this process together with the fork, or runs the pack in its ``folder`` itself. ``arguments`` are those of
    the engine to Python, and ``address`` is the path of the worker's socket."""
    try:
        connection = connect(address, folder, arguments)
        if connection is not None:
            status = connection.recv(1)
            os._exit(status[0] if status else 1)
    except KeyboardInterrupt:  # the engine interrupts policy packs when the program has failed
        os._exit(INTERRUPTED)
    os.chdir(folder)
    os.execv(sys.executable, [sys.executable, *arguments])


def connect(address: str, folder: str, arguments: Sequence[str]) -> socket.socket | None:
    """Returns the connection to the fork, which ends with it; None if the worker serves no such pack."""
    if RUNNER not in arguments:
        return None
    message = {
        "arguments": arguments[arguments.index(RUNNER) + 1 :],
        "folder": folder,
        "environment": dict(os.environ),
    }
    content = json.dumps(message).encode()
    place, name = os.path.split(address)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(ANSWER_SECONDS)
    try:
        # A relative address, because a socket's path has at most 107 bytes.
        with contextlib.chdir(place):
            connection.connect(name)
        socket.send_fds(connection, [len(content).to_bytes(LENGTH_BYTES, "big")], list(range(STREAMS)))
        connection.sendall(content)
        if connection.recv(1) == ACCEPTED:
            connection.settimeout(None)
            return connection
    except TimeoutError:
        said = (
            f"the process that forks policy packs did not answer within {ANSWER_SECONDS:g} s; the pack runs by itself"
        )
        print(said, file=sys.stderr)  # noqa: T201 - the engine shows it
    except OSError:
        pass
    connection.close()
    return None


if __name__ == "__main__":
    launch(sys.argv[1], sys.argv[2], sys.argv[3:])
