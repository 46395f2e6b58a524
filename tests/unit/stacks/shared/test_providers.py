import json

import pytest

from settings.types.aws.account_access import AccountAccess
from stacks.shared.providers.accounts import NoDeployerRoleError, entering
from tests.support.every_stack import DATA_SOURCES, deploy_stack, example_deployment, example_foundation

PROVIDER = "pulumi:providers:aws"
SHORT = ("identity", "fraud", "network")
"""Stacks of the management account and of a member account."""


def roles_of(recorder):
    """The roles that the providers of a stack assume: one by account, or None."""
    found = {}
    for provider in recorder.all(PROVIDER):
        (account,) = json.loads(provider.inputs["allowedAccountIds"])
        assumed = json.loads(provider.inputs.get("assumeRoles") or "[]")
        found[account] = assumed[0]["roleArn"] if assumed else None
    return found


def deployed(stack, access):
    example = example_deployment()
    with entering(access):
        return deploy_stack(
            stack, example_foundation(), upstream=example.outputs_before(stack), data_sources=DATA_SOURCES
        )


@pytest.mark.threat("T-15")
@pytest.mark.parametrize("stack", SHORT)
def test_a_review_enters_every_account_with_the_role_that_only_reads(stack):
    for account, role in roles_of(deployed(stack, AccountAccess(reads_only=True))).items():
        assert role == f"arn:aws:iam::{account}:role/plinth/platform-reviewer"


@pytest.mark.parametrize("stack", SHORT)
def test_a_deployment_enters_member_accounts_with_their_access_role_and_the_management_account_with_none(stack):
    management = example_deployment()["organization"].exports["management_account_id"]
    for account, role in roles_of(deployed(stack, AccountAccess())).items():
        access = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        assert role == (None if account == management else access)


def test_a_pod_enters_member_accounts_as_their_deployer_for_a_named_person():
    recorder = deployed("network", AccountAccess(person="ada"))
    for provider in recorder.all(PROVIDER):
        (account,) = json.loads(provider.inputs["allowedAccountIds"])
        (assumed,) = json.loads(provider.inputs["assumeRoles"])
        assert assumed == AccountAccess(person="ada").assumed_role("network", account)
        assert assumed["roleArn"] == f"arn:aws:iam::{account}:role/plinth/platform-deployer"


@pytest.mark.parametrize("stack", ["identity", "fraud"])
def test_a_pod_does_not_enter_the_management_account(stack):
    with pytest.raises(NoDeployerRoleError, match="has no deployer role"):
        deployed(stack, AccountAccess(person="ada"))
