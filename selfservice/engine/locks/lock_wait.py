"""Waits for locks of the backend that other engines hold, and explains locks that nobody will release.

It looks at the locks themselves, because a further attempt of the operation would run a whole preview.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from selfservice.engine.locks.backend_locks import locks_of
from selfservice.engine.locks.lock_owners import LockOwner, all_dead
from selfservice.engine.locks.stack_lock import InterruptedOperationError
from selfservice.formatting import counted

_OWN_POLL_SECONDS = 0.5
_POLL_SECONDS = 10.0
_UNREADABLE_POLL_SECONDS = 60.0
"""In backends whose locks only an attempt of the operation shows."""


class LockedStackError(Exception):
    """Raised if a stack is still locked after the time limit of the wait."""


@dataclass(kw_only=True, slots=True)
class LockWait:
    """The waits of one operation for the locks of its stack. The limit holds for all of them together."""

    project_directory: Path
    stack: str
    notify: Callable[[str], None]
    interrupted: threading.Event
    limit_minutes: int
    _deadline: float | None = field(default=None, init=False)

    def until_released(self, owners: Sequence[LockOwner]) -> None:
        """Says who holds the locks. Returns when none of these locks is held, or when their owners are known to have
        ended; for backends whose locks cannot be read, after a while.

        Raises: InterruptedOperationError; LockedStackError after the limit; ClientError, BotoCoreError.
        """
        if self._deadline is None:
            self._deadline = time.monotonic() + self.limit_minutes * 60
        ours = bool(owners) and all(owner.is_ours for owner in owners)
        self.notify(self._notice(owners, ours=ours))
        poll = _UNREADABLE_POLL_SECONDS if not readable(owners) else _OWN_POLL_SECONDS if ours else _POLL_SECONDS
        while not self._are_released(owners):
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise LockedStackError(self._after_limit(owners))
            if self.interrupted.wait(min(poll, left)):
                raise InterruptedOperationError
            if not readable(owners) and left > poll:
                return

    def _are_released(self, owners: Sequence[LockOwner]) -> bool:
        """Returns whether no owner has its lock any more, or all owners are known to have ended."""
        if all_dead(owners):
            return True
        if not readable(owners):
            return False
        held = {owner.place for owner in locks_of(self.project_directory, self.stack)}
        return not any(owner.place in held for owner in owners)

    def _notice(self, owners: Sequence[LockOwner], *, ours: bool) -> str:
        """Returns the message at the beginning of a wait: who holds the lock, for how long, and what to do."""
        if ours:
            return f"waiting for {_holders(owners)} to finish"
        return (
            f"waiting for {_holders(owners)} to finish, for {counted(self.limit_minutes, 'minute')} at most. "
            "Plinth never breaks the lock of an update that it did not start here. If the update no longer runs, "
            f"remove the lock with `{cancel_command(self.stack)}`"
        )

    def _after_limit(self, owners: Sequence[LockOwner]) -> str:
        return (
            f"The stack is still locked after a wait of {counted(self.limit_minutes, 'minute')}, by "
            f"{_holders(owners)}. If that update no longer runs, remove its lock with `{cancel_command(self.stack)}` "
            "and run this command again. Otherwise wait for it, or pass a higher --lock-timeout."
        )


def cancel_command(stack: str) -> str:
    """Returns the command of the engine that removes all locks of a stack, also damaged ones."""
    return f"pulumi cancel --stack {stack} --yes"


def readable(owners: Sequence[LockOwner]) -> bool:
    """Returns whether there are owners, with locks that can be looked at without an attempt of the operation."""
    return bool(owners) and all(owner.place is not None for owner in owners)


def described(owner: LockOwner, now: datetime | None = None) -> str:
    """Returns the owner with the age of its lock."""
    at = owner.taken_at
    if at is None:
        return str(owner)
    return f"{owner} ({_age(((now or datetime.now(UTC)) - at).total_seconds())} ago)"


def _holders(owners: Sequence[LockOwner]) -> str:
    return ", ".join(map(described, owners)) or "another update"


def _age(seconds: float) -> str:
    units = ((86400, "day"), (3600, "hour"), (60, "minute"))
    for length, unit in units:
        if seconds >= length:
            return counted(int(seconds // length), unit)
    return counted(max(0, int(seconds)), "second")
