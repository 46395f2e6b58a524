"""The steps of the run of a request in the team catalog: what waits, what runs, and how each step ended."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from selfservice.catalog.held_writes import write_held
from selfservice.catalog.items import CatalogItems
from selfservice.request_tables import writes
from selfservice.request_tables.items import Item
from settings.data.catalog_layout import PARTITION, REQUEST, SEPARATOR, SORT, key_of
from settings.types.redaction import readable

_STEP = "step"
_LONGEST_REASON = 2_000


class StepState(StrEnum):
    """The state of a step."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    """A step that it needs did not succeed."""

    @property
    def has_ended(self) -> bool:
        return self not in (StepState.WAITING, StepState.RUNNING)


@dataclass(frozen=True, kw_only=True, slots=True)
class StepRecord:
    """One step of a request as its runner recorded it last."""

    number: int
    """Place in the order of the plan, from 1 on."""
    name: str
    needs: tuple[str, ...]
    """Names of the steps that it waits for."""
    state: StepState = StepState.WAITING
    phase: str = ""
    """Phase of a running step: previewing, updating and so on. Empty for a step that is not of a stack."""
    resources: str = ""
    """How many resources of the phase are done, and of how many if that is known: ``12/34``."""
    started: str = ""
    """Time in ISO 8601; empty before."""
    ended: str = ""
    """Time in ISO 8601; empty before."""
    reason: str = ""
    """Why it failed."""
    place: str = ""
    """Where the operation on its stack ran, if its runner had more than one place for operations."""

    def item(self, request: str) -> Item:
        texts = {name: str(getattr(self, name)) for name in _TEXTS}
        sort = SEPARATOR.join((_STEP, f"{self.number:03}"))
        return {
            PARTITION: key_of(REQUEST, request),
            SORT: sort,
            **texts,
            "needs": ",".join(self.needs),
            "reason": "\n".join(map(readable, self.reason.splitlines()))[:_LONGEST_REASON],
            **({"place": self.place} if self.place else {}),
        }

    @classmethod
    def of(cls, item: Item) -> StepRecord | None:
        """Returns the step of an item; None if it is another item of the request."""
        kind, _, number = item[SORT].partition(SEPARATOR)
        if kind != _STEP:
            return None
        texts: dict[str, Any] = {name: item[name] for name in (*_TEXTS, "reason")} | {"place": item.get("place", "")}
        needs = tuple(need for need in item["needs"].split(",") if need)
        return cls(**{**texts, "number": int(number), "needs": needs, "state": StepState(item["state"])})

    def document(self) -> dict[str, Any]:
        """Returns the step for JSON."""
        return asdict(self)


_TEXTS = ("name", "state", "phase", "resources", "started", "ended")


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestSteps:
    """The steps of one request. Only the runner that holds the request can write them."""

    items: CatalogItems
    request: str
    runner: str = ""
    """The runner that writes; empty for a reader, which cannot write."""

    def read(self) -> list[StepRecord]:
        """Returns the steps in the order of the plan; none before the request runs."""
        found = map(StepRecord.of, self.items.of(key_of(REQUEST, self.request)))
        return [step for step in found if step is not None]

    def write(self, steps: Collection[StepRecord], removed: Collection[StepRecord] = ()) -> bool:
        """Writes steps and removes others. Returns False, and writes no more, if another runner holds the request."""
        partition = key_of(REQUEST, self.request)
        changes = [writes.put(step.item(self.request)) for step in steps]
        changes += [writes.delete(partition, step_record.item(self.request)[SORT]) for step_record in removed]
        return write_held(self.items, self.request, self.runner, changes)
