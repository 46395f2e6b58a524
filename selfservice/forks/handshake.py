"""The time limit of handshakes between processes of a command, and the error that names what did not answer."""

from __future__ import annotations

import os
import select
import sys
import threading
from typing import Protocol

from selfservice.errors import NoAnswerError

ANSWER_SECONDS = 300.0
"""A busy machine imports the SDKs and a program in a minute."""


class Connection(Protocol):
    """A socket or another object with a file descriptor."""

    def fileno(self) -> int: ...


def await_answer(connection: Connection, what: str, seconds: float | None = None) -> None:
    """Returns when there is something to read from the connection, or when its other end is closed.

    ``what`` names the other end. Raises: NoAnswerError after the time limit.
    """
    limit = ANSWER_SECONDS if seconds is None else seconds
    waiting = select.poll()  # `select` takes no descriptor above 1,023
    waiting.register(connection, select.POLLIN)
    if not waiting.poll(limit * 1000):
        raise NoAnswerError(no_answer(what, limit))


def no_answer(what: str, seconds: float) -> str:
    """Returns the message about a process that did not answer in time."""
    return f"{what} did not answer within {seconds:g} s. Run the command again; if this repeats, report it as a defect"


class Deadline:
    """Ends this process with a message unless :meth:`met` is called in time."""

    def __init__(self, what: str, seconds: float | None = None) -> None:
        self._what, self._seconds = what, ANSWER_SECONDS if seconds is None else seconds
        self._timer = threading.Timer(self._seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def met(self) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        os.write(sys.stderr.fileno(), f"{no_answer(self._what, self._seconds)}\n".encode())
        os._exit(1)
