"""Assignments of people in Identity Center, read back with a client that did not create them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from settings.types.kinds import ENVIRONMENTS
from tests.support.workbench import Workbench


class Center:
    """The organization's instance of Identity Center."""

    def __init__(self, acme: Workbench) -> None:
        outputs = acme.outputs("identity")
        self.client, self.directory = acme.client("sso-admin"), acme.client("identitystore")
        self.instance, self.store = outputs["instance_arn"], outputs["identity_store_id"]

    @property
    def permission_sets(self) -> dict[str, dict[str, Any]]:
        pages = self.client.get_paginator("list_permission_sets").paginate(InstanceArn=self.instance)
        arns = [arn for page in pages for arn in page["PermissionSets"]]
        found = [self._of(self.client.describe_permission_set, arn)["PermissionSet"] for arn in arns]
        return {permission_set["Name"]: permission_set for permission_set in found}

    @property
    def groups(self) -> dict[str, str]:
        """Name by id."""
        pages = self.directory.get_paginator("list_groups").paginate(IdentityStoreId=self.store)
        return {group["GroupId"]: group["DisplayName"] for page in pages for group in page["Groups"]}

    def policy(self, arn: str) -> list[dict[str, Any]]:
        text = self._of(self.client.get_inline_policy_for_permission_set, arn)["InlinePolicy"]
        return list(json.loads(text)["Statement"])

    def boundary(self, arn: str) -> str:
        answer = self._of(self.client.get_permissions_boundary_for_permission_set, arn)
        return str(answer["PermissionsBoundary"]["ManagedPolicyArn"])

    def assignments(self) -> Iterator[tuple[str, str, str]]:
        """Group, permission set and account of each."""
        for group_id, group in self.groups.items():
            pages = self.client.get_paginator("list_account_assignments_for_principal").paginate(
                InstanceArn=self.instance, PrincipalId=group_id, PrincipalType="GROUP"
            )
            names = {permission_set["PermissionSetArn"]: name for name, permission_set in self.permission_sets.items()}
            for page in pages:
                for account_assignment in page["AccountAssignments"]:
                    yield group, names[account_assignment["PermissionSetArn"]], account_assignment["AccountId"]

    def _of(self, operation: Any, arn: str) -> dict[str, Any]:
        return dict(operation(InstanceArn=self.instance, PermissionSetArn=arn))


@pytest.fixture(scope="module")
def center(acme: Workbench) -> Center:
    return Center(acme)


@pytest.fixture(scope="module")
def assigned(center: Center) -> set[tuple[str, str, str]]:
    return set(center.assignments())


@pytest.mark.requirement("PER-01.a")
def test_every_permission_set_has_its_policy_under_the_ceiling_and_a_short_session(center: Center) -> None:
    sets = center.permission_sets
    assert len(sets) == 23
    assert {center.boundary(set_["PermissionSetArn"]) for set_ in sets.values()} == {
        "arn:aws:iam::aws:policy/PowerUserAccess"
    }
    assert all(center.policy(set_["PermissionSetArn"]) for set_ in sets.values())
    sessions = {name: set_["SessionDuration"] for name, set_ in sets.items()}
    assert sessions.pop("BreakGlass") == "PT1H"
    assert set(sessions.values()) == {"PT4H"}


def test_every_team_has_groups_of_its_own_and_everybody_else_has_one(center: Center) -> None:
    names = set(center.groups.values())
    assert {"plinth-auditor", "plinth-it-platform", "plinth-break-glass", "plinth-data-engineer"} <= names
    of_fraud = {name for name in names if name.startswith("plinth-fraud-")}
    of_churn = {name for name in names if name.startswith("plinth-churn-")}
    assert {name.replace("fraud", "churn") for name in of_fraud} == of_churn
    assert "plinth-fraud-data-scientist" in of_fraud
    assert len(names) == 5 + 2 * len(of_fraud)


@pytest.mark.requirement("PER-03.f", "PROD-01.d", "PRE-04.b")
def test_data_scientists_sign_in_to_their_teams_experiments_and_development_and_to_tooling(
    acme: Workbench, assigned: set[tuple[str, str, str]]
) -> None:
    accounts = acme.outputs("fraud")["accounts"]
    tooling = acme.outputs("organization")["accounts"]["tooling"]
    theirs = {(name, account) for group, name, account in assigned if group == "plinth-fraud-data-scientist"}
    assert theirs == {
        ("DataScientist-experimentation", accounts["experimentation"]),
        ("DataScientist-development", accounts["development"]),
        ("DataScientist-tooling", tooling),
    }


@pytest.mark.requirement("ACC-04.c")
def test_nobody_of_a_team_signs_in_to_another_teams_accounts(
    acme: Workbench, assigned: set[tuple[str, str, str]]
) -> None:
    of_churn = set(acme.outputs("churn")["accounts"].values())
    strangers = [
        assignment for assignment in assigned if assignment[0].startswith("plinth-fraud-") and assignment[2] in of_churn
    ]
    assert strangers == []


@pytest.mark.requirement("GOV-01")
def test_only_it_reaches_the_account_that_governs(acme: Workbench, assigned: set[tuple[str, str, str]]) -> None:
    governance = acme.outputs("organization")["accounts"]["governance"]
    assert {(group, name) for group, name, account in assigned if account == governance} == {
        ("plinth-it-platform", "ITPlatform-governance"),
    }


