"""Lookups of the organization, its units, accounts and policies, and of Identity Center."""

from __future__ import annotations

import time
from collections.abc import Mapping

from selfservice.engine.account_access import Account
from selfservice.engine.resource_lookup.lookup import Composed, Listed, Lookup, Properties, Searched, first, named

_POLL_SECONDS = 5.0


def _organization(_: Properties, account: Account) -> str | None:
    client = account.client("organizations")
    try:
        return str(client.describe_organization()["Organization"]["Id"])
    except client.exceptions.AWSOrganizationsNotInUseException:
        return None


def _organizational_unit(inputs: Properties, account: Account) -> str | None:
    units = account.every(
        "organizations",
        "list_organizational_units_for_parent",
        "OrganizationalUnits",
        ParentId=inputs["parentId"],
    )
    return first(unit["Id"] for unit in units if unit["Name"] == inputs["name"])


def _account(inputs: Properties, account: Account) -> str | None:
    _wait_while_in_the_making(inputs["name"], account)
    # AWS ignores the case of addresses. A closed account keeps its address and must not be imported.
    members = account.every("organizations", "list_accounts", "Accounts")
    wanted = inputs["email"].casefold()
    return first(m["Id"] for m in members if m["Email"].casefold() == wanted and m["Status"] == "ACTIVE")


def _wait_while_in_the_making(account_name: str, account: Account) -> None:
    """Waits until AWS has created the account, which takes a minute or more and is listed only then."""
    while any(
        request["AccountName"] == account_name
        for request in account.every(
            "organizations", "list_create_account_status", "CreateAccountStatuses", States=["IN_PROGRESS"]
        )
    ):
        time.sleep(_POLL_SECONDS)


def _organization_policy(inputs: Properties, account: Account) -> str | None:
    kind = inputs.get("type", "SERVICE_CONTROL_POLICY")
    policies = account.every("organizations", "list_policies", "Policies", Filter=kind)
    return first(policy["Id"] for policy in policies if policy["Name"] == inputs["name"])


def _permission_set(inputs: Properties, account: Account) -> str | None:
    """Reads each permission set to compare its name, because the listing contains only ARNs."""
    client, instance = account.client("sso-admin"), inputs["instanceArn"]
    for arn in account.every("sso-admin", "list_permission_sets", "PermissionSets", InstanceArn=instance):
        found = client.describe_permission_set(InstanceArn=instance, PermissionSetArn=arn)["PermissionSet"]
        if found["Name"] == inputs["name"]:
            return f"{arn},{instance}"
    return None


LOOKUPS: Mapping[str, Lookup] = {
    "aws:organizations/organization:Organization": Searched(_organization, ()),
    "aws:organizations/organizationalUnit:OrganizationalUnit": Searched(_organizational_unit, ("parentId", "name")),
    "aws:organizations/account:Account": Searched(_account, ("email",)),
    "aws:organizations/policy:Policy": Searched(_organization_policy, ("type", "name")),
    "aws:organizations/policyAttachment:PolicyAttachment": Composed("{targetId}:{policyId}"),
    "aws:budgets/budget:Budget": Composed("{@account}:{name}"),
    "aws:identitystore/group:Group": Listed(
        "identitystore",
        "list_groups",
        "Groups",
        "GroupId",
        {"DisplayName": "displayName"},
        {"IdentityStoreId": "{identityStoreId}"},
        pattern="{identityStoreId}/{@found}",
    ),
    "aws:ssoadmin/accountAssignment:AccountAssignment": Composed(
        "{principalId},{principalType},{targetId},{targetType},{permissionSetArn},{instanceArn}"
    ),
    "aws:ssoadmin/applicationAssignment:ApplicationAssignment": Composed(
        "{applicationArn},{principalId},{principalType}"
    ),
    "aws:ssoadmin/instanceAccessControlAttributes:InstanceAccessControlAttributes": named("instanceArn"),
    "aws:ssoadmin/permissionSet:PermissionSet": Searched(_permission_set, ("instanceArn", "name")),
}
