"""The reader founds an organization, changes its settings and removes a team, command by command."""

from __future__ import annotations

import pytest

from tests.support.guides.follow import follow
from tests.support.guides.shell import Shell
from tests.support.workbench import REPOSITORY, Workbench

"""A page runs in one test, and takes a third of this on a machine with two busy cores."""

LEAVING = "fraud"
"""The team that the reader removes."""


@pytest.mark.requirement("GOV-03")
def test_an_organization_is_founded_in_five_commands(acme: Workbench, shell: Shell) -> None:
    follow("docs/guides/own-organization.md", shell, acme.project)
    accounts = {account["Name"] for account in acme.client("organizations").list_accounts()["Accounts"]}
    assert accounts >= {"acme-audit", "acme-churn-experimentation", "acme-fraud-experimentation"}


def test_its_settings_are_changed_as_the_page_says(acme: Workbench, connected: Shell) -> None:
    (acme.project / "environments/medium").symlink_to(REPOSITORY / "environments/medium")
    follow("docs/guides/configuration.md", connected, acme.project)
    assert "sales-experimentation" in acme.stacks()


@pytest.mark.requirement("GOV-09.b")
def test_a_pull_request_is_reviewed_as_the_page_says(acme: Workbench, connected: Shell) -> None:
    def limits() -> set[float]:
        budgets = acme.client("budgets").describe_budgets(
            AccountId=acme.client("sts").get_caller_identity()["Account"]
        )["Budgets"]
        return {float(budget["BudgetLimit"]["Amount"]) for budget in budgets}

    before = limits()
    assert "limitAmount: 5000 -> 6000" in follow("docs/guides/pull-requests.md", connected, acme.project)
    assert limits() == before


@pytest.mark.requirement("GOV-06.a")
def test_a_team_leaves_nothing_but_its_accounts(acme: Workbench, connected: Shell) -> None:
    accounts = set(acme.outputs(LEAVING)["accounts"].values())
    follow("docs/guides/command-line.md", connected, acme.project)
    organizations = acme.client("organizations")
    (root,) = organizations.list_roots()["Roots"]
    units = organizations.list_organizational_units_for_parent(ParentId=root["Id"])["OrganizationalUnits"]
    (suspended,) = (unit["Id"] for unit in units if unit["Name"] == "Suspended")
    kept = organizations.list_accounts_for_parent(ParentId=suspended)["Accounts"]
    assert {account["Id"] for account in kept} == accounts
    assert [stack for stack in acme.stacks() if stack.startswith(LEAVING)] == []
    assert list((acme.project / "environments").glob(f"Pulumi.{LEAVING}*")) == []
    for account in accounts:
        assert acme.client("s3", account).list_buckets()["Buckets"] == []
        assert acme.client("iam", account).list_roles(PathPrefix="/plinth/")["Roles"] == []
