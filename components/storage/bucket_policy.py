"""Statements that every bucket's policy starts with. They only refuse: what is allowed, roles say."""

from __future__ import annotations

import pulumi

from components.identity.iam.statements import Statement

LEAST_TLS_VERSION = "1.2"


def bucket_and_objects(arn: pulumi.Output[str]) -> list[pulumi.Input[str]]:
    """Both resources that a statement about a whole bucket names."""
    return [arn, pulumi.Output.concat(arn, "/*")]


def only_over_tls(arn: pulumi.Output[str]) -> list[Statement]:
    """Refuse plain HTTP, and TLS older than 1.2 (S3-06)."""
    return [
        Statement(
            sid="RefusePlainHttp",
            effect="Deny",
            principals="*",
            actions=["s3:*"],
            resources=bucket_and_objects(arn),
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
        Statement(
            sid="RefuseOldTls",
            effect="Deny",
            principals="*",
            actions=["s3:*"],
            resources=bucket_and_objects(arn),
            conditions={"NumericLessThan": {"s3:TlsVersion": LEAST_TLS_VERSION}},
        ),
    ]


def only_the_organization(arn: pulumi.Output[str], organization_id: pulumi.Input[str]) -> Statement:
    """Refuse principals of other organizations, whatever a role or a later statement allows them."""
    return Statement(
        sid="RefuseOtherOrganizations",
        effect="Deny",
        principals="*",
        actions=["s3:*"],
        resources=bucket_and_objects(arn),
        conditions={
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization_id},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    )
