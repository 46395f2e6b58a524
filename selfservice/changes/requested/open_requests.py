"""Open requests, as others of the same team see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from selfservice.catalog.change_record import ChangeState
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.changes.requested.reading import Request, parsed_request
from selfservice.errors import BadInputError
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
    for change in requests.open_changes():
        try:
            request = parsed_request(change.text)
        except BadInputError:
            continue
        if team is None or request.team == team:
            record = requests.record(change.id)
            state = ChangeState.PENDING if record is None else record.state
            yield OpenRequest(id=change.id, user=change.user, state=state, request=request)
