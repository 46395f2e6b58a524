"""The table of requests: what people add to it, and what runners record."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from selfservice.errors import BadInputError
from selfservice.requests.record import OpenRequest, RequestRow, Result, State
from selfservice.requests.runner_process import RunnerProcess
from selfservice.requests.use_case_request import MAX_CHARACTERS, UseCaseRequest
from settings.data.request_layout import (
    OPEN,
    PARTITION,
    QUEUE,
    SEPARATOR,
    SORT,
    TABLE,
    requester_of,
    requester_partition,
)

LEASE_SECONDS = 600
"""Time after which a claim that its runner has not extended ends."""
_LONGEST_TIME = 32
"""Characters of a time that are read. A person may have written more than fits into a record."""
_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")
_RESULTS = ("reason", "commit", "build", "repository")
_NAMES = {"#state": "state"}
"""``state`` is a reserved word of expressions."""
_MINE = "#state = :running AND runner = :me"


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """The right of one runner to work on a request."""

    request: OpenRequest
    runner: str
    is_first: bool
    """Whether no other runner has worked on the request."""


def new_id(now: datetime) -> str:
    """Returns a new id of a request. Ids sort by time."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def is_id(text: str) -> bool:
    """Returns whether the text is an id as :func:`new_id` makes them."""
    return _ID.fullmatch(text) is not None


