"""Guardrails that keep data inside the organization: no external sharing, no public buckets, a protected data lake."""

from __future__ import annotations

import pulumi

from components.identity.iam.statements import Conditions, Statement
from components.organization.guardrails.denial import deny
from components.organization.guardrails.exceptions import NOT_BY_EXCEPTION, NOT_BY_FOUNDATION
from components.organization.guardrails.resources import DROP_POINTS, LANDING_BUCKETS
from settings.data.lake import RESULTS

SHARING = (
    "ec2:ModifyFpgaImageAttribute", "ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute", "ecr-public:*",
    "events:PutPermission", "glue:PutResourcePolicy", "lambda:AddLayerVersionPermission", "logs:PutDestinationPolicy",
    "ram:AcceptResourceShareInvitation", "rds:ModifyDBClusterSnapshotAttribute", "rds:ModifyDBSnapshotAttribute",
    "servicecatalog:CreatePortfolioShare", "servicecatalog:UpdatePortfolioShare", "sns:AddPermission",
    "sqs:AddPermission", "ssm:ModifyDocumentPermission",
)  # fmt: skip
"""Actions that share a resource with another account and that resource control policies do not cover, or cover too
late."""

OUTBOUND_CALLS = (
    "events:CreateApiDestination", "events:CreateConnection", "events:UpdateApiDestination", "events:UpdateConnection",
    "states:InvokeHTTPEndpoint",
)  # fmt: skip
DATA_GRANTS = (
    "lakeformation:BatchGrantPermissions", "lakeformation:DeregisterResource", "lakeformation:GrantPermissions",
    "lakeformation:PutDataLakeSettings", "lakeformation:RegisterResource",
)  # fmt: skip
WRITES = ("s3:AbortMultipartUpload", "s3:Delete*", "s3:Put*", "s3:Replicate*", "s3:RestoreObject")


def no_external_sharing(mail_domain: str) -> list[Statement]:
    """Builds SCP-14: denies shares, grants, addresses and messages to recipients outside the organization.

    KMS grants are reserved for AWS services, which create them to encrypt volumes. Mail may be sent to ``mail_domain``
    only.
    """
    ours = f"*@{mail_domain}"
    return [
        deny(
            "SCP14NoSharesOutside",
            ["ram:CreateResourceShare", "ram:UpdateResourceShare"],
            {"Bool": {"ram:RequestedAllowsExternalPrincipals": "true"}},
        ),
        deny("SCP14NoSharing", SHARING, NOT_BY_EXCEPTION),
        deny(
            "SCP14NoPublicFunctions",
            ["lambda:AddPermission", "lambda:CreateFunctionUrlConfig", "lambda:UpdateFunctionUrlConfig"],
            {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
        ),
        deny(
            "SCP14GrantsOfKeysByServices",
            ["kms:CreateGrant"],
            NOT_BY_EXCEPTION,
            {"BoolIfExists": {"kms:GrantIsForAWSResource": "false"}, "Null": {"kms:ViaService": "true"}},
        ),
        deny("SCP14NoCallsOut", OUTBOUND_CALLS, NOT_BY_EXCEPTION),
        deny("SCP14NoMetricsOutside", ["oam:CreateLink", "oam:UpdateLink"], NOT_BY_FOUNDATION),
        deny(
            "SCP14NoMailOutside",
            ["sns:Subscribe"],
            NOT_BY_FOUNDATION,
            {"StringLike": {"sns:Protocol": "email*"}, "StringNotLike": {"sns:Endpoint": ours}},
        ),
        deny(
            "SCP14NoMessagesOutside",
            ["sns:Subscribe"],
            NOT_BY_FOUNDATION,
            {"StringEquals": {"sns:Protocol": ["application", "http", "https", "sms"]}},
        ),
        deny(
            "SCP14NoLettersOutside",
            ["ses:SendBulkTemplatedEmail", "ses:SendEmail", "ses:SendRawEmail", "ses:SendTemplatedEmail"],
            {"ForAnyValue:StringNotLike": {"ses:Recipients": ours}},
        ),
        # Requests of these actions do not contain the recipients (Service Authorization Reference).
        deny("SCP14NoLettersToAnybody", ["ses:SendBounce", "ses:SendBulkEmail", "ses:SendCustomVerificationEmail"]),
    ]


def no_data_grants() -> list[Statement]:
    """Builds SCP-14 for accounts that create models: data access is granted in the data lake account only (PER-06)."""
    return [deny("SCP14NoGrantsOfData", DATA_GRANTS, NOT_BY_EXCEPTION)]


def keep_buckets_private() -> list[Statement]:
    """Builds SCP-15: keeps public access blocks, denies ACLs, and requires bucket names in the account's own
    namespace."""
    return [
        deny(
            "SCP15KeepPublicBlocks",
            [
                "s3:PutAccessPointPublicAccessBlock",
                "s3:PutAccountPublicAccessBlock",
                "s3:PutBucketPublicAccessBlock",
            ],
            NOT_BY_FOUNDATION,
        ),
        deny(
            "SCP15NoAccessLists",
            ["s3:PutBucketAcl", "s3:PutBucketOwnershipControls", "s3:PutObjectAcl", "s3:PutObjectVersionAcl"],
            NOT_BY_FOUNDATION,
        ),
        deny(
            "SCP15OnlyOurNamespace",
            ["s3:CreateBucket"],
            {"StringNotEquals": {"s3:x-amz-bucket-namespace": "account-regional"}},
        ),
    ]


def lake_is_read_only(lake_account_id: pulumi.Input[str]) -> list[Statement]:
    """Builds SCP-15 for experimentation: denies writing and deleting in the data lake account, whatever its policies
    allow."""
    return [deny("SCP15LakeIsReadOnly", WRITES, _in_the_lake(lake_account_id))]


def lake_accepts_results_only(lake_account_id: pulumi.Input[str]) -> list[Statement]:
    """Builds SCP-15 for release environments: results may be written to the lake's landing zone, and nowhere else in
    it."""
    return [
        Statement(
            sid="SCP15LakeTakesResultsOnly",
            effect="Deny",
            actions=WRITES,
            not_resources=[f"{LANDING_BUCKETS}/{RESULTS}/*", DROP_POINTS],
            conditions=_in_the_lake(lake_account_id),
        )
    ]


def _in_the_lake(account_id: pulumi.Input[str]) -> Conditions:
    return {"StringEquals": {"aws:ResourceAccount": account_id}}
