"""Removes the locks that pods left behind in the backend of states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from selfservice.engine.locks.backend_locks import locks_in_bucket, remove_locks


def remove_abandoned_locks(
    s3: Any, bucket: str, project: str, stack: str, is_gone: Callable[[str], bool], notify: Callable[[str], None]
) -> None:
    """Deletes the locks of a stack whose pods are gone. The caller holds the lease of the stack.

    ``is_gone`` tells for the name of a host whether it was a pod that no longer exists. The host name of a pod is its
    name. Locks of other machines stay, and the engine waits for them.

    Raises: ClientError.
    """
    for owner in locks_in_bucket(s3, bucket, project, stack):
        if is_gone(owner.host):
            remove_locks([owner], s3)
            notify(f"broke the lock that the pod {owner.host} left behind: it is gone")