class RequestTable:
    """The table ``plinth-requests`` of one account."""

    def __init__(self, client: Any) -> None:
        """``client`` is a client of DynamoDB."""
        self._client = client

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
        try:
            self._client.put_item(
                TableName=TABLE, Item=_item(item), ConditionExpression=f"attribute_not_exists({PARTITION})"
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            if not any(one.id == id_ and one.text == item["request"] for one in self._written_by(team, user)):
                raise BadInputError(f"{user} has another request with the id {id_}: request it anew") from None

    def open_requests(self) -> list[OpenRequest]:
        """Returns the requests of all teams that nobody has finished, in the order of their ids."""
        found = map(_open_request, self._query(QUEUE, OPEN, IndexName=OPEN))
        return [request for request in found if request is not None]

    def requests_of(self, team: str, user: str) -> list[RequestRow]:
        """Returns the records of a team, and the pending requests of one person of the team."""
        return self._with_pending(self.records(team), self._written_by(team, user))

    def all_requests(self, teams: list[str]) -> list[RequestRow]:
        """Returns the records of the teams, and the pending requests of all teams."""
        return self._with_pending([row for team in teams for row in self.records(team)], self.open_requests())

    def records(self, team: str) -> list[RequestRow]:
        """Returns the records of a team."""
        return [_row(item) for item in self._query(PARTITION, team)]

    def _written_by(self, team: str, user: str) -> list[OpenRequest]:
        """Returns what one person of a team has written, finished or not."""
        own = map(_open_request, self._query(PARTITION, requester_partition(team, user)))
        return [request for request in own if request is not None]

    def claim(self, request: OpenRequest, runner: RunnerProcess, now: datetime) -> Claim | None:
        """Claims a request; None if another runner works on it, or if it is finished.

        A claim of another runner is taken over once it has ended, or once its process is known to have ended.
        """
        known = self._client.get_item(TableName=TABLE, Key=_item(_record_key(request)), ConsistentRead=True).get("Item")
        if known is None:
            return self._claim_first(request, runner, now)
        held = _values(known)
        if held["state"] != State.RUNNING:
            self._leave_queue(request)
            return None
        holder = RunnerProcess.parse(held["runner"])
        if float(held["lease"]) > now.timestamp() and not (holder is not None and holder.has_ended):
            return None
        taken = self._update(
            request,
            "SET runner = :me, lease = :lease",
            "#state = :running AND runner = :other AND lease = :seen",
            {":me": str(runner), ":lease": _lease(now), ":other": held["runner"], ":seen": held["lease"]},
        )
        # The record has the text that the first runner read, whatever the person has written since.
        claimed = OpenRequest(
            id=request.id, team=request.team, user=request.user, requested=held["requested"], text=held["request"]
        )
        return Claim(request=claimed, runner=str(runner), is_first=False) if taken else None

    def extend(self, claim: Claim, now: datetime) -> bool:
        """Extends a claim. Returns False if another runner has taken it over."""
        return self._update(claim.request, "SET lease = :lease", _MINE, {":me": claim.runner, ":lease": _lease(now)})

    def finish(self, claim: Claim, result: Result, now: datetime) -> bool:
        """Records the result, once. Returns False if another runner has taken the claim over."""
        given = {**result.attributes(), "finished": now.astimezone(UTC).isoformat(timespec="seconds")}
        names = {f"#{name}": name for name in given}
        changes = ", ".join(f"#{name} = :{name}" for name in given)
        values = {":me": claim.runner, **{f":{name}": value for name, value in given.items()}}
        done = self._update(claim.request, f"SET {changes}", _MINE, values, names)
        if done:
            self._leave_queue(claim.request)
        return done

    def _claim_first(self, request: OpenRequest, runner: RunnerProcess, now: datetime) -> Claim | None:
        record = {
            **_record_key(request),
            "id": request.id,
            "state": State.RUNNING,
            "user": request.user,
            "requested": request.requested,
            "request": request.text,
            "runner": str(runner),
            "lease": _lease(now),
            "started": now.astimezone(UTC).isoformat(timespec="seconds"),
        }
        try:
            self._client.put_item(
                TableName=TABLE, Item=_item(record), ConditionExpression=f"attribute_not_exists({PARTITION})"
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return Claim(request=request, runner=str(runner), is_first=True)

    def _leave_queue(self, request: OpenRequest) -> None:
        """Removes a finished request from the index of open requests."""
        key = {PARTITION: requester_partition(request.team, request.user), SORT: request.id}
        try:
            self._client.update_item(
                TableName=TABLE,
                Key=_item(key),
                UpdateExpression=f"REMOVE {QUEUE}",
                ConditionExpression=f"attribute_exists({PARTITION})",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def _update(
        self,
        request: OpenRequest,
        change: str,
        condition: str,
        values: Mapping[str, str],
        names: Mapping[str, str] = _NAMES,
    ) -> bool:
        """Changes the record of a request. Returns whether the condition held."""
        try:
            self._client.update_item(
                TableName=TABLE,
                Key=_item(_record_key(request)),
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeNames={**_NAMES, **names},
                ExpressionAttributeValues=_item({":running": State.RUNNING, **values}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _query(self, key: str, value: str, **others: str) -> Iterator[dict[str, str]]:
        pages = self._client.get_paginator("query").paginate(
            TableName=TABLE,
            KeyConditionExpression="#key = :value",
            ExpressionAttributeNames={"#key": key},
            ExpressionAttributeValues=_item({":value": value}),
            **others,
        )
        return (_values(item) for page in pages for item in page["Items"])

    @staticmethod
    def _with_pending(records: list[RequestRow], requests: list[OpenRequest]) -> list[RequestRow]:
        known = {(row.team, row.user, row.id) for row in records}
        pending = [RequestRow.pending(one) for one in requests if (one.team, one.user, one.id) not in known]
        return sorted([*records, *pending], key=lambda row: (row.requested, row.id))


def _record_key(request: OpenRequest) -> dict[str, str]:
    """Returns the key of a record. Ids are of the person's choice, so that strange ones are replaced by a digest."""
    digest = hashlib.sha256(request.id.encode()).hexdigest()[:16]
    id_ = request.id if is_id(request.id) else f"strange-{digest}"
    return {PARTITION: request.team, SORT: f"{id_}{SEPARATOR}{request.user}"}


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
        requested=item.get("requested", "")[:_LONGEST_TIME],
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


def _lease(now: datetime) -> str:
    return f"{now.timestamp() + LEASE_SECONDS:.3f}"


def _item(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"S": str(value)} for name, value in values.items()}


def _values(item: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Returns the attributes that are strings. A person may have written others, which nobody reads."""
    return {name: value["S"] for name, value in item.items() if "S" in value}
