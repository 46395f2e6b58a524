"""A request that is kept outside of the catalog comes back with all that runners recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from selfservice.catalog.change_record import ChangeState
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.kept_requests import kept, restore
from selfservice.catalog.request_steps import RequestSteps, StepRecord, StepState
from settings.data.catalog_layout import PARTITION, SORT
from tests.unit.selfservice.requests.work import ID, NOW, Work, approve, run

CANARY = "AKIA" + "CANARYCANARY2345"


def emptied(items: CatalogItems) -> None:
    for item in list(items.all()):
        items.remove(item[PARTITION], item[SORT])


def everything(requests: ChangeRequests) -> Any:
    steps = RequestSteps(items=requests.items, request=ID).read()
    record = requests.record(ID)
    assert record is not None
    shown = record.document(requests.decisions(ID))
    return shown, requests.review(ID), requests.events(ID), steps, requests.open_changes()


@pytest.mark.requirement("GOV-04.c", "GOV-06.b")
@pytest.mark.parametrize("ending", [ChangeState.DONE, ChangeState.FAILED, ChangeState.REJECTED, ChangeState.REVIEWED])
def test_a_restored_request_is_what_it_was(asked: ChangeRequests, items: CatalogItems, ending: ChangeState) -> None:
    work = Work(fails="AccessDenied" if ending is ChangeState.FAILED else "")
    run(asked, work)
    if ending is not ChangeState.REVIEWED:
        digest = asked.record(ID).digest  # type: ignore[union-attr]
        asked.decide("ben", ID, approves=ending is not ChangeState.REJECTED, digest=digest, reason="read", now=NOW)
        run(asked, work)
    if ending is ChangeState.FAILED:
        items.put(StepRecord(number=1, name="settings", needs=(), state=StepState.FAILED, reason="no").item(ID))
        assert RequestSteps(items=items, request=ID).read()
    before, found = everything(asked), kept(items, ID)
    assert before[0]["state"] == ending
    emptied(items)
    assert restore(items, found)
    assert everything(asked) == before
    assert kept(items, ID) == found
    assert not restore(items, found)


@pytest.mark.requirement("GOV-08.b")
def test_a_restored_request_goes_on_where_it_was(asked: ChangeRequests, items: CatalogItems) -> None:
    work = Work()
    run(asked, work)
    found = kept(items, ID)
    emptied(items)
    restore(items, found)
    approve(asked)
    assert [state for state, _ in run(asked, work)] == ["running", "done"]
    assert len(work.deployed) == 1


def test_an_interrupted_restoration_is_repeated(
    asked: ChangeRequests, items: CatalogItems, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(asked, Work())
    before, found = everything(asked), kept(items, ID)
    emptied(items)
    added, written = CatalogItems.add, []

    def interrupted(self: CatalogItems, item: Any) -> bool:
        written.append(item)
        if len(written) == 3:
            raise KeyboardInterrupt
        return added(self, item)

    with monkeypatch.context() as patched:
        patched.setattr(CatalogItems, "add", interrupted)
        with pytest.raises(KeyboardInterrupt):
            restore(items, found)
    assert asked.record(ID) is None
    assert restore(items, found)
    assert everything(asked) == before


@pytest.mark.threat("T-07")
def test_no_credential_of_a_request_or_a_decision_is_kept(asked: ChangeRequests, items: CatalogItems) -> None:
    run(asked, Work())
    digest = asked.record(ID).digest  # type: ignore[union-attr]
    asked.decide("ben", ID, approves=True, digest=digest, reason=f"key {CANARY}", now=NOW)
    run(asked, Work())
    found = kept(items, ID)
    assert any("decisions" in item for item in found)
    assert CANARY not in str(found)


def test_nothing_is_kept_of_what_no_runner_has_seen(asked: ChangeRequests, items: CatalogItems) -> None:
    assert kept(items, ID) == []
    assert run(asked, Work(), NOW + timedelta(days=1))
