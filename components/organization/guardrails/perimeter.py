"""The data perimeter for the organization's principals: trusted resources and expected networks only.

The statements follow AWS's "Data perimeter policy examples": resource_perimeter_scp, network_perimeter_vpceorgid_scp,
network_perimeter_{lambda,glue,ec2}_scp. AWS's examples exempt principals by tag; these exempt them by ARN.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.identity.iam.statements import Conditions, Statement
from components.network.endpoint_policy import AWS_OWNED_BUCKETS
from components.organization.guardrails.denial import deny
from components.organization.guardrails.exceptions import BREAK_GLASS, PEOPLE, not_by

DATA_ACTIONS = (
    "athena:*", "dynamodb:*", "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage",
    "ecr:UploadLayerPart", "events:PutEvents", "firehose:*", "glue:*", "kinesis:*", "kms:*", "lambda:InvokeFunction",
    "lambda:UpdateFunctionCode", "logs:*", "s3:*", "secretsmanager:*", "sns:*", "sqs:*", "ssm:PutParameter",
    "ssm:SendCommand", "ssm:StartSession", "states:*", "sts:AssumeRole",
)  # fmt: skip
"""Actions that can move data to a resource; AWS's example uses ``*`` instead. Images are pulled from registries owned
by AWS, so of the ECR actions only pushes are listed."""

ACTIONS_WITH_ENDPOINT_OWNER = (
    "athena:*", "cloudformation:*", "datasync:*", "ebs:*", "firehose:*", "kms:*", "lambda:*", "s3:*", "scheduler:*",
    "servicediscovery:*", "textract:*", "transcribe:*", "transfer:*",
)  # fmt: skip
"""Actions whose requests carry the owner of the VPC endpoint they passed through (``aws:VpceOrgID``)."""

FROM_LAMBDA_NETWORK = (
    "elasticfilesystem:ClientMount", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents",
    "xray:PutTraceSegments",
)  # fmt: skip
"""Actions that Lambda performs with the function's role, but from its own network."""

NOT_VIA_AWS_SERVICE: Conditions = {"BoolIfExists": {"aws:ViaAWSService": "false"}}
"""Condition that leaves out requests made by AWS services with our sessions, because they come from AWS's network."""


def only_our_resources(organization_id: pulumi.Input[str], regions: Sequence[str]) -> list[Statement]:
    """Builds SCP-12: data may be sent to resources of the organization only; buckets owned by AWS may be read."""
    names = [bucket.format(region=region) for bucket in AWS_OWNED_BUCKETS for region in regions]
    return [
        Statement(
            sid="SCP12OnlyOurResources",
            effect="Deny",
            actions=DATA_ACTIONS,
            not_resources=[f"arn:aws:s3:::{name}{part}" for name in names for part in ("", "/*")],
            conditions={"StringNotEqualsIfExists": {"aws:ResourceOrgID": organization_id}},
        )
    ]


def only_from_our_networks(organization_id: pulumi.Input[str], corporate_networks: Sequence[str]) -> list[Statement]:
    """Builds SCP-13: endpoints must belong to the organization, and people must come from the corporate networks."""
    statements = [
        deny(
            "SCP13OnlyOurEndpoints",
            ACTIONS_WITH_ENDPOINT_OWNER,
            NOT_VIA_AWS_SERVICE,
            {"Null": {"aws:SourceVpce": "false"}, "StringNotEquals": {"aws:VpceOrgID": organization_id}},
        )
    ]
    if corporate_networks:
        statements.append(
            deny(
                "SCP13PeopleFromOurNetworks",
                ["*"],
                NOT_VIA_AWS_SERVICE,
                not_by(*BREAK_GLASS),
                {
                    "ArnLike": {"aws:PrincipalArn": list(PEOPLE)},
                    "Null": {"aws:SourceIp": "false"},
                    "NotIpAddress": {"aws:SourceIp": list(corporate_networks)},
                },
            )
        )
    return statements


def workloads_use_endpoints() -> list[Statement]:
    """Builds SCP-13: credentials of functions, Glue jobs and instances work only through a VPC endpoint."""
    return [
        _through_an_endpoint("SCP13FunctionsFromNetworks", "lambda:SourceFunctionArn", FROM_LAMBDA_NETWORK),
        _through_an_endpoint("SCP13GlueFromNetworks", "glue:CredentialIssuingService", FROM_LAMBDA_NETWORK[1:4]),
        _through_an_endpoint(
            "SCP13InstancesFromNetworks",
            "ec2:SourceInstanceARN",
            ("elasticfilesystem:Client*",),
            # EC2 attaches encrypted volumes with its infrastructure role.
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
            **NOT_VIA_AWS_SERVICE,
            "Null": {issued_to: "false", "aws:SourceVpc": "true"},
            **{operator: keys for condition in conditions for operator, keys in condition.items()},
        },
    )
