"""The engine's locks of the stack of one operation: those to wait for, to break and to report."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from botocore.exceptions import BotoCoreError, ClientError
from pulumi import automation

from selfservice.engine import automation as engine
from selfservice.engine.locks.backend_locks import damaged_locks, locks_of
from selfservice.engine.locks.lock_owners import LockOwner, all_dead, lock_owners_in
from selfservice.engine.locks.lock_wait import LockWait, cancel_command
from selfservice.operations.operation import Operation


class OperationLocks:
    """Handles the locks that the engines of one operation meet or leave behind."""

    def __init__(self, operation: Operation, notify: Callable[[str], None], interrupted: threading.Event) -> None:
        self._operation, self._notify = operation, notify
        self._wait = LockWait(
            project_directory=operation.project_directory,
            stack=operation.stack,
            notify=notify,
            interrupted=interrupted,
            limit_minutes=operation.lock_timeout_minutes,
        )

    def resolve(
        self, stack: automation.Stack, refusal: automation.ConcurrentUpdateError, waiting: Callable[[], None]
    ) -> None:
        """Waits for the owners of the locks that refused a command, or breaks the locks if their processes are gone.

        ``waiting`` is called if there is a wait. Raises: LockedStackError, InterruptedOperationError, ClientError,
        BotoCoreError.
        """
        owners = lock_owners_in(str(refusal))
        if all_dead(owners):
            self._break(stack, owners)
            return
        waiting()
        self._wait.until_released(owners)

    def break_left_behind(self, stack: automation.Stack) -> None:
        """Breaks the locks of engines that this process namespace started and that ended without releasing them."""
        try:
            owners = locks_of(self._operation.project_directory, stack.name)
            self._break(stack, [owner for owner in owners if owner.is_dead])
        except (BotoCoreError, ClientError) as error:
            self._notify(f"the next operation breaks the locks that are left behind, because this failed: {error}")

    def damaged(self) -> list[str]:
        """Returns a message about each lock that the engine cannot read."""
        try:
            found = damaged_locks(self._operation.project_directory, self._operation.stack)
        except (BotoCoreError, ClientError):
            return []
        remedy = f"If no update of the stack runs, remove it with `{cancel_command(self._operation.stack)}`."
        return [f"The lock {url} is empty or damaged, so the engine refuses every update. {remedy}" for url in found]

    def _break(self, stack: automation.Stack, owners: Sequence[LockOwner]) -> None:
        engine.break_locks(stack, owners)
        for owner in owners:
            self._notify(f"broke the lock left behind by {owner}: that process is gone")
