"""Each request is claimed by one runner, and its result is recorded once, where no person can write."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from selfservice.errors import BadInputError
from selfservice.request_tables.claim import LEASE_SECONDS
from selfservice.request_tables.request_id import is_id, new_id
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.kinds.use_case_content import UseCaseRequest
from selfservice.requests.record import OpenRequest, Result, State
from selfservice.requests.request_table import RequestTable
from settings.data.request_layout import OPEN, PARTITION, QUEUE, SORT, TABLE, requester_of, requester_partition

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=LEASE_SECONDS + 1)
ONE, OTHER = RunnerProcess("one", 1, "5"), RunnerProcess("other", 1, "5")
ID = "20261122T160000Z-0123abcd"
REQUEST = UseCaseRequest(name="card-risk")
DONE = Result(state=State.DONE, commit="c0ffee", build="b:1", repository="https://git.example/x")


def add(table: RequestTable, team: str = "fraud", user: str = "grace", id_: str = ID) -> OpenRequest:
    table.add(team, user, REQUEST, id_=id_, now=NOW)
    return next(
        open_request
        for open_request in table.open_requests()
        if (open_request.team, open_request.user, open_request.id) == (team, user, id_)
    )


def put(dynamodb: Any, **item: str) -> None:
    dynamodb.put_item(TableName=TABLE, Item={name: {"S": value} for name, value in item.items()})


def test_a_request_is_pending_until_a_runner_claims_it(table: RequestTable) -> None:
    add(table)
    (row,) = table.requests_of("fraud", "grace")
    assert (row.id, row.state, row.team, row.user) == (ID, State.PENDING, "fraud", "grace")
    assert row.requested == "2026-11-22T16:00:00+00:00"
    assert table.all_requests(["churn", "fraud"]) == [row]
    assert table.requests_of("churn", "carl") == []


@pytest.mark.threat("T-09")
def test_an_id_sorts_by_time_and_is_used_once(table: RequestTable) -> None:
    early, late = new_id(NOW), new_id(NOW + timedelta(seconds=1))
    assert early < late
    assert is_id(early)
    request = add(table)
    assert add(table) == request
    with pytest.raises(BadInputError, match=f"grace has another request with the id {ID}"):
        table.add("fraud", "grace", UseCaseRequest(name="disputes"), id_=ID, now=NOW)
    claim = table.claim(request, ONE, NOW)
    assert claim is not None
    assert table.finish(claim, DONE, NOW)
    table.add("fraud", "grace", REQUEST, id_=ID, now=NOW)
    assert table.open_requests() == []


@pytest.mark.requirement("TPL-03.b")
@pytest.mark.threat("T-09")
def test_two_runners_never_work_on_the_same_request(table: RequestTable) -> None:
    request = add(table)
    claims = [table.claim(request, runner, NOW) for runner in (ONE, OTHER, ONE)]
    assert [claim is None for claim in claims] == [False, True, True]
    (row,) = table.requests_of("fraud", "someone-else")
    assert (row.state, row.user) == (State.RUNNING, "grace")


@pytest.mark.requirement("TPL-03.b")
@pytest.mark.threat("T-23")
def test_the_result_is_recorded_with_the_requester_and_the_request_is_closed(table: RequestTable) -> None:
    claim = table.claim(add(table), ONE, NOW)
    assert claim is not None
    assert table.finish(claim, DONE, LATER)
    assert table.open_requests() == []
    (row,) = table.requests_of("fraud", "grace")
    assert (row.state, row.user, row.request) == (State.DONE, "grace", REQUEST.model_dump_json())
    assert row.result == {
        "commit": "c0ffee", "build": "b:1", "repository": "https://git.example/x",
        "started": "2026-11-22T16:00:00+00:00", "finished": "2026-11-22T16:10:01+00:00",
    }  # fmt: skip
    assert not table.finish(claim, replace(DONE, state=State.FAILED), LATER)
    assert table.claim(claim.request, OTHER, LATER) is None


def test_a_claim_that_nobody_extends_is_taken_over(table: RequestTable) -> None:
    request = add(table)
    first = table.claim(request, ONE, NOW)
    assert first is not None
    assert table.extend(first, NOW + timedelta(seconds=60))
    assert table.claim(request, OTHER, LATER) is None
    second = table.claim(request, OTHER, LATER + timedelta(seconds=60))
    assert second is not None
    assert (first.is_first, second.is_first) == (True, False)
    assert not table.extend(first, LATER)
    assert not table.finish(first, DONE, LATER)
    assert table.finish(second, DONE, LATER)


def test_a_claim_of_a_process_that_has_ended_is_taken_over_at_once(table: RequestTable) -> None:
    request, current = add(table), RunnerProcess.current()
    assert not current.has_ended
    assert table.claim(request, replace(current, started="0"), NOW) is not None
    assert table.claim(request, current, NOW) is not None
    assert table.claim(request, OTHER, NOW) is None


@pytest.mark.requirement("TPL-03.b")
@pytest.mark.threat("T-09", "T-10")
def test_what_a_person_writes_after_the_claim_changes_nothing(table: RequestTable, dynamodb: Any) -> None:
    claim = table.claim(add(table), ONE, NOW)
    assert claim is not None
    own = {PARTITION: "fraud#grace", SORT: ID, QUEUE: OPEN, "state": "done", "request": '{"name": "another"}'}
    put(dynamodb, **own)
    taken = table.claim(table.open_requests()[0], OTHER, LATER)
    assert taken is not None
    assert taken.request.text == REQUEST.model_dump_json()
    assert table.finish(taken, DONE, LATER)
    put(dynamodb, **own)
    assert table.claim(table.open_requests()[0], ONE, LATER) is None
    assert table.open_requests() == []
    (row,) = table.requests_of("fraud", "grace")
    assert row.request == REQUEST.model_dump_json()


@pytest.mark.requirement("TPL-03.b")
@pytest.mark.threat("T-01")
def test_a_state_that_a_person_writes_is_not_read(table: RequestTable, dynamodb: Any) -> None:
    put(dynamodb, **{PARTITION: "fraud#grace", SORT: ID, QUEUE: OPEN, "state": "done", "commit": "mine"})
    (row,) = table.requests_of("fraud", "grace")
    assert (row.state, row.result) == (State.PENDING, {})


def test_people_with_the_same_id_do_not_share_a_record(table: RequestTable) -> None:
    claims = [table.claim(add(table, user=user), ONE, NOW) for user in ("ada", "grace")]
    assert None not in claims
    assert {row.user for row in table.records("fraud")} == {"ada", "grace"}


@pytest.mark.threat("T-19")
def test_a_strange_id_and_long_texts_get_a_record(table: RequestTable, dynamodb: Any) -> None:
    strange = {PARTITION: "fraud#grace", SORT: "x" * 1000, QUEUE: OPEN, "requested": "y" * 9000, "request": "z" * 99999}
    put(dynamodb, **strange)
    claim = table.claim(table.open_requests()[0], ONE, NOW)
    assert claim is not None
    assert table.finish(claim, Result(state=State.REFUSED, reason="strange"), NOW)
    assert table.open_requests() == []


@pytest.mark.parametrize("partition", ["fraud", "#grace", "fraud#", "fraud#grace#x"])
@pytest.mark.threat("T-01")
def test_an_item_under_another_key_is_no_request(table: RequestTable, dynamodb: Any, partition: str) -> None:
    put(dynamodb, **{PARTITION: partition, SORT: ID, QUEUE: OPEN})
    assert table.open_requests() == []
    assert requester_of(partition) is None


@pytest.mark.threat("T-01")
def test_the_key_of_a_request_names_team_and_person() -> None:
    assert requester_of(requester_partition("fraud", "grace@acme.example")) == ("fraud", "grace@acme.example")
