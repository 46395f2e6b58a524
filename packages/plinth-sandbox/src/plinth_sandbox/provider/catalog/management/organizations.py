"""AWS Organizations."""

from __future__ import annotations

from plinth_sandbox.provider.functions.management.organizations import (
    create_account,
    leave,
    move_account,
    read_members,
    read_parent,
    switch_policy_types,
    switch_services,
)
from plinth_sandbox.provider.vocabulary import Call, DataSource, Resource, Tagging, Update

NO_ORGANIZATION = "AWSOrganizationsNotInUse"
"""Error that an account outside of any organization gets. It means that the resource does not exist."""

TAGS = Tagging(address={"ResourceId": "{id}"})


ORGANIZATION = Resource(
    type="aws:organizations/organization:Organization",
    create=Call("create_organization", gives={"id": "Organization.Id"}),
    read=[Call("describe_organization", within="Organization"), read_members],
    update=[
        Update(switch_policy_types, carries=["enabledPolicyTypes"]),
        Update(switch_services, carries=["awsServiceAccessPrincipals"]),
    ],
    delete="delete_organization",
    absent=NO_ORGANIZATION,
    defaults={"featureSet": "ALL"},
    local=["returnOrganizationOnly"],
    name=None,
)

ORGANIZATIONAL_UNIT = Resource(
    type="aws:organizations/organizationalUnit:OrganizationalUnit",
    create=Call("create_organizational_unit", gives={"id": "OrganizationalUnit.Id"}),
    address={"OrganizationalUnitId": "{id}"},
    read=[Call("describe_organizational_unit", within="OrganizationalUnit"), read_parent],
    absent=NO_ORGANIZATION,
    update=["update_organizational_unit"],
    delete="delete_organizational_unit",
    tags=TAGS,
)

ACCOUNT = Resource(
    type="aws:organizations/account:Account",
    create=create_account,
    creates=["name", "email", "roleName", "iamUserAccessToBilling", "tags"],
    address={"AccountId": "{id}"},
    read=[Call("describe_account", within="Account"), read_parent],
    exists="Account.Status != 'SUSPENDED'",
    absent=NO_ORGANIZATION,
    update=[
        Update(move_account, carries=["parentId"]),
        # The organization must trust account.amazonaws.com, as it must with the vendor's provider.
        Update(Call("account:put_account_name", {"AccountName": "{name}"}, carries=["name"])),
    ],
    delete=leave,
    computed=["parentId"],
    local=["closeOnDeletion"],
    unread=["roleName", "iamUserAccessToBilling"],
    tags=TAGS,
)

POLICY = Resource(
    type="aws:organizations/policy:Policy",
    create=Call("create_policy", gives={"id": "Policy.PolicySummary.Id"}),
    address={"PolicyId": "{id}"},
    read=[Call("describe_policy", within="Policy.PolicySummary", gives={"content": "Policy.Content"})],
    absent=NO_ORGANIZATION,
    update=["update_policy"],
    delete="delete_policy",
    defaults={"type": "SERVICE_CONTROL_POLICY", "description": ""},
    local=["skipDestroy"],
    tags=TAGS,
)

POLICY_ATTACHMENT = Resource(
    type="aws:organizations/policyAttachment:PolicyAttachment",
    create="attach_policy",
    identifier="{targetId}:{policyId}",
    read=Call("list_targets_for_policy", within="Targets[?TargetId=='{targetId}'] | [0]"),
    absent=NO_ORGANIZATION,
    delete="detach_policy",
    local=["skipDestroy"],
    name=None,
)

DELEGATED_ADMINISTRATOR = Resource(
    type="aws:organizations/delegatedAdministrator:DelegatedAdministrator",
    create="register_delegated_administrator",
    identifier="{accountId}/{servicePrincipal}",
    read=Call(
        "list_delegated_administrators",
        {"ServicePrincipal": "{servicePrincipal}"},
        within="DelegatedAdministrators[?Id=='{accountId}'] | [0]",
    ),
    delete="deregister_delegated_administrator",
    absent=f"AccountNotRegistered|{NO_ORGANIZATION}",
    name=None,
)

THE_ORGANIZATION = DataSource(
    type="aws:organizations/getOrganization:getOrganization",
    read=[Call("describe_organization", within="Organization", gives={"id": "Organization.Id"}), read_members],
    identifier="{id}",
)

DATA_SOURCES = [THE_ORGANIZATION]

RESOURCES = [
    ORGANIZATION,
    ORGANIZATIONAL_UNIT,
    ACCOUNT,
    POLICY,
    POLICY_ATTACHMENT,
    DELEGATED_ADMINISTRATOR,
]
