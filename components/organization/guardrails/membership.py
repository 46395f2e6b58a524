"""Guardrails on accounts themselves: membership, regions, contacts and the root user."""

from __future__ import annotations

from collections.abc import Sequence

from components.identity.iam.statements import Statement
from components.organization.guardrails.denial import EVERYTHING, deny
from components.organization.guardrails.exceptions import NOT_BY_FOUNDATION

GLOBAL_SERVICES = (
    "account:*", "acm:*", "aws-portal:*", "billing:*", "budgets:*", "ce:*", "cloudfront:*", "consolidatedbilling:*",
    "cur:*", "ec2:DescribeRegions", "freetier:*", "globalaccelerator:*", "health:*", "iam:*", "invoicing:*",
    "networkmanager:*", "notifications:*", "organizations:*", "payments:*", "pricing:*", "route53:*",
    "route53domains:*", "s3:CreateMultiRegionAccessPoint", "s3:GetAccountPublicAccessBlock", "s3:GetBucketLocation",
    "s3:ListAllMyBuckets", "s3:PutAccountPublicAccessBlock", "shield:*", "sso:*", "sts:*", "support:*", "tax:*",
    "trustedadvisor:*", "waf:*",
)  # fmt: skip
"""Global services, whose requests always name one region (Organizations User Guide, "Deny access to AWS based on the
requested AWS Region")."""

CONTACTS_BILLS_AND_REGIONS = (
    "account:Delete*", "account:DisableRegion", "account:EnableRegion", "account:Put*",
    "account:StartPrimaryEmailUpdate", "aws-portal:Modify*", "billing:Update*", "payments:Make*", "payments:Update*",
    "tax:Update*",
)  # fmt: skip


def stay_in_the_organization() -> list[Statement]:
    """Builds SCP-01 and SCP-02: accounts cannot leave or close, contacts and regions are fixed, the root user is
    denied.

    Short root sessions that the management account opens in a member account (``sts:AssumeRoot``) stay allowed: they
    are the only way to repair a bucket or queue policy that has locked out all principals.
    """
    return [
        deny("SCP01StayAMember", ["organizations:LeaveOrganization", "account:CloseAccount"]),
        deny("SCP01KeepContactsBillsAndRegions", CONTACTS_BILLS_AND_REGIONS, NOT_BY_FOUNDATION),
        deny(
            "SCP02RootDoesNothing",
            EVERYTHING,
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}, "BoolIfExists": {"aws:AssumedRoot": "false"}},
        ),
    ]


def stay_in_allowed_regions(regions: Sequence[str]) -> list[Statement]:
    """Builds SCP-03: denies requests outside the organization's regions."""
    return [
        Statement(
            sid="SCP03OnlyAllowedRegions",
            effect="Deny",
            not_actions=GLOBAL_SERVICES,
            resources=EVERYTHING,
            conditions={"StringNotEquals": {"aws:RequestedRegion": list(regions)}},
        )
    ]


def deny_everything() -> list[Statement]:
    """Builds SCP-01 for accounts that are suspended or wait for a new team: denies all actions."""
    return [deny("SCP01NothingAtAll", EVERYTHING, NOT_BY_FOUNDATION)]
