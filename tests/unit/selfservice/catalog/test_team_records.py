"""Teams in the team catalog are found by name, account and owner, and lose what they no longer have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from selfservice.catalog.items import CatalogItems
from selfservice.catalog.team_records import TeamRecord, TeamRecords
from selfservice.errors import RefusedError
from selfservice.request_tables.items import Item
from settings.data.catalog_layout import LOOKUP, PARTITION, SORT

FRAUD = TeamRecord(
    team="fraud",
    owner="owner@acme.example",
    cost_centre="4711",
    monthly_budget_usd=5000,
    status="complete",
    version="1.0",
    changed="2026-11-23T12:00:00+00:00",
    request="20261123T120000Z-00000001",
    accounts={"development": "111111111111", "production": "222222222222"},
    users={"ana": "lead-data-scientist"},
    grants={"data-lake--card-payments": "development,production"},
)


@pytest.fixture
def teams(items: CatalogItems) -> TeamRecords:
    return TeamRecords(items)


@pytest.mark.requirement("GOV-04.b", level="run")
def test_a_team_is_found_by_name_account_and_owner(teams: TeamRecords) -> None:
    churn = replace(FRAUD, team="churn", accounts={"development": "333333333333"})
    for record in (FRAUD, churn):
        assert teams.write(record, over=None)
    assert teams.read("fraud") == FRAUD
    assert teams.all() == ["churn", "fraud"]
    assert teams.of_account("222222222222") == ["fraud"]
    assert teams.of_account("333333333333") == ["churn"]
    assert teams.of_owner("owner@acme.example") == ["churn", "fraud"]
    assert teams.of_account("999999999999") == []
    assert teams.read("nobody") is None


def test_a_written_team_has_nothing_of_its_former_record(teams: TeamRecords) -> None:
    teams.write(FRAUD, over=None)
    changed = replace(FRAUD, owner="new@acme.example", users={"ben": "data-scientist"}, grants={})
    assert teams.write(changed, over=teams.read("fraud"))
    assert teams.read("fraud") == changed
    assert teams.of_owner("owner@acme.example") == []


def test_the_same_record_again_writes_nothing(teams: TeamRecords, monkeypatch: pytest.MonkeyPatch) -> None:
    teams.write(FRAUD, over=None)
    monkeypatch.setattr(CatalogItems, "transact", lambda *_: pytest.fail("an item was written"))
    assert teams.write(FRAUD, over=teams.read("fraud"))


@pytest.mark.parametrize("first", [None, FRAUD])
def test_a_writer_that_read_before_another_wrote_is_refused(teams: TeamRecords, first: TeamRecord | None) -> None:
    if first is not None:
        teams.write(first, over=None)
    read = teams.read("fraud")
    other = replace(FRAUD, accounts={}, users={"ben": "data-scientist"}, owner="new@acme.example")
    assert teams.write(other, over=read)
    assert not teams.write(replace(FRAUD, grants={}), over=read)
    assert teams.read("fraud") == other


def test_a_write_between_reading_and_writing_changes_nothing(
    teams: TeamRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    teams.write(FRAUD, over=None)
    read, reading = teams.read("fraud"), CatalogItems.of
    other = replace(FRAUD, users={})

    def of(items: CatalogItems, partition: str) -> list[Item]:
        """The other writer writes after the items were read, and before anything is written."""
        found = list(reading(items, partition))
        monkeypatch.setattr(CatalogItems, "of", reading)
        assert teams.write(other, over=read)
        return found

    monkeypatch.setattr(CatalogItems, "of", of)
    assert not teams.write(replace(FRAUD, accounts={}), over=read)
    assert teams.read("fraud") == other


def test_two_writers_at_once_lose_no_change(teams: TeamRecords) -> None:
    teams.write(FRAUD, over=None)

    def added(known: TeamRecord | None, name: str) -> TeamRecord:
        assert known is not None
        return replace(known, users={**known.users, name: "data-scientist"})

    def interrupted(known: TeamRecord | None) -> TeamRecord:
        """Another writer writes while this one computes the record, the first time."""
        if known is not None and "ben" not in known.users:
            teams.update("fraud", lambda known: added(known, "ben"))
        return added(known, "chloe")

    teams.update("fraud", interrupted)
    found = teams.read("fraud")
    assert found is not None
    assert set(found.users) == {"ana", "ben", "chloe"}


def test_a_record_that_others_keep_changing_is_refused(teams: TeamRecords) -> None:
    numbers = iter(range(1, 100))

    def overtaken(_known: TeamRecord | None) -> TeamRecord:
        teams.write(replace(FRAUD, monthly_budget_usd=next(numbers)), over=teams.read("fraud"))
        return FRAUD

    with pytest.raises(RefusedError, match="others keep changing the record of fraud"):
        teams.update("fraud", overtaken)


def test_a_team_with_more_items_than_a_transaction_takes_is_written_and_cleared(teams: TeamRecords) -> None:
    many = replace(FRAUD, grants={f"data-lake--{number}": "development" for number in range(250)})
    assert teams.write(many, over=None)
    assert teams.read("fraud") == many
    assert teams.write(FRAUD, over=teams.read("fraud"))
    assert teams.read("fraud") == FRAUD


def test_a_record_without_a_revision_can_be_replaced(teams: TeamRecords, items: CatalogItems) -> None:
    for item in FRAUD.items():
        items.put({name: value for name, value in item.items() if name != "revision"})
    assert teams.write(replace(FRAUD, status="decommissioned"), over=teams.read("fraud"))
    found = teams.read("fraud")
    assert found is not None
    assert (found.status, found.revision) == ("decommissioned", 1)


@pytest.mark.threat("T-01")
def test_look_up_values_under_keys_of_people_find_no_team(teams: TeamRecords, items: CatalogItems) -> None:
    items.put({PARTITION: "person#mallory", SORT: "account#development", LOOKUP: "account#222222222222"})
    assert teams.of_account("222222222222") == []
