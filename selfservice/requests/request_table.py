"""The table of requests: what people add to it, and what runners record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from selfservice.errors import BadInputError
from selfservice.request_tables.claim import RUNNER, Claim, Claims, Key, claimed
from selfservice.request_tables.items import Item, TableItems
from selfservice.request_tables.request_id import LONGEST_TIME, MAX_CHARACTERS, is_id
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.kinds.use_case_content import UseCaseRequest
from selfservice.requests.record import OpenRequest, RequestRow, Result, State
from settings.data import request_layout
from settings.data.request_layout import (
    OPEN,
    PARTITION,
    QUEUE,
    SEPARATOR,
    SORT,
    requester_of,
    requester_partition,
)

_RESULTS = ("reason", "commit", "build", "repository")
_RUNNING = {"state": State.RUNNING}

UseCaseClaim = Claim[OpenRequest]
"""The right of one runner to work on a request."""


class RequestItems(TableItems):
    """The items of the table ``plinth-requests`` of one account."""

    TABLE: ClassVar = request_layout.TABLE

    def having(self, key: str, value: str, **others: str) -> Iterator[Item]:
        """Yields the items with this value of a key. ``others`` are further arguments of the call."""
        return self.query("#key = :value", {"#key": key}, {":value": value}, **others)


class RequestTable:
    """The requests in the table of one account."""

    def __init__(self, client: Any) -> None:
        """``client`` is a client of DynamoDB."""
        self._items = RequestItems(client)
        # A look of a runner ends each claim of its own, so what has one is at work.
        self._claims = Claims(items=self._items, keeps_own=False)

    def add(self, team: str, user: str, request: UseCaseRequest, *, id_: str, now: datetime) -> None:
        """Adds a request of a person. The same request again under the same id changes nothing.

        IAM refuses it if the caller is not this person of this team. Raises: BadInputError if the person has another
        request under this id.
        """
        item = {
            PARTITION: requester_partition(team, user),
            SORT: id_,
            QUEUE: OPEN,
            "requested": now.astimezone(UTC).isoformat(timespec="seconds"),
            "request": request.model_dump_json(),
        }
        if not self._items.add(item) and not any(
            open_request.id == id_ and open_request.text == item["request"]
            for open_request in self._written_by(team, user)
        ):
            raise BadInputError(f"{user} has another request with the id {id_}: request it anew")

    def open_requests(self) -> list[OpenRequest]:
        """Returns the requests of all teams that nobody has finished, in the order of their ids."""
        found = map(_open_request, self._items.having(QUEUE, OPEN, IndexName=OPEN))
        return [request for request in found if request is not None]

    def requests_of(self, team: str, user: str) -> list[RequestRow]:
        """Returns the records of a team, and the pending requests of one person of the team."""
        return self._with_pending(self.records(team), self._written_by(team, user))

    def all_requests(self, teams: list[str]) -> list[RequestRow]:
        """Returns the records of the teams, and the pending requests of all teams."""
        return self._with_pending([row for team in teams for row in self.records(team)], self.open_requests())

    def records(self, team: str) -> list[RequestRow]:
        """Returns the records of a team."""
        return [_row(item) for item in self._items.having(PARTITION, team)]

    def _written_by(self, team: str, user: str) -> list[OpenRequest]:
        """Returns what one person of a team has written, finished or not."""
        own = map(_open_request, self._items.having(PARTITION, requester_partition(team, user)))
        return [request for request in own if request is not None]

    def claim(self, request: OpenRequest, runner: RunnerProcess, now: datetime) -> UseCaseClaim | None:
        """Claims a request; None if another runner works on it, or if it is finished.

        A claim of another runner is taken over once it has ended, or once its process is known to have ended.
        """
        key = _record_key(request)
        known = self._items.get(*key)
        if known is None:
            return self._claim_first(request, runner, now)
        if known["state"] != State.RUNNING:
            self._leave_queue(request)
            return None
        if not self._claims.take_over(key, known, runner, now):
            return None
        # The record has the text that the first runner read, whatever the person has written since.
        claimed_request = OpenRequest(
            id=request.id, team=request.team, user=request.user, requested=known["requested"], text=known["request"]
        )
        return Claim(request=claimed_request, runner=str(runner), is_first=False)

    def extend(self, claim: UseCaseClaim, now: datetime) -> bool:
        """Extends a claim. Returns False if another runner has taken it over."""
        return self._claims.extend(_record_key(claim.request), claim, now, further=_RUNNING)

    def finish(self, claim: UseCaseClaim, result: Result, now: datetime) -> bool:
        """Records the result, once. Returns False if another runner has taken the claim over."""
        given = {**result.attributes(), "finished": now.astimezone(UTC).isoformat(timespec="seconds")}
        mine = {RUNNER: claim.runner, **_RUNNING}
        done = self._items.change(*_record_key(claim.request), given, expected=mine)
        if done:
            self._leave_queue(claim.request)
        return done

    def _claim_first(self, request: OpenRequest, runner: RunnerProcess, now: datetime) -> UseCaseClaim | None:
        partition, sort = _record_key(request)
        record = {
            PARTITION: partition,
            SORT: sort,
            "id": request.id,
            "state": State.RUNNING,
            "user": request.user,
            "requested": request.requested,
            "request": request.text,
            **claimed(runner, now),
            "started": now.astimezone(UTC).isoformat(timespec="seconds"),
        }
        added = self._items.add(record)
        return Claim(request=request, runner=str(runner), is_first=True) if added else None

    def _leave_queue(self, request: OpenRequest) -> None:
        """Removes a finished request from the index of open requests."""
        self._items.change(requester_partition(request.team, request.user), request.id, {QUEUE: None}, expected={})

    @staticmethod
    def _with_pending(records: list[RequestRow], requests: list[OpenRequest]) -> list[RequestRow]:
        known = {(row.team, row.user, row.id) for row in records}
        pending = [
            RequestRow.pending(request) for request in requests if (request.team, request.user, request.id) not in known
        ]
        return sorted([*records, *pending], key=lambda row: (row.requested, row.id))


def _record_key(request: OpenRequest) -> Key:
    """Returns the key of a record. Ids are of the person's choice, so that strange ones are replaced by a digest."""
    digest = hashlib.sha256(request.id.encode()).hexdigest()[:16]
    id_ = request.id if is_id(request.id) else f"strange-{digest}"
    return request.team, f"{id_}{SEPARATOR}{request.user}"


def _open_request(item: Mapping[str, str]) -> OpenRequest | None:
    """Returns the request of an item; None for an item that is not one."""
    requester = requester_of(item[PARTITION])
    if requester is None:
        return None
    team, user = requester
    return OpenRequest(
        id=item[SORT],
        team=team,
        user=user,
        requested=item.get("requested", "")[:LONGEST_TIME],
        text=item.get("request", "")[: MAX_CHARACTERS + 1],
    )


def _row(item: Mapping[str, str]) -> RequestRow:
    return RequestRow(
        id=item["id"],
        state=State(item["state"]),
        team=item[PARTITION],
        user=item["user"],
        requested=item["requested"],
        request=item["request"],
        result={name: item[name] for name in (*_RESULTS, "started", "finished") if name in item},
    )
