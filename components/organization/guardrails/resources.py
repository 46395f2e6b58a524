"""The data perimeter for the organization's resources, as resource control policies that apply to every caller.

The statements follow AWS's "Data perimeter policy examples": identity_perimeter_rcp, network_perimeter_vpceorgid_rcp,
data_perimeter_governance_rcp.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.identity.iam.principals import GITHUB_SUBJECT
from components.identity.iam.statements import Conditions, Statement
from components.organization.guardrails.denial import deny_access
from components.organization.guardrails.exceptions import BREAK_GLASS, PEOPLE, not_by
from settings.data.lake import RESULTS
from settings.types.naming import DROP_POINT_SUFFIX

GUARDED_SERVICES = (
    "aoss:*", "codeartifact:*", "codebuild:*", "codecommit:*", "codepipeline:*", "dynamodb:*", "ecr:*", "events:*",
    "kms:*", "logs:*", "s3:*", "secretsmanager:*", "sqs:*", "sts:AssumeRole", "sts:SetContext",
)  # fmt: skip
"""Actions covered by the identity perimeter. Sign-in actions are left out, because people are not yet principals of the
organization when they sign in: Identity Center calls ``AssumeRoleWithSAML``, and ``TagSession`` to pass on
attributes."""

LANDING_BUCKETS = "arn:aws:s3:::*-landing-*"
"""Buckets into which other systems deliver data for the lake (DL-01), and their objects: ``*`` also matches slashes."""
DROP_POINTS = f"arn:aws:s3:*:*:accesspoint/*--{DROP_POINT_SUFFIX}/object/{RESULTS}/*"
"""Objects that teams write through access points to return results to the lake (INT-08)."""

NOT_AWS_SERVICE: Conditions = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}


def only_our_identities(organization_id: pulumi.Input[str], partners: Sequence[str]) -> list[Statement]:
    """Builds RCP-01: only principals of the organization, AWS services and named partners may access resources."""
    others: Conditions = {
        "StringNotEqualsIfExists": {
            "aws:PrincipalOrgID": organization_id,
            **({"aws:PrincipalAccount": list(partners)} if partners else {}),
        }
    }
    return [deny_access("RCP01OnlyOurIdentities", GUARDED_SERVICES, others, NOT_AWS_SERVICE)]


def no_confused_deputy(organization_id: pulumi.Input[str]) -> list[Statement]:
    """Builds RCP-02: AWS services may act on resources only on behalf of the organization (confused deputy)."""
    return [
        deny_access(
            "RCP02OnlyForUs",
            ["dynamodb:*", "ecr:*", "kms:*", "logs:*", "s3:*", "secretsmanager:*", "sqs:*", "sts:*"],
            {
                "StringNotEqualsIfExists": {"aws:SourceOrgID": organization_id},
                "Null": {"aws:SourceAccount": "false"},
                "Bool": {"aws:PrincipalIsAWSService": "true"},
            },
        )
    ]


def only_over_tls() -> list[Statement]:
    """Builds RCP-03: requires TLS for all resources, and TLS 1.2 or newer for S3."""
    return [
        deny_access(
            "RCP03OnlyTls",
            ["dynamodb:*", "kms:*", "s3:*", "secretsmanager:*", "sqs:*", "sts:*"],
            {"BoolIfExists": {"aws:SecureTransport": "false"}},
        ),
        deny_access("RCP03OnlyRecentTls", ["s3:*"], {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    ]


def only_from_our_networks(organization_id: pulumi.Input[str], corporate_networks: Sequence[str]) -> list[Statement]:
    """Builds RCP-04: people may access data only from the corporate networks or through the organization's endpoints.

    Without corporate networks no statement is built, and people may access data from any network.
    """
    if not corporate_networks:
        return []
    return [
        deny_access(
            "RCP04OnlyFromOurNetworks",
            ["kms:*", "s3:*"],
            not_by(*BREAK_GLASS),
            {
                "ArnLike": {"aws:PrincipalArn": list(PEOPLE)},
                "NotIpAddressIfExists": {"aws:SourceIp": list(corporate_networks)},
                "StringNotEqualsIfExists": {"aws:VpceOrgID": organization_id},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
            },
        )
    ]


def no_web_identities(organization_id: pulumi.Input[str], github_subjects: Sequence[str] = ()) -> list[Statement]:
    """Builds RCP-05: denies web identities except workflows of GitHub with exactly these subjects, and reserves session
    tags.

    Attributes of people are passed at sign-in, as SAML assertions of the directory.
    """
    others: Conditions = {"StringNotEqualsIfExists": {GITHUB_SUBJECT: list(github_subjects)}} if github_subjects else {}
    return [
        deny_access("RCP05NoWebIdentities", ["sts:AssumeRoleWithWebIdentity"], others),
        deny_access(
            "RCP05KeepTagsOfSessions",
            ["sts:TagSession"],
            {
                "Null": {"SAML:aud": "true"},
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization_id},
                "ForAnyValue:StringLike": {"aws:TagKeys": ["dp:*", "plinth:*"]},
            },
        ),
    ]


def protect_lake(lake_account_id: pulumi.Input[str], readers: Sequence[pulumi.Input[str]]) -> list[Statement]:
    """Builds RCP-06: only designated units may read the data lake, and other accounts may write only to landing zones.

    ``readers`` are organization paths (``o-…/r-…/ou-…/*``), so that a new team does not change the policy.
    """
    not_the_lake: Conditions = {"StringNotEqualsIfExists": {"aws:PrincipalAccount": lake_account_id}}
    return [
        deny_access(
            "RCP06OnlyReadBySharers",
            ["s3:GetObject*", "s3:ListBucket*"],
            not_the_lake,
            NOT_AWS_SERVICE,
            {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": list(readers)}},
        ),
        Statement(
            sid="RCP06OnlyWrittenWhereDataLands",
            effect="Deny",
            principals="*",
            actions=["s3:DeleteObject*", "s3:PutObject*", "s3:ReplicateObject"],
            not_resources=[LANDING_BUCKETS, DROP_POINTS],
            conditions={**not_the_lake, **NOT_AWS_SERVICE},
        ),
    ]
