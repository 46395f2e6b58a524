"""Writes that only the runner makes that holds a request."""

from __future__ import annotations

from collections.abc import Sequence

from selfservice.catalog.items import CatalogItems
from selfservice.request_tables import writes
from selfservice.request_tables.claim import RUNNER
from selfservice.request_tables.writes import Write
from settings.data.catalog_layout import RECORD, REQUEST, key_of

_ATTEMPTS = 10
"""Attempts while the claim is extended at the same moment, which cancels a transaction."""


def write_held(items: CatalogItems, request: str, runner: str, changes: Sequence[Write]) -> bool:
    """Carries out writes of different items as long as the runner holds the request.

    Returns False, and writes no more, if another runner holds it. Writes beyond the size of a transaction follow in
    further ones, each with the same condition.
    """
    size = writes.LARGEST_TRANSACTION - 1  # beside the check
    return all(
        _is_written(items, request, runner, changes[start : start + size]) for start in range(0, len(changes), size)
    )


def _is_written(items: CatalogItems, request: str, runner: str, changes: Sequence[Write]) -> bool:
    partition = key_of(REQUEST, request)
    holds = writes.check(partition, RECORD, {RUNNER: runner})
    for _ in range(_ATTEMPTS):
        if not items.transact(holds, *changes):
            return True
        record = items.get(partition, RECORD)
        if record is None or record.get(RUNNER) != runner:
            break
    return False
