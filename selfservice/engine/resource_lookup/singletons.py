"""Lookups of singletons: resources of which AWS allows one per account and region, or one per organization.

Other lookups may compose an id that does not exist. These ask AWS, because their results are imported by an update.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.resource_lookup.lookup import Listed, Lookup, Properties, Searched, first


def _detector(_: Properties, account: Account) -> str | None:
    """Finds the detector; an account has one per region."""
    return first(str(detector) for detector in account.every("guardduty", "list_detectors", "DetectorIds"))


def _hub(_: Properties, account: Account) -> str | None:
    """Returns the account's id, which is the provider's id of the hub, if the account has enabled Security Hub."""
    return account.id if _answers(account.client("securityhub").describe_hub, _NO_HUB) else None


def _finding_aggregator(_: Properties, account: Account) -> str | None:
    found = _answers(account.client("securityhub").list_finding_aggregators, _NO_HUB) or {"FindingAggregators": []}
    return first(str(aggregator["FindingAggregatorArn"]) for aggregator in found["FindingAggregators"])


def _macie(_: Properties, account: Account) -> str | None:
    """Returns the account's id, which is the provider's id of the session, if the account has enabled Macie."""
    return account.id if _answers(account.client("macie2").get_macie_session, _NO_MACIE) else None


def _answers(read: Callable[[], Any], refusals: frozenset[str]) -> Any:
    """Returns the response, or None if the service refuses with one of these codes because it is not enabled."""
    from botocore.exceptions import ClientError  # imported late like boto3

    try:
        return read()
    except ClientError as error:
        if error.response["Error"]["Code"] not in refusals:
            raise
        return None


_NO_HUB = frozenset({"InvalidAccessException", "ResourceNotFoundException"})
"""Error codes of Security Hub in an account without a hub (Security Hub API Reference, DescribeHub)."""
_NO_MACIE = frozenset({"AccessDeniedException", "ResourceNotFoundException"})
"""Error codes of Macie in an account without a session (Macie API Reference, GetMacieSession)."""


def _delegated(service: str, operation: str, items: str, identity: str, wanted: str) -> Lookup:
    """Returns a lookup of a service's delegated administrator. Another account than the wanted one is not found."""
    return Listed(service, operation, items, identity, {identity: wanted})


LOOKUPS: Mapping[str, Lookup] = {
    "aws:cfg/deliveryChannel:DeliveryChannel": Listed(
        "config", "describe_delivery_channels", "DeliveryChannels", "name"
    ),
    "aws:cfg/recorder:Recorder": Listed("config", "describe_configuration_recorders", "ConfigurationRecorders", "name"),
    "aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount": Listed(
        "organizations",
        "list_delegated_administrators",
        "DelegatedAdministrators",
        "Id",
        {"Id": "accountId"},
        {"ServicePrincipal": "cloudtrail.amazonaws.com"},
    ),
    "aws:guardduty/detector:Detector": Searched(_detector, ()),
    "aws:guardduty/organizationAdminAccount:OrganizationAdminAccount": _delegated(
        "guardduty", "list_organization_admin_accounts", "AdminAccounts", "AdminAccountId", "adminAccountId"
    ),
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": Listed(
        "iam", "list_roles", "Roles", "Arn", asked={"PathPrefix": "/aws-service-role/{awsServiceName}/"}
    ),
    "aws:inspector2/delegatedAdminAccount:DelegatedAdminAccount": _delegated(
        "inspector2", "list_delegated_admin_accounts", "delegatedAdminAccounts", "accountId", "accountId"
    ),
    "aws:macie2/account:Account": Searched(_macie, ()),
    "aws:macie2/organizationAdminAccount:OrganizationAdminAccount": _delegated(
        "macie2", "list_organization_admin_accounts", "adminAccounts", "accountId", "adminAccountId"
    ),
    "aws:oam/link:Link": Listed("oam", "list_links", "Items", "Arn", {"SinkArn": "sinkIdentifier"}),
    "aws:oam/sink:Sink": Listed("oam", "list_sinks", "Items", "Arn"),
    "aws:organizations/delegatedAdministrator:DelegatedAdministrator": Listed(
        "organizations",
        "list_delegated_administrators",
        "DelegatedAdministrators",
        "Id",
        {"Id": "accountId"},
        {"ServicePrincipal": "{servicePrincipal}"},
        pattern="{@found}/{servicePrincipal}",
    ),
    "aws:securityhub/account:Account": Searched(_hub, ()),
    "aws:securityhub/findingAggregator:FindingAggregator": Searched(_finding_aggregator, ()),
    "aws:securityhub/organizationAdminAccount:OrganizationAdminAccount": _delegated(
        "securityhub", "list_organization_admin_accounts", "AdminAccounts", "AccountId", "adminAccountId"
    ),
}
