"""A request with everything that runners recorded about it, by one read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from selfservice.catalog.change_record import ChangeRecord
from selfservice.catalog.change_requests import EVENT, REVIEW
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.request_steps import StepRecord
from selfservice.request_tables.items import Item
from settings.data.catalog_layout import RECORD, REQUEST, SORT, key_of


@dataclass(frozen=True, kw_only=True, slots=True)
class WholeRequest:
    """The record of a request with its review, events and steps."""

    record: ChangeRecord
    review: str
    """The text of the review; empty before it."""
    events: Sequence[Item]
    """The events of the request, in the order in which they were recorded."""
    steps: Sequence[StepRecord]
    """The steps in the order of the plan; none before the request runs."""


def read_whole(items: CatalogItems, id_: str) -> WholeRequest | None:
    """Returns what runners recorded about a request; None without a record."""
    found = list(items.of(key_of(REQUEST, id_)))
    by_sort = {item[SORT]: item for item in found}
    if RECORD not in by_sort:
        return None
    steps = map(StepRecord.of, found)
    return WholeRequest(
        record=ChangeRecord.of(by_sort[RECORD]),
        review=by_sort[REVIEW]["text"] if REVIEW in by_sort else "",
        events=[item for item in found if item[SORT].startswith(EVENT)],
        steps=[step for step in steps if step is not None],
    )
