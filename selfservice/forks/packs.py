"""Policy packs as forks of a process that has imported their rules.

The engine has no way to connect to a running pack. It starts each with the Python that the project file of the pack
names. So a worker gives it folders with project files that name a launcher. The launcher hands its streams over
(`selfservice.forks.pack_launcher`), and a fork of this process serves the engine with the SDK's own runner.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import select
import shlex
import signal
import socket
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from selfservice.forks import kept_modules, pack_launcher
from selfservice.forks.handshake import Deadline
from selfservice.forks.pack_launcher import ACCEPTED, LENGTH_BYTES, RUNNER, STREAMS
from selfservice.forks.prepared import fork, names_this_python
from selfservice.operations.operation import Action, Operation
from selfservice.projects.project import POLICY_FILE

_PROGRAM_ROOT = Path(__file__).resolve().parents[2]
_MODULE = "pack"
"""Module of a pack that imports all of its rules, and starts nothing."""

_FOLDER = "packs"
_ENVIRONMENT = "environment"
"""Folder that stands for a virtual environment: the engine looks for ``bin/python`` in it."""
_SOCKET = "packs.sock"
_BACKLOG = 8


def preparation(packs: Collection[Path]) -> Iterator[None]:
    """Imports the rules of the packs that belong to this program, one pack a step."""
    for pack in filter(_is_ours, packs):
        with suppress(Exception):  # the pack's own run reports why it cannot be imported
            import_module("pulumi_policy")
            name = ".".join(pack.relative_to(_PROGRAM_ROOT).parts)
            import_module(f"{name}.{_MODULE}")
            kept_modules.note_imports()
        yield


def _is_ours(pack: Path) -> bool:
    return pack.is_relative_to(_PROGRAM_ROOT) and (pack / f"{_MODULE}.py").is_file()


@contextmanager
def forked_packs(operation: Operation, directory: Path, *, not_theirs: int) -> Iterator[tuple[Path, ...]]:
    """Yields the folders of the operation's policy packs for the engine, whose packs become forks of a process that is
    ready.

    Create it before this process starts a second thread. The folders and the socket are in ``directory``. Forks do not
    inherit the descriptor ``not_theirs``. Packs of other programs, or with another Python, run by themselves.
    """
    packs = operation.policy_packs
    described = {pack: _described(pack) for pack in packs if _is_ours(pack)}
    ours = {pack: project for pack, project in described.items() if names_this_python(project, pack)}
    if operation.action is Action.DESTROY or not ours:
        yield packs
        return
    alive, end = os.pipe()
    with socket.socket(socket.AF_UNIX) as listening:
        # A relative address, because a socket's path has at most 107 bytes.
        with contextlib.chdir(directory):
            listening.bind(_SOCKET)
        listening.listen(_BACKLOG)

        def serve() -> None:
            os.close(end)
            os.close(not_theirs)
            _serve(listening, alive, ours)

        fork(serve)
    os.close(alive)
    try:
        yield tuple(_launched(pack, ours[pack], directory) if pack in ours else pack for pack in packs)
    finally:
        os.close(end)


def _described(pack: Path) -> dict[str, Any]:
    """Returns the content of the project file of a pack."""
    import yaml  # the prepared process starts without it

    described: dict[str, Any] = yaml.safe_load((pack / POLICY_FILE).read_text(encoding="utf-8"))
    return described


def _launched(pack: Path, described: dict[str, Any], directory: Path) -> Path:
    """Returns a folder with the project file of a pack, whose Python is the launcher."""
    import yaml  # the prepared process starts without it

    folder = directory / _FOLDER / pack.name
    python = folder / _ENVIRONMENT / "bin" / "python"
    python.parent.mkdir(parents=True)
    words = [sys.executable, "-I", "-S", pack_launcher.__file__, str(directory / _SOCKET), str(pack)]
    python.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
    python.chmod(0o700)
    described["runtime"]["options"]["virtualenv"] = str(folder / _ENVIRONMENT)
    (folder / POLICY_FILE).write_text(yaml.safe_dump(described), encoding="utf-8")
    return folder


def _serve(listening: socket.socket, alive: int, packs: Collection[Path]) -> None:
    """Forks for each connection until the worker ends, which holds the other end of ``alive``."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel removes ended forks
    # SIGINT reaches the whole process group. The engine stops the pack itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for _ in preparation(packs):
        pass
    while True:
        readable, _, _ = select.select([listening.fileno(), alive], [], [])
        if alive in readable:
            return
        connection, _ = listening.accept()

        def run(connection: socket.socket = connection) -> None:
            listening.close()
            os.close(alive)
            _run(connection, packs)

        with connection:
            fork(run)


def _run(connection: socket.socket, packs: Collection[Path]) -> None:
    """Runs the pack in the place of the process at the other end, and sends it the exit code."""
    header, streams, _, _ = socket.recv_fds(connection, LENGTH_BYTES, STREAMS)
    with connection.makefile("rb") as content:
        message = json.loads(content.read(int.from_bytes(header, "big")))
    if Path(message["folder"]) not in packs:
        return
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    announced = Deadline(f"the policy pack {message['folder']}, of which the engine expects a port,")
    _open_streams_unbuffered(announced.met)
    os.environ.clear()
    os.environ.update(message["environment"])
    os.chdir(message["folder"])
    connection.sendall(ACCEPTED)
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    kept_modules.forget(kept_modules.OF_PACKS)
    sys.argv = [RUNNER, *message["arguments"]]
    code = 1
    try:
        runpy.run_module(RUNNER, run_name="__main__", alter_sys=True)
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        with suppress(OSError):
            connection.sendall(bytes([code]))


class _Output(io.FileIO):
    """The standard output, which tells when the first bytes were written."""

    def __init__(self, written: Callable[[], None]) -> None:
        super().__init__(1, "wb", closefd=False)
        self._written = written

    def write(self, content: Any, /) -> int:
        """Writes at once."""
        self._written()
        return super().write(content)


def _open_streams_unbuffered(announced: Callable[[], None]) -> None:
    """Opens the output streams as the ``python -u`` does that the engine starts.

    The SDK writes its port without flushing it, and the engine waits for the port. ``announced`` is called then.
    """
    sys.stdout = io.TextIOWrapper(_Output(announced), write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "wb", closefd=False), write_through=True)


def _end_with(connection: socket.socket) -> None:
    """Ends this process when the process that the engine started has ended."""
    with suppress(OSError):
        connection.recv(1)
    os._exit(1)
