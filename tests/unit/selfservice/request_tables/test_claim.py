"""The claim on a request is the same in both tables of requests: one runner holds it until its lease ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from selfservice.catalog.items import CatalogItems
from selfservice.request_tables.claim import LEASE_SECONDS, NOBODY, Claim, Claims, claimed
from selfservice.request_tables.items import Item, TableItems
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.request_table import RequestItems
from settings.data import catalog_layout, request_layout
from tests.support.emulated_table import emulated_table

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=LEASE_SECONDS + 1)
ONE, OTHER = RunnerProcess("one", 1, "5"), RunnerProcess("other", 1, "5")
KEY = ("a-request", "record")
OF_ONE = Claim(request="a-request", runner=str(ONE), is_first=True)
RECORD: Item = {"pk": KEY[0], "sk": KEY[1], "state": "running"}


@pytest.fixture(params=[(CatalogItems, catalog_layout), (RequestItems, request_layout)], ids=["catalog", "requests"])
def items(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[TableItems]:
    """The items of a table in which one runner has claimed a request."""
    kind, layout = request.param
    with emulated_table(monkeypatch, layout.TABLE, (layout.PARTITION, layout.SORT), {"by-state": "state"}) as client:
        items = kind(client)
        items.put({**RECORD, **claimed(ONE, NOW)})
        yield items


@pytest.fixture(params=[True, False], ids=["keeps its own", "keeps none"])
def claims(request: pytest.FixtureRequest, items: TableItems) -> Claims:
    return Claims(items=items, keeps_own=request.param)


def record(items: TableItems) -> Item:
    found = items.get(*KEY)
    assert found is not None
    return found


def test_the_end_of_a_claim_is_ten_minutes_later_in_milliseconds() -> None:
    assert claimed(ONE, NOW) == {"runner": "one 1:5", "lease": "1795363800.000"}


def test_nobody_takes_a_claim_over_before_it_ends(claims: Claims) -> None:
    before = record(claims.items)
    last = NOW + timedelta(seconds=LEASE_SECONDS - 1)
    assert not claims.take_over(KEY, before, OTHER, last)
    assert record(claims.items) == before


def test_a_claim_that_has_ended_is_taken_over_and_its_runner_can_do_nothing_more(claims: Claims) -> None:
    assert claims.take_over(KEY, record(claims.items), OTHER, LATER)
    taken = record(claims.items)
    assert taken == {**RECORD, **claimed(OTHER, LATER)}
    assert not claims.extend(KEY, OF_ONE, LATER)
    assert not claims.release(KEY, OF_ONE)
    assert record(claims.items) == taken


def test_a_claim_that_is_extended_lasts_as_long_from_then_on(claims: Claims) -> None:
    moment = NOW + timedelta(seconds=60)
    assert claims.extend(KEY, OF_ONE, moment)
    assert record(claims.items) == {**RECORD, **claimed(ONE, moment)}
    assert not claims.take_over(KEY, record(claims.items), OTHER, LATER)
    assert claims.take_over(KEY, record(claims.items), OTHER, LATER + timedelta(seconds=60))


def test_a_claim_is_extended_only_if_a_further_condition_holds(claims: Claims) -> None:
    assert claims.extend(KEY, OF_ONE, NOW, further={"state": "running"})
    assert not claims.extend(KEY, OF_ONE, LATER, further={"state": "done"})
    assert record(claims.items) == {**RECORD, **claimed(ONE, NOW)}


def test_a_claim_of_a_process_that_has_ended_is_taken_over_at_once(claims: Claims) -> None:
    ended = replace(RunnerProcess.current(), started="0")
    claims.items.put({**RECORD, **claimed(ended, NOW)})
    assert claims.take_over(KEY, record(claims.items), OTHER, NOW)


def test_a_released_request_is_free_and_so_is_one_that_nobody_claims(claims: Claims) -> None:
    assert claims.release(KEY, OF_ONE)
    assert record(claims.items) == {**RECORD, **NOBODY}
    assert claims.take_over(KEY, record(claims.items), OTHER, NOW)


@pytest.mark.parametrize("changed", [claimed(OTHER, LATER), claimed(ONE, LATER), {"state": "done"}])
def test_a_record_that_changes_after_it_was_read_is_not_claimed(claims: Claims, changed: Item) -> None:
    before = record(claims.items)
    now = {**before, **changed}
    claims.items.put(now)
    assert not claims.take_over(KEY, before, RunnerProcess("third", 1, "5"), LATER)
    assert record(claims.items) == now


@pytest.mark.parametrize("keeps_own", [True, False])
def test_a_runner_goes_on_with_its_own_claim_if_a_table_says_so(items: TableItems, keeps_own: bool) -> None:
    claims = Claims(items=items, keeps_own=keeps_own)
    assert claims.take_over(KEY, record(items), ONE, NOW + timedelta(seconds=1)) is keeps_own
    assert claims.take_over(KEY, record(items), ONE, LATER + timedelta(seconds=1))
