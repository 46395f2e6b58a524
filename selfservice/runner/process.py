"""Worker processes of operations, each with its own session and directory."""

from __future__ import annotations

import os
import select
import shutil
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from selfservice.forks.prepared import PreparedProcess
from selfservice.operations.event_log import EventLogReader, Record
from selfservice.operations.operation import Operation

REQUEST, EVENT_LOG, LOG = "request.json", "events.jsonl", "engine.log"
"""Files in the directory of an operation: the job input, the event log and the engine output."""

REHEARSAL = "rehearsal.json"
"""File in the same directory with the resources of a rehearsal."""

_KEPT_RUNS = 50
_START_FORMAT = "%Y%m%dT%H%M%S"
"""Start of a command in the name of its directory, in local time."""


class WorkerProcess:
    """A worker that this process started. The worker continues if this process is killed."""

    def __init__(self, operation: Operation, directory: Path, prepared: PreparedProcess) -> None:
        directory.mkdir(parents=True)
        (directory / REQUEST).write_text(operation.as_json(), encoding="utf-8")
        self._tail = EventLogReader(directory / EVENT_LOG)
        self._alive, theirs = os.pipe()
        try:
            with (directory / LOG).open("ab") as log:
                self._process = prepared.fork_worker(directory, log.fileno(), theirs)
        finally:
            os.close(theirs)

    def read(self) -> list[Record]:
        return self._tail.read()

    def is_alive(self) -> bool:
        """Returns whether the worker is alive. The kernel closes its end of the pipe when it exits."""
        ended = select.poll()  # `select` takes no descriptor above 1,023
        ended.register(self._alive, select.POLLIN)
        return not ended.poll(0)

    def interrupt(self) -> None:
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process, number)


@dataclass(frozen=True, slots=True)
class LocalWorkers:
    """Starts workers on this machine, for several threads."""

    prepared: PreparedProcess
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, operation: Operation, directory: Path) -> WorkerProcess:
        """Starts the worker of an operation."""
        with self._lock:  # the prepared process answers one request at a time
            return WorkerProcess(operation, directory, self.prepared)


def new_run_directory(state_directory: Path) -> Path:
    """Creates a directory for the operations of one command and removes the oldest ones. Its name is the start time.

    Only the user can enter it, because logs and rehearsals contain the values of resources.
    """
    runs = state_directory / "runs"
    runs.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in sorted(runs.iterdir())[: -_KEPT_RUNS + 1]:
        shutil.rmtree(old, ignore_errors=True)
    directory = runs / f"{time.strftime(_START_FORMAT)}-{os.getpid()}"
    directory.mkdir(mode=0o700)
    return directory


def last_looks(state_directory: Path) -> dict[str, datetime]:
    """Returns the start of the last command that operated on each stack, as far as the directories are kept."""
    runs = state_directory / "runs"
    found: dict[str, datetime] = {}
    for run in sorted(runs.iterdir()) if runs.is_dir() else ():
        began = datetime.strptime(run.name.partition("-")[0], _START_FORMAT).astimezone()
        found.update(dict.fromkeys((operation.name for operation in run.iterdir()), began))
    return found
