"""Open requests, as others of the same team see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from selfservice.catalog.change_record import ChangeState, OpenChange
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.errors import BadInputError
from selfservice.requests.kinds.request import Request
from selfservice.requests.reading.team_requests import parsed_request
from settings.types.redaction import shown


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenRequest:
    """A request that has not ended."""

    id: str
    user: str
    state: ChangeState
    request: Request

    @property
    def line(self) -> str:
        """The request in one line."""
        asked = f"{self.request.action} {self.request.subject}"
        return f"{shown(self.id)} ({asked}, requested by {shown(self.user)}, {self.state})"

    def removes(self, other: Request) -> bool:
        """Returns whether it asks for the same as another request, of the same team or use case."""
        return (self.request.action, self.request.subject) == (other.action, other.subject)


def open_requests(requests: ChangeRequests, team: str | None = None) -> Iterator[OpenRequest]:
    """Yields the open requests, or those of one team. Requests that cannot be read are left out: they are refused."""
    found = [(change, request) for change in requests.open_changes() if (request := _request(change)) is not None]
    wanted = [(change, request) for change, request in found if team in (None, request.team)]
    records = requests.records_of(change.id for change, _ in wanted)
    for change, request in wanted:
        state = records[change.id].state if change.id in records else ChangeState.PENDING
        yield OpenRequest(id=change.id, user=change.user, state=state, request=request)


def _request(change: OpenChange) -> Request | None:
    try:
        return parsed_request(change.text)
    except BadInputError:
        return None
