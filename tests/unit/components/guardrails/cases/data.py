"""Test cases of guardrails on data."""

from __future__ import annotations

from tests.unit.components.guardrails.cases.requests import (
    ANYBODY,
    DROPPED,
    EXCEPTIONS,
    FOUNDATION,
    LAKE,
    LANDING,
    OWN,
    RESULTS,
    STILL,
    case,
    keys,
)

CASES = [
    case(
        "SCP14NoSharesOutside",
        "ram:CreateResourceShare",
        **keys(ram__RequestedAllowsExternalPrincipals="true"),
        also=ANYBODY,
        passes=[keys(ram__RequestedAllowsExternalPrincipals="false")],
    ),
    case("SCP14NoSharing", "ec2:ModifySnapshotAttribute", passes=[*EXCEPTIONS, {"action": "ec2:CreateSnapshot"}]),
    case(
        "SCP14NoPublicFunctions",
        "lambda:CreateFunctionUrlConfig",
        **keys(lambda__FunctionUrlAuthType="NONE"),
        also=ANYBODY,
        passes=[keys(lambda__FunctionUrlAuthType="AWS_IAM"), {"action": "lambda:AddPermission", **keys()}],
    ),
    case(
        "SCP14GrantsOfKeysByServices",
        "kms:CreateGrant",
        also=[keys(kms__GrantIsForAWSResource="false")],
        passes=[
            *EXCEPTIONS,
            keys(kms__GrantIsForAWSResource="true"),
            keys(kms__ViaService="sagemaker.eu-west-1.amazonaws.com"),
        ],
    ),
    case("SCP14NoCallsOut", "states:InvokeHTTPEndpoint", passes=EXCEPTIONS),
    case("SCP14NoMetricsOutside", "oam:CreateLink", also=STILL, passes=FOUNDATION),
    case(
        "SCP14NoMailOutside",
        "sns:Subscribe",
        **keys(sns__Protocol="email", sns__Endpoint="me@elsewhere.example"),
        also=[*STILL, keys(sns__Protocol="email-json", sns__Endpoint="me@notacme.example")],
        passes=[
            *FOUNDATION,
            keys(sns__Protocol="email", sns__Endpoint="desk@acme.example"),
            keys(sns__Protocol="sqs", sns__Endpoint="arn:aws:sqs:eu-west-1:111111111111:q"),
        ],
    ),
    case(
        "SCP14NoMessagesOutside",
        "sns:Subscribe",
        **keys(sns__Protocol="https", sns__Endpoint="https://elsewhere.example"),
        also=[*STILL, *(keys(sns__Protocol=protocol) for protocol in ("application", "http", "sms"))],
        passes=[*FOUNDATION, keys(sns__Protocol="lambda", sns__Endpoint="f")],
    ),
    case(
        "SCP14NoLettersOutside",
        "ses:SendEmail",
        **keys(ses__Recipients=["desk@acme.example", "me@elsewhere.example"]),
        also=ANYBODY,
        passes=[keys(ses__Recipients=["desk@acme.example"])],
    ),
    case("SCP14NoLettersToAnybody", "ses:SendBulkEmail", also=ANYBODY, passes=[{"action": "ses:GetAccount"}]),
    case(
        "SCP14NoGrantsOfData",
        "lakeformation:GrantPermissions",
        passes=[*EXCEPTIONS, {"action": "lakeformation:GetDataAccess"}],
    ),
    case("SCP15KeepPublicBlocks", "s3:PutBucketPublicAccessBlock", also=STILL, passes=FOUNDATION),
    case("SCP15NoAccessLists", "s3:PutObjectAcl", also=STILL, passes=[*FOUNDATION, {"action": "s3:PutObject"}]),
    case(
        "SCP15OnlyOurNamespace",
        "s3:CreateBucket",
        also=ANYBODY,
        passes=[{"keys": {"s3:x-amz-bucket-namespace": "account-regional"}}],
    ),
    case(
        "SCP15LakeIsReadOnly",
        "s3:PutObject",
        owner=LAKE,
        also=[{"action": "s3:DeleteObjectVersion"}, *ANYBODY],
        passes=[{"owner": OWN}, {"action": "s3:GetObject"}],
    ),
    case(
        "SCP15LakeTakesResultsOnly",
        "s3:PutObject",
        owner=LAKE,
        also=[
            {"action": "s3:DeleteObjectVersion"},
            {"on": LANDING},
            {"on": DROPPED.replace("--drop", "")},
            {"on": DROPPED.replace("/results/", "/cards/")},
            *ANYBODY,
        ],
        passes=[{"owner": OWN}, {"action": "s3:GetObject"}, {"on": RESULTS}, {"on": DROPPED}],
    ),
]
