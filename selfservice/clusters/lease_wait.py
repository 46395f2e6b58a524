"""Waits for the lease of a stack, and for the API that takes it back."""

from __future__ import annotations

import time
from collections.abc import Callable

from selfservice.clusters.api import REFUSAL_SECONDS, UnreachableApiError
from selfservice.clusters.stack_lease import RefusedLeaseError, StackLease, Standing

_RELEASE_SECONDS = 60.0
"""Time in which an API server starts again. Afterwards, another pod takes the lease over when this one has ended."""


def wait_for_lease(
    lease: StackLease,
    wait: Callable[[], bool],
    tell: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Acquires the lease, after waiting as long as another pod holds it or the API of the cluster does not answer.

    ``wait`` waits between two attempts, and returns whether to give up. ``tell`` reports what the pod waits for, once
    until that changes. ``clock`` returns seconds.

    Returns whether the pod holds the lease; it does not if it gave up.
    Raises: RefusedLeaseError if the API has refused the lease for a minute.
    """
    told, refused_since = "", None
    while True:
        try:
            if lease.acquire() is Standing.HELD:
                return True
            refused_since = None
            message = f"waiting for the pod {lease.holder.name if lease.holder else 'of another Job'} to finish"
        except UnreachableApiError as error:
            message = f"waiting for the API of the cluster: {error}"
        except RefusedLeaseError as error:
            refused_since = clock() if refused_since is None else refused_since
            if clock() - refused_since >= REFUSAL_SECONDS:
                raise
            message = f"waiting for the API of the cluster, which refuses the lease: {error}"
        if message != told:
            tell(message)
            told = message
        if wait():
            return False


def release_lease(lease: StackLease, wait: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
    """Gives the lease up, after waiting for up to a minute if the API of the cluster does not answer.

    ``wait`` waits between two attempts, and returns whether to give up. ``clock`` returns seconds.

    Raises: UnreachableApiError, RefusedLeaseError if the lease was not given up.
    """
    began = clock()
    while True:
        try:
            lease.release()
        except (UnreachableApiError, RefusedLeaseError):
            if clock() - began >= _RELEASE_SECONDS or wait():
                raise
        else:
            return
