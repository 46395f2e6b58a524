"""Accounts stay what they are: members, in their regions, with nobody at the root."""

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
"""Services whose requests always name one region, whatever region they serve (Organizations User Guide,
"Deny access to AWS based on the requested AWS Region")."""

CONTACTS_BILLS_AND_REGIONS = (
    "account:Delete*", "account:DisableRegion", "account:EnableRegion", "account:Put*",
    "account:StartPrimaryEmailUpdate", "aws-portal:Modify*", "billing:Update*", "payments:Make*", "payments:Update*",
    "tax:Update*",
)  # fmt: skip


def stay_in_the_organization() -> list[Statement]:
    """SCP-01 and SCP-02: accounts neither leave nor close, their contacts and regions stay, root does nothing.

    Short sessions that the management account opens as a member's root (``sts:AssumeRoot``) stay: where a bucket's or a
    queue's policy has locked everybody out, nothing else opens it.
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
    """SCP-03: nothing happens outside the regions of the organization."""
    return [
        Statement(
            sid="SCP03OnlyAllowedRegions",
            effect="Deny",
            not_actions=GLOBAL_SERVICES,
            resources=EVERYTHING,
            conditions={"StringNotEquals": {"aws:RequestedRegion": list(regions)}},
        )
    ]


def nothing_at_all() -> list[Statement]:
    """For accounts that are suspended or wait for a new team."""
    return [deny("SCP01NothingAtAll", EVERYTHING, NOT_BY_FOUNDATION)]
