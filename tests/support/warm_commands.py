"""Commands of ``plinth`` as forks of a process that has imported what commands and their workers need.

Importing takes most of the time of a short command. The tests run hundreds of them, so each process that runs tests has
one process from which commands are forked, and also the processes from which commands fork their workers. A fork runs
the same code in the directory and the environment of the test, as if it had just been started.
"""

from __future__ import annotations

import json
import os
import pkgutil
import select
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

from selfservice.fingerprints import effects
from selfservice.forks import kept_modules, packs, prepared

_REPOSITORY = Path(__file__).resolve().parents[2]
_POLICIES = _REPOSITORY / "policies"
_PACKAGES_OF_COMMANDS = ("selfservice.cli", "settings")
"""Packages whose modules commands import."""
_MODULES_OF_COMMANDS = ("plinth_sandbox.command", "boto3", "dbos")
_MESSAGE_BYTES = 1 << 20
_MOST_DESCRIPTORS = 4
_DIGITS = 12
"""Length of each number in an answer."""


@dataclass(frozen=True, slots=True)
class Fork:
    """A fork of the process, as the process that asked for it sees it."""

    process: int
    """Process id."""
    answers: int
    """Descriptor from which the exit code is read."""

    def wait(self, timeout: float | None = None) -> int:
        """Returns the exit code; negative if a signal ended the fork. Raises: TimeoutError."""
        poll = select.poll()  # select() refuses descriptors from 1,024 on, which a long run of tests reaches
        poll.register(self.answers, select.POLLIN)
        if not poll.poll(None if timeout is None else timeout * 1000):
            raise TimeoutError
        code = _number(self.answers)
        os.close(self.answers)
        return code

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)


class WarmCommands:
    """The handle of the process, which starts with the first command and ends with this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: socket.socket | None = None

    def run(
        self, words: Sequence[str], *, directory: Path, environment: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Runs ``plinth`` with these words, as ``subprocess.run`` does. ``timeout`` is in seconds.

        Raises: subprocess.TimeoutExpired.
        """
        asked = {"words": list(words), "directory": str(directory), "environment": dict(environment)}
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            fork = _ask(self._socket(), asked, output.fileno(), errors.fileno())
            try:
                code = fork.wait(timeout)
            except TimeoutError:
                fork.kill()
                fork.wait()
                raise subprocess.TimeoutExpired(list(words), timeout) from None
            for stream in (output, errors):
                stream.seek(0)
            return subprocess.CompletedProcess(list(words), code, output.read().decode(), errors.read().decode())

    def _socket(self) -> socket.socket:
        with self._lock:
            if self._requests is None:
                self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                with theirs:
                    subprocess.Popen(
                        [sys.executable, "-m", __name__, str(theirs.fileno())],
                        cwd=_REPOSITORY,
                        stdin=subprocess.DEVNULL,
                        pass_fds=[theirs.fileno()],
                    )
            return self._requests


def _ask(server: socket.socket, message: Mapping[str, object], *descriptors: int) -> Fork:
    """Asks for a fork with an output, a stream for errors and further descriptors."""
    answers, end = os.pipe()
    socket.send_fds(server, [json.dumps(message).encode()], [end, *descriptors])
    os.close(end)
    return Fork(_number(answers), answers)


def _number(descriptor: int) -> int:
    return int(os.read(descriptor, _DIGITS))


def _tell(descriptor: int, number: int) -> None:
    with suppress(BrokenPipeError):  # whoever asked has ended
        os.write(descriptor, f"{number:{_DIGITS}}".encode())


