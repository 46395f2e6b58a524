"""Teams in the team catalog are found by name, account and owner, and lose what they no longer have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from selfservice.catalog.items import CatalogItems
from selfservice.catalog.team_records import TeamRecord, TeamRecords
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


@pytest.mark.requirement("GOV-04")
def test_a_team_is_found_by_name_account_and_owner(teams: TeamRecords) -> None:
    churn = replace(FRAUD, team="churn", accounts={"development": "333333333333"})
    for record in (FRAUD, churn):
        teams.write(record)
    assert teams.read("fraud") == FRAUD
    assert teams.all() == ["churn", "fraud"]
    assert teams.of_account("222222222222") == ["fraud"]
    assert teams.of_account("333333333333") == ["churn"]
    assert teams.of_owner("owner@acme.example") == ["churn", "fraud"]
    assert teams.of_account("999999999999") == []
    assert teams.read("nobody") is None


def test_a_written_team_has_nothing_of_its_former_record(teams: TeamRecords) -> None:
    teams.write(FRAUD)
    changed = replace(FRAUD, owner="new@acme.example", users={"ben": "data-scientist"}, grants={})
    teams.write(changed)
    assert teams.read("fraud") == changed
    assert teams.of_owner("owner@acme.example") == []


def test_the_same_record_again_writes_nothing(teams: TeamRecords, monkeypatch: pytest.MonkeyPatch) -> None:
    teams.write(FRAUD)
    monkeypatch.setattr(CatalogItems, "put", lambda *_: pytest.fail("an item was written"))
    teams.write(FRAUD)


@pytest.mark.threat("T-01")
def test_look_up_values_under_keys_of_people_find_no_team(teams: TeamRecords, items: CatalogItems) -> None:
    items.put({PARTITION: "person#mallory", SORT: "account#development", LOOKUP: "account#222222222222"})
    assert teams.of_account("222222222222") == []
