"""Lets a fork serve the engine in the place of the policy pack that it started.

The engine starts each policy pack twice in an operation, as a process of its own, and importing the rules takes longer
than judging most stacks. So this process hands over its standard streams, environment and working directory to the
worker (`selfservice.forks.packs`), which has imported the rules, and waits for the end of the fork.

Uses the standard library alone, and imports nothing of the project.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys

VARIABLE = "PLINTH_PACK_SOCKET"
"""Names the socket of the worker; without it, policy packs run by themselves."""

RUNNER = "pulumi.policy"
"""The SDK's module that runs a policy pack."""

ACCEPTED = b"+"
"""What the worker answers before the fork serves the engine."""

INTERRUPTED = 130
"""Exit code after an interrupt (128 + SIGINT, as in shells)."""

ANSWER_SECONDS = 300.0
"""Time for the worker to answer. It may still import the rules, on a busy machine for a minute."""

LENGTH_BYTES = 8
STREAMS = 3
"""Standard input, output and error."""


def hand_over(path: str) -> None:
    """Ends this process together with the fork. Returns if this process is no policy pack, or no fork serves it."""
    if RUNNER not in sys.orig_argv:
        return
    try:
        connection = connect(path)
        if connection is not None:
            status = connection.recv(1)
            os._exit(status[0] if status else 1)
    except KeyboardInterrupt:  # the engine interrupts policy packs when the program has failed
        os._exit(INTERRUPTED)


def connect(path: str) -> socket.socket | None:
    """Returns the connection to the fork, which ends with it; None if the worker serves no such pack."""
    message = {
        "python": sys.prefix,
        "arguments": sys.orig_argv[sys.orig_argv.index(RUNNER) + 1 :],
        "folder": os.getcwd(),  # noqa: PTH109 - pathlib would take longer than the rest
        "environment": dict(os.environ),
    }
    content = json.dumps(message).encode()
    folder, name = os.path.split(path)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(ANSWER_SECONDS)
    try:
        # A relative address, because a socket's path has at most 107 bytes.
        with contextlib.chdir(folder):
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