class _Server:
    """A process that forks. It ends with the other end of ``requests``."""

    def __init__(self, requests: socket.socket, run: Callable[..., None]) -> None:
        """``run`` is what a fork does. It gets the request, the output, the stream for errors, and further
        descriptors."""
        self._requests, self._run = requests, run
        self._selector = selectors.DefaultSelector()
        self._answers: dict[int, int] = {}
        """Descriptors to which the exit codes of forks go, by process id."""

    def serve(self) -> None:
        self._selector.register(self._requests, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if isinstance(key.fileobj, int):
                    self._reap(key.fileobj, key.data)
                    continue
                content, descriptors, _, _ = socket.recv_fds(self._requests, _MESSAGE_BYTES, _MOST_DESCRIPTORS)
                if not content:
                    return
                self._fork(json.loads(content), *descriptors)

    def _fork(self, message: dict[str, Any], answer: int, *descriptors: int) -> None:
        def body() -> None:
            for each in (self._requests, self._selector):
                each.close()
            for each in (answer, *self._answers.values()):
                os.close(each)
            _enter(message, *descriptors[:2])
            self._run(message, *descriptors[2:])

        process = prepared.fork(body)
        for each in descriptors:
            os.close(each)
        self._answers[process] = answer
        self._selector.register(os.pidfd_open(process), selectors.EVENT_READ, process)
        _tell(answer, process)

    def _reap(self, descriptor: int, process: int) -> None:
        self._selector.unregister(descriptor)
        os.close(descriptor)
        _, status = os.waitpid(process, 0)
        answer = self._answers.pop(process)
        _tell(answer, os.waitstatus_to_exitcode(status))
        os.close(answer)


def _enter(message: Mapping[str, Any], output: int, errors: int) -> None:
    """Makes this fork what a started process would be."""
    for number, descriptor in ((1, output), (2, errors)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    tempfile.tempdir = None
    os.environ.clear()
    os.environ.update(message["environment"])
    os.chdir(message["directory"])


def _serve_prepared_processes(requests: socket.socket) -> None:
    """Forks the processes from which commands fork their workers. They have the imports that any command prepares, and
    asked the engine for its version."""
    # Not at the top, because the process that forks commands does not have these modules.
    from plinth_sandbox.engine import locate
    from selfservice.engine import account_access, automation
    from selfservice.fingerprints import effect
    from selfservice.runner import worker  # noqa: F401
    from stacks import preparation

    for _ in chain(
        packs.preparation(sorted(_POLICIES.iterdir())), preparation.all_steps(), account_access.preparation()
    ):
        pass
    kept_modules.note_imports()
    engine = locate.ready()
    assert engine is not None, "make test provides it"
    os.environ["PATH"] = f"{engine.binary_directory}{os.pathsep}{os.environ['PATH']}"
    automation.command()

    def run(message: Mapping[str, Any], *commands: int) -> None:
        if commands:
            os.setsid()
            prepared.serve(socket.socket(fileno=commands[0]))
        else:
            effect.main(message["effects"])

    _Server(requests, run).serve()


def _serve_commands(requests: socket.socket, prepared_processes: socket.socket) -> None:
    for name in _PACKAGES_OF_COMMANDS:
        for found in pkgutil.walk_packages(import_module(name).__path__, f"{name}."):
            import_module(found.name)
    for name in _MODULES_OF_COMMANDS:
        import_module(name)

    def start(theirs: socket.socket) -> Fork:
        asked = {"directory": str(_REPOSITORY), "environment": dict(os.environ)}
        return _ask(prepared_processes, asked, 1, 2, theirs.fileno())

    compute = effects.compute

    def computed(given: Mapping[str, Any]) -> None:
        if given["program"] != str(_REPOSITORY):
            compute(given)  # its process must not have imported this project's modules
            return
        asked = {"directory": str(_REPOSITORY), "environment": dict(os.environ), "effects": given}
        with tempfile.TemporaryFile() as unread:
            _ask(prepared_processes, asked, unread.fileno(), unread.fileno()).wait()

    def run(message: Mapping[str, Any]) -> None:
        sys.path.remove(str(_REPOSITORY))
        prepared.PreparedProcess.start = staticmethod(start)  # type: ignore[method-assign]
        effects.compute = computed
        import_module("selfservice.cli.command").main(message["words"], prog_name="plinth")

    _Server(requests, run).serve()


def _main(requests: socket.socket) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with the tests
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork():
        theirs.close()
        _serve_commands(requests, ours)
    else:
        ours.close()
        requests.close()
        _serve_prepared_processes(theirs)


if __name__ == "__main__":
    _main(socket.socket(fileno=int(sys.argv[1])))
