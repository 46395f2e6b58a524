"""The prepared process: it imports what workers and programs need, and forks them.

Importing the SDKs takes longer than most operations. One process per command imports them while the command reads its
settings, and every worker is a fork of that process. Each worker has its own session and outlives the prepared process,
which ends together with the command line.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from selfservice.forks import kept_modules
from selfservice.forks.handshake import await_answer

_MESSAGE_BYTES = 1 << 20
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_WORKER = "selfservice.runner.worker"
_PREPARATION = "stacks.preparation"
"""Module of the program that imports the dependencies of given stacks."""


class Process(Protocol):
    """Methods of a started process that a handle needs."""

    def kill(self) -> None: ...

    def wait(self) -> int: ...


class PreparedProcess:
    """The command line's handle of the prepared process, which starts at the first request."""

    def __init__(self) -> None:
        self._connection: tuple[socket.socket, Process] | None = None

    def prepare(self, stacks: list[str], packs: Collection[Path] = ()) -> None:
        """Announces the stacks and policy packs of the workers to come. The process imports what these need until it is
        asked to fork."""
        # Stacks of one kind need the same; a thousand names would not fit into a message.
        self._socket().send(json.dumps({"prepare": stacks[:1000], "packs": [str(pack) for pack in packs]}).encode())

    def fork_worker(self, directory: Path, log: int, alive: int) -> int:
        """Fork a worker for the operation in ``directory``; its process id.

        It writes to ``log``, and keeps ``alive`` open as long as it lives. Raises: OSError if the process is gone,
        NoAnswerError if it does not answer.
        """
        connection = self._socket()
        socket.send_fds(connection, [json.dumps({"work": str(directory)}).encode()], [log, alive])
        await_answer(connection, "the process that workers are forked from")
        answer = connection.recv(_MESSAGE_BYTES)
        if not answer:
            raise ConnectionResetError("the process that workers are forked from has ended")
        return int(json.loads(answer)["process"])

    def close(self) -> None:
        """Stops the prepared process. Its workers continue."""
        if self._connection is not None:
            connection, process = self._connection
            connection.close()
            process.kill()
            process.wait()

    def _socket(self) -> socket.socket:
        if self._connection is None:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._connection = ours, self.start(theirs)
        return self._connection[0]

    @staticmethod
    def start(theirs: socket.socket) -> Process:
        """Starts a process that forks workers when the other end of ``theirs`` asks for them."""
        return subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            cwd=_PACKAGE_ROOT,
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )


def serve(commands: socket.socket) -> None:
    """Forks workers until the command line exits, and imports modules in between."""
    # The kernel reaps the workers, because this process does not wait for them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    import_module(_WORKER)
    imports = Imports()
    while True:
        if imports.are_done or select.select([commands], [], [], 0)[0]:
            content, descriptors, _, _ = socket.recv_fds(commands, _MESSAGE_BYTES, 2)
            if not content:
                return
            message = json.loads(content)
            if "prepare" in message:
                imports.announce(message["prepare"], [Path(pack) for pack in message["packs"]])
            else:
                imports.complete_for_several()
                _fork_worker(commands, Path(message["work"]), *descriptors)
                imports.forked_worker()
        else:
            imports.advance()


class Imports:
    """Remaining imports for the workers to come. A single worker has its own process import what is left."""

    def __init__(self) -> None:
        self._left: deque[Iterator[None]] = deque()
        self._workers = 0

    @property
    def are_done(self) -> bool:
        return not self._left

    def announce(self, stacks: list[str], packs: Collection[Path] = ()) -> None:
        """Queues what these stacks and policy packs need."""
        self._workers += len(stacks)
        self._left.append(_ahead(stacks, packs))

    def complete_for_several(self) -> None:
        """Imports the rest if several workers are to come. Each would import most of it again, at the same time."""
        while self._workers > 1 and not self.are_done:
            self.advance()

    def forked_worker(self) -> None:
        """With the last worker that was announced, nobody needs the rest."""
        self._workers -= 1
        if self._workers <= 0:
            self._left.clear()

    def advance(self) -> None:
        """Import the next module."""
        try:
            next(self._left[0])
        except StopIteration:
            self._left.popleft()


def _ahead(stacks: list[str], packs: Collection[Path]) -> Iterator[None]:
    """Prepares what workers and programs need: the engine's version, asked for once for all of them, and imports."""
    with suppress(Exception):  # without an engine, the command line has told so
        import_module("selfservice.engine.automation").command()
    yield
    yield from preparation(stacks)
    yield from import_module("selfservice.forks.packs").preparation(packs)
    if len(stacks) > 1:  # the worker of a single stack may not need it
        yield from import_module("selfservice.engine.account_access").preparation()


def preparation(stacks: list[str]) -> Iterator[None]:
    """The imports of the program for these stacks, one a step; they end where the program cannot be imported.

    Its own run will say why, where a person is told.
    """
    with suppress(Exception):
        imports = import_module(_PREPARATION)
        kept_modules.note_imports()
        yield from imports.steps(stacks)


def runs_this_program(project_directory: Path) -> bool:
    """Returns whether the project uses the program and the Python environment of this process."""
    import yaml  # the prepared process starts without it

    project = yaml.safe_load((project_directory / "Pulumi.yaml").read_text(encoding="utf-8"))
    program = project_directory / project.get("main", ".")
    return names_this_python(project, project_directory) and program.resolve() == _PACKAGE_ROOT


def names_this_python(project: Mapping[str, Any], directory: Path) -> bool:
    """Returns whether a project, or a policy pack, names the virtual environment of this process. ``directory`` is that
    of its file."""
    runtime = project.get("runtime")
    options = runtime.get("options", {}) if isinstance(runtime, dict) and runtime.get("name") == "python" else {}
    python = options.get("virtualenv")
    return python is not None and (directory / python).resolve() == Path(sys.prefix).resolve()


def fork(body: Callable[[], None]) -> int:
    """Run ``body`` in a fork of this process, which ends with it; the process id."""
    sys.stdout.flush()
    sys.stderr.flush()
    gc.collect()
    gc.freeze()  # what is here stays; looking through it would only copy its pages
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        body()
        status = 0
    except SystemExit as exit_:
        status = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        # Not exit(): what the parent would tidy up is the parent's.
        os._exit(status)


def _fork_worker(commands: socket.socket, directory: Path, log: int, alive: int) -> None:
    def work() -> None:
        os.setsid()
        commands.close()
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        os.set_inheritable(alive, False)
        import_module(_WORKER).main(directory, alive)

    process = fork(work)
    os.close(log)
    os.close(alive)
    commands.send(json.dumps({"process": process}).encode())


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
