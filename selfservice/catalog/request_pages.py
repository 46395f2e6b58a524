"""Pages of the list of requests, the newest first. A page takes the same few reads however long the history is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from selfservice.catalog.change_record import ChangeRecord, ChangeState, OpenChange
from selfservice.catalog.change_requests import ChangeRequests
from settings.data.catalog_layout import LISTED, LOOKUP, PARTITION, REQUEST, SORT, key_of

SIZE = 50
"""Requests of a page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestPage:
    """A page of requests, in no order."""

    records: Sequence[ChangeRecord]
    pending: Sequence[OpenChange]
    """Requests that no runner has claimed."""
    older: str = ""
    """Id before which the next page begins; empty on the last one."""
    newer: str = ""
    """Id after which the page of newer requests begins; empty on the first one."""


def read_page(
    requests: ChangeRequests, state: ChangeState | None = None, *, before: str = "", after: str = "", size: int = SIZE
) -> RequestPage:
    """Returns the newest requests of all states or of one: of those before an id, or the oldest ones after an id."""
    is_descending, beyond = not after, after or before
    opened = (
        {open_change.id: open_change for open_change in requests.open_changes()}
        if state in (None, ChangeState.PENDING)
        else {}
    )
    if state is ChangeState.PENDING:
        for id_ in requests.records_of(opened):
            del opened[id_]
        listed: Collection[str] = ()
    else:
        # One more than the page has says whether there are others.
        listed = set(islice(_listed(requests, state, beyond, is_descending, size + 1), size + 1))
    candidates = {*listed, *(id_ for id_ in opened if _is_beyond(id_, beyond, is_descending))}
    found = sorted(candidates, reverse=is_descending)
    shown = sorted(found[:size], reverse=True)
    records = {} if state is ChangeState.PENDING else requests.records_of(shown)
    has_more = len(found) > size
    return RequestPage(
        records=[record for record in records.values() if state in (None, record.state)],
        pending=[opened[id_] for id_ in shown if id_ in opened and id_ not in records],
        older=shown[-1] if shown and (has_more or not is_descending) else "",
        newer=shown[0] if shown and (bool(before) if is_descending else has_more) else "",
    )


def _listed(
    requests: ChangeRequests, state: ChangeState | None, beyond: str, is_descending: bool, most: int
) -> Iterator[str]:
    """Yields the ids of the list. Only runners write into its partition; people can write any look-up value."""
    value, by = (LISTED, PARTITION) if state is None else (key_of(REQUEST, state), LOOKUP)
    found = requests.items.ordered(value, by=by, beyond=beyond, is_descending=is_descending, most=most)
    return (item[SORT] for item in found if item[PARTITION] == LISTED)


def _is_beyond(id_: str, beyond: str, is_descending: bool) -> bool:
    return not beyond or (id_ < beyond if is_descending else id_ > beyond)
