"""A language runtime that runs the program for the engine in forks of a process with its imports loaded.

The engine connects to a running language runtime at the address in ``--client``, as for inline programs of the
Automation API. Without the option, as in a plain ``pulumi up``, it starts its own language host, which runs the same
program through the same executor.
"""

from __future__ import annotations

import json
import os
import platform
import runpy
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent import futures
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import grpc
from pulumi import log
from pulumi.runtime.proto import LanguageRuntimeServicer, language_pb2, language_pb2_grpc, plugin_pb2

from selfservice.errors import NoAnswerError
from selfservice.forks import kept_modules
from selfservice.forks.handshake import await_answer
from selfservice.forks.prepared import fork, preparation, runs_this_program
from selfservice.operations.operation import Action, Operation

CLIENT_VARIABLE = "PULUMI_OPTION_CLIENT"
"""Environment variable that sets the option ``--client`` of every engine command that runs a program."""

EXECUTOR = "pulumi-language-python-exec"
"""The script with which the Python language host runs programs. It is installed beside the engine."""

_PROGRAM_ROOT = Path(__file__).resolve().parents[2]
_TOLD_THE_USER = 32
"""The executor's exit code if the program already reported its error."""
_PATIENCE_SECONDS = 3.0
"""Time that a program gets to stop."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgramRun:
    """The arguments, environment and directory of one run of the executor."""

    arguments: list[str]
    environment: Mapping[str, str]
    directory: str


class Forks:
    """A fork of this process that forks programs. Create it before this process starts a second thread."""

    def __init__(self, stack: str, *, not_theirs: int) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._lock = threading.Lock()
        self._stack = stack

        def serve() -> None:
            self._socket.close()
            os.close(not_theirs)
            _serve(theirs, stack)

        with theirs:
            fork(serve)

    def run(self, program: ProgramRun, started: Any) -> int:
        """Runs the program and returns its exit code. ``started`` is called with its process id.

        Raises: NoAnswerError if the program is not started in time.
        """
        what = f"the process that runs the program of {self._stack}"
        try:
            with self._lock, self._socket.makefile("rw", encoding="utf-8") as connection:
                connection.write(json.dumps(asdict(program)) + "\n")
                connection.flush()
                await_answer(self._socket, what)
                started(int(connection.readline()))
                return int(connection.readline())
        except (ConnectionError, ValueError):  # nothing, or the end of the connection
            raise NoAnswerError(f"{what} has ended") from None

    def close(self) -> None:
        self._socket.close()


def _serve(commands: socket.socket, stack: str) -> None:
    """Imports what programs of the stack need, then runs programs. Ends with the worker."""
    # SIGINT reaches the whole process group. The engine stops the program itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Also while a program waits: the preview and the update need the same modules.
    for _ in preparation([stack]):
        pass
    with suppress(Exception):  # the program itself reports why it cannot be imported
        import_module("stacks.preparation").import_stack(stack)
        kept_modules.note_imports()
    with commands.makefile("rw", encoding="utf-8") as connection:
        for line in connection:
            program = ProgramRun(**json.loads(line))
            process = fork(lambda program=program: _execute(program))  # type: ignore[misc]
            connection.write(f"{process}\n")
            connection.flush()
            _, status = os.waitpid(process, 0)
            connection.write(f"{os.waitstatus_to_exitcode(status)}\n")
            connection.flush()


def _execute(program: ProgramRun) -> None:
    os.environ.update(program.environment)
    kept_modules.forget()
    os.chdir(program.directory)
    sys.argv = program.arguments
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    _drop_debug_messages()
    runpy.run_path(program.arguments[0], run_name="__main__")


def _drop_debug_messages() -> None:
    """Keeps the SDK from sending debug messages, which the engine drops unless a person runs it with ``--debug``.

    The SDK waits for the engine's answer to each of several messages for a resource: a fifth of a program's time.
    """
    log.debug = lambda *_message, **_details: None


class _Runtime(LanguageRuntimeServicer):  # type: ignore[misc]
    """The gRPC service that the engine calls."""

    # ruff: noqa: N802, ARG002 - gRPC gives the methods' names and arguments

    def __init__(self, forks: Forks, executor: str, variables: Mapping[str, str]) -> None:
        self._forks, self._executor, self._variables = forks, executor, variables

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo()

    def About(self, request: Any, context: Any) -> Any:
        return language_pb2.AboutResponse(executable=sys.executable, version=platform.python_version())

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:
        """Returns no packages, because each registration names its plugin and version."""
        return language_pb2.GetRequiredPackagesResponse()

    def Run(self, request: Any, context: Any) -> Any:
        over = threading.Event()

        def stop_with_request(process: int) -> None:
            stop = threading.Thread(target=_stop, args=(process, over), daemon=True).start
            if not context.add_callback(stop):
                stop()

        try:
            code = self._forks.run(_program_run(request, self._executor, self._variables), stop_with_request)
        except NoAnswerError as error:
            return language_pb2.RunResponse(error=str(error))
        over.set()
        if code in (0, _TOLD_THE_USER) or not context.is_active():
            return language_pb2.RunResponse(bail=code != 0)
        return language_pb2.RunResponse(error=f"the program ended with exit code {code}")


def _stop(process: int, over: threading.Event) -> None:
    """Stops a program after its request has ended, unless it ended by itself."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if over.is_set():
            return
        with suppress(ProcessLookupError):
            os.kill(process, number)
        over.wait(_PATIENCE_SECONDS)


def _program_run(request: Any, executor: str, variables: Mapping[str, str]) -> ProgramRun:
    said = {
        "monitor": request.monitor_address,
        "engine": request.args[0] if request.args else "",
        "project": request.project,
        "stack": request.stack,
        "organization": request.organization,
        "root_directory": request.info.root_directory,
        "pwd": request.pwd,
        "dry_run": json.dumps(request.dryRun),
        "parallel": str(request.parallel),
    }
    options = [word for name, value in said.items() if value for word in (f"--{name}", value)]
    return ProgramRun(
        arguments=[executor, *options, request.info.entry_point or "."],
        environment={
            **variables,
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        },
        directory=request.pwd,
    )


@contextmanager
def language_runtime(
    operation: Operation, variables: Mapping[str, str], *, not_theirs: int
) -> Iterator[dict[str, str]]:
    """Yields the environment variables with which the engine uses this process as its language runtime.

    Yields none if the project has another program or another Python; then the engine's own language host runs it.
    Programs get the ``variables`` in addition to those of this process. They do not inherit the descriptor
    ``not_theirs``.
    """
    executor = _executor()
    if operation.action is Action.DESTROY or executor is None or not runs_this_program(operation.project_directory):
        yield {}
        return
    forks = Forks(operation.stack, not_theirs=not_theirs)
    server = grpc.server(futures.ThreadPoolExecutor(4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(_Runtime(forks, executor, variables), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield {CLIENT_VARIABLE: f"127.0.0.1:{port}"}
    finally:
        server.stop(grace=None)
        forks.close()


def _executor() -> str | None:
    engine = shutil.which("pulumi")
    beside = [str(Path(engine).resolve().parent)] if engine else []
    return shutil.which(EXECUTOR, path=os.pathsep.join([*beside, os.environ.get("PATH", os.defpath)]))
