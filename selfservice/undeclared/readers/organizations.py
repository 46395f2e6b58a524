"""AWS Organizations: delegated administrators, and policies that somebody attached."""

from __future__ import annotations

from collections.abc import Iterator

from selfservice.undeclared.finding import Danger, Finding
from selfservice.undeclared.reading import Reading

ATTACHMENT = "aws:organizations/policyAttachment:PolicyAttachment"
ADMINISTRATOR = "aws:organizations/delegatedAdministrator:DelegatedAdministrator"
_ADMINISTRATORS = {
    "aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount": "cloudtrail.amazonaws.com",
    "aws:guardduty/organizationAdminAccount:OrganizationAdminAccount": "guardduty.amazonaws.com",
    "aws:inspector2/delegatedAdminAccount:DelegatedAdminAccount": "inspector2.amazonaws.com",
    "aws:macie2/organizationAdminAccount:OrganizationAdminAccount": "macie.amazonaws.com",
    "aws:securityhub/organizationAdminAccount:OrganizationAdminAccount": "securityhub.amazonaws.com",
}
"""Types by which a service registers its administrator in the organization by itself, with its principal."""
_TYPES = (
    "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "TAG_POLICY", "BACKUP_POLICY", "AISERVICES_OPT_OUT_POLICY",
    "DECLARATIVE_POLICY_EC2",
)  # fmt: skip
_BY_AWS = ("p-FullAWSAccess", "p-RCPFullAWSAccess")
"""Policies that AWS attaches to everything by itself."""


def read(reading: Reading) -> Iterator[Finding]:
    """Yields delegated administrators and attached policies that no stack declares."""
    yield from _policies(reading)
    yield from _administrators(reading)


def _policies(reading: Reading) -> Iterator[Finding]:
    declared = {
        (str(attachment.properties["policyId"]), str(attachment.properties["targetId"]))
        for attachment in reading.declared.of(ATTACHMENT, account=reading.account.id)
    }
    for type_ in _TYPES:
        for policy in reading.every("organizations", "list_policies", "Policies", Filter=type_):
            if policy["Id"] in _BY_AWS:
                continue
            for target in reading.every("organizations", "list_targets_for_policy", "Targets", PolicyId=policy["Id"]):
                if (policy["Id"], target["TargetId"]) not in declared:
                    yield reading.found(
                        Danger.ACCOUNT,
                        policy["Arn"],
                        f"what the {type_.lower().replace('_', ' ')} {policy['Name']} says, which can lock people out",
                        f"Detach it (`aws organizations detach-policy --policy-id {policy['Id']}`).",
                        principals=(f"all in {target['Name']} ({target['TargetId']})",),
                    )


def _administrators(reading: Reading) -> Iterator[Finding]:
    known = {
        (str(delegation.properties["accountId"]), str(delegation.properties["servicePrincipal"]))
        for delegation in reading.declared.of(ADMINISTRATOR)
    }
    for type_, principal in _ADMINISTRATORS.items():
        for registration in reading.declared.of(type_):
            account = next(
                filter(None, map(registration.properties.get, ("adminAccountId", "accountId"))), registration.id
            )
            known.add((str(account), principal))
    for administrator in reading.every("organizations", "list_delegated_administrators", "DelegatedAdministrators"):
        account = administrator["Id"]
        services = reading.every(
            "organizations", "list_delegated_services_for_account", "DelegatedServices", AccountId=account
        )
        for service in services:
            principal = service["ServicePrincipal"]
            if (account, principal) not in known:
                yield reading.found(
                    Danger.TAKE_OVER,
                    f"{administrator['Arn']}/{principal}",
                    f"administering {principal} in all accounts",
                    "Deregister it (`aws organizations deregister-delegated-administrator`).",
                    principals=(f"account {account}",),
                    since=service.get("DelegationEnabledDate"),
                )
