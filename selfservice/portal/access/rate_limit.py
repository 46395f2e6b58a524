"""Limits how often somebody may ask: a token bucket."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

PER_SECOND = 10.0
AT_ONCE = 60.0
MOST_ADDRESSES = 10_000


@dataclass(slots=True)
class Allowance:
    """Number of requests that somebody may still send. It grows by ``per_second`` up to ``at_once``."""

    per_second: float = PER_SECOND
    at_once: float = AT_ONCE
    now: Callable[[], float] = time.monotonic
    _left: float = field(init=False)
    _seen: float = field(init=False)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._left, self._seen = self.at_once, self.now()

    def take(self) -> bool:
        """Returns whether one more request is allowed, and counts it if so."""
        with self._lock:
            now = self.now()
            self._left = min(self.at_once, self._left + (now - self._seen) * self.per_second)
            self._seen = now
            if self._left < 1:
                return False
            self._left -= 1
            return True


class Addresses:
    """The allowances of clients that have not signed in, by address. The oldest ones are forgotten."""

    def __init__(self, per_second: float = 2.0, at_once: float = 30.0) -> None:
        self._per_second, self._at_once = per_second, at_once
        self._lock = Lock()
        self._known: OrderedDict[str, Allowance] = OrderedDict()

    def take(self, address: str) -> bool:
        """Returns whether a client may ask once more, and counts it if so."""
        with self._lock:
            found = self._known.pop(address, None) or Allowance(self._per_second, self._at_once)
            self._known[address] = found
            while len(self._known) > MOST_ADDRESSES:
                self._known.popitem(last=False)
        return found.take()
