"""Extends a claim while its runner works."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from selfservice.request_tables.claim import LEASE_SECONDS

EVERY_SECONDS = LEASE_SECONDS / 5


class Heartbeat(AbstractContextManager["Heartbeat"]):
    """Calls a function in regular intervals, in a thread, until the block ends or the function returns False."""

    def __init__(self, extend: Callable[[], bool], every_seconds: float = EVERY_SECONDS) -> None:
        self._extend, self._every = extend, every_seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            try:
                if not self._extend():
                    return
            except Exception:  # AWS may be out of reach for a while; the claim lasts for several beats
                continue
