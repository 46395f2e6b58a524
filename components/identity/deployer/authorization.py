"""Properties of IAM actions: whether they name a resource, whether requests carry its owner, and in which region they
are made.

Source: Service Authorization Reference; for the owner of a resource, "AWS global condition context keys".
"""

from __future__ import annotations

from collections.abc import Mapping

WITHOUT_RESOURCE = frozenset(
    {
        "cloudwatch:Link",
        "codeartifact:CreateDomain", "codeartifact:CreateRepository", "codeconnections:CreateConnection",
        "config:DeleteDeliveryChannel", "config:PutDeliveryChannel", "ec2:DisableEbsEncryptionByDefault",
        "ec2:DisableSnapshotBlockPublicAccess", "ec2:EnableEbsEncryptionByDefault", "ec2:EnableImageBlockPublicAccess",
        "ec2:EnableSnapshotBlockPublicAccess", "ec2:ModifyInstanceMetadataDefaults",
        "ec2:ModifyVpcBlockPublicAccessOptions", "emr-serverless:CreateApplication", "events:PutPermission",
        "events:RemovePermission", "glue:CreateCrawler", "glue:CreateSecurityConfiguration",
        "glue:DeleteSecurityConfiguration", "guardduty:CreateDetector",
        "guardduty:UpdateOrganizationConfiguration", "iam:DeleteAccountPasswordPolicy",
        "iam:UpdateAccountPasswordPolicy", "inspector2:Enable", "inspector2:UpdateOrganizationConfiguration",
        "kms:CreateKey", "lakeformation:AddLFTagsToResource", "lakeformation:CreateDataCellsFilter",
        "lakeformation:CreateLFTag", "lakeformation:DeleteDataCellsFilter", "lakeformation:DeleteLFTag",
        "lakeformation:GrantPermissions", "lakeformation:RevokePermissions", "lakeformation:UpdateDataCellsFilter",
        "lakeformation:DeregisterResource", "lakeformation:PutDataLakeSettings", "lakeformation:RegisterResource",
        "lakeformation:RemoveLFTagsFromResource", "lakeformation:UpdateLFTag", "lakeformation:UpdateResource",
        "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DeleteResourcePolicy", "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
        "macie2:EnableMacie", "macie2:UpdateMacieSession", "macie2:UpdateOrganizationConfiguration",
        "oam:CreateSink",
        "ram:CreateResourceShare", "route53profiles:AssociateProfile", "route53profiles:AssociateResourceToProfile",
        "route53profiles:CreateProfile", "route53profiles:DeleteProfile", "route53profiles:DisassociateProfile",
        "route53profiles:DisassociateResourceFromProfile", "route53profiles:UpdateProfileResourceAssociation",
        "s3:PutAccountPublicAccessBlock", "securityhub:CreateConfigurationPolicy",
        "securityhub:CreateFindingAggregator", "sns:SetSubscriptionAttributes", "sns:Unsubscribe",
    }
)  # fmt: skip
"""Actions that change something and accept no narrower resource than ``*``. A test compares them with the reference."""

WITHOUT_OWNER = frozenset({"ec2:CreateVpcEndpoint", "route53:AssociateVPCWithHostedZone"})
"""Actions whose requests lack ``aws:ResourceAccount`` and ``aws:ResourceOrgID``."""

RESOURCES_OF_OTHER_ACCOUNTS: Mapping[str, tuple[str, ...]] = {
    "arn:aws:cloudtrail:*:*:trail/*": (
        "cloudtrail:AddTags", "cloudtrail:CreateTrail", "cloudtrail:GetEventSelectors",
        "cloudtrail:GetInsightSelectors", "cloudtrail:GetTrail", "cloudtrail:GetTrailStatus", "cloudtrail:ListTags",
        "cloudtrail:PutEventSelectors", "cloudtrail:RemoveTags", "cloudtrail:StartLogging", "cloudtrail:UpdateTrail",
    ),
    "arn:aws:ec2:*:*:subnet/*": ("ec2:CreateTransitGatewayVpcAttachment",),
    "arn:aws:ec2:*:*:transit-gateway/*": ("ec2:CreateTransitGatewayVpcAttachment",),
    "arn:aws:ec2:*:*:transit-gateway-attachment/*": (
        "ec2:AcceptTransitGatewayVpcAttachment", "ec2:AssociateTransitGatewayRouteTable",
        "ec2:CreateTransitGatewayRoute", "ec2:DeleteTransitGatewayVpcAttachment",
        "ec2:ModifyTransitGatewayVpcAttachment",
    ),
    "arn:aws:ec2:*:*:transit-gateway-route-table/*": (
        "ec2:AssociateTransitGatewayRouteTable", "ec2:CreateTransitGatewayRoute",
    ),
    "arn:aws:ec2:*:*:vpc/*": ("ec2:CreateTransitGatewayVpcAttachment",),
    "arn:aws:oam:*:*:sink/*": ("oam:CreateLink",),
}  # fmt: skip
"""Resources that may belong to another account, with the actions on them, and the own resources that a request of these
actions contains in addition. The management account owns the trail of a delegated administrator; the network account
owns the transit gateway, and the account that joins owns the attachment. The governance account owns the sink to which
other accounts link."""

ZONES = "arn:aws:route53:::hostedzone/*"
"""Hosted zones of private endpoint names. AWS owns them, so they belong to no account of the organization."""

_GLOBAL_SERVICES = frozenset({"account", "budgets", "ce", "iam", "organizations", "route53"})
_GLOBAL_ACTIONS = frozenset({"s3:GetAccountPublicAccessBlock", "s3:PutAccountPublicAccessBlock"})
_READ_VERBS = ("BatchGet", "Describe", "GET", "Get", "List", "Search", "View")


def is_global(action: str) -> bool:
    """Returns whether requests of the action always name one region, independent of the region of the resource."""
    return service_of(action) in _GLOBAL_SERVICES or action in _GLOBAL_ACTIONS


def is_read_only(action: str) -> bool:
    """Returns whether the action only reads."""
    return action.partition(":")[2].startswith(_READ_VERBS)


def service_of(action: str) -> str:
    """Returns the service prefix of an action."""
    return action.partition(":")[0]
