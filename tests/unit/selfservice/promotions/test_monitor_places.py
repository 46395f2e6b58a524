"""Which use cases `plinth monitor` reads with which credentials."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from selfservice.engine.account_access import Account
from selfservice.errors import NotConnectedError
from selfservice.projects.project import Project
from selfservice.promotions.monitoring import comparisons, places
from selfservice.promotions.monitoring.comparisons import newest_rows
from selfservice.promotions.monitoring.places import monitor_places

MANAGEMENT, FRAUD, CHURN = "999999999999", "111111111111", "222222222222"
PROJECT = cast(
    Project,
    SimpleNamespace(
        graph=["organization", "fraud--scoring", "fraud--disputes", "churn--loyalty"],
        home_region="eu-west-1",
        management_account_id=MANAGEMENT,
    ),
)


def monitored(team: str, use_case: str, account: str) -> list[dict[str, Any]]:
    urn = f"urn:pulumi:x::plinth::pulumi:providers:aws::{team}-production"
    provider = {"urn": urn, "id": "1", "type": "pulumi:providers:aws"}
    role = {"type": "aws:iam/role:Role", "id": f"{team}--{use_case}-prod-monitoring", "provider": f"{urn}::1"}
    return [{**provider, "inputs": {"allowedAccountIds": f'["{account}"]', "region": "eu-west-1"}}, role]


@pytest.fixture(autouse=True)
def _states(monkeypatch: pytest.MonkeyPatch) -> None:
    states = {
        "fraud--scoring": monitored("fraud", "scoring", FRAUD),
        "fraud--disputes": [],
        "churn--loyalty": monitored("churn", "loyalty", CHURN),
    }
    monkeypatch.setattr(
        places, "resources_by_stack", lambda project, stacks: {stack: states[stack] for stack in stacks}
    )


def seen_from(account: str | None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    own = None if account is None else Account(id=account, region="eu-west-1", role_arn=None)
    monkeypatch.setattr(places, "current_account", lambda region: own)
    return {
        monitor_place.names.prefix: monitor_place.account.role_arn
        for monitor_place in monitor_places(PROJECT, "production")
    }


def test_the_management_account_reads_all_teams_and_another_account_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    role = "arn:aws:iam::{}:role/OrganizationAccountAccessRole"
    assert seen_from(MANAGEMENT, monkeypatch) == {
        "fraud--scoring": role.format(FRAUD),
        "churn--loyalty": role.format(CHURN),
    }
    assert seen_from(FRAUD, monkeypatch) == {"fraud--scoring": None}
    assert seen_from("333333333333", monkeypatch) == {}


def test_a_shell_without_credentials_is_told_to_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotConnectedError, match="sign in to the management account"):
        seen_from(None, monkeypatch)


def test_a_use_case_that_was_not_compared_yet_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    seen_from(MANAGEMENT, monkeypatch)
    compared = {"window": "2026-11-27", "version": "a/3", "rows": 9, "verdict": "quiet", "findings": [], "columns": []}
    monkeypatch.setattr(comparisons, "reports", lambda place, most: [compared] if place.names.team == "fraud" else [])
    fraud, churn = newest_rows(monitor_places(PROJECT, "production"))
    assert (fraud["use_case"], fraud["version"], fraud["verdict"]) == ("fraud--scoring", "3", "quiet")
    assert churn == {"use_case": "churn--loyalty", "verdict": "not compared yet"}
