"""Waiting in tests and benchmarks for what happens outside of them: the end of a job, of a process, or of a request.

A machine can be slow for minutes, so that a wait has no limit of its own. All have one, which only a fault reaches.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LONGEST_SECONDS = 1200
"""Limit of each wait. Commands, threads and requests of tests that need a ``timeout`` have it too."""


def eventually(
    look: Callable[[], T],
    *,
    ignored: type[Exception] | tuple[type[Exception], ...] = (),
    every_seconds: float = 0.1,
    details: Callable[[], object] | None = None,
) -> T:
    """Calls ``look`` until its result is true and returns the result.

    What ends the wait early, such as the death of a process, is for ``look`` to raise.

    Args:
        ignored: Exceptions of ``look`` that mean "not yet". All others are raised at once.
        details: Called for the text of the failure, with for example the log of a server.

    Raises:
        AssertionError: The last look, after LONGEST_SECONDS, found nothing true.
    """
    deadline = time.monotonic() + LONGEST_SECONDS
    while True:
        is_last = time.monotonic() >= deadline
        cause = None
        try:
            if found := look():
                return found
            last = f"returned {found!r}"
        except ignored as error:
            cause, last = error, f"raised {error!r}"
        if is_last:
            text = f"{_name(look)} {last} after {LONGEST_SECONDS} seconds"
            raise AssertionError(f"{text}\n{details()}" if details else text) from cause
        time.sleep(every_seconds)


def _name(look: Callable[[], object]) -> str:
    """Returns the name and the place of a function."""
    code = getattr(look, "__code__", None) or getattr(getattr(look, "__func__", None), "__code__", None)
    name = getattr(look, "__qualname__", repr(look))
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if code else name
