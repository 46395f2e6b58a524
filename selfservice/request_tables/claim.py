"""The claim of a runner on a request: a lease in the record of the request, which its runner extends while it works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from selfservice.request_tables.items import Item, TableItems
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.request_tables.writes import Expected

LEASE_SECONDS = 600
"""Time after which a claim that its runner has not extended ends."""
RUNNER, LEASE = "runner", "lease"
"""Attributes of a record: the process of the claim, and its end in seconds since the epoch."""
NOBODY = {LEASE: "0.000"}
"""Attributes of a record that no runner claims."""

R = TypeVar("R")
Key = tuple[str, str]
"""Partition key and sort key of a record."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim(Generic[R]):
    """The right of one runner to work on a request."""

    request: R
    """The request as its record has it."""
    runner: str
    is_first: bool
    """Whether no other runner has worked on the request."""


def claimed(runner: RunnerProcess, now: datetime) -> Item:
    """Returns the attributes of a record that a runner claims."""
    return {RUNNER: str(runner), **_lease(now)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Claims:
    """The claims on the records of a table. Each change is conditional on what was read."""

    items: TableItems
    keeps_own: bool
    """Whether a runner goes on with a claim of its own, which an earlier look of it has left. Otherwise it waits for
    its end, as for that of another runner."""

    def take_over(self, key: Key, known: Item, runner: RunnerProcess, now: datetime) -> bool:
        """Claims a request that has a record. Returns False if another runner works on it.

        A claim of another runner is taken over once it has ended, or once its process is known to have ended. ``known``
        is the record as it was read: nothing is claimed if its claim or its state has changed since.
        """
        holder = known.get(RUNNER)
        process = RunnerProcess.parse(holder or "")
        has_ended = process is not None and process.has_ended
        is_own = self.keeps_own and holder == str(runner)
        if holder and not is_own and float(known[LEASE]) > now.timestamp() and not has_ended:
            return False
        seen = {RUNNER: holder, LEASE: known[LEASE], "state": known["state"]}
        return self.items.change(*key, claimed(runner, now), expected=seen)

    def extend(self, key: Key, claim: Claim[R], now: datetime, *, further: Expected | None = None) -> bool:
        """Extends a claim. Returns False if another runner has taken it over, or if ``further`` does not hold."""
        return self.items.change(*key, _lease(now), expected={RUNNER: claim.runner, **(further or {})})

    def release(self, key: Key, claim: Claim[R]) -> bool:
        """Ends a claim, so that any runner can go on at once. Returns False if another runner has taken it over."""
        return self.items.change(*key, {RUNNER: None, **NOBODY}, expected={RUNNER: claim.runner})


def _lease(now: datetime) -> Item:
    return {LEASE: f"{now.timestamp() + LEASE_SECONDS:.3f}"}
