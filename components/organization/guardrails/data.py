"""Data stays inside: nothing is shared out, buckets stay closed, the lake is written by its own account."""

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
"""Ways to hand something to another account that resource control policies do not see, or see too late."""

CALLS_OUT = (
    "events:CreateApiDestination", "events:CreateConnection", "events:UpdateApiDestination", "events:UpdateConnection",
    "states:InvokeHTTPEndpoint",
)  # fmt: skip
GRANTS_OF_DATA = (
    "lakeformation:BatchGrantPermissions", "lakeformation:DeregisterResource", "lakeformation:GrantPermissions",
    "lakeformation:PutDataLakeSettings", "lakeformation:RegisterResource",
)  # fmt: skip
WRITES = ("s3:AbortMultipartUpload", "s3:Delete*", "s3:Put*", "s3:Replicate*", "s3:RestoreObject")


def no_sharing_out(mail_domain: str) -> list[Statement]:
    """SCP-14: shares, grants, addresses and messages end at the organization's border.

    Grants of keys are left to AWS's services, which make them to encrypt volumes; mail goes to ``mail_domain`` alone.
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
        deny("SCP14NoCallsOut", CALLS_OUT, NOT_BY_EXCEPTION),
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
        deny("SCP14NoLettersOutside", ["ses:Send*"], {"ForAnyValue:StringNotLike": {"ses:Recipients": ours}}),
    ]


def no_grants_of_data() -> list[Statement]:
    """SCP-14, where models are made: who may read what is decided in the lake's account (PER-06)."""
    return [deny("SCP14NoGrantsOfData", GRANTS_OF_DATA, NOT_BY_EXCEPTION)]


def keep_buckets_closed() -> list[Statement]:
    """SCP-15: blocks of public access stay, nobody uses access lists, every bucket has a name that is only ours."""
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


def only_read_the_lake(lake_account_id: pulumi.Input[str]) -> list[Statement]:
    """SCP-15, in experimentation: nobody writes or deletes in the lake's account, whatever a policy there says."""
    return [deny("SCP15LakeIsReadOnly", WRITES, _in_the_lake(lake_account_id))]


def only_return_results(lake_account_id: pulumi.Input[str]) -> list[Statement]:
    """SCP-15, where models are released: the lake takes their results where they land, and nothing elsewhere."""
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
