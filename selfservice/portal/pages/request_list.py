"""The list of requests."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response

from selfservice.catalog.change_record import ChangeRecord, ChangeState, OpenChange
from selfservice.changes.change_text import ListedRequest, listed
from selfservice.portal.portal import portal_of, signed_in

_PAGE = 50


def newest_first(records: Iterable[ChangeRecord], pending: Iterable[OpenChange]) -> list[ListedRequest]:
    """Returns the requests as lists of pages show them."""
    return listed(records, pending)[::-1]


def request_list(request: Request) -> Response:
    """Shows a page of requests, of one state if the address names one."""
    portal, session = portal_of(request), signed_in(request)
    state, before = request.query_params.get("state", ""), request.query_params.get("before", "")
    with portal.visitors.engineer(session) as engineer:
        found = newest_first(engineer.requests.records(), engineer.requests.open_changes())
    found = [one for one in found if state in ("", one.state) and (not before or one.id < before)]
    return portal.page(
        request,
        "requests.html",
        rows=found[:_PAGE],
        older=found[_PAGE - 1].id if len(found) > _PAGE else "",
        state=state,
        states=[str(one) for one in ChangeState],
        command="plinth requests list --platform",
    )
