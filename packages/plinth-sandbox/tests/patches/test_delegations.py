"""Patches for delegated administrators, root management and contacts: the emulator refuses what AWS refuses."""

import itertools
from typing import Any

import pytest

from plinth_sandbox.testing import EmulatedAws, refusal

STRANGER = "210987654321"
_numbers = itertools.count(800_000_000_000)


@pytest.fixture
def management(aws: EmulatedAws) -> str:
    """Returns the management account of a separate organization."""
    account = str(next(_numbers))
    aws.client("organizations", account).create_organization(FeatureSet="ALL")
    return account


def member(aws: EmulatedAws, management: str, name: str) -> str:
    organizations: Any = aws.client("organizations", management)
    asked = organizations.create_account(Email=f"aws+{name}{management}@acme.example", AccountName=name)
    return str(asked["CreateAccountStatus"]["AccountId"])


def test_an_organization_has_one_delegated_administrator(aws: EmulatedAws, management: str):
    first, second = (member(aws, management, name) for name in ("one", "two"))
    guardduty = aws.client("guardduty", management)
    guardduty.enable_organization_admin_account(AdminAccountId=first)
    assert refusal(guardduty.enable_organization_admin_account, AdminAccountId=second) == "BadRequestException"
    guardduty.disable_organization_admin_account(AdminAccountId=first)
    assert guardduty.list_organization_admin_accounts()["AdminAccounts"] == []
    guardduty.enable_organization_admin_account(AdminAccountId=second)
    (listed,) = guardduty.list_organization_admin_accounts()["AdminAccounts"]
    assert listed == {"AdminAccountId": second, "AdminStatus": "ENABLED"}


def test_delegation_enables_the_detector_and_the_hub_of_the_administrator(aws: EmulatedAws, management: str):
    administrator = member(aws, management, "audit")
    guardduty, hub = aws.client("guardduty", administrator), aws.client("securityhub", administrator)
    assert guardduty.list_detectors()["DetectorIds"] == []
    assert refusal(hub.describe_hub) == "InvalidAccessException"
    aws.client("guardduty", management).enable_organization_admin_account(AdminAccountId=administrator)
    aws.client("securityhub", management).enable_organization_admin_account(AdminAccountId=administrator)
    (detector,) = guardduty.list_detectors()["DetectorIds"]
    assert guardduty.get_detector(DetectorId=detector)["Status"] == "ENABLED"
    assert hub.describe_hub()["AutoEnableControls"] is True
    assert refusal(guardduty.create_detector, Enable=True) == "BadRequestException"


def test_administration_is_delegated_only_to_members(aws: EmulatedAws, management: str):
    guardduty = aws.client("guardduty", management)
    assert refusal(guardduty.enable_organization_admin_account, AdminAccountId=STRANGER) == "BadRequestException"
    assert guardduty.list_organization_admin_accounts()["AdminAccounts"] == []


def test_root_users_are_managed_only_where_iam_is_trusted(aws: EmulatedAws, management: str):
    iam = aws.client("iam", management)
    assert refusal(iam.enable_organizations_root_sessions) == "ServiceAccessNotEnabledException"
    aws.client("organizations", management).enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    iam.enable_organizations_root_sessions()
    assert iam.list_organizations_features()["EnabledFeatures"] == ["RootSessions"]
    iam.disable_organizations_root_sessions()
    assert iam.list_organizations_features()["EnabledFeatures"] == []


def test_contacts_can_be_set_only_for_members(aws: EmulatedAws, management: str):
    account = aws.client("account", management)
    aws.client("organizations", management).enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    address = {"AlternateContactType": "SECURITY"}
    assert refusal(account.get_alternate_contact, AccountId=STRANGER, **address) == "AccessDeniedException"
    ours = member(aws, management, "audit")
    assert refusal(account.get_alternate_contact, AccountId=ours, **address) == "ResourceNotFoundException"
