"""Amazon Inspector."""

from __future__ import annotations

from plinth_sandbox.provider.functions.security.inspector2 import disable, enable, read_status
from plinth_sandbox.provider.vocabulary import Call, Resource, Update

ENABLER = Resource(
    type="aws:inspector2/enabler:Enabler",
    create=enable,
    creates=["accountIds", "resourceTypes"],
    read=read_status,
    update=[Update(enable, carries=["resourceTypes"])],
    delete=disable,
    name=None,
)

_CLEARED = {"ec2": False, "ecr": False, "lambda": False, "lambdaCode": False}

ORGANIZATION_CONFIGURATION = Resource(
    type="aws:inspector2/organizationConfiguration:OrganizationConfiguration",
    put="update_organization_configuration",
    identifier="{@account}",
    read="describe_organization_configuration",
    delete=Call("update_organization_configuration", {"autoEnable": _CLEARED}),
    defaults={"autoEnable.lambda": False, "autoEnable.lambdaCode": False, "autoEnable.codeRepository": False},
    name=None,
)

DELEGATED_ADMIN_ACCOUNT = Resource(
    type="aws:inspector2/delegatedAdminAccount:DelegatedAdminAccount",
    create="enable_delegated_admin_account",
    identifier="{accountId}",
    address={"delegatedAdminAccountId": "{accountId}"},
    read=Call(
        "list_delegated_admin_accounts",
        within="delegatedAdminAccounts[?accountId=='{accountId}'] | [0]",
        gives={"relationshipStatus": "delegatedAdminAccounts[?accountId=='{accountId}'].status | [0]"},
    ),
    delete="disable_delegated_admin_account",
    absent="is not a delegated administrator",
    name=None,
)

RESOURCES = [DELEGATED_ADMIN_ACCOUNT, ENABLER, ORGANIZATION_CONFIGURATION]
