"""Actions that run when the clock of the sandbox reaches a time: an alarm is evaluated, an approval expires.

A deadline is set by a call in the journal and passes in a call of the clock, which is in the journal too. A replay
therefore sets and passes the same deadlines. Unlike schedules, deadlines that were due while the sandbox was stopped
pass after its start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Deadlines:
    """The deadlines of a sandbox by name. Times are aware and in UTC."""

    _due: dict[str, tuple[datetime, Callable[[], None]]] = field(default_factory=dict)
    _changed: bool = False

    def set(self, name: str, at: datetime, act: Callable[[], None]) -> None:
        """Sets a deadline, in place of one with the same name. ``act`` runs while the clock shows ``at``."""
        self._due[name] = (at, act)
        self._changed = True

    def cancel(self, name: str) -> None:
        self._due.pop(name, None)

    def next_time(self) -> datetime | None:
        return min((at for at, _ in self._due.values()), default=None)

    def pass_next(self) -> None:
        """Passes the earliest deadline."""
        name = min(self._due, key=lambda candidate: (self._due[candidate][0], candidate))
        _, act = self._due.pop(name)
        act()

    def take_change(self) -> bool:
        """Returns whether a deadline was set since the last question."""
        changed, self._changed = self._changed, False
        return changed
