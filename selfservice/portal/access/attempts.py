"""The sign-ins that wait for a person, in the memory of a shared portal."""

from __future__ import annotations

import hmac
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from selfservice.portal.access.identity_center import DeviceCode

SECONDS = 600
"""Seconds in which a person can allow a sign-in. AWS accepts its codes for as long."""
MOST = 1_000
"""Sign-ins that wait. The oldest one makes room for another one."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    secret: str
    device: DeviceCode
    began: float


class Attempts:
    """All sign-ins that wait, by their states."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._waiting: OrderedDict[str, _Attempt] = OrderedDict()

    def add(self, state: str, secret: str, device: DeviceCode) -> None:
        """Adds a sign-in of the browser that knows a secret."""
        with self._lock:
            self._waiting[state] = _Attempt(secret, device, self._now())
            while len(self._waiting) > MOST:
                self._waiting.popitem(last=False)

    def find(self, state: str, secret: str) -> DeviceCode | None:
        """Returns a sign-in of the browser that knows its secret; None of another browser, or after its time."""
        with self._lock:
            found = self._waiting.get(state)
        if found is None or self._now() - found.began > SECONDS:
            return None
        return found.device if hmac.compare_digest(found.secret.encode(), secret.encode()) else None

    def end(self, state: str) -> None:
        """Forgets a sign-in."""
        with self._lock:
            self._waiting.pop(state, None)
