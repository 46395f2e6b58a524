"""The list of requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from starlette.requests import Request
from starlette.responses import Response

from selfservice.catalog.change_record import ChangeRecord, ChangeState, OpenChange
from selfservice.changes.change_text import title_of
from selfservice.portal.portal import portal_of, signed_in

_PAGE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A request in a list."""

    id: str
    state: str
    title: str
    user: str
    requested: str
    reason: str

    @classmethod
    def of(cls, record: ChangeRecord) -> Self:
        return cls(
            id=record.id,
            state=record.state,
            title=title_of(record.text),
            user=record.user,
            requested=record.requested,
            reason=record.reason or record.summary,
        )


def rows(records: Iterable[ChangeRecord], pending: Sequence[OpenChange]) -> list[Row]:
    """Returns the requests, the newest first."""
    found = {one.id: Row.of(one) for one in records}
    for one in pending:
        if one.id not in found:
            found[one.id] = Row(
                id=one.id,
                state=ChangeState.PENDING,
                title=title_of(one.text),
                user=one.user,
                requested=one.requested,
                reason="",
            )
    return sorted(found.values(), key=lambda one: one.id, reverse=True)


def request_list(request: Request) -> Response:
    """Shows a page of requests, of one state if the address names one."""
    portal, session = portal_of(request), signed_in(request)
    state, before = request.query_params.get("state", ""), request.query_params.get("before", "")
    with portal.visitors.engineer(session) as engineer:
        found = rows(engineer.requests.records(), engineer.requests.open_changes())
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
