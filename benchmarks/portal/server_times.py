"""Processor time of pages at the server, and reads while many people watch one run.

The floor of a page is reading what the page shows from the emulated table; the difference says what the portal adds. A
query that finds nothing shows what the emulator takes for any query: it looks at all items of the table. Everything
runs in this process, so its processor time is the time of a page on a machine that does nothing else.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import time
from collections.abc import Callable

from starlette.testclient import TestClient

from benchmarks.portal.catalog import OPEN
from benchmarks.portal.example import example_portal
from selfservice.catalog.change_record import ChangeState
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.request_pages import SIZE, read_page
from selfservice.catalog.team_records import TeamRecords
from selfservice.catalog.whole_request import read_whole
from selfservice.portal.live import Watches
from tests.unit.selfservice.portal.browser import ADDRESS, Browser

_WATCHERS, _TIMES = 100, 5


def print_server_times(items: CatalogItems, ids: list[str]) -> None:
    """Prints the processor time of each page, and how much of it is reading."""
    records, requests = TeamRecords(items), ChangeRequests(items)

    def team() -> object:
        return records.read("team-000"), requests.open_changes(), requests.records_of(ids[-OPEN:])

    floors: dict[str, Callable[[], object]] = {
        "/": lambda: (requests.written_by("ben", most=10), requests.open_changes(), requests.records_of(ids[-OPEN:])),
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
    with TestClient(example_portal(ADDRESS), base_url=ADDRESS) as client:
        browser = Browser(client)
        browser.sign_in("ben")
        for path, floor in floors.items():
            assert browser.get(path).status_code == 200, path
            page, least = (_median(act) for act in (lambda path=path: browser.get(path), floor))
            print(f"{path:<40} {page * 1000:7.0f} ms, {least * 1000:7.0f} ms of them reading")


def _median(act: Callable[[], object]) -> float:
    times = []
    for _ in range(_TIMES):
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
        time.sleep(0.2)  # so that the limit on requests of a session is not reached
    return statistics.median(times)


def print_watching() -> None:
    """Prints the reads while 100 people watch one run."""
    asyncio.run(_watchers())


async def _watchers() -> None:
    """Lets many people watch one run, and counts the reads."""
    reads = 0

    def look() -> str | None:
        nonlocal reads
        reads += 1
        return f"<p>step {reads}</p>" * 200 if reads <= 10 else None

    watches, before = Watches(seconds=0.1), _peak_mib()

    async def watch() -> int:
        return len([state async for state in watches.follow("run", look)])

    seen = await asyncio.gather(*(watch() for _ in range(_WATCHERS)))
    more = _peak_mib() - before
    print(f"{_WATCHERS} people saw {min(seen)} to {max(seen)} of 10 states, by {reads} reads; {more} MiB more")


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
