"""Starts plugin processes as forks of one that has imported the provider:
``python -m plinth_sandbox.provider.host FOLDER``.

The engine starts the plugin once for each provider of each command, and importing it takes longer than most of its
work. The launcher that the engine starts (`plinth_sandbox.provider.launch`) hands over its standard streams,
environment and working directory to this process. A fork of it serves the engine until the launcher ends. If the
launcher was killed, the fork ends in the middle of its calls too.

A fork that needs the model of another service tells this process, which reads it too, so that later forks have it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import threading
from pathlib import Path

from plinth_sandbox.layout import INSTALLATION
from plinth_sandbox.provider.__main__ import aws_provider
from plinth_sandbox.provider.launch import ACCEPTED, COMPLETE, LENGTH_BYTES, SOCKET
from plinth_sandbox.provider.operations.session import observe_models, read_for_every_client, service_model
from plinth_sandbox.provider.process import announced_server

PRELOADED = ("ec2", "iam", "kms", "logs", "organizations", "s3", "sagemaker", "sts")
"""Services that most stacks use. Their models are read before the first fork."""

LONGEST_NAME = 256
"""Bytes of the name of a service."""

STREAMS = 3
"""Standard input, output and error."""


def main(folder: Path) -> None:
    """Forks for each connection until standard input ends: the emulator holds its other end."""
    for service in PRELOADED:
        service_model(service)
    read_for_every_client()
    reports = Reports()
    os.umask(0o077)  # the socket is for this user alone
    os.chdir(folder)
    draft = Path(f"{SOCKET}.draft")
    draft.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(draft))
        listening.listen(64)
        draft.replace(SOCKET)  # who finds the socket is answered
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel removes ended forks
        threading.Thread(target=_end_with_the_emulator, daemon=True).start()
        while True:
            ready, _, _ = select.select([listening.fileno(), reports.fileno()], [], [])
            if reports.fileno() in ready:
                reports.read_model()
            if listening.fileno() not in ready:
                continue
            connection, _ = listening.accept()
            # What is here stays. A fork that looked through it for garbage would copy its pages.
            gc.freeze()
            with connection:
                if os.fork() == 0:
                    listening.close()
                    observe_models(reports.report)
                    os._exit(_serve(connection))


class Reports:
    """A channel on which forks name services, whose models the host then reads."""

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._theirs.setblocking(False)

    def fileno(self) -> int:
        """Returns what `select` waits for."""
        return self._ours.fileno()

    def report(self, service: str) -> None:
        """Names a service. Does nothing if the host has ended or does not keep up."""
        with contextlib.suppress(OSError):
            self._theirs.send(service.encode())

    def read_model(self) -> None:
        """Waits for the next report and reads the model of its service."""
        service_model(self._ours.recv(LONGEST_NAME).decode())


def _end_with_the_emulator() -> None:
    while os.read(0, 1):
        pass
    os._exit(0)


def _serve(launcher: socket.socket) -> int:
    """Serves the engine in the launcher's place. Returns the exit code."""
    header, streams, _, _ = socket.recv_fds(launcher, LENGTH_BYTES, STREAMS)
    with launcher.makefile("rb") as content:
        message = json.loads(content.read(int.from_bytes(header, "big")))
    if message["installation"] != INSTALLATION:  # it starts its own plugin
        return 1
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(message["environment"])
    os.chdir(message["folder"])
    launcher.sendall(ACCEPTED)
    with announced_server(aws_provider()):
        if not _asks_to_complete(launcher):
            os._exit(0)
    return 0


def _asks_to_complete(launcher: socket.socket) -> bool:
    """Waits until the launcher asks to complete the current calls. Returns False if it ends without."""
    try:
        return launcher.recv(1) == COMPLETE
    except ConnectionResetError:
        return False


if __name__ == "__main__":
    main(Path(sys.argv[1]))
