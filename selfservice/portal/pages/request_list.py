"""The list of requests, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response

from selfservice.catalog.change_record import ChangeRecord, ChangeState, OpenChange
from selfservice.catalog.request_pages import read_page
from selfservice.errors import BadInputError
from selfservice.portal.portal import portal_of, signed_in
from selfservice.request_tables.request_id import is_id
from selfservice.requests.change_text import ListedRequest, listed


def newest_first(records: Iterable[ChangeRecord], pending: Iterable[OpenChange]) -> list[ListedRequest]:
    """Returns the requests as lists of pages show them."""
    return listed(records, pending)[::-1]


def request_list(request: Request) -> Response:
    """Shows a page of requests, of one state if the address names one."""
    portal, session = portal_of(request), signed_in(request)
    state, before, after = _state(request), _id(request, "before"), _id(request, "after")
    with portal.visitors.engineer(session) as engineer:
        found = read_page(engineer.requests, state, before=before, after=after)
    return portal.page(
        request,
        "requests.html",
        rows=newest_first(found.records, found.pending),
        older=found.older,
        newer=found.newer,
        state=str(state or ""),
        states=[str(change_state) for change_state in ChangeState],
        command=_command(state, before),
    )


def _command(state: ChangeState | None, before: str) -> str:
    """Returns the command that lists the same page. For newer requests than another one, it lists the newest ones."""
    of = f" --state {state}" if state else ""
    return f"plinth requests list --platform{of}{f' --before {before}' if before else ''}"


def _state(request: Request) -> ChangeState | None:
    """Returns the state that the address names, if it names one. Raises: BadInputError for another text."""
    given = request.query_params.get("state", "")
    if given and given not in {*ChangeState}:
        raise BadInputError(f"{given[:50]} is no state of requests: {', '.join(ChangeState)}")
    return ChangeState(given) if given else None


def _id(request: Request, name: str) -> str:
    """Returns the id in the address from which the list continues. Raises: BadInputError for another text."""
    given = request.query_params.get(name, "")
    if given and not is_id(given):
        raise BadInputError(f"{given[:50]} is no id of a request")
    return given
