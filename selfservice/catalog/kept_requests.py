"""Copy of a request that is kept outside of the catalog, and its restoration into an empty catalog."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from selfservice.catalog.change_record import ChangeRecord
from selfservice.catalog.change_requests import list_entry
from selfservice.catalog.items import CatalogItems
from selfservice.request_tables.claim import LEASE, NOBODY, RUNNER
from selfservice.request_tables.items import Item
from settings.data.catalog_layout import DECISION, LOOKUP, OPEN, PARTITION, PERSON, RECORD, REQUEST, SORT, key_of


def kept(items: CatalogItems, id_: str) -> list[Item]:
    """Returns what runners recorded about a request: record, review, events and steps. Empty if there is no record.

    What people wrote is in it as runners recorded it, without credentials. The claim of the current runner is not.
    """
    found = [_without_claim(item) for item in items.of(key_of(REQUEST, id_))]
    return found if any(item[SORT] == RECORD for item in found) else []


def restore(items: CatalogItems, found: Sequence[Item]) -> bool:
    """Writes a kept request into a catalog that does not have it. Returns False, and changes nothing, if it has.

    The record comes last, so that an interrupted restoration is repeated. A request that is not finished is open again,
    for any runner. Decisions that no runner has counted yet are lost, and people decide again.
    """
    (record,) = (item for item in found if item[SORT] == RECORD)
    if items.get(record[PARTITION], RECORD) is not None:
        return False
    entry = list_entry(record["id"], record["state"])
    for item in (*_of_people(record), entry, *(item for item in found if item is not record)):
        items.add(item)
    return items.add({**record, **NOBODY})


def _without_claim(item: Item) -> Item:
    return {name: value for name, value in item.items() if item[SORT] != RECORD or name not in (RUNNER, LEASE)}


def _of_people(record: Item) -> Iterator[Item]:
    """Yields the request as its requester wrote it, and the decisions that counted."""
    known = ChangeRecord.of({**record, **NOBODY})
    request = {PARTITION: key_of(PERSON, known.user), SORT: key_of(REQUEST, known.id)}
    is_open = {} if known.state.is_final else {LOOKUP: OPEN}
    yield {**request, **is_open, "requested": known.requested, "request": known.text}
    decisions: list[dict[str, Any]] = json.loads(record.get("decisions", "[]"))
    for decision in decisions:
        yield {
            PARTITION: key_of(PERSON, decision["user"]),
            SORT: key_of(DECISION, known.id),
            LOOKUP: key_of(DECISION, known.id),
            "decision": "approve" if decision["approves"] else "reject",
            **{name: decision[name] for name in ("digest", "reason", "decided")},
        }
