"""Requests in the team catalog: who wrote what, claims, states and events."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from selfservice.catalog.change_record import ChangeState
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.errors import BadInputError, RefusedError
from selfservice.request_tables.claim import LEASE_SECONDS
from selfservice.request_tables.runner_process import RunnerProcess
from settings.data.catalog_layout import LOOKUP, OPEN, PARTITION, SORT

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ID = "20261123T120000Z-00000001"
ONE = RunnerProcess("one.example", 1, "1")
OTHER = RunnerProcess("other.example", 2, "2")
TEXT = '{"action":"change","team":"fraud"}'
OTHER_TEXT = '{"action":"change","team":"other"}'


def add(requests: ChangeRequests, user: str = "ada", id_: str = ID, text: str = TEXT) -> None:
    requests.add(user, text, id_=id_, now=NOW)


def overwrite(requests: ChangeRequests, user: str, text: str = OTHER_TEXT) -> None:
    """Writes a text under the id as a person can who does not use the command line."""
    requests.items.put({PARTITION: f"person#{user}", SORT: f"request#{ID}", LOOKUP: OPEN, "request": text})


def test_a_request_is_open_until_it_is_final(requests: ChangeRequests) -> None:
    add(requests)
    (change,) = requests.open_changes()
    assert (change.id, change.user, change.text) == (ID, "ada", TEXT)
    claim = requests.claim(change, ONE, NOW)
    assert claim is not None
    requests.enter(claim, ChangeState.RUNNING, {"approved_by": "ben"}, now=NOW, note="approved by ben")
    assert [open_change.id for open_change in requests.open_changes()] == [ID]
    requests.enter(claim, ChangeState.DONE, {"commit": "abc"}, now=NOW, note="deployed")
    assert requests.open_changes() == []
    record = requests.record(ID)
    assert record is not None
    assert (record.state, record.commit, record.approved_by) == ("done", "abc", "ben")
    assert [(event["state"], event["note"]) for event in requests.events(ID)] == [
        ("reviewing", "requested by ada"),
        ("running", "approved by ben"),
        ("done", "deployed"),
    ]


@pytest.mark.threat("T-09")
def test_one_runner_holds_a_request_until_its_claim_ends(requests: ChangeRequests) -> None:
    add(requests)
    (change,) = requests.open_changes()
    claim = requests.claim(change, ONE, NOW)
    assert claim is not None
    assert requests.claim(change, OTHER, NOW) is None
    later = NOW + timedelta(seconds=LEASE_SECONDS - 1)
    assert requests.extend(claim, later)
    assert requests.claim(change, OTHER, NOW + timedelta(seconds=LEASE_SECONDS + 1)) is None
    taken = requests.claim(change, OTHER, later + timedelta(seconds=LEASE_SECONDS + 1))
    assert taken is not None
    assert not requests.extend(claim, later)
    assert not requests.enter(claim, ChangeState.DONE, {}, now=NOW, note="too late")
    assert requests.record(ID).state == "reviewing"  # type: ignore[union-attr]


def test_the_request_of_an_ended_process_is_taken_over_at_once(requests: ChangeRequests) -> None:
    add(requests)
    (change,) = requests.open_changes()
    process = os.fork()
    if process == 0:
        os._exit(0)
    ended = RunnerProcess.of(process)
    os.waitpid(process, 0)
    assert requests.claim(change, ended, NOW) is not None
    assert requests.claim(change, ONE, NOW) is not None


def test_a_runner_goes_on_with_what_an_earlier_look_of_it_has_left(requests: ChangeRequests) -> None:
    add(requests)
    (change,) = requests.open_changes()
    claims = [requests.claim(change, ONE, NOW) for _ in range(2)]
    assert [claim and claim.is_first for claim in claims] == [True, False]
    assert requests.claim(change, OTHER, NOW) is None


def test_a_released_request_is_free(requests: ChangeRequests) -> None:
    add(requests)
    (change,) = requests.open_changes()
    claim = requests.claim(change, ONE, NOW)
    assert claim is not None
    assert requests.release(claim)
    assert requests.claim(change, OTHER, NOW) is not None


@pytest.mark.threat("T-03")
def test_an_id_belongs_to_whoever_used_it_first(requests: ChangeRequests) -> None:
    add(requests, "ada")
    (change,) = requests.open_changes()
    assert requests.claim(change, ONE, NOW) is not None
    with pytest.raises(BadInputError, match=f"request {ID} exists as a request of ada; its current state is reviewing"):
        add(requests, "mallory", text=OTHER_TEXT)
    overwrite(requests, "mallory")
    copy = next(open_change for open_change in requests.open_changes() if open_change.user == "mallory")
    assert requests.claim(copy, OTHER, NOW + timedelta(days=1)) is None
    assert [open_change.user for open_change in requests.open_changes()] == ["ada"]
    assert requests.record(ID).user == "ada"  # type: ignore[union-attr]


@pytest.mark.requirement("GOV-06.b")
@pytest.mark.threat("T-10")
def test_the_text_that_a_runner_has_read_stays(requests: ChangeRequests) -> None:
    add(requests)
    (change,) = requests.open_changes()
    requests.claim(change, ONE, NOW)
    overwrite(requests, "ada")
    assert requests.record(ID).text == TEXT  # type: ignore[union-attr]


@pytest.mark.threat("T-01")
def test_decisions_are_of_the_person_under_whose_key_they_are(requests: ChangeRequests, items: CatalogItems) -> None:
    requests.decide("ben", ID, approves=True, digest="d" * 64, reason="good", now=NOW)
    requests.decide("ben", ID, approves=False, digest="", reason="no", now=NOW)
    forged = {PARTITION: "person#mallory", SORT: "decision#other", LOOKUP: f"decision#{ID}", "decision": "approve"}
    items.put({**forged, "digest": "d" * 64, "user": "ben"})
    items.put({**forged, SORT: f"decision#{ID}", "user": "ben", "digest": "e" * 64})
    found = [(decision.user, decision.approves) for decision in requests.decisions(ID)]
    assert found == [("ben", False), ("mallory", True)]


@pytest.mark.threat("T-01")
def test_what_a_person_writes_is_neither_a_record_nor_a_request_of_others(
    requests: ChangeRequests, items: CatalogItems
) -> None:
    items.put({PARTITION: "person#mallory", SORT: "record", LOOKUP: "request#record", "state": "done"})
    items.put({PARTITION: "person#mallory", SORT: "request#strange id", LOOKUP: OPEN, "request": TEXT})
    assert requests.records() == []
    assert requests.open_changes() == []


@pytest.mark.threat("T-23")
def test_events_of_the_same_moment_are_all_kept(requests: ChangeRequests) -> None:
    add(requests)
    (change,) = requests.open_changes()
    claim = requests.claim(change, ONE, NOW)
    assert claim is not None
    for number in range(3):
        requests.enter(claim, ChangeState.REVIEWING, {}, now=NOW, note=str(number))
    assert [event["note"] for event in requests.events(ID)] == ["requested by ada", "0", "1", "2"]


@pytest.mark.threat("T-09")
def test_an_id_with_another_text_is_refused_with_its_state_and_the_same_text_changes_nothing(
    requests: ChangeRequests, items: CatalogItems
) -> None:
    add(requests)
    before = list(items.all())
    requests.add("ada", TEXT, id_=ID, now=NOW + timedelta(hours=1))
    assert list(items.all()) == before
    message = f"nothing was requested: request {ID} exists with another text; its current state is "
    with pytest.raises(BadInputError, match=f"{message}pending. Use another id"):
        add(requests, text=OTHER_TEXT)
    (change,) = requests.open_changes()
    claim = requests.claim(change, ONE, NOW)
    assert claim is not None
    requests.enter(claim, ChangeState.DONE, {}, now=NOW, note="deployed")
    before = list(items.all())
    add(requests)
    with pytest.raises(BadInputError, match=f"{message}done. Use another id"):
        add(requests, text=OTHER_TEXT)
    assert (list(items.all()), requests.open_changes()) == (before, [])


class Overtaken:
    """A client of DynamoDB that calls a function after its first read."""

    def __init__(self, client: Any, then: Any) -> None:
        self._client, self._then = client, then

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_item(self, **arguments: Any) -> Any:
        found, then, self._then = self._client.get_item(**arguments), self._then, lambda: None
        then()
        return found


@pytest.mark.parametrize("earlier", [False, True], ids=["first decision", "change of a decision"])
def test_of_two_decisions_of_a_person_at_the_same_moment_one_is_refused(
    requests: ChangeRequests, items: CatalogItems, earlier: bool
) -> None:
    def decide(by: ChangeRequests, *, approves: bool, reason: str) -> None:
        by.decide("ben", ID, approves=approves, digest="d" * 64, reason=reason, now=NOW)

    if earlier:
        decide(requests, approves=True, reason="looks good")
    client = Overtaken(items.client, lambda: decide(requests, approves=False, reason="no"))
    with pytest.raises(RefusedError, match=f"ben has decided about {ID} at the same moment"):
        decide(ChangeRequests(CatalogItems(client)), approves=True, reason="yes")
    assert [(decision.approves, decision.reason) for decision in requests.decisions(ID)] == [(False, "no")]
