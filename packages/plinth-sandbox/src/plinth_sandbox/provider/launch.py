"""Asks the plugin host for a plugin process, or becomes one: ``python -I -S launch.py FOLDER INSTALLATION COMMAND…``.

The engine starts this script. It imports little, so it starts in a few milliseconds: nothing of this package, which
the engine's process may not find.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import sys

SOCKET = "plugin.sock"
"""Name of the host's socket in the emulator's folder."""

ACCEPTED = b"+"
"""Answer of the host before the plugin starts."""

COMPLETE = b"-"
"""Message of the launcher if the engine was killed: the plugin process completes its current calls and ends."""

ANSWER_SECONDS = 60.0
"""Time for the host to answer. It forks for each connection, and reads at most the model of a service before."""

LENGTH_BYTES = 8
ENGINE_CHECK_SECONDS = 1.0
"""Seconds between checks for a killed engine, whose child processes get another parent."""


def main() -> None:
    folder, installation, *command = sys.argv[1:]
    engine = os.getppid()
    connection = connect(folder, installation)
    if connection is None:
        os.execv(command[0], command)
    while os.getppid() == engine:
        readable, _, _ = select.select([connection], [], [], ENGINE_CHECK_SECONDS)
        if readable:  # the plugin process has ended
            return
    # Whoever looks for processes of the killed engine finds this one as long as calls are under way.
    with contextlib.suppress(OSError):
        connection.sendall(COMPLETE)
        connection.recv(1)


def connect(folder: str, installation: str) -> socket.socket | None:
    """Returns the connection to a new plugin process, which ends with it; None if no host of this installation serves
    the folder."""
    here = os.getcwd()  # noqa: PTH109 - to import pathlib would take longer than all that this script does
    message = json.dumps({"installation": installation, "folder": here, "environment": dict(os.environ)})
    content = message.encode()
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(ANSWER_SECONDS)
    try:
        # A relative address, because a socket's path has at most 107 bytes.
        with contextlib.chdir(folder):
            connection.connect(SOCKET)
        socket.send_fds(connection, [len(content).to_bytes(LENGTH_BYTES, "big")], [0, 1, 2])
        connection.sendall(content)
        if connection.recv(1) == ACCEPTED:
            connection.settimeout(None)
            return connection
    except TimeoutError:
        said = f"the plugin host of {folder} did not answer within {ANSWER_SECONDS:g} s; the plugin runs by itself"
        print(said, file=sys.stderr)  # noqa: T201 - the engine shows it
    except OSError:
        pass
    connection.close()
    return None


if __name__ == "__main__":
    main()
