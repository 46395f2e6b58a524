"""A catalog of teams, use cases and requests in an emulated table, as large as a big organization has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from selfservice.catalog.change_record import ChangeState
from selfservice.catalog.change_requests import ChangeRequests, list_entry
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.team_records import TeamRecord, TeamRecords
from selfservice.request_tables.runner_process import RunnerProcess
from settings.data import catalog_layout as layout
from tests.support.emulated_table import emulated_table

OPEN = 10
_TEAMS, _USE_CASES_OF_A_TEAM, _REQUESTS = 200, 5, 500
_TEXT = '{"action":"change","team":"team-000","monthly_budget_usd":7000}'


@contextmanager
def large_catalog() -> Iterator[tuple[CatalogItems, list[str]]]:
    """Yields the items of the catalog, and the ids of the requests, the oldest first. The last ``OPEN`` are open."""
    with pytest.MonkeyPatch.context() as patch:
        keys, indexes = (layout.PARTITION, layout.SORT), {layout.LOOKUP: layout.LOOKUP}
        with emulated_table(patch, layout.TABLE, keys, indexes) as client:
            items = CatalogItems(client)
            yield items, _fill(items)


def _fill(items: CatalogItems) -> list[str]:
    """Fills the catalog, and returns the ids of the requests."""
    records, requests = TeamRecords(items), ChangeRequests(items)
    for number in range(_TEAMS):
        name = f"team-{number:03}"
        use_cases = {f"use-case-{index}": "real-time" for index in range(_USE_CASES_OF_A_TEAM)}
        record = TeamRecord(
            team=name, owner=f"{name}@acme.example", cost_centre="4711", monthly_budget_usd=5_000, status="complete",
            version="0.1.0", changed="2026-11-29T12:00:00+00:00", request="", accounts={"development": f"{number:012}"},
            users={"ben": "data-scientist"}, grants={"tumours": "development"}, use_cases=use_cases,
        )  # fmt: skip
        records.write(record, over=None)
    ids = [f"20261123T120000Z-{number:08}" for number in range(_REQUESTS)]
    for id_ in ids[:-OPEN]:
        items.put(
            {
                layout.PARTITION: layout.key_of(layout.REQUEST, id_), layout.SORT: layout.RECORD,
                layout.LOOKUP: layout.key_of(layout.REQUEST, layout.RECORD), "id": id_, "user": "ada", "text": _TEXT,
                "requested": "2026-11-23T12:00:00+00:00", "state": ChangeState.DONE, "runner": "", "lease": "0.000",
            }
        )  # fmt: skip
        items.put(list_entry(id_, ChangeState.DONE))
    for id_ in ids[-OPEN:]:
        requests.add("ada", _TEXT, id_=id_, now=requests.now())
    for change in requests.open_changes():
        requests.claim(change, RunnerProcess("one.example", 1, "1"), requests.now())
    return ids
