"""The thread that fires schedules in time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from plinth_sandbox.emulator.executors.task_runner import own_request
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.process import CLOCK_PATH

log = logging.getLogger(__name__)

_AFTER_FAILURE_SECONDS = 1.0
_LONGEST_SECONDS = 30.0
"""Longest wait. A machine that was asleep is late by no more than this."""


def clock_request(**asked: str | float) -> Request:
    """Returns a call of the sandbox's clock."""
    return own_request(CLOCK_PATH, "eu-west-1", asked)


class Timer:
    """Waits for the next firing and makes the call that fires it."""

    def __init__(self, look: Callable[[], tuple[datetime, datetime | None]], changed: threading.Event) -> None:
        """``look`` returns the time of the clock and that of the next firing."""
        self._look = look
        self._changed = changed
        self._report: Callable[[Request], Answer] | None = None

    def open(self, report: Callable[[Request], Answer], *, automatic: bool) -> None:
        """Drops what was due while nothing ran. Fires from now on if that is ``automatic``."""
        now, due = self._look()
        if due is not None and due <= now:
            report(clock_request(skip_until=now.isoformat()))
        if not automatic:
            return
        self._report = report
        threading.Thread(target=self._work, name="schedules", daemon=True).start()

    def close(self) -> None:
        self._report = None
        self._changed.set()

    def _work(self) -> None:
        while (report := self._report) is not None:
            self._changed.clear()
            try:
                seconds = self._fire(report)
            except Exception:
                # Without this thread no schedule would fire and no deadline would pass any more.
                log.exception("the clock did not fire what was due")
                seconds = _AFTER_FAILURE_SECONDS
            self._changed.wait(seconds)

    def _fire(self, report: Callable[[Request], Answer]) -> float:
        """Fires what is due. Returns the seconds until the next look."""
        now, due = self._look()
        if due is None:
            return _LONGEST_SECONDS
        if due > now:
            return min((due - now).total_seconds(), _LONGEST_SECONDS)
        answer = report(clock_request(fire_until=now.isoformat()))
        # A call that failed has left something due.
        return 0.0 if answer.status == HTTPStatus.OK else _AFTER_FAILURE_SECONDS
