"""First paint of pages in headless Chromium over a slow connection.

The first contentful paint of a page is compared with that of an almost empty page, which the same server sends over the
same connection. The browser has no file of the portal when it opens a page: this is the first visit of a person. The
server, with the emulated table, and the browser share the processors of this machine, so that a ratio says more than a
time.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from socket import socket
from urllib.parse import parse_qs, urlsplit

from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from benchmarks.portal.example import example_portal
from selfservice.portal.server import http_server
from tests.support.browser import Visit, browsers
from tests.support.serving import serving

_FLOOR = "/almost-empty"
_EMPTY = HTMLResponse('<!DOCTYPE html><html lang="en"><title>Floor</title><p>Floor</p></html>')
_LATENCY_MILLISECONDS, _DOWN_MEGABITS, _UP_MEGABITS = 150, 1.6, 0.75
"""The connection that Lighthouse calls "Slow 4G" (https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md),
without its factors for the difference between requests and packets."""
_BYTES_PER_SECOND = 1_000_000 / 8
_CONNECTION = {
    "offline": False,
    "latency": _LATENCY_MILLISECONDS,
    "downloadThroughput": _DOWN_MEGABITS * _BYTES_PER_SECOND,
    "uploadThroughput": _UP_MEGABITS * _BYTES_PER_SECOND,
}
_TIMES = 5
_PAINTED = """() => new Promise(done => new PerformanceObserver(list => {
    const found = list.getEntriesByName('first-contentful-paint');
    if (found.length) done(found[0].startTime);
}).observe({type: 'paint', buffered: true}))"""
"""Returns the milliseconds from the beginning of a navigation to its first contentful paint."""


def print_first_paints(ids: Sequence[str]) -> None:
    """Prints the first contentful paint of pages, with the ratio to the floor."""
    paths = (
        "/", "/requests", f"/requests/{ids[0]}", "/teams", "/teams/team-000", "/requests/new/create", "/use-cases",
        "/data", "/data/card-payments",
    )  # fmt: skip
    connection = f"{_DOWN_MEGABITS} Mbit/s with {_LATENCY_MILLISECONDS} ms latency"
    print(f"first contentful paint over {connection}, median of {_TIMES}")
    with _served() as address, browsers(address) as people:
        visit = people.visit()
        _sign_in(visit)
        session = visit.page.context.new_cdp_session(visit.page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.send("Network.emulateNetworkConditions", _CONNECTION)
        floor = _first_paint(visit, _FLOOR)
        print(f"{'an almost empty page':<40} {floor:7.0f} ms")
        for path in paths:
            paint = _first_paint(visit, path)
            print(f"{path:<40} {paint:7.0f} ms, {paint / floor:.1f} times the floor")


def _sign_in(visit: Visit) -> None:
    """Signs in as Ben. Both requests share the cookies of the browser."""
    center = visit.page.request.get("/sign-in", max_redirects=0).headers["location"]
    (state,) = parse_qs(urlsplit(center).query)["state"]
    visit.open(f"/oauth/callback?code=ben&state={state}")


def _first_paint(visit: Visit, path: str) -> float:
    """Returns the median of milliseconds."""
    found = []
    for _ in range(_TIMES):
        answer = visit.page.goto(path)
        assert answer is not None, path
        assert answer.status == 200, (path, answer.status)
        found.append(float(visit.page.evaluate(_PAINTED)))
    return statistics.median(found)


@contextmanager
def _served() -> Iterator[str]:
    """Serves the portal and the page of the floor from a thread, and yields the address."""
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        portal = example_portal(address)

        async def with_floor(scope: Scope, receive: Receive, send: Send) -> None:
            await (_EMPTY if scope.get("path") == _FLOOR else portal)(scope, receive, send)

        with serving(http_server(with_floor), listener):
            yield address