@pytest.mark.requirement("PER-11.a")
def test_auditors_sign_in_to_every_account_but_the_one_that_governs(
    acme: Workbench, assigned: set[tuple[str, str, str]]
) -> None:
    durable = {id_ for kind, id_ in acme.outputs("organization")["accounts"].items() if kind != "governance"}
    of_teams = [account for team in ("churn", "fraud") for account in acme.outputs(team)["accounts"].values()]
    assert {account for group, _, account in assigned if group == "plinth-auditor"} == {*durable, *of_teams}


@pytest.mark.requirement("PER-08.b")
def test_a_product_owner_sees_the_bill_of_each_of_the_teams_accounts(
    acme: Workbench, assigned: set[tuple[str, str, str]], center: Center
) -> None:
    accounts = acme.outputs("fraud")["accounts"]
    where = {account for group, name, account in assigned if name == "ProductOwner-bill" and "fraud" in group}
    assert where == {accounts[environment] for environment in ENVIRONMENTS}
    (statement,) = center.policy(center.permission_sets["ProductOwner-bill"]["PermissionSetArn"])
    assert {action.split(":")[0] for action in statement["Action"]} == {"billing", "budgets", "ce"}


def test_sessions_carry_the_team_and_the_name_of_the_person(center: Center) -> None:
    answer = center.client.describe_instance_access_control_attribute_configuration(InstanceArn=center.instance)
    attributes = answer["InstanceAccessControlAttributeConfiguration"]["AccessControlAttributes"]
    assert {attribute["Key"]: attribute["Value"]["Source"] for attribute in attributes} == {
        "plinth:team": ["${path:enterprise.department}"],
        "plinth:user": ["${path:userName}"],
    }


@pytest.mark.requirement("GOV-03", "TOOL-06.c")
@pytest.mark.parametrize("team", ["churn", "fraud"])
def test_the_account_that_governs_deploys_into_a_teams_accounts_by_one_bounded_role(acme: Workbench, team: str) -> None:
    governance = acme.outputs("organization")["accounts"]["governance"]
    for account in acme.outputs(team)["accounts"].values():
        role = acme.client("iam", account).get_role(RoleName="platform-deployer")["Role"]
        assert role["Path"] == "/plinth/"
        boundary = role["PermissionsBoundary"]["PermissionsBoundaryArn"]
        assert boundary == f"arn:aws:iam::{account}:policy/plinth/platform-deployer-boundary"
        enters, tags = role["AssumeRolePolicyDocument"]["Statement"]
        for trust in (enters, tags):
            runner = trust["Condition"]["ArnEquals"]["aws:PrincipalArn"]
            assert runner == f"arn:aws:iam::{governance}:role/plinth/platform-runner"
        assert tags["Action"] == "sts:TagSession"
        assert enters["Condition"]["Null"] == {"sts:SourceIdentity": "false"}


@pytest.mark.requirement("GOV-03", "PER-16.c")
def test_the_account_that_governs_has_a_runner_that_enters_accounts_as_their_deployer_alone(acme: Workbench) -> None:
    governance = acme.outputs("organization")["accounts"]["governance"]
    iam = acme.client("iam", governance)
    role = iam.get_role(RoleName="platform-runner")["Role"]
    assert role["Arn"] == acme.outputs("governance")["runner_role_arn"]
    boundary = role["PermissionsBoundary"]["PermissionsBoundaryArn"]
    assert boundary == f"arn:aws:iam::{governance}:policy/plinth/platform-runner-boundary"
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": governance}
    assert iam.list_attached_role_policies(RoleName="platform-runner")["AttachedPolicies"] == []
    (name,) = iam.list_role_policies(RoleName="platform-runner")["PolicyNames"]
    own = iam.get_role_policy(RoleName="platform-runner", PolicyName=name)["PolicyDocument"]["Statement"]
    assert {action for statement in own for action in statement["Action"]} == {
        "sts:AssumeRole", "sts:SetSourceIdentity", "logs:CreateLogStream", "logs:PutLogEvents",
    }  # fmt: skip


def test_deployers_of_all_accounts_pass_the_endpoints_of_the_account_that_governs(acme: Workbench) -> None:
    accounts = acme.outputs("organization")["accounts"]
    for kind in ("governance", "tooling"):
        found = acme.client("ec2", accounts[kind]).describe_vpc_endpoints()["VpcEndpoints"]
        said = {
            vpc_endpoint["ServiceName"].rpartition(".")[2]: {
                s["Sid"]: s for s in json.loads(vpc_endpoint["PolicyDocument"])["Statement"]
            }
            for vpc_endpoint in found
        }
        admitting = {service for service, by_sid in said.items() if "DeployersOnOurResources" in by_sid}
        assert admitting == (set(said) if kind == "governance" else set()), kind
        connecting = [by_sid["DeployersConnectToAws"] for by_sid in said.values() if "DeployersConnectToAws" in by_sid]
        owners = [statement["Condition"]["StringEquals"]["ec2:VpceServiceOwner"] for statement in connecting]
        assert owners == (["amazon"] if kind == "governance" else []), kind
