"""Statements that every bucket policy contains. They only deny; roles grant access."""

from __future__ import annotations

import pulumi

from components.identity.iam.statements import Statement

LEAST_TLS_VERSION = "1.2"


def bucket_and_objects(arn: pulumi.Output[str]) -> list[pulumi.Input[str]]:
    """Returns the two resources of a statement about a whole bucket: the bucket and its objects."""
    return [arn, pulumi.Output.concat(arn, "/*")]


def only_over_tls(arn: pulumi.Output[str]) -> list[Statement]:
    """Builds statements that deny plain HTTP and TLS older than 1.2 (S3-06)."""
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
    """Builds a statement that denies principals of other organizations, whatever other statements allow."""
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
