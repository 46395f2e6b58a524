"""The data perimeter, from the side of our principals: our resources only, from expected networks only.

After AWS's "Data perimeter policy examples": resource_perimeter_scp, network_perimeter_vpceorgid_scp,
network_perimeter_{lambda,glue,ec2}_scp. Theirs except principals by tag, these by ARN.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.identity.iam.statements import Conditions, Statement
from components.network.endpoint_policy import AWS_OWNED_BUCKETS
from components.organization.guardrails.denial import deny
from components.organization.guardrails.exceptions import BREAK_GLASS, PEOPLE, not_by

CARRYING_DATA = (
    "athena:*", "dynamodb:*", "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage",
    "ecr:UploadLayerPart", "events:PutEvents", "firehose:*", "glue:*", "kinesis:*", "kms:*", "lambda:InvokeFunction",
    "lambda:UpdateFunctionCode", "logs:*", "s3:*", "secretsmanager:*", "sns:*", "sqs:*", "ssm:PutParameter",
    "ssm:SendCommand", "ssm:StartSession", "states:*", "sts:AssumeRole",
)  # fmt: skip
"""Services that carry data to wherever the resource is, instead of AWS's ``*``. Images are pulled from AWS's own
registries, so only pushing is among them."""

KNOWING_OUR_ENDPOINTS = (
    "athena:*", "cloudformation:*", "datasync:*", "ebs:*", "firehose:*", "kms:*", "lambda:*", "s3:*", "scheduler:*",
    "servicediscovery:*", "textract:*", "transcribe:*", "transfer:*",
)  # fmt: skip
"""Services whose requests name the owner of the endpoint that they passed (``aws:VpceOrgID``)."""

WRITTEN_BY_LAMBDA_ITSELF = (
    "elasticfilesystem:ClientMount", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents",
    "xray:PutTraceSegments",
)  # fmt: skip
"""The service does this with the function's role, from its own network."""

NOT_FOR_AWS: Conditions = {"BoolIfExists": {"aws:ViaAWSService": "false"}}
"""Requests that AWS makes for us with our own session come from its network."""


def only_our_resources(organization_id: pulumi.Input[str], regions: Sequence[str]) -> list[Statement]:
    """SCP-12: data goes to resources of the organization, and AWS's own buckets are read."""
    names = [bucket.format(region=region) for bucket in AWS_OWNED_BUCKETS for region in regions]
    return [
        Statement(
            sid="SCP12OnlyOurResources",
            effect="Deny",
            actions=CARRYING_DATA,
            not_resources=[f"arn:aws:s3:::{name}{part}" for name in names for part in ("", "/*")],
            conditions={"StringNotEqualsIfExists": {"aws:ResourceOrgID": organization_id}},
        )
    ]


def only_from_our_networks(organization_id: pulumi.Input[str], corporate_networks: Sequence[str]) -> list[Statement]:
    """SCP-13: whoever comes by an endpoint comes by one of ours, and people come from the company's networks."""
    statements = [
        deny(
            "SCP13OnlyOurEndpoints",
            KNOWING_OUR_ENDPOINTS,
            NOT_FOR_AWS,
            {"Null": {"aws:SourceVpce": "false"}, "StringNotEquals": {"aws:VpceOrgID": organization_id}},
        )
    ]
    if corporate_networks:
        statements.append(
            deny(
                "SCP13PeopleFromOurNetworks",
                ["*"],
                NOT_FOR_AWS,
                not_by(*BREAK_GLASS),
                {
                    "ArnLike": {"aws:PrincipalArn": list(PEOPLE)},
                    "Null": {"aws:SourceIp": "false"},
                    "NotIpAddress": {"aws:SourceIp": list(corporate_networks)},
                },
            )
        )
    return statements


def work_from_networks() -> list[Statement]:
    """SCP-13: credentials of functions, Glue jobs and instances work only through an endpoint, wherever they end up."""
    return [
        _through_an_endpoint("SCP13FunctionsFromNetworks", "lambda:SourceFunctionArn", WRITTEN_BY_LAMBDA_ITSELF),
        _through_an_endpoint("SCP13GlueFromNetworks", "glue:CredentialIssuingService", WRITTEN_BY_LAMBDA_ITSELF[1:4]),
        _through_an_endpoint(
            "SCP13InstancesFromNetworks",
            "ec2:SourceInstanceARN",
            ("elasticfilesystem:Client*",),
            # EC2 attaches encrypted volumes with a role of its own.
            not_by("arn:aws:iam::*:role/aws:ec2-infrastructure"),
        ),
    ]


def _through_an_endpoint(sid: str, issued_to: str, but: Sequence[str], *conditions: Conditions) -> Statement:
    return Statement(
        sid=sid,
        effect="Deny",
        not_actions=but,
        resources=["*"],
        conditions={
            **NOT_FOR_AWS,
            "Null": {issued_to: "false", "aws:SourceVpc": "true"},
            **{operator: keys for condition in conditions for operator, keys in condition.items()},
        },
    )
