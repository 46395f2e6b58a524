"""Tests of the guardrails of the example organization, with another client than the one that created them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.organization.policy_limits import max_characters
from settings.files.loader import load
from settings.types.aws.document_limits import POLICIES_OF_A_TARGET
from tests.support.workbench import Workbench

TEAMS = ("churn", "fraud")
ATTACHMENT = "aws:organizations/policyAttachment:PolicyAttachment"
POLICY = "aws:organizations/policy:Policy"


def attached(acme: Workbench, target: str) -> dict[str, dict[str, Any]]:
    """Policies of ours on one root, unit or account, by name."""
    organizations = acme.client("organizations")
    found = {}
    for type_ in POLICIES_OF_A_TARGET:
        for listed in organizations.list_policies_for_target(TargetId=target, Filter=type_)["Policies"]:
            if not listed["AwsManaged"]:
                policy = organizations.describe_policy(PolicyId=listed["Id"])["Policy"]
                found[listed["Name"]] = policy["PolicySummary"] | {"Content": policy["Content"]}
    return found


def on_units(acme: Workbench) -> dict[str, set[str]]:
    outputs = acme.outputs("organization")
    return {path: set(attached(acme, unit)) for path, unit in outputs["organizational_units"].items()}


@pytest.mark.requirement("ACC-05.b", "ACC-09.b")
def test_every_unit_is_under_the_guardrails_of_its_sort(acme: Workbench) -> None:
    assert on_units(acme) == {
        "Security": {"plinth-one-way-out"},
        "Infrastructure": {"plinth-one-way-out"},
        "Data": {"plinth-no-way-out", "plinth-models"},
        "Tooling": {"plinth-one-way-out", "plinth-models", "plinth-registry"},
        "Workloads": {"plinth-models", "plinth-work"},
        "Workloads/NonProduction": {"plinth-one-way-out", "plinth-experiments"},
        "Workloads/Production": {"plinth-no-way-out", "plinth-releases"},
        "Suspended": {"plinth-suspended"},
        "Recycled": {"plinth-suspended"},
    }


def test_the_root_holds_what_every_account_is_under_from_its_birth(acme: Workbench) -> None:
    everywhere = attached(acme, acme.outputs("organization")["root_id"])
    assert {policy["Type"] for policy in everywhere.values()} == POLICIES_OF_A_TARGET.keys()
    sids = {
        statement["Sid"][:5]
        for policy in everywhere.values()
        for statement in json.loads(policy["Content"]).get("Statement", ())
    }
    assert sids >= {f"SCP{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 17)}
    assert sids >= {f"RCP{number:02}" for number in (1, 2, 3, 5)}


def test_the_lake_is_guarded_in_its_account(acme: Workbench) -> None:
    outputs = acme.outputs("organization")
    lake = outputs["accounts"]["data-lake"]
    guarded = attached(acme, lake)
    assert guarded.keys() == {"plinth-lake"}
    readers = json.loads(guarded["plinth-lake"]["Content"])["Statement"][0]["Condition"]
    workloads = outputs["organizational_units"]["Workloads"]
    path = f"{outputs['organization_id']}/{outputs['root_id']}/{workloads}/*"
    assert path in readers["ForAllValues:StringNotLike"]["aws:PrincipalOrgPaths"]


def test_the_texts_are_those_of_the_program_and_within_limits(acme: Workbench) -> None:
    organizations = acme.client("organizations")
    policies = [resource for resource in acme.state("organization") if resource["type"] == POLICY]
    assert policies
    for resource in policies:
        policy = organizations.describe_policy(PolicyId=resource["id"])["Policy"]
        assert policy["Content"] == resource["inputs"]["content"]
        assert len(policy["Content"]) <= max_characters(policy["PolicySummary"]["Type"])


def test_nothing_is_attached_beside_what_the_program_attaches(acme: Workbench) -> None:
    organizations = acme.client("organizations")
    program = {
        (resource["inputs"]["policyId"], resource["inputs"]["targetId"])
        for stack in ("organization", "fraud", "churn")
        for resource in acme.state(stack)
        if resource["type"] == ATTACHMENT
    }
    found = {
        (resource["id"], target["TargetId"])
        for resource in acme.state("organization")
        if resource["type"] == POLICY
        for target in organizations.list_targets_for_policy(PolicyId=resource["id"])["Targets"]
    }
    assert found == program


@pytest.mark.requirement("ACC-05.b")
def test_only_accounts_without_a_studio_are_closed_to_work_by_hand(acme: Workbench) -> None:
    accounts = acme.outputs("fraud")["accounts"]
    closed = {environment for environment, account in accounts.items() if "plinth-no-studio" in attached(acme, account)}
    assert closed == {"preproduction", "production"}


def accounts(acme: Workbench) -> set[str]:
    """Every account but the management account, which is nobody's member."""
    outputs = acme.outputs("organization")
    durable = set(outputs["accounts"].values()) - {outputs["management_account_id"]}
    return durable | {account for team in TEAMS for account in acme.outputs(team)["accounts"].values()}


@pytest.mark.parametrize("kind", ["BILLING", "SECURITY"])
def test_aws_knows_whom_to_call_about_every_account(acme: Workbench, kind: str) -> None:
    contact = load(acme.project).organization.contacts[kind.lower()]  # type: ignore[index]
    client = acme.client("account")
    addresses = [{"AccountId": account} for account in accounts(acme)]
    for address in ({}, *addresses):
        found = client.get_alternate_contact(AlternateContactType=kind, **address)["AlternateContact"]
        assert (found["Name"], found["EmailAddress"]) == (contact.name, contact.email)


def test_root_users_are_managed_centrally(acme: Workbench) -> None:
    features = acme.client("iam").list_organizations_features()["EnabledFeatures"]
    assert set(features) == {"RootCredentialsManagement", "RootSessions"}


def test_the_audit_account_administers_what_watches(acme: Workbench) -> None:
    audit = acme.outputs("organization")["accounts"]["audit"]
    organizations = acme.client("organizations")
    for service in ("access-analyzer", "cloudtrail", "config", "config-multiaccountsetup"):
        listed = organizations.list_delegated_administrators(ServicePrincipal=f"{service}.amazonaws.com")
        assert [found["Id"] for found in listed["DelegatedAdministrators"]] == [audit]
    (guardduty,) = acme.client("guardduty").list_organization_admin_accounts()["AdminAccounts"]
    (security_hub,) = acme.client("securityhub").list_organization_admin_accounts()["AdminAccounts"]
    (inspector,) = acme.client("inspector2").list_delegated_admin_accounts()["delegatedAdminAccounts"]
    assert (guardduty["AdminAccountId"], security_hub["AccountId"], inspector["accountId"]) == (audit, audit, audit)


@pytest.mark.requirement("COST-01")
def test_every_shared_account_has_a_budget_that_its_owner_hears_of(acme: Workbench) -> None:
    management = acme.outputs("organization")["management_account_id"]
    budgets = acme.client("budgets")
    watched = set()
    for kind, account in acme.outputs("organization")["accounts"].items():
        address = {"AccountId": management, "BudgetName": f"acme-{kind}"}
        watched.update(budgets.describe_budget(**address)["Budget"]["CostFilters"]["LinkedAccount"])
        assert account in watched
        assert len(budgets.describe_notifications_for_budget(**address)["Notifications"]) == 2
