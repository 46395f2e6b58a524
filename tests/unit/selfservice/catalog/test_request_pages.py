"""Pages of the list of requests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from selfservice.catalog.change_record import ChangeState
from selfservice.catalog.change_requests import ChangeRequests, list_entry
from selfservice.catalog.request_pages import RequestPage, read_page
from selfservice.request_tables.runner_process import RunnerProcess
from settings.data.catalog_layout import LOOKUP, PARTITION, SORT
from tests.unit.selfservice.requests.work import NOW, TEXT

RUNNER = RunnerProcess("one.example", 1, "1")


def id_of(number: int) -> str:
    return f"20261123T120000Z-{number:08}"


def ended(requests: ChangeRequests, number: int, state: ChangeState = ChangeState.DONE) -> None:
    requests.add("ada", TEXT, id_=id_of(number), now=NOW)
    (change,) = (open_change for open_change in requests.open_changes() if open_change.id == id_of(number))
    claim = requests.claim(change, RUNNER, NOW)
    assert claim is not None
    assert requests.enter(claim, state, {}, now=NOW + timedelta(seconds=1), note="")


def ids(page: RequestPage) -> list[str]:
    return sorted((record.id for record in (*page.records, *page.pending)), reverse=True)


@pytest.fixture
def mixed(requests: ChangeRequests) -> ChangeRequests:
    """Eight requests: the third and the seventh are pending, the fifth is refused, and the others are done."""
    for number in range(8):
        if number in (2, 6):
            requests.add("ada", TEXT, id_=id_of(number), now=NOW)
        else:
            ended(requests, number, ChangeState.REFUSED if number == 4 else ChangeState.DONE)
    return requests


def test_pages_lead_from_the_newest_to_the_oldest_request_and_back(mixed: ChangeRequests) -> None:
    first = read_page(mixed, size=3)
    second = read_page(mixed, before=first.older, size=3)
    third = read_page(mixed, before=second.older, size=3)
    assert [ids(page) for page in (first, second, third)] == [
        [id_of(7), id_of(6), id_of(5)],
        [id_of(4), id_of(3), id_of(2)],
        [id_of(1), id_of(0)],
    ]
    assert [record.id for record in (*first.pending, *second.pending, *third.pending)] == [id_of(6), id_of(2)]
    assert (first.newer, third.older) == ("", "")
    assert ids(back := read_page(mixed, after=third.newer, size=3)) == ids(second)
    assert ids(front := read_page(mixed, after=back.newer, size=3)) == ids(first)
    assert (front.newer, front.older) == ("", first.older)
    assert ids(read_page(mixed, size=8)) == [id_of(number) for number in reversed(range(8))]
    assert read_page(mixed, size=8).older == ""


def test_pages_of_a_state_have_the_requests_of_this_state_alone(mixed: ChangeRequests) -> None:
    done = read_page(mixed, ChangeState.DONE, size=3)
    assert ids(done) == [id_of(7), id_of(5), id_of(3)]
    rest = read_page(mixed, ChangeState.DONE, before=done.older, size=3)
    assert (ids(rest), rest.older) == ([id_of(1), id_of(0)], "")
    assert ids(read_page(mixed, ChangeState.REFUSED)) == [id_of(4)]
    assert ids(read_page(mixed, ChangeState.PENDING, size=1)) == [id_of(6)]
    assert ids(read_page(mixed, ChangeState.PENDING, before=id_of(6), size=1)) == [id_of(2)]
    assert ids(read_page(mixed, ChangeState.RUNNING)) == []


def test_what_people_write_under_their_own_keys_is_not_listed_as_ended(mixed: ChangeRequests) -> None:
    for number in range(5):
        forged = {**list_entry(id_of(90 + number), ChangeState.DONE), PARTITION: "person#mallory"}
        mixed.items.put(forged)
    mixed.items.put({**forged, SORT: f"request#{id_of(0)}", LOOKUP: "request#open", "request": TEXT})
    assert ids(read_page(mixed, ChangeState.DONE, size=2)) == [id_of(7), id_of(5)]
    assert ids(read_page(mixed, ChangeState.PENDING)) == [id_of(6), id_of(2)]
    assert ids(read_page(mixed)) == [id_of(number) for number in reversed(range(8))]


def test_a_list_without_entries_is_completed_and_entries_of_runners_stay(mixed: ChangeRequests) -> None:
    (before,) = read_page(mixed, ChangeState.REFUSED).records
    mixed.items.remove("requests", before.id)
    assert ids(read_page(mixed, ChangeState.REFUSED)) == []
    ended_later, *_ = mixed.records()
    mixed.items.put(list_entry(ended_later.id, ChangeState.FAILED))
    for record in mixed.records():
        mixed.complete_list(record)
    assert ids(read_page(mixed, ChangeState.REFUSED)) == [before.id]
    assert mixed.items.get("requests", ended_later.id) == list_entry(ended_later.id, ChangeState.FAILED)


def test_the_newest_requests_of_a_person_are_read_without_the_older_ones(mixed: ChangeRequests) -> None:
    assert [open_change.id for open_change in mixed.written_by("ada", 3)] == [id_of(5), id_of(6), id_of(7)]
    mixed.decide("ada", id_of(0), approves=True, digest="d", reason="good", now=NOW)
    assert len(mixed.written_by("ada", 10)) == 8
    assert mixed.written_by("ben", 10) == []


def test_more_items_than_a_batch_takes_are_read(mixed: ChangeRequests) -> None:
    for number in range(100, 230):
        mixed.items.put({PARTITION: "team#x", SORT: str(number)})
    keys = [("team#x", str(number)) for number in range(100, 240)]
    assert len(list(mixed.items.get_many([*keys, *keys]))) == 130
    assert list(mixed.items.get_many([])) == []


def test_items_that_a_batch_has_not_read_are_asked_for_again(
    mixed: ChangeRequests, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, read = [], mixed.items.client.batch_get_item

    def one_at_a_time(RequestItems: dict[str, dict[str, list[object]]]) -> dict[str, object]:  # noqa: N803 (of boto3)
        ((table, wanted),) = RequestItems.items()
        asked.append(len(wanted["Keys"]))
        answer = read(RequestItems={table: {"Keys": wanted["Keys"][:1]}})
        rest = wanted["Keys"][1:]
        return {**answer, "UnprocessedKeys": {table: {"Keys": rest}} if rest else {}}

    monkeypatch.setattr(mixed.items.client, "batch_get_item", one_at_a_time)
    assert len(mixed.records_of([id_of(0), id_of(1), id_of(3)])) == 3
    assert asked == [3, 2, 1]
