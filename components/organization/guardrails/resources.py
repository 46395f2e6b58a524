"""The data perimeter, from the side of our resources, whoever asks: resource control policies.

After AWS's "Data perimeter policy examples": identity_perimeter_rcp, network_perimeter_vpceorgid_rcp,
data_perimeter_governance_rcp.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.identity.iam.statements import Conditions, Statement
from components.organization.guardrails.denial import deny_access
from components.organization.guardrails.exceptions import BREAK_GLASS, PEOPLE, not_by
from settings.data.lake import RESULTS
from settings.types.naming import DROP_POINT_SUFFIX

GUARDED_SERVICES = (
    "aoss:*", "codeartifact:*", "codebuild:*", "codecommit:*", "codepipeline:*", "dynamodb:*", "ecr:*", "events:*",
    "kms:*", "logs:*", "s3:*", "secretsmanager:*", "sqs:*", "sts:AssumeRole", "sts:SetContext",
)  # fmt: skip
"""Not among them is what people need before they are anybody here: signing in through Identity Center calls
``AssumeRoleWithSAML``, and ``TagSession`` where it passes attributes on, as a principal of no organization."""

LANDING_BUCKETS = "arn:aws:s3:::*-landing-*"
"""Where other systems lay down what the lake takes in (DL-01)."""
DROP_POINTS = f"arn:aws:s3:*:*:accesspoint/*--{DROP_POINT_SUFFIX}/object/{RESULTS}/*"
"""By which teams return results into it (INT-08)."""

NOT_BY_AWS: Conditions = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}


def only_our_identities(organization_id: pulumi.Input[str], partners: Sequence[str]) -> list[Statement]:
    """RCP-01: resources answer to the organization's principals, to AWS's own services and to named partners."""
    others: Conditions = {
        "StringNotEqualsIfExists": {
            "aws:PrincipalOrgID": organization_id,
            **({"aws:PrincipalAccount": list(partners)} if partners else {}),
        }
    }
    return [deny_access("RCP01OnlyOurIdentities", GUARDED_SERVICES, others, NOT_BY_AWS)]


def only_for_us(organization_id: pulumi.Input[str]) -> list[Statement]:
    """RCP-02: AWS's services act on our resources for us, and for no other customer of theirs (confused deputy)."""
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
    """RCP-03: TLS for every resource, 1.2 or newer for S3."""
    return [
        deny_access(
            "RCP03OnlyTls",
            ["dynamodb:*", "kms:*", "s3:*", "secretsmanager:*", "sqs:*", "sts:*"],
            {"BoolIfExists": {"aws:SecureTransport": "false"}},
        ),
        deny_access("RCP03OnlyRecentTls", ["s3:*"], {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    ]


def only_from_our_networks(organization_id: pulumi.Input[str], corporate_networks: Sequence[str]) -> list[Statement]:
    """RCP-04: people reach data from the company's networks or through our endpoints; where none is named, from all."""
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


def only_sessions_of_ours(organization_id: pulumi.Input[str]) -> list[Statement]:
    """RCP-05: no provider of web identities is named, so none is believed; reserved tags on sessions are ours to set.

    People's attributes come with their sign-in, as the assertion of a directory.
    """
    return [
        deny_access("RCP05NoWebIdentities", ["sts:AssumeRoleWithWebIdentity"]),
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


def only_shared_data(lake_account_id: pulumi.Input[str], readers: Sequence[pulumi.Input[str]]) -> list[Statement]:
    """RCP-06: the lake is read by those units whose work it is, and written from outside only where data lands.

    ``readers`` are paths of the organization (``o-…/r-…/ou-…/*``), so that a new team changes nothing here.
    """
    not_the_lake: Conditions = {"StringNotEqualsIfExists": {"aws:PrincipalAccount": lake_account_id}}
    return [
        deny_access(
            "RCP06OnlyReadBySharers",
            ["s3:GetObject*", "s3:ListBucket*"],
            not_the_lake,
            NOT_BY_AWS,
            {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": list(readers)}},
        ),
        Statement(
            sid="RCP06OnlyWrittenWhereDataLands",
            effect="Deny",
            principals="*",
            actions=["s3:DeleteObject*", "s3:PutObject*", "s3:ReplicateObject"],
            not_resources=[LANDING_BUCKETS, f"{LANDING_BUCKETS}/*", DROP_POINTS],
            conditions={**not_the_lake, **NOT_BY_AWS},
        ),
    ]
