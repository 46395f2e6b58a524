"""Amazon Macie."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Resource

ACCOUNT = Resource(
    type="aws:macie2/account:Account",
    create="enable_macie",
    identifier="{@account}",
    read="get_macie_session",
    update=["update_macie_session"],
    delete="disable_macie",
    defaults={"findingPublishingFrequency": "FIFTEEN_MINUTES", "status": "ENABLED"},
    volatile=["updatedAt"],
    name=None,
)

ORGANIZATION_CONFIGURATION = Resource(
    type="aws:macie2/organizationConfiguration:OrganizationConfiguration",
    put="update_organization_configuration",
    identifier="{@account}",
    read="describe_organization_configuration",
    delete=Call("update_organization_configuration", {"autoEnable": False}),
    name=None,
)

ORGANIZATION_ADMIN_ACCOUNT = Resource(
    type="aws:macie2/organizationAdminAccount:OrganizationAdminAccount",
    create="enable_organization_admin_account",
    identifier="{adminAccountId}",
    read=Call("list_organization_admin_accounts", within="adminAccounts[?accountId=='{adminAccountId}'] | [0]"),
    delete="disable_organization_admin_account",
    absent="is not a delegated administrator",
    name=None,
)

RESOURCES = [ORGANIZATION_ADMIN_ACCOUNT, ACCOUNT, ORGANIZATION_CONFIGURATION]
