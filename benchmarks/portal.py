"""Pages of the portal with a large catalog: ``python -m benchmarks.portal``.

The catalog has 200 teams with 1,000 use cases, and 500 requests of which ten are open. The floor of a page is reading
what the page shows from the emulated table; the difference says what the portal adds. A query that finds nothing shows
what the emulator takes for any query: it looks at all items of the table. Everything runs in this process, so its
processor time is the time of a page on a machine that does nothing else. 100 people then watch one run.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from selfservice.catalog.change_record import ChangeState
from selfservice.catalog.change_requests import ChangeRequests, list_entry
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.request_pages import SIZE, read_page
from selfservice.catalog.team_records import TeamRecord, TeamRecords
from selfservice.catalog.whole_request import read_whole
from selfservice.portal.application import application
from selfservice.portal.live import Watches
from selfservice.portal.options import PortalOptions
from selfservice.requests.runner_process import RunnerProcess
from settings.data import catalog_layout as layout
from tests.support.emulated_table import emulated_table
from tests.support.workbench import REPOSITORY
from tests.unit.selfservice.portal.browser import ADDRESS, Browser
from tests.unit.selfservice.portal.conftest import PLATFORM, Center

TEAMS, USE_CASES_OF_A_TEAM, REQUESTS, OPEN, WATCHERS = 200, 5, 500, 10, 100
_TIMES = 5
_TEXT = '{"action":"change","team":"team-000","monthly_budget_usd":7000}'


def main() -> None:
    with pytest.MonkeyPatch.context() as patch:
        keys, indexes = (layout.PARTITION, layout.SORT), {layout.LOOKUP: layout.LOOKUP}
        with emulated_table(patch, layout.TABLE, keys, indexes) as client:
            items = CatalogItems(client)
            ids = _fill(items)
            _pages(items, ids)
    asyncio.run(_watchers())


def _fill(items: CatalogItems) -> list[str]:
    """Fills the catalog, and returns the ids of the requests."""
    records, requests = TeamRecords(items), ChangeRequests(items)
    for number in range(TEAMS):
        name = f"team-{number:03}"
        use_cases = {f"use-case-{one}": "real-time" for one in range(USE_CASES_OF_A_TEAM)}
        record = TeamRecord(
            team=name, owner=f"{name}@acme.example", cost_centre="4711", monthly_budget_usd=5_000, status="complete",
            version="0.1.0", changed="2026-11-29T12:00:00+00:00", request="", accounts={"development": f"{number:012}"},
            users={"ben": "data-scientist"}, grants={"tumours": "development"}, use_cases=use_cases,
        )  # fmt: skip
        records.write(record, over=None)
    ids = [f"20261123T120000Z-{number:08}" for number in range(REQUESTS)]
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


def _pages(items: CatalogItems, ids: list[str]) -> None:
    center: Any = Center({"ben": [PLATFORM]})
    options = PortalOptions(directory=REPOSITORY, region="eu-west-1", issuer_url="", address=ADDRESS)
    records, requests = TeamRecords(items), ChangeRequests(items)

    def own() -> object:
        return [requests.record(one) for one in ids[-OPEN:]]

    def team() -> object:
        return records.read("team-000"), requests.open_changes(), requests.records_of(ids[-OPEN:])

    floors: dict[str, Callable[[], object]] = {
        "/": lambda: (requests.open_changes(), requests.written_by("ben"), own()),
        "/requests": lambda: read_page(requests),
        "/requests?state=done": lambda: read_page(requests, ChangeState.DONE),
        f"/requests/{ids[0]}": lambda: (read_whole(items, ids[0]), requests.decisions(ids[0])),
        "/teams": lambda: records.summaries([*records.owners()][:SIZE]),
        "/teams/team-000": team,
        "/requests/new/create": lambda: None,
        "/data": lambda: None,
        "/data/card-payments": lambda: None,
    }
    print(f"a query that finds nothing {_median(lambda: requests.decisions('nothing')) * 1000:.0f} ms")
    with TestClient(application(options, center), base_url=ADDRESS) as client:
        browser = Browser(client)
        browser.sign_in("ben")
        for path, floor in floors.items():
            assert browser.get(path).status_code == 200, path
            page, least = (_median(one) for one in (lambda path=path: browser.get(path), floor))
            print(f"{path:<40} {page * 1000:7.0f} ms, {least * 1000:7.0f} ms of them reading")


def _median(act: Callable[[], object]) -> float:
    times = []
    for _ in range(_TIMES):
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
        time.sleep(0.2)  # so that the limit on requests of a session is not reached
    return statistics.median(times)


async def _watchers() -> None:
    """Lets many people watch one run, and counts the reads."""
    reads = 0

    def look() -> str | None:
        nonlocal reads
        reads += 1
        return f"<p>step {reads}</p>" * 200 if reads <= 10 else None

    watches, before = Watches(seconds=0.1), _peak_mib()

    async def watch() -> int:
        return len([one async for one in watches.follow("run", look)])

    seen = await asyncio.gather(*(watch() for _ in range(WATCHERS)))
    more = _peak_mib() - before
    print(f"{WATCHERS} people saw {min(seen)} to {max(seen)} of 10 states, by {reads} reads; {more} MiB more")


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


if __name__ == "__main__":
    main()
